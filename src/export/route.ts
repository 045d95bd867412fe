/**
 * `GET /log/export/<ticket>`: downloads the log. The ticket (from `Query.auditExport`) says what is wanted; who asks,
 * and what they may read, is decided again for every page. A failure before the first page is an answer with a status.
 * After it the stream ends, and says or shows that it is incomplete.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { refuse } from '../../subgraphs/edge/answers.js';
import { refusalOf, writeEntryOrWithhold } from '../../subgraphs/edge/release.js';
import { type RequestRecord, requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { Fault, type FaultCode, faults, isFaultCode } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import type { RequestContext } from '../http/execute-operation.js';
import type { GraphqlEndpointOptions } from '../http/graphql-endpoint.js';
import { textOf } from '../http/pipeline.js';
import type { JsonObject } from '../operation/json.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';
import { csv } from './csv.js';
import { type Descriptions, descriptionsOf } from './describe.js';
import type { ExportedEntry, ExportFormat } from './exported-entry.js';
import { fhir } from './fhir.js';
import { ndjson } from './ndjson.js';
import { ocsf } from './ocsf.js';
import { type ExportAnswer, exportName, type FoundPage, pagesOf } from './pages.js';

export interface ExportOptions extends GraphqlEndpointOptions {
  /** The audit room's internal endpoints. */
  readonly audit: CallRoom;
  /** The API schema in use. */
  readonly schema: () => GraphQLSchema;
  readonly now: () => Date;
  readonly log: Logger;
}

const formats: Readonly<Record<string, ExportFormat>> = { NDJSON: ndjson, CSV: csv, FHIR: fhir, OCSF: ocsf };

/** Simultaneous exports per session. */
const atOnce = 2;

/** Registers `GET /log/export/<ticket>`. Formats: NDJSON, CSV, FHIR and OCSF. */
export function exportRoute(app: FastifyInstance, options: ExportOptions): void {
  const underWay = new Map<string, number>();
  const descriptions = describedBy(options.schema);
  // No HEAD: it would run the export and send none of it.
  app.get<{ Params: { ticket: string } }>('/log/export/:ticket', { exposeHeadRoute: false }, async (request, reply) => {
    const record: RequestRecord = {
      ...requestRecordOf(request.raw, options.workstationOf(request.raw)),
      operationName: exportName,
      use: 'EXTRACT',
    };
    let session: string | null = null;
    const drawing = new Drawing(request.raw, reply.raw, options);
    try {
      const viewer = await drawing.viewer();
      record.viewer = viewer;
      const { format, filter } = await redeemed(options.audit, viewer, request.params.ticket);
      if ((underWay.get(viewer.session) ?? 0) >= atOnce) throw new Fault('TOO_MANY_REQUESTS');
      session = viewer.session;
      underWay.set(session, (underWay.get(session) ?? 0) + 1);
      const pages = pagesOf((...asked) => drawing.ask(...asked), filter, descriptions);
      // Ask for the first page before sending anything, so that a failure still gets a status.
      const first = await pages.next();
      reply.hijack();
      await send(reply.raw, format, viewer.municipality, first, pages, options);
      return reply;
    } catch (error) {
      return await refused(error as Error, record, drawing, request, reply, options);
    } finally {
      if (session !== null) leave(underWay, session);
    }
  });
}

function leave(underWay: Map<string, number>, session: string): void {
  const left = (underWay.get(session) ?? 1) - 1;
  if (left > 0) underWay.set(session, left);
  else underWay.delete(session);
}

/** Resolves the ticket. An unknown ticket, an expired one and another viewer's look the same. */
async function redeemed(
  audit: CallRoom,
  viewer: Viewer,
  ticket: string,
): Promise<{ format: ExportFormat; filter: JsonObject }> {
  const { format, filter } = await audit('export-ticket', { viewer, ticket }).catch(() => {
    throw new Fault('SUBGRAPH_UNAVAILABLE');
  });
  const known = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (!known) throw new Fault('NOT_FOUND');
  return { format: known, filter: filter as JsonObject };
}

/** The queries that one export request makes, page by page. */
class Drawing {
  /** Whether a failure is already in the log, in the entry of the page that failed. */
  logged = false;
  private gone = false;
  private current: RequestContext | null = null;

  constructor(
    private readonly request: IncomingMessage,
    response: ServerResponse,
    private readonly options: ExportOptions,
  ) {
    response.once('close', () => {
      this.gone = true;
      this.current?.cancel?.();
    });
  }

