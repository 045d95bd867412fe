/**
 * The two ways to an answer: the compiled plan, and the general executor that takes over where something is not as promised.
 * Both must give the same bytes, name the same persons for the log, and ask the subgraphs the same, each once.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type GraphQLSchema, parse } from 'graphql';
import type { Engine } from '../../src/execution/engine.js';
import type { JsonObject } from '../../src/execution/own.js';
import type { SubgraphAnswer } from '../../src/execution/run.js';
import { aViewer } from '../support/room.js';
import { ourEngine, stockGateway } from './executors.js';
import { operations } from './operations.js';
import { type SubgraphRequest, type TestSubgraphs, testSubgraphs, type World } from './supergraph.js';

type Ask = (service: string, request: SubgraphRequest) => Promise<SubgraphAnswer>;

/** The answer, and the calls that were made for it, whatever their order. */
async function answered(engine: Engine, query: string, variables: JsonObject, ask: Ask) {
  const calls: string[] = [];
  const answer = await engine.answer(parse(query), undefined, variables, aViewer(), (service, body) => {
    calls.push(`${service} ${body}`);
    return ask(service, JSON.parse(body));
  });
  return {
    compiled: answer.compiled,
    calls: calls.sort(),
    told: {
      data: JSON.stringify(answer.data),
      errors: answer.errors.map((error) => JSON.stringify(error)).sort(),
      misshapen: answer.misshapen,
      named: [...answer.named].map(([type, ids]) => [type, [...ids].sort()]).sort(),
    },
  };
}

describe('random operations over the rich supergraph', () => {
  let subgraphs: TestSubgraphs;
  let schema: GraphQLSchema;
  let compiled: Engine;
  let general: Engine;
  beforeAll(async () => {
    subgraphs = testSubgraphs();
    const stock = await stockGateway(subgraphs.supergraphSdl, subgraphs.ask);
    ({ schema } = stock);
    await stock.stop();
    compiled = ourEngine(subgraphs.supergraphSdl);
    general = ourEngine(subgraphs.supergraphSdl, false);
  });

  test.each([
    ['all is well', { nulls: 0, faults: 0, lost: 0, down: [] }, 0.35],
    ['values are null', { nulls: 60, faults: 0, lost: 0, down: [] }, 0.2],
    ['fields fail', { nulls: 0, faults: 40, lost: 0, down: [] }, 0],
    ['entities are lost', { nulls: 0, faults: 0, lost: 100, down: [] }, 0],
    ['a subgraph is down', { nulls: 20, faults: 0, lost: 0, down: ['inventory'] }, 0],
  ])('where %s', async (_what, rates, least) => {
    const tally = { compiled: 0, all: 0 };
    await fc.assert(
      fc.asyncProperty(operations(schema), fc.nat(1_000_000), async ({ query: any, variables }, seed) => {
        // Keys that every object answers to are the general executor's; the stock gateway is asked with them.
        const query = any.replace(/\b(__proto__|constructor|toString|hasOwnProperty|valueOf)(?=: )/g, 'k$1');
        const world = (): World => ({ seed, ...rates, changes: 0 });
        const [one, other] = [world(), world()];
        const fast = await answered(compiled, query, variables, (service, request) =>
          subgraphs.ask(service, request, one),
        );
        const slow = await answered(general, query, variables, (service, request) =>
          subgraphs.ask(service, request, other),
        );
        expect(fast.told).toEqual(slow.told);
        expect(fast.calls).toEqual(slow.calls);
        expect(slow.compiled).toBe(false);
        tally.all += 1;
        if (fast.compiled) tally.compiled += 1;
      }),
      { numRuns: Number(process.env.SLUSE_DIFFERENTIAL_RUNS ?? 5_000) / 20 },
    );
    expect(tally.compiled / tally.all).toBeGreaterThan(least);
  });
});
