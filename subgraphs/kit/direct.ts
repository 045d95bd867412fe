/**
 * A room called directly by a case system, with an access token instead of the gateway's. Here the room is the edge: what the
 * gateway does for everybody else is done here, in the same order. Who asks, limits, the rules by type, and last, before a byte
 * leaves, the log. If the entry cannot be written, the answer is 503 and holds nothing. Rows are PostgreSQL's to guard, as ever.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  validate,
} from 'graphql';
import type { Logger } from 'pino';
import { parse as parseJson } from 'secure-json-parse';
import { type AccessVerifier, accessTokenOf } from './access-token.js';
import { Answered, beginChange, keepAnswer } from './begin-change.js';
import { Change, type Made, timeLimits } from './change.js';
import { type Clients, openClients } from './clients.js';
import { isLost } from './direct-change.js';
import { expanded, type Values, variablesOf } from './expand.js';
import {
  Fault,
  type FaultCode,
  faultBody,
  faults,
  httpStatusOf,
  isFaultCode,
  mayStandBody,
  withoutValues,
} from './faults.js';
import { seals } from './footprint.js';
import { changeKey } from './idempotency.js';
import type { Internal } from './internal.js';
import { type Ledger, openLedger } from './ledger.js';
import { checkVariables, introspects, limits, parseWithin } from './limits.js';
import { masked, settled } from './mask.js';
import { released, type StillHolds, standingOf } from './release.js';
import { type Rules, roomRules } from './rules.js';
import { refuseSecretsIn } from './secrets.js';
import { noteFaults, type Trail, trailOf } from './trail.js';
import type { Viewer } from './viewer.js';
import { type Permitted, permitted } from './wall.js';

/** What a room needs in order to be called directly. */
export interface DirectOptions {
  readonly tokens: AccessVerifier;
  /** Internal endpoints of the identity room and of the audit room. */
  readonly identity: Internal;
  readonly audit: Internal;
  /** Of attempts by nobody that is known. */
  readonly municipality: string;
}

export type Direct = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** The room, as far as an edge needs to know it. */
export interface DirectRoom {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly log: Logger;
  contextOf(viewer: Viewer, workstation: string | null, change?: Change | null): object;
  /** What was made under an entry; nothing more is made under it. */
  closing(viewer: Viewer, entry: string): Promise<Made>;
}

interface Edge extends DirectRoom {
  readonly rules: Rules;
  readonly clients: Clients;
  readonly ledger: Ledger;
}

interface Reply {
  readonly status: number;
  readonly body: object | string;
}

/** As an edge, with who asks and by what request. */
interface Asking extends Edge {
  readonly audit: Internal;
  readonly stillHolds: StillHolds;
  readonly headers: IncomingHttpHeaders;
}

export function openDirect(room: DirectRoom, options: DirectOptions): Direct {
  const { now, newId } = room;
  const edge: Edge = {
    ...room,
    rules: roomRules(room.sdl),
    clients: openClients(options.tokens, options.identity, now),
    ledger: openLedger(options.audit, { municipality: options.municipality, now, newId }),
  };
  return async (request, reply) => {
    const trail = trailOf(request.raw, request.socket.remoteAddress ?? null);
    const stillHolds: StillHolds = async (viewer) => standingOf(await clientOf(edge, request), viewer);
    const asking: Asking = { ...edge, audit: options.audit, stillHolds, headers: request.headers };
    const answered = await answer(asking, request, trail).catch((error: Error) => failed(error, trail, edge));
    const { status, body } = await released(answered, trail, { ...edge, stillHolds, refusal: failure, mayStand });
    if (status === 503) reply.header('retry-after', '1');
    return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').status(status).send(body);
  };
}

