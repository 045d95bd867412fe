/**
 * Transport from the gateway to subgraphs: one keep-alive pool per subgraph, time and size limits on every answer, and
 * one kind of error for everything that can go wrong. What a broken subgraph says never reaches a caller.
 */
import { type Dispatcher, Pool } from 'undici';
import { limits } from '../../subgraphs/edge/limits.js';
import { longHeader, pass } from '../../subgraphs/process/precedence.js';
import { changeHeader } from '../../subgraphs/protocol/change.js';
import { parseWithDigits, withDigits } from '../operation/digits.js';
import type { JsonObject } from '../operation/json.js';

export interface SubgraphTransport {
  /**
   * Posts JSON and resolves to the parsed JSON object, whatever the status. Rejects if there is none, with a message
   * for our own log.
   */
  post(url: URL, token: string, body: string): Promise<{ status: number; body: JsonObject }>;
  /** Does the same for a subgraph call of an operation, where only the body matters. */
  call(url: URL, token: string, body: string, calls: Calls, hints?: CallHints): Promise<JsonObject>;
  /**
   * Starts the calls of one operation, with a time limit in milliseconds for all of them together. Call `end()` when
   * the operation is answered. `apart`: uses separate connections, because the number of calls may depend on whether a
   * hidden case was found.
   */
  operation(milliseconds: number, apart?: boolean): Calls;
  close(): Promise<void>;
}

/** What a subgraph is told beside the operation. */
export interface CallHints {
  /** Client address that a change comes from. */
  readonly workstation?: string | null;
  /** Id of the log entry that began the change. */
  readonly change?: string;
  /** Milliseconds to wait, instead of the transport's own limit. */
  readonly timeout?: number;
  /** Whether to keep the digits of numbers that JavaScript cannot represent. */
  readonly digits?: boolean;
  /** Whether an answer without data counts as none if its status says that the subgraph, or a proxy before it, is overloaded. */
  readonly isWary?: boolean;
}

/** Statuses by which servers and proxies say that they are overloaded or reach nobody. */
const overloaded: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A call of which no byte was sent, so nothing that it asked for was done. */
export class NotSent extends Error {}

/** The calls of one operation. They end when its time is over or when nobody waits for the answer any more. */
export interface Calls {
  readonly apart: boolean;
  /** Whether they are steps of a long operation. Rooms are told so. */
  isLong: boolean;
  /**
   * Whether the answer exceeded a limit. Then nothing more is asked, and no part of the answer may pass for the whole.
   */
  readonly isTooLarge: boolean;
  /** Counts entities that are about to be asked for. */
  entities(count: number): void;
  /** Counts bytes that were received. */
  received(bytes: number): void;
  add(abort: (reason: Error) => void): void;
  remove(abort: (reason: Error) => void): void;
  cancel(reason: string): void;
  end(): void;
}

export interface SubgraphTransportOptions {
  /** Milliseconds until the first byte of an answer, and between any two after that. */
  readonly timeout: number;
  /** Maximum bytes of one answer. */
  readonly maxResponseSize: number;
  /** Maximums per operation: entities asked for, and bytes of all answers. */
  readonly maxEntities: number;
  readonly maxBytes: number;
}

/**
 * Simultaneous calls to one subgraph, and calls that may wait for one of these. The calls of cleared viewers (`apart`)
 * have their own connections.
 */
const mostCalls = { shared: 64, apart: 16 } as const;
const queueSize = 2_000;

/** Milliseconds between two checks of the clock. An operation may be ended this much too late. */
const tick = 250;

/** Opens the transport. Pools are made per origin when they are first used. */
export function openSubgraphTransport({
  timeout = 5_000,
  maxResponseSize = 32 * 1024 * 1024,
  maxEntities = limits.rows,
  maxBytes = limits.answerBytes,
}: Partial<SubgraphTransportOptions> = {}): SubgraphTransport {
  const lanes = new Map<string, ConnectionPool>();
  const laneOf = (origin: string, kind: keyof typeof mostCalls): ConnectionPool => {
    const key = `${kind} ${origin}`;
    const connections = mostCalls[kind];
    const lane = lanes.get(key) ?? {
      most: connections + queueSize,
      underWay: 0,
      pool: new Pool(origin, {
        connections,
        connect: { timeout: 2_000 },
        headersTimeout: timeout,
        bodyTimeout: timeout,
        maxResponseSize,
      }),
    };
    lanes.set(key, lane);
    return lane;
  };
  // Cached, because a `URL` computes its parts on every access.
  const lines = new WeakMap<URL, Line>();
  const lineTo = (url: URL): Line => {
    const line = lines.get(url) ?? {
      shared: laneOf(url.origin, 'shared'),
      apart: laneOf(url.origin, 'apart'),
      path: `${url.pathname}${url.search}`,
      name: url.href,
    };
    lines.set(url, line);
    return line;
  };
  // One timer for all operations: one for each would cost as much as a subgraph call.
  const running = new Set<OperationCalls>();
  const clock = setInterval(() => {
    const now = Date.now();
    for (const calls of running) if (calls.until < now) calls.cancel('the operation took too long');
  }, tick);
  clock.unref();

  return {
    post: (url, token, body) =>
      new Promise((resolve, reject) =>
        dispatch(lineTo(url), token, body, (answer, status) => resolve({ status, body: answer }), reject, null),
      ),
    call: (url, token, body, calls, hints) =>
      new Promise((resolve, reject) => dispatch(lineTo(url), token, body, resolve, reject, calls, hints)),
    operation(milliseconds, apart = false) {
      const calls = new OperationCalls(Date.now() + milliseconds, { apart, maxEntities, maxBytes }, () =>
        running.delete(calls),
      );
      running.add(calls);
      return calls;
    },
    async close() {
      clearInterval(clock);
      await Promise.all([...lanes.values()].map(({ pool }) => pool.destroy()));
    },
  };
}

