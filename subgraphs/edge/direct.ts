/**
 * A room that a case system calls directly, with an access token instead of the gateway's viewer token. Here the room is the edge,
 * and does what the gateway does otherwise, in the same order: who asks, limits, the rules by type, and last, before a byte leaves,
 * the log. If the entry cannot be written, the answer is 503 and holds nothing. PostgreSQL guards the rows, as always.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  execute,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import type { Logger } from 'pino';
import { isLong } from '../process/precedence.js';
import { ChangeUnderWay, type Made, timeLimits } from '../protocol/change.js';
import { Fault } from '../protocol/faults.js';
import type { Internal } from '../protocol/internal.js';
import type { Viewer } from '../protocol/viewer.js';
import { type AccessVerifier, accessTokenOf } from './access-token.js';
import { headOf, isAcceptable, jsonType, refusal, type Said } from './answers.js';
import { beginChange, keepAnswer } from './begin-change.js';
import { type Budgets, budgetsOf } from './budgets.js';
import { type Clients, openClients } from './clients.js';
import { costReader, refuseOver } from './cost.js';
import { type Costs, costsOf } from './cost-rules.js';
import { isLost } from './direct-change.js';
import { failed, invalidReply, replyTo } from './direct-reply.js';
import { mayStand } from './failed-request.js';
import { seals } from './footprint.js';
import { changeKey } from './idempotency.js';
import { expanded, type VariableValues, variablesOf } from './inline-fragments.js';
import { lifeOf, type RequestLife } from './life.js';
import { bodyLimitOf, checkSent, introspects, parseWithin } from './limits.js';
import { type LogClient, openLogClient } from './log-client.js';
import { released, type StillHolds, standingOf } from './release.js';
import { checkHead, type GraphQLRequest, requestIn } from './request.js';
import { type RequestRecord, requestRecordOf } from './request-record.js';
import { requestedOperation } from './requested-operation.js';
import { type Rules, roomRules } from './rules.js';
import { refuseSecretsIn } from './secrets.js';
import { type PermittedOperation, permitted } from './wall.js';

/** What a room needs in order to be called directly. */
export interface DirectOptions {
  readonly tokens: AccessVerifier;
  /** Internal endpoints of the identity room and of the audit room. */
  readonly identity: Internal;
  readonly audit: Internal;
  /** The municipality for entries about unknown callers. */
  readonly municipality: string;
  /** Milliseconds between log entries that tell how many rejections of a kind there were. */
  readonly countInterval?: number;
  /** Highest cost of one operation; by default as in budgets.ts. */
  readonly budgets?: Budgets;
}

export interface Direct {
  /** Whether the caller is known and may be served. Asked before the body is read. */
  isKnown(request: FastifyRequest): Promise<boolean>;
  answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  /** Writes the counts of rejections. Call it while the audit room can still take them. */
  close(): Promise<void>;
}

/** The room, as far as an edge needs to know it. */
export interface DirectRoom {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly log: Logger;
  contextOf(viewer: Viewer, workstation: string | null, life: RequestLife, change?: ChangeUnderWay | null): object;
  /** What was made under an entry. Nothing more is made under it afterwards. */
  closing(viewer: Viewer, entry: string): Promise<Made>;
}

interface Edge extends DirectRoom {
  readonly rules: Rules;
  readonly costs: Costs;
  readonly budgetOf: Budgets;
  readonly clients: Clients;
  readonly logClient: LogClient;
}

/** The edge, with the caller and the request. */
interface Asking extends Edge {
  readonly audit: Internal;
  readonly stillHolds: StillHolds;
  readonly headers: IncomingHttpHeaders;
}

/** Serves case systems that call this room. */
export function openDirect(room: DirectRoom, options: DirectOptions): Direct {
  const { now, newId } = room;
  const edge: Edge = {
    ...room,
    rules: roomRules(room.sdl),
    costs: costsOf(parse(room.sdl, { noLocation: true })),
    budgetOf: options.budgets ?? budgetsOf(),
    clients: openClients(options.tokens, options.identity, now),
    logClient: openLogClient(options.audit, {
      ...{ municipality: options.municipality, now, newId },
      ...(options.countInterval !== undefined && { interval: options.countInterval }),
    }),
  };
  const respond: Direct['answer'] = async (request, reply) => {
    const record = requestRecordOf(request.raw, request.socket.remoteAddress ?? null);
    const stillHolds: StillHolds = async (viewer) => standingOf(await clientOf(edge, request), viewer);
    const asking: Asking = { ...edge, audit: options.audit, stillHolds, headers: request.headers };
    const life = lifeOf(reply);
    const answered = await answer(asking, request, record, life).catch((error: Error) =>
      failed(error, record, edge.log),
    );
    life.done();
    const said = await released(answered, record, { ...edge, stillHolds, refusal, mayStand });
    const { status, headers } = headOf(said, request.headers.accept);
    return reply.status(status).headers(headers).send(said.body);
  };
  // If that cannot be known, the answer says so.
  const isKnown = (request: FastifyRequest) =>
    clientOf(edge, request).then(
      (viewer) => viewer !== null,
      () => false,
    );
  return { isKnown, answer: respond, close: () => edge.logClient.close() };
}

