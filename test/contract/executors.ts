/** The two executors over the same subgraphs: the stock one of @apollo/gateway, and ours. */
import { createHash } from 'node:crypto';
import type { ApolloGateway as Gateway } from '@apollo/gateway';
import { type DocumentNode, type GraphQLSchema, parse, print } from 'graphql';
import { Engine, type EngineAnswer } from '../../src/execution/engine.js';
import type { SubgraphAnswer } from '../../src/execution/execute-plan.js';
import type { JsonObject } from '../../src/operation/json.js';
import { readSupergraph } from '../../src/supergraph/rules.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { aViewer } from '../support/room.js';
import type { SubgraphRequest, World } from './supergraph.js';

process.env.APOLLO_TELEMETRY_DISABLED = 'true';

interface StockError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
}

export interface StockAnswer {
  readonly data?: JsonObject | null;
  readonly errors?: readonly StockError[];
}

export interface Stock {
  readonly schema: GraphQLSchema;
  answer(document: DocumentNode, variables: JsonObject, world: World): Promise<StockAnswer>;
  stop(): Promise<void>;
}

type Ask = (service: string, request: SubgraphRequest, world: World) => Promise<SubgraphAnswer>;

export async function stockGateway(supergraphSdl: string, ask: Ask): Promise<Stock> {
  const { ApolloGateway } = await import('@apollo/gateway');
  const gateway: Gateway = new ApolloGateway({
    supergraphSdl,
    logger: silent,
    buildService: ({ name }) => ({
      process: ({ request, context }: any) => ask(name, request, context.world) as Promise<any>,
    }),
  });
  const { executor, schema } = await gateway.load();
  return {
    schema,
    answer: async (document, variables, world) =>
      (await executor({
        request: { query: print(document), variables },
        document,
        queryHash: createHash('sha256').update(print(document)).digest('hex'),
        operationName: null,
        logger: silent,
        schema,
        metrics: {},
        context: { world },
      } as any)) as StockAnswer,
    stop: () => gateway.stop(),
  };
}

export function ourEngine(supergraphSdl: string, compile = true): Engine {
  const { rules, document } = readSupergraph(supergraphSdl);
  return new Engine({ supergraphSdl: print(document), rules, compile });
}

export const ask = (
  engine: Engine,
  operation: string | DocumentNode,
  send: (service: string, request: SubgraphRequest) => Promise<SubgraphAnswer>,
  { variables = {}, viewer = aViewer() }: { variables?: JsonObject; viewer?: Viewer } = {},
): Promise<EngineAnswer> =>
  engine.answer(
    typeof operation === 'string' ? parse(operation) : operation,
    undefined,
    variables,
    viewer,
    (service, body) => send(service, JSON.parse(body)),
  );

const silent = { debug() {}, info() {}, warn() {}, error() {} };
