/**
 * How long a query is worth working on: until the caller hangs up, its time is over, or it has read more than one answer may hold.
 * Whatever works for it checks before each step, and is notified when it ends. A change is never ended half-way.
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
  /** A step of a long operation, which works in slices (process/precedence.ts). */
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

  /** Marks a change: from now on it runs to its end. */
  keep(): void {
    this.isChange = true;
  }

  /** Ends it, because nobody waits for it any more or it may not go on. */
  end(fault = new Fault('SUBGRAPH_UNAVAILABLE')): void {
    clearTimeout(this.timer);
    if (this.isChange || this.fault) return;
    this.fault = fault;
    for (const listener of this.listeners) listener();
    for (const next of this.waiting.splice(0)) next();
  }

  /** Marks it as answered. */
  done(): void {
    clearTimeout(this.timer);
  }

  /** Throws once it has ended. */
  check(): void {
    if (this.fault) throw this.fault;
  }

  /** Calls `listener` when it ends. The returned function unregisters it. */
  onEnd(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Counts rows that were read for it. */
  read(rows: number): void {
    this.rows += rows;
    if (this.rows <= (this.options.rows ?? limits.rows)) return;
    this.end(new Fault('ANSWER_LIMIT'));
    this.check();
  }

  /** Limits how many steps run at once: one operation must not take all connections from the others. */
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

/** A life that lasts as long as the caller waits for this reply. */
export function lifeOf(reply: FastifyReply): RequestLife {
  const life = new RequestLife();
  reply.raw.once('close', () => {
    if (reply.raw.writableEnded) life.done();
    else life.end();
  });
  return life;
}

/** Lives by request context. */
const lives = new WeakMap<object, RequestLife>();
export const lifeIn = (context: object): RequestLife | undefined => lives.get(context);
/** Attaches a life to the context of its request. Returns the same context. */
export function liveIn<Context extends object>(context: Context, life: RequestLife): Context {
  lives.set(context, life);
  return context;
}
