/**
 * Gateway → subgraph: one keep-alive pool per subgraph, time and size limits on every answer, one error for all that can
 * go wrong on the way. What a broken subgraph says never reaches a caller.
 */
import { type Dispatcher, Pool } from 'undici';
import { parseWithDigits, withDigits } from './execution/digits.js';
import type { JsonObject } from './execution/own.js';

export interface Wire {
  /** Posts JSON; answers with the parsed JSON object whatever the status; throws where there is none, with a message for our own log. */
  post(url: URL, token: string, body: string): Promise<{ status: number; body: JsonObject }>;
  /**
   * The same for a subgraph call of an operation, of whose answer only the body matters. `workstation`: told along. `digits`: numbers
   * that JavaScript cannot hold keep theirs.
   */
  call(
    url: URL,
    token: string,
    body: string,
    calls: Calls,
    workstation?: string | null,
    digits?: boolean,
  ): Promise<JsonObject>;
  /** The calls of one operation, for so many milliseconds together. Say `end()` when it is answered. */
  operation(milliseconds: number): Calls;
  close(): Promise<void>;
}

/** The calls of one operation, which end with it: when its time is over, or when nobody waits for the answer any more. */
export interface Calls {
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
}

/** Milliseconds between two looks at the clock: how late an operation may be ended. */
const tick = 250;

export function openWire(options: WireOptions = { timeout: 5_000, maxResponseSize: 64 * 1024 * 1024 }): Wire {
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string) => {
    const pool =
      pools.get(origin) ??
      new Pool(origin, {
        connections: 64,
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
    const line = lines.get(url) ?? { pool: poolOf(url.origin), path: `${url.pathname}${url.search}`, name: url.href };
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
    call: (url, token, body, calls, workstation, digits) =>
      new Promise((resolve, reject) => dispatch(lineTo(url), token, body, resolve, reject, calls, workstation, digits)),
    operation(milliseconds) {
      const calls = new OperationCalls(Date.now() + milliseconds, () => running.delete(calls));
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
}

type Resolve = (body: JsonObject, status: number) => void;
type Reject = (error: Error) => void;

function dispatch(
  { pool, path, name }: Line,
  token: string,
  body: string,
  resolve: Resolve,
  reject: Reject,
  calls: Calls | null,
  workstation?: string | null,
  digits = false,
) {
  const headers = ['content-type', 'application/json', 'accept', 'application/json'];
  if (token) headers.push('authorization', `Bearer ${token}`);
  if (workstation) headers.push('x-sluse-workstation', workstation);
  pool.dispatch(
    { method: 'POST', path, headers, body: withDigits(body) },
    new Reply(name, resolve, reject, calls, digits),
  );
}

class OperationCalls implements Calls {
  private readonly open: ((reason: Error) => void)[] = [];
  private cancelled: Error | null = null;

  constructor(
    readonly until: number,
    readonly end: () => void,
  ) {}

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
    private readonly name: string,
    private readonly resolve: Resolve,
    private readonly reject: Reject,
    private readonly calls: Calls | null,
    private readonly digits: boolean,
  ) {}

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
    const { chunks } = this;
    try {
      const text = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
      const parsed: unknown = this.digits ? parseWithDigits(text) : JSON.parse(text);
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
        throw new Error('the answer is no JSON object');
      this.resolve(parsed as JsonObject, this.status);
    } catch (error) {
      this.failed(error as Error);
    }
  }

  onError(error: Error): void {
    this.calls?.remove(this.abort);
    this.failed(error);
  }

  private failed({ message }: Error): void {
    this.reject(new Error(`${this.name}: ${message}`));
  }
}