/** Connections to one subgraph, and the number of calls under way. */
interface ConnectionPool {
  readonly pool: Pool;
  readonly most: number;
  underWay: number;
}

interface Line {
  readonly shared: ConnectionPool;
  readonly apart: ConnectionPool;
  readonly path: string;
  readonly name: string;
}

type Resolve = (body: JsonObject, status: number) => void;
type Reject = (error: Error) => void;

function dispatch(
  { shared, apart, path, name }: Line,
  token: string,
  body: string,
  resolve: Resolve,
  reject: Reject,
  calls: Calls | null,
  { workstation, change, timeout, digits = false, isWary = false }: CallHints = {},
) {
  const lane = calls?.apart ? apart : shared;
  if (lane.underWay >= lane.most) return reject(new NotSent(`${name}: too many calls wait for it`));
  const headers = ['content-type', 'application/json', 'accept', 'application/json'];
  if (token) headers.push('authorization', `Bearer ${token}`);
  if (workstation) headers.push('x-sluse-workstation', workstation);
  if (change) headers.push(changeHeader, change);
  const waiting = timeout ? { headersTimeout: timeout, bodyTimeout: timeout } : {};
  if (calls?.isLong) headers.push(longHeader, '1');
  lane.pool.dispatch(
    { method: 'POST', path, headers, body: withDigits(body), ...waiting },
    new Reply(lane, name, resolve, reject, calls, { digits, isWary }),
  );
}

class OperationCalls implements Calls {
  private readonly open: ((reason: Error) => void)[] = [];
  private cancelled: Error | null = null;
  private asked = 0;
  private bytes = 0;
  isTooLarge = false;
  isLong = false;

  constructor(
    readonly until: number,
    private readonly bounds: { readonly apart: boolean } & Pick<SubgraphTransportOptions, 'maxEntities' | 'maxBytes'>,
    readonly end: () => void,
  ) {}

  get apart(): boolean {
    return this.bounds.apart;
  }

  entities(count: number): void {
    this.asked += count;
    if (this.asked > this.bounds.maxEntities) this.tooLarge();
  }

  received(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.bounds.maxBytes) this.tooLarge();
  }

  private tooLarge(): void {
    this.isTooLarge = true;
    this.cancel('the answer grew too large');
  }

  add(abort: (reason: Error) => void): void {
    if (this.cancelled) abort(this.cancelled);
    else this.open.push(abort);
  }

  remove(abort: (reason: Error) => void): void {
    const at = this.open.indexOf(abort);
    if (at >= 0) this.open.splice(at, 1);
  }

  cancel(reason: string): void {
    this.cancelled ??= new Error(reason);
    for (const abort of this.open.splice(0)) abort(this.cancelled);
  }
}

/** Receives one answer through undici's own callbacks, without a stream or an abort signal in between. */
class Reply implements Dispatcher.DispatchHandler {
  private status = 0;
  private isSent = false;
  private readonly chunks: Buffer[] = [];
  private abort: (reason?: Error) => void = () => {};

  constructor(
    private readonly lane: ConnectionPool,
    private readonly name: string,
    private readonly resolve: Resolve,
    private readonly reject: Reject,
    private readonly calls: Calls | null,
    private readonly manner: Readonly<Record<'digits' | 'isWary', boolean>>,
  ) {
    lane.underWay += 1;
  }

  /** undici calls this when it is about to write the request, and not before. */
  onConnect(abort: (reason?: Error) => void): void {
    this.isSent = true;
    this.abort = abort;
    this.calls?.add(abort);
  }

  onHeaders(status: number): boolean {
    this.status = status;
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    this.calls?.remove(this.abort);
    this.lane.underWay -= 1;
    const { chunks } = this;
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.calls?.received(bytes.length);
    if (this.calls?.isLong) void pass().then(() => this.read(bytes));
    else this.read(bytes);
  }

  private read(bytes: Buffer): void {
    try {
      if (this.calls?.isTooLarge) throw new Error('the answer grew too large');
      const text = bytes.toString();
      const parsed: unknown = this.manner.digits ? parseWithDigits(text) : JSON.parse(text);
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
        throw new Error('the answer is no JSON object');
      if (this.manner.isWary && overloaded.has(this.status) && ((parsed as JsonObject).data ?? null) === null)
        throw new Error(`it answered ${this.status}`);
      this.resolve(parsed as JsonObject, this.status);
    } catch (error) {
      this.failed(error as Error);
    }
  }

  onError(error: Error): void {
    this.calls?.remove(this.abort);
    this.lane.underWay -= 1;
    this.failed(error);
  }

  private failed({ message }: Error): void {
    this.reject(new (this.isSent ? Error : NotSent)(`${this.name}: ${message}`));
  }
}