  /** Called for every page, so that an export ends when its session does. */
  async viewer(): Promise<Viewer> {
    const viewer = await this.options.identify(this.request.headers, this.options.workstationOf(this.request));
    if (!viewer) throw new Fault('UNAUTHENTICATED');
    return viewer;
  }

  async ask(
    query: string,
    variables: JsonObject,
    isUseless: (found: FoundPage) => boolean,
  ): Promise<ExportAnswer | null> {
    if (this.gone) throw new Fault('INTERNAL', 'The client is gone.');
    this.logged = false;
    const viewer = await this.viewer();
    const record: RequestRecord = {
      ...requestRecordOf(this.request, this.options.workstationOf(this.request)),
      viewer,
      use: 'EXTRACT',
    };
    const context: RequestContext = { viewer, record, cancel: null };
    this.current = context;
    const reply = await this.options
      .answer({ query, operationName: undefined, variables, bytes: 0 }, context)
      .catch((error: Error) => {
        record.faults.push(error instanceof Fault ? error.code : 'INTERNAL');
        return null;
      });
    const ids = record.disclosed?.named;
    const named = Math.max(ids?.get('Citizen')?.size ?? 0, ids?.get('Case')?.size ?? 0);
    const text = reply && textOf(reply);
    const data = text === null ? null : ((JSON.parse(text) as { data?: JsonObject | null }).data ?? null);
    if (isUseless({ data, named, faults: record.faults })) return null;
    const unlogged = await writeEntryOrWithhold(record, this.options);
    if (unlogged) throw new Fault(unlogged);
    this.logged = record.faults.length > 0;
    const refusal = refusalOf[await this.options.stillHolds(this.request.headers, viewer)];
    if (refusal) throw new Fault(refusal);
    return { data, faults: record.faults, weight: text?.length ?? 0 };
  }
}

/**
 * Sends the pages. The next page is asked for once the client has taken the previous one, so memory holds one page,
 * however long the log is.
 */
async function send(
  response: ServerResponse,
  format: ExportFormat,
  municipality: string,
  first: IteratorResult<ExportedEntry[]>,
  pages: AsyncGenerator<ExportedEntry[]>,
  { now, log }: ExportOptions,
): Promise<void> {
  response.writeHead(200, {
    'content-type': format.mediaType,
    'content-disposition': `attachment; filename="log-${municipality}-${now().toISOString().slice(0, 10)}.${format.extension}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // The ticket is in the URL.
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  });
  try {
    await written(response, format.head);
    for (let page = first; !page.done && !response.destroyed; page = await pages.next())
      await written(response, page.value.map((entry) => format.write(entry, municipality)).join(''));
    response.end();
  } catch (error) {
    if (response.destroyed) return;
    const code = codeOf(error as Error);
    log.warn({ code }, 'an export ended before it was whole');
    if (format.incomplete) response.end(format.incomplete(code));
    else response.destroy();
  }
}

/** Resolves once the text has left, or once the client has disconnected. */
const written = (response: ServerResponse, text: string): Promise<void> =>
  new Promise((resolve) => {
    if (text === '' || response.destroyed || response.write(text)) return resolve();
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });

/** Logs a refused attempt before it is answered. */
async function refused(
  error: Error,
  record: RequestRecord,
  drawing: Drawing,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ExportOptions,
): Promise<FastifyReply> {
  let code = codeOf(error);
  if (code === 'INTERNAL') options.log.error({ err: error }, 'an export failed');
  if (!drawing.logged && code !== 'AUDIT_UNAVAILABLE') {
    record.faults.push(code);
    code = (await writeEntryOrWithhold(record, options)) ?? code;
  }
  return refuse(request, reply, code, { status: statusOf(code) });
}

const codeOf = (error: Error): FaultCode =>
  error instanceof Fault && isFaultCode(error.code) ? error.code : 'INTERNAL';

/** There is no GraphQL response around the error, so the status must show it. */
function statusOf(code: FaultCode): number {
  const { status } = faults[code];
  if (status !== 200) return status;
  const own: Partial<Record<FaultCode, number>> = {
    NOT_FOUND: 404,
    FORBIDDEN: 403,
    FORBIDDEN_FIELD: 403,
    SUBGRAPH_UNAVAILABLE: 503,
  };
  return own[code] ?? 500;
}

/** Computed once per schema. */
function describedBy(schema: () => GraphQLSchema): () => Descriptions {
  let known: { schema: GraphQLSchema; descriptions: Descriptions } | undefined;
  return () => {
    const current = schema();
    if (known?.schema !== current) known = { schema: current, descriptions: descriptionsOf(current) };
    return known.descriptions;
  };
}
