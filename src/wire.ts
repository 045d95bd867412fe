/**
 * Gateway → subgraph: one keep-alive pool per subgraph, time and size limits on every answer, one error for all that can
 * go wrong on the way. What a broken subgraph says never reaches a caller.
 */
import { type Dispatcher, Pool } from 'undici';
import { limits } from '../subgraphs/kit/limits.js';
import { longHeader } from '../subgraphs/kit/precedence.js';
import type { JsonObject } from './execution/own.js';

export interface Wire {
  /** Posts JSON; answers with the parsed JSON object whatever the status; throws where there is none, with a message for our own log. */
  post(url: URL, token: string, body: string): Promise<{ status: number; body: JsonObject }>;
  /** The same for a subgraph call of an operation, of whose answer only the body matters. `workstation`: told along. */
  call(url: URL, token: string, body: string, calls: Calls, workstation?: string | null): Promise<JsonObject>;
  /** The calls of one operation, for so many milliseconds together. Say `end()` when it is answered. */
  operation(milliseconds: number): Calls;
  close(): Promise<void>;
}

/** The calls of one operation, which end with it: when its time is over, or when nobody waits for the answer any more. */
export interface Calls {
  /** Steps of a long operation: the rooms are told so. */
  isLong: boolean;
  /** Whether the answer grew beyond what one may hold: nothing more is asked for then, and no part of it may pass for the whole. */
  readonly isTooLarge: boolean;
  /** So many entities are about to be asked for. */
  entities(count: number): void;
  /** So many bytes have been answered. */
  received(bytes: number): void;
  add(abort: (reason: Error) => void): void;
  remove(abort: (reason: Error) => void): void;
  cancel(reason: string): void;
  end(): void;
}

export interface WireOptions {
  /** Milliseconds until the first byte of the answer, and again between any two. */
  readonly timeout: number;
  /** Bytes. */
  readonly maxResponseSize: number;
  /** Of one operation: entities asked for, and bytes of all that is answered. */
  readonly maxEntities?: number;
  readonly maxBytes?: number;
}

/** Calls at once to one subgraph, and calls that may wait for one of these. */
const connections = 64;
const queueSize = 2_000;

/** Milliseconds between two looks at the clock: how late an operation may be ended. */
const tick = 250;

export const defaultWire: WireOptions = { timeout: 5_000, maxResponseSize: 32 * 1024 * 1024 };

export function openWire(options: WireOptions = defaultWire): Wire {
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string) => {
    const pool =
      pools.get(origin) ??
      new Pool(origin, {
        connections,
        connect: { timeout: 2_000 },
        headersTimeout: options.timeout,
        bodyTimeout: options.timeout,
        maxResponseSize: options.maxResponseSize,
      });
    pools.set(origin, pool);
    return pool;
  };
  // A URL works out its parts each time it is asked.
  const lines = new WeakMap<URL, Line>();
  const lineTo = (url: URL): Line => {
    const line = lines.get(url) ?? {
      pool: poolOf(url.origin),
      path: `${url.pathname}${url.search}`,
      name: url.href,
      underWay: 0,
    };
    lines.set(url, line);
    return line;
  };
  // One clock for all operations: a timer each would cost as much as a subgraph call.
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
    call: (url, token, body, calls, workstation) =>
      new Promise((resolve, reject) => dispatch(lineTo(url), token, body, resolve, reject, calls, workstation)),
    operation(milliseconds) {
      const calls = new OperationCalls(Date.now() + milliseconds, options, () => running.delete(calls));
      running.add(calls);
      return calls;
    },
    async close() {
      clearInterval(clock);
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

interface Line {
  readonly pool: Pool;
  readonly path: string;
  readonly name: string;
  underWay: number;
}

type Resolve = (body: JsonObject, status: number) => void;
type Reject = (error: Error) => void;

function dispatch(
  line: Line,
  token: string,
  body: string,
  resolve: Resolve,
  reject: Reject,
  calls: Calls | null,
  workstation?: string | null,
) {
  const { pool, path, name } = line;
  if (line.underWay >= connections + queueSize) return reject(new Error(`${name}: too many calls wait for it`));
  const headers = ['content-type', 'application/json', 'accept', 'application/json'];
  if (token) headers.push('authorization', `Bearer ${token}`);
  if (workstation) headers.push('x-sluse-workstation', workstation);
  if (calls?.isLong) headers.push(longHeader, '1');
  pool.dispatch({ method: 'POST', path, headers, body }, new Reply(line, resolve, reject, calls));
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
    private readonly options: WireOptions,
    readonly end: () => void,
  ) {}

  entities(count: number): void {
    this.asked += count;
    if (this.asked > (this.options.maxEntities ?? limits.rows)) this.tooLarge();
  }

  received(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > (this.options.maxBytes ?? limits.answerBytes)) this.tooLarge();
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

/** One answer on its way in, in the form in which undici itself calls back: without a stream or a signal in between. */
class Reply implements Dispatcher.DispatchHandler {
  private status = 0;
  private readonly chunks: Buffer[] = [];
  private abort: (reason?: Error) => void = () => {};

  constructor(
    private readonly line: Line,
    private readonly resolve: Resolve,
    private readonly reject: Reject,
    private readonly calls: Calls | null,
  ) {
    line.underWay += 1;
  }

  onConnect(abort: (reason?: Error) => void): void {
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
    this.line.underWay -= 1;
    const { chunks } = this;
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.calls?.received(bytes.length);
    try {
      if (this.calls?.isTooLarge) throw new Error('the answer grew too large');
      const parsed: unknown = JSON.parse(bytes.toString());
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
        throw new Error('the answer is no JSON object');
      this.resolve(parsed as JsonObject, this.status);
    } catch (error) {
      this.failed(error as Error);
    }
  }

  onError(error: Error): void {
    this.calls?.remove(this.abort);
    this.line.underWay -= 1;
    this.failed(error);
  }

  private failed({ message }: Error): void {
    this.reject(new Error(`${this.line.name}: ${message}`));
  }
}