async function answer(edge: Asking, request: FastifyRequest, record: RequestRecord, life: RequestLife): Promise<Said> {
  const viewer = await clientOf(edge, request);
  record.viewer = viewer;
  if (!viewer) throw new Fault('UNAUTHENTICATED');
  return answerTo(viewer, edge, asked(request, viewer), record, life);
}

async function clientOf({ clients }: Edge, { headers }: FastifyRequest): Promise<Viewer | null> {
  const token = accessTokenOf(headers.authorization);
  return token === null ? null : clients.viewerOf(token);
}

/**
 * Reads the operation. `serveRoom` has left the body as raw bytes; a stranger's body is measured and decoded only here, once it is
 * known who asks.
 */
function asked({ headers, body: bytes }: FastifyRequest, viewer: Viewer): GraphQLRequest {
  const most = bodyLimitOf(viewer);
  checkHead(headers, most);
  if (!Buffer.isBuffer(bytes)) throw new Fault('MALFORMED_REQUEST');
  return requestIn(bytes, most);
}

async function answerTo(
  viewer: Viewer,
  edge: Asking,
  given: GraphQLRequest,
  record: RequestRecord,
  life: RequestLife,
): Promise<Said> {
  const { schema } = edge;
  record.text = given.query;
  const document = parseWithin(given.query);
  const operation = requestedOperation(document, given, record);
  checkSent(operation, given);
  if (introspects(document)) throw new Fault('INTROSPECTION_NOT_ALLOWED');
  const isChange = operation.operation === 'mutation';
  if (isChange && !isAcceptable(edge.headers.accept)) throw new Fault('NOT_ACCEPTABLE');
  const invalid = validate(schema, document);
  if (invalid.length > 0) return invalidReply(invalid, record);

  refuseSecretsIn(document, edge.rules);
  const variables = variablesOf(schema, operation, (given.variables ?? {}) as VariableValues);
  const fragments = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment): [string, FragmentDefinitionNode] => [fragment.name.value, fragment]),
  );
  const cost = costReader(schema, edge.costs, operation, fragments)(variables);
  refuseOver(edge.budgetOf(viewer), cost);
  life.isLong = isLong(cost) && !isChange;
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
  record.disclosed = { footprint, criterion, named: new Map(), hasData: false };
  if (isChange) return change(viewer, edge, given, allowed, variables, record, life);

  const context = edge.contextOf(viewer, record.workstation, life);
  const result = await run(context, edge, allowed.operation, variables);
  return replyTo(result, edge.log, allowed, true, record);
}

/** The caller is told one of three things about a change: see protocol/change.ts. */
async function change(
  viewer: Viewer,
  edge: Asking,
  given: GraphQLRequest,
  allowed: PermittedOperation,
  variables: VariableValues,
  record: RequestRecord,
  life: RequestLife,
): Promise<Said> {
  life.keep();
  const { query, operationName = null } = given;
  const sent = { query, operationName, variables: given.variables ?? null };
  const key = changeKey(edge.headers, viewer, sent, allowed.footprint, edge.audit);
  await beginChange(allowed, record, key, edge);
  const entry = record.begun!;
  const made = new ChangeUnderWay(entry, performance.now() + timeLimits.room);
  const context = edge.contextOf(viewer, record.workstation, life, made);
  const result = await run(context, edge, allowed.operation, variables);
  const reply = replyTo(result, edge.log, allowed, false, record);
  if (await isLost(made, () => edge.closing(viewer, entry), result, record)) return mayStand(entry);
  await keepAnswer(key, record, { status: reply.status, contentType: jsonType, body: reply.body as string }, edge.log);
  return reply;
}

const run = async (
  contextValue: object,
  { schema }: Edge,
  operation: OperationDefinitionNode,
  values: VariableValues,
) =>
  execute({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [operation] },
    contextValue,
    variableValues: values,
  });