async function answer(edge: Asking, request: FastifyRequest, trail: Trail): Promise<Reply> {
  const viewer = await clientOf(edge, request);
  trail.viewer = viewer;
  if (!viewer) throw new Fault('UNAUTHENTICATED');
  return answerTo(viewer, edge, asked(request), trail);
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

async function answerTo(viewer: Viewer, edge: Asking, given: Asked, trail: Trail): Promise<Reply> {
  const { schema } = edge;
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
  if (operation.operation === 'mutation') return change(viewer, edge, given, allowed, variables, trail);

  const result = await run(viewer, trail.workstation, edge, allowed.operation, variables);
  return replyTo(result, edge, allowed, true, trail);
}

/** What is told of a change is one of three: see change.ts. */
async function change(
  viewer: Viewer,
  edge: Asking,
  given: Asked,
  allowed: Permitted,
  variables: Values,
  trail: Trail,
): Promise<Reply> {
  const { query, operationName = null } = given;
  const sent = { query, operationName, variables: given.variables };
  const key = changeKey(edge.headers, viewer, sent, allowed.footprint, edge.audit);
  await beginChange(allowed, trail, key, edge);
  const entry = trail.begun!;
  const made = new Change(entry, performance.now() + timeLimits.room);
  const result = await run(viewer, trail.workstation, edge, allowed.operation, variables, made);
  const reply = replyTo(result, edge, allowed, false, trail);
  if (await isLost(made, () => edge.closing(viewer, entry), result, trail)) return mayStand(entry);
  const body = JSON.stringify(reply.body);
  await keepAnswer(
    key,
    trail,
    { status: reply.status, contentType: 'application/json; charset=utf-8', body },
    edge.log,
  );
  return reply;
}

function replyTo(result: ExecutionResult, { log }: Edge, allowed: Permitted, isQuery: boolean, trail: Trail): Reply {
  const { footprint, criterion } = allowed;
  const named = allowed.take(result.data);
  const errors = result.errors?.map((error) => {
    const formatted = masked(error.toJSON(), error, log);
    return { ...formatted, ...(formatted.path && { path: allowed.shown(formatted.path) }) };
  });
  const body = whole(settled({ ...(errors && { errors }), data: result.data ?? null }, isQuery), isQuery);
  noteFaults(body.errors, trail);
  const hasData = body.data !== null && body.data !== undefined;
  // An answer that was refused as a whole names nobody.
  trail.disclosed = { footprint, criterion, named: hasData ? named : new Map(), hasData };
  return { status: hasData ? 200 : statusOf(body.errors), body };
}

/** A page that is too large refuses a query as a whole, as the gateway does, which looks before anything is asked. */
function whole(result: ReturnType<typeof settled>, isQuery: boolean): ReturnType<typeof settled> {
  const isOver = result.errors?.some(({ extensions }) => extensions?.code === ('PAGE_LIMIT' satisfies FaultCode));
  return isQuery && isOver ? faultBody('PAGE_LIMIT') : result;
}

const run = async (
  viewer: Viewer,
  workstation: string | null,
  { schema, contextOf }: Edge,
  operation: OperationDefinitionNode,
  values: Values,
  made: Change | null = null,
): Promise<ExecutionResult> =>
  execute({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [operation] },
    contextValue: contextOf(viewer, workstation, made),
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
  if (error instanceof Answered) return { status: error.answer.status, body: error.answer.body };
  if (trail.begun !== undefined && trail.fate !== 'NOT_MADE') {
    log.error({ err: error }, 'the answer to a change could not be given');
    trail.faults.push('CHANGE_MAY_STAND');
    return mayStand(trail.begun);
  }
  const code = error instanceof Fault ? error.code : 'INTERNAL';
  trail.faults.push(code);
  if (code === 'INTERNAL') log.error({ err: error }, 'request failed');
  return failure(code, error instanceof Fault ? error.message : undefined);
}

const failure = (code: FaultCode, detail?: string): Reply => ({
  status: httpStatusOf(code),
  body: faultBody(code, detail),
});

const mayStand = (entry: string): Reply => ({ status: 200, body: mayStandBody(entry) });

/** Of an answer without data. */
function statusOf(errors: readonly GraphQLFormattedError[] | undefined): number {
  const codes = (errors ?? []).map(({ extensions }) => extensions?.code);
  return codes.map((code) => (isFaultCode(code) ? faults[code].status : 200)).find((status) => status !== 200) ?? 200;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
