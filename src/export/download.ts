/**
 * Downloads that are streamed page by page: of the log, and of the users. Who asks, and what they may read, is decided
 * again for every page, and every page is logged before it leaves. A failure before the first page is an answer with a
 * status. After it the stream ends, and says or shows that it is incomplete.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
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
import type { ExportFormat } from './exported-entry.js';
import type { Ask, ExportAnswer, FoundPage } from './pages.js';

export interface DownloadOptions extends GraphqlEndpointOptions {
  readonly now: () => Date;
  readonly log: Logger;
}

/** What is downloaded. */
export interface Download<Row> {
  readonly format: ExportFormat<Row>;
  /** First part of the file's name. */
  readonly name: string;
  readonly pages: AsyncGenerator<Row[]>;
}

/** Simultaneous downloads per session. */
const atOnce = 2;

/**
 * Answers requests for one kind of download. `operationName`: by which the log calls it. `begin`: what this viewer is to
 * get; it throws the fault with which the request is refused.
 */
export function downloads<Row>(
  operationName: string,
  options: DownloadOptions,
  begin: (viewer: Viewer, request: FastifyRequest, ask: Ask) => Promise<Download<Row>>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const underWay = new Map<string, number>();
  return async (request, reply) => {
    const record: RequestRecord = {
      ...requestRecordOf(request.raw, options.workstationOf(request.raw)),
      operationName,
      use: 'EXTRACT',
    };
    let session: string | null = null;
    const drawing = new Drawing(request.raw, reply.raw, options);
    try {
      const viewer = await drawing.viewer();
      record.viewer = viewer;
      const download = await begin(viewer, request, (...asked) => drawing.ask(...asked));
      if ((underWay.get(viewer.session) ?? 0) >= atOnce) throw new Fault('TOO_MANY_REQUESTS');
      session = viewer.session;
      underWay.set(session, (underWay.get(session) ?? 0) + 1);
      // Ask for the first page before sending anything, so that a failure still gets a status.
      const first = await download.pages.next();
      reply.hijack();
      await send(reply.raw, download, viewer.municipality, first, options);
      return reply;
    } catch (error) {
      return await refused(error as Error, record, drawing, request, reply, options);
    } finally {
      if (session !== null) leave(underWay, session);
    }
  };
}

function leave(underWay: Map<string, number>, session: string): void {
  const left = (underWay.get(session) ?? 1) - 1;
  if (left > 0) underWay.set(session, left);
  else underWay.delete(session);
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
    private readonly options: DownloadOptions,
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
 * however long the list is.
 */
async function send<Row>(
  response: ServerResponse,
  { format, name, pages }: Download<Row>,
  municipality: string,
  first: IteratorResult<Row[]>,
  { now, log }: DownloadOptions,
): Promise<void> {
  response.writeHead(200, {
    'content-type': format.mediaType,
    'content-disposition': `attachment; filename="${name}-${municipality}-${now().toISOString().slice(0, 10)}.${format.extension}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // The URL may hold a ticket.
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  });
  try {
    await written(response, format.head);
    for (let page = first; !page.done && !response.destroyed; page = await pages.next())
      await written(response, page.value.map((row) => format.write(row, municipality)).join(''));
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
  options: DownloadOptions,
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
