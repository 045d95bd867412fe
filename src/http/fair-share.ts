/**
 * Limits how many operations each caller runs at once, with a lower limit for long ones. Further operations wait in the
 * caller's own queue for a limited time; beyond that they are refused. A busy caller waits behind their own requests
 * and never goes before somebody else.
 *
 * All long operations together have a limit too. Callers that wait for it take turns.
 */
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';

export interface Share {
  /** Operations at once. */
  readonly atOnce: number;
  /** Operations that may wait. */
  readonly waiting: number;
}

export interface FairShareOptions {
  /** Limits for one person or client, for small and for long operations. */
  readonly small: Share;
  readonly long: Share;
  /** Long operations at once, over all callers. */
  readonly longTogether: number;
  /** Milliseconds that an operation waits at most. */
  readonly patience: number;
}

/**
 * The limits are generous: a frontend page sends a few queries at once, and a case system keeps several connections
 * busy. Long operations run one after the other. Two at once by one person occupied both processors of a small machine
 * and made somebody else's small query take 20 times as long.
 */
const defaultShares: FairShareOptions = {
  small: { atOnce: 32, waiting: 500 },
  long: { atOnce: 1, waiting: 50 },
  longTogether: 4,
  patience: 5_000,
};

export interface FairShare {
  /**
   * `null`: a place was free and has been taken. Otherwise resolves when a place becomes free. Throws or rejects with
   * `TOO_MANY_REQUESTS` if the queue is full or the wait too long. Call `leave` with the same arguments when the
   * operation has ended.
   */
  enter(viewer: Viewer, isLong: boolean): Promise<void> | null;
  leave(viewer: Viewer, isLong: boolean): void;
}

/**
 * Opens the queues of one gateway.
 *
 * @example
 * await fairShare.enter(viewer, isLong);
 * try {
 *   await run();
 * } finally {
 *   fairShare.leave(viewer, isLong);
 * }
 */
export const openFairShare = (options: FairShareOptions = defaultShares): FairShare => {
  const small = new ShareQueue(options.small, Number.POSITIVE_INFINITY, options.patience);
  const long = new ShareQueue(options.long, options.longTogether, options.patience);
  const laneOf = (isLong: boolean) => (isLong ? long : small);
  return {
    enter: (viewer, isLong) => laneOf(isLong).enter(keyOf(viewer)),
    leave: (viewer, isLong) => laneOf(isLong).leave(keyOf(viewer)),
  };
};

/** Under a power of attorney, the caller is the actor at the keyboard. */
const keyOf = ({ actor }: Viewer): string => `${actor.kind} ${actor.id}`;

interface Caller {
  running: number;
  readonly queue: QueuedOperation[];
}

interface QueuedOperation {
  admit(): void;
}

class ShareQueue {
  /** Callers that run or wait, in the order of their turns. */
  private readonly callers = new Map<string, Caller>();
  private running = 0;

  constructor(
    private readonly share: Share,
    private readonly together: number,
    private readonly patience: number,
  ) {}

  enter(key: string): Promise<void> | null {
    const caller = this.callers.get(key) ?? { running: 0, queue: [] };
    this.callers.set(key, caller);
    if (caller.queue.length === 0 && this.hasRoom(caller)) {
      this.begin(caller);
      return null;
    }
    if (caller.queue.length >= this.share.waiting) throw new Fault('TOO_MANY_REQUESTS');
    return new Promise((resolve, reject) => {
      const waiting: QueuedOperation = {
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        caller.queue.splice(caller.queue.indexOf(waiting), 1);
        this.tidy(key, caller);
        reject(new Fault('TOO_MANY_REQUESTS'));
      }, this.patience);
      caller.queue.push(waiting);
    });
  }

  leave(key: string): void {
    const caller = this.callers.get(key);
    if (!caller) return;
    caller.running -= 1;
    this.running -= 1;
    this.tidy(key, caller);
    this.next();
  }

  private hasRoom = (caller: Caller): boolean => caller.running < this.share.atOnce && this.running < this.together;

  private begin(caller: Caller): void {
    caller.running += 1;
    this.running += 1;
  }

  /** A caller that has been served goes to the end of the line. */
  private next(): void {
    for (const [key, caller] of this.callers) {
      if (caller.queue.length === 0 || !this.hasRoom(caller)) continue;
      this.callers.delete(key);
      this.callers.set(key, caller);
      this.begin(caller);
      caller.queue.shift()!.admit();
      if (this.running >= this.together) return;
    }
  }

  private tidy(key: string, caller: Caller): void {
    if (caller.running === 0 && caller.queue.length === 0) this.callers.delete(key);
  }
}
