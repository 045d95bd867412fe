/**
 * A room called directly by a case system, with an access token instead of the gateway's. Here the room is the edge: what the
 * gateway does for everybody else is done here, in the same order. Who asks, limits, the rules by type, and last, before a byte
 * leaves, the log. If the entry cannot be written, the answer is 503 and holds nothing. Rows are PostgreSQL's to guard, as ever.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  execute,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import type { Logger } from 'pino';
import { parse as parseJson } from 'secure-json-parse';
import { type AccessVerifier, accessTokenOf } from './access-token.js';
import { type Budgets, budgetsOf } from './budgets.js';
import { type Clients, openClients } from './clients.js';
import { costReader, refuseOver } from './cost.js';
import { type Costs, costsOf } from './cost-rules.js';
import { expanded, type Values, variablesOf } from './expand.js';
import {
  Fault,
  type FaultCode,
  faultBody,
  faults,
  httpStatusOf,
  isFaultCode,
  isUnavailable,
  withoutValues,
} from './faults.js';
import { seals } from './footprint.js';
import type { Internal } from './internal.js';
import { beginLogged, type Ledger, openLedger } from './ledger.js';
import { type Life, lifeOf } from './life.js';
import { checkVariables, introspects, limits, parseWithin } from './limits.js';
import { masked, settled } from './mask.js';
import { isLong } from './precedence.js';
import { released, type StillHolds, standingOf } from './release.js';
import { type Rules, roomRules } from './rules.js';
import { refuseSecretsIn } from './secrets.js';
import { noteFaults, type Trail, trailOf } from './trail.js';
import type { Viewer } from './viewer.js';
import { permitted } from './wall.js';

/** What a room needs in order to be called directly. */
export interface DirectOptions {
  readonly tokens: AccessVerifier;
  /** Internal endpoints of the identity room and of the audit room. */
  readonly identity: Internal;
  readonly audit: Internal;
  /** Of attempts by nobody that is known. */
  readonly municipality: string;
  /** What one operation may cost; by default as in budgets.ts. */
  readonly budgets?: Budgets;
}

export type Direct = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** The room, as far as an edge needs to know it. */
export interface DirectRoom {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly log: Logger;
  contextOf(viewer: Viewer, workstation: string | null, life: Life): object;
}

