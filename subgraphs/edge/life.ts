/**
 * How long a query is worth working on: until whoever asked hangs up, its time is over, or it has read more than one answer may hold.
 * What works on its behalf asks here before each step, and is told at once when it ends. A change is never ended half-way.
 */
import type { FastifyReply } from 'fastify';
import { Fault } from '../protocol/faults.js';
import { limits } from './limits.js';

export interface LifeOptions {
  /** Milliseconds. */
  readonly time?: number;
  readonly rows?: number;
}

export class RequestLife {
  /** A step of a long operation: it works in slices (process/precedence.ts). */
  isLong = false;
  private fault: Fault | null = null;
  private isChange = false;
  private rows = 0;
  private busy = 0;
  private readonly listeners = new Set<() => void>();
  private readonly waiting: (() => void)[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: LifeOptions = {}) {
    this.timer = setTimeout(() => this.end(), options.time ?? limits.time);
    this.timer.unref();
  }

  /** It changes something: from now on it goes on to its end. */
  keep(): void {
    this.isChange = true;
  }

  /** Nobody waits for it any more, or it may not go on. */
  end(fault = new Fault('SUBGRAPH_UNAVAILABLE')): void {
    clearTimeout(this.timer);
    if (this.isChange || this.fault) return;
    this.fault = fault;
    for (const listener of this.listeners) listener();
    for (const next of this.waiting.splice(0)) next();
  }

  /** It is answered. */
  done(): void {
    clearTimeout(this.timer);
  }

  /** Throws once it has ended. */
  check(): void {
    if (this.fault) throw this.fault;
  }

  /** Calls back when it ends, unless the function that this returns was called before. */
  onEnd(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Rows that were read on its behalf. */
  read(rows: number): void {
    this.rows += rows;
    if (this.rows <= (this.options.rows ?? limits.rows)) return;
    this.end(new Fault('ANSWER_LIMIT'));
    this.check();
  }

  /** At most so many of its steps run at once: one operation must not take all connections from the others. */
  async turn<T>(work: () => Promise<T>): Promise<T> {
    while (this.busy >= (this.isLong ? limits.longConnections : limits.connections) && !this.fault)
      await new Promise<void>((next) => this.waiting.push(next));
    this.check();
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
      this.waiting.shift()?.();
    }
  }
}

/** As long as whoever asked waits for this reply. */
export function lifeOf(reply: FastifyReply): RequestLife {
  const life = new RequestLife();
  reply.raw.once('close', () => {
    if (reply.raw.writableEnded) life.done();
    else life.end();
  });
  return life;
}

/** By the context of its request. */
const lives = new WeakMap<object, RequestLife>();
export const lifeIn = (context: object): RequestLife | undefined => lives.get(context);
export function liveIn<Context extends object>(context: Context, life: RequestLife): Context {
  lives.set(context, life);
  return context;
}