interface Edge extends DirectRoom {
  readonly rules: Rules;
  readonly costs: Costs;
  readonly budgetOf: Budgets;
  readonly clients: Clients;
  readonly ledger: Ledger;
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

export function openDirect(room: DirectRoom, options: DirectOptions): Direct {
  const { now, newId } = room;
  const edge: Edge = {
    ...room,
    rules: roomRules(room.sdl),
    costs: costsOf(parse(room.sdl, { noLocation: true })),
    budgetOf: options.budgets ?? budgetsOf(),
    clients: openClients(options.tokens, options.identity, now),
    ledger: openLedger(options.audit, { municipality: options.municipality, now, newId }),
  };
  return async (request, reply) => {
    const trail = trailOf(request.raw, request.socket.remoteAddress ?? null);
    const stillHolds: StillHolds = async (viewer) => standingOf(await clientOf(edge, request), viewer);
    const life = lifeOf(reply);
    const answered = await answer(edge, request, trail, life).catch((error: Error) => failed(error, trail, edge));
    life.done();
    const { status, body } = await released(answered, trail, { ...edge, stillHolds, refusal: failure });
    if (status === 503) reply.header('retry-after', '1');
    return reply.header('cache-control', 'no-store').status(status).send(body);
  };
}

async function answer(edge: Edge, request: FastifyRequest, trail: Trail, life: Life): Promise<Reply> {
  const viewer = await clientOf(edge, request);
  trail.viewer = viewer;
  if (!viewer) throw new Fault('UNAUTHENTICATED');
  return answerTo(viewer, edge, asked(request), trail, life);
}

async function clientOf({ clients }: Edge, { headers }: FastifyRequest): Promise<Viewer | null> {
  const token = accessTokenOf(headers.authorization);
  return token === null ? null : clients.viewerOf(token);
}

interface Asked {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Values;
}

/** Only JSON is read, one operation at a time. `serveRoom` has left the body as the text that it is. */
function asked({ headers, body: text }: FastifyRequest): Asked {
  if (!/^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i.test(headers['content-type'] ?? ''))
    throw new Fault('MALFORMED_REQUEST');
  const body = bodyOf(text);
  if (Array.isArray(body)) throw new Fault('BATCHING_NOT_ALLOWED');
  if (!isObject(body)) throw new Fault('MALFORMED_REQUEST');
  const { query, operationName, variables } = body;
  if (typeof query !== 'string' || !['undefined', 'string'].includes(typeof (operationName ?? undefined)))
    throw new Fault('MALFORMED_REQUEST');
  if (!isObject(variables ?? {}) || Array.isArray(variables)) throw new Fault('MALFORMED_REQUEST');
  return { query, operationName: (operationName as string) || undefined, variables: (variables ?? {}) as Values };
}

/** Refuses keys that reach for an object's prototype. */
function bodyOf(text: unknown): unknown {
  if (typeof text !== 'string') throw new Fault('MALFORMED_REQUEST');
  if (Buffer.byteLength(text) > limits.body) throw new Fault('BODY_TOO_LARGE');
  try {
    return parseJson(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    throw new Fault('MALFORMED_REQUEST');
  }
}

async function answerTo(viewer: Viewer, edge: Edge, given: Asked, trail: Trail, life: Life): Promise<Reply> {
  const { schema, log } = edge;
  trail.text = given.query;
  const document = parseWithin(given.query);
  checkVariables(given.variables);
  const operation = getOperationAST(document, given.operationName);
  if (!operation || operation.operation === 'subscription')
    throw new Fault('MALFORMED_REQUEST', 'Name one query or mutation of the text in `operationName`.');
  // Only a name that the text itself has is logged: anything else is free text of the caller's.
  trail.operationName = operation.name?.value.slice(0, 100) ?? null;
  if (introspects(document)) throw new Fault('INTROSPECTION_NOT_ALLOWED');
  const invalid = validate(schema, document);
  if (invalid.length > 0) return invalidReply(invalid, trail);

  refuseSecretsIn(document, edge.rules);
  const variables = variablesOf(schema, operation, given.variables);
  const fragments = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment): [string, FragmentDefinitionNode] => [fragment.name.value, fragment]),
  );
  const cost = costReader(schema, edge.costs, operation, fragments)(variables);
  refuseOver(edge.budgetOf(viewer), cost);
  life.isLong = isLong(cost) && operation.operation === 'query';
  const allowed = permitted(
    schema,
    edge.rules,
    viewer,
    expanded(operation, fragments, variables),
    variables,
    edge.now().getTime() / 1000,
    seals(schema, edge.rules, document),
  );
  const { footprint, criterion } = allowed;
  trail.disclosed = { footprint, criterion, named: new Map(), hasData: false };
  if (operation.operation === 'mutation') {
    life.keep();
    await beginLogged(trail.disclosed, trail, edge);
  }

  const context = edge.contextOf(viewer, trail.workstation, life);
  const result = await run(context, edge, allowed.operation, variables);
  const named = allowed.take(result.data);
  const errors = result.errors?.map((error) => {
    const formatted = masked(error.toJSON(), error, log);
    return { ...formatted, ...(formatted.path && { path: allowed.shown(formatted.path) }) };
  });
  const isQuery = operation.operation === 'query';
  const body = whole(settled({ ...(errors && { errors }), data: result.data ?? null }, isQuery), isQuery);
  noteFaults(body.errors, trail);
  const hasData = body.data !== null && body.data !== undefined;
  // An answer that was refused as a whole names nobody.
  trail.disclosed = { footprint, criterion, named: hasData ? named : new Map(), hasData };
  const status = isQuery && isUnavailable(body) ? 503 : hasData ? 200 : statusOf(body.errors);
  return { status, body };
}

/**
 * A page that is too large refuses a query as a whole, as the gateway does, which looks before anything is asked; so does an answer that
 * grew too large on the way, of which a part must not be taken for the whole.
 */
function whole(result: ReturnType<typeof settled>, isQuery: boolean): ReturnType<typeof settled> {
  const over =
    isQuery && refusedWhole.find((code) => result.errors?.some(({ extensions }) => extensions?.code === code));
  return over ? faultBody(over) : result;
}

const refusedWhole: readonly FaultCode[] = ['PAGE_LIMIT', 'ANSWER_LIMIT'];

const run = async (contextValue: object, { schema }: Edge, operation: OperationDefinitionNode, values: Values) =>
  execute({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [operation] },
    contextValue,
    variableValues: values,
  });

/** The rules of GraphQL say what is wrong; what they quote of a value, and what they guess of the schema, is left out. */
function invalidReply(errors: readonly GraphQLError[], trail: Trail): Reply {
  const told = errors.map(({ message, locations, extensions }): GraphQLFormattedError => {
    const code = isFaultCode(extensions.code) ? extensions.code : 'GRAPHQL_VALIDATION_FAILED';
    return { message: withoutValues(message), ...(locations && { locations }), extensions: { code } };
  });
  noteFaults(told, trail);
  return { status: 400, body: { errors: told } };
}

function failed(error: Error, trail: Trail, { log }: Edge): Reply {
  const code = error instanceof Fault ? error.code : 'INTERNAL';
  trail.faults.push(code);
  if (code === 'INTERNAL') log.error({ err: error }, 'request failed');
  return error instanceof Fault ? failure(code, error.message, error.numbers) : failure(code);
}

const failure = (code: FaultCode, detail?: string, numbers?: Fault['numbers']): Reply => ({
  status: httpStatusOf(code),
  body: faultBody(code, detail, numbers),
});

/** Of an answer without data. */
function statusOf(errors: readonly GraphQLFormattedError[] | undefined): number {
  const codes = (errors ?? []).map(({ extensions }) => extensions?.code);
  return codes.map((code) => (isFaultCode(code) ? faults[code].status : 200)).find((status) => status !== 200) ?? 200;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
