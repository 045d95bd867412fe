/**
 * So many operations at once for each who asks, and fewer of long ones; the rest wait in a queue of their own, for so long, and what is
 * beyond that is told to come back. Who asks much waits behind themselves, never before somebody else.
 *
 * All long operations together have their bound too, and whoever waits for one is served in turn: person by person.
 */
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';

export interface Share {
  /** Operations at once. */
  readonly atOnce: number;
  /** Operations that wait. */
  readonly waiting: number;
}

export interface FairShareOptions {
  /** Of one person or client, by whether the operations are long. */
  readonly small: Share;
  readonly long: Share;
  /** Of everybody. */
  readonly longTogether: number;
  /** Milliseconds that an operation waits at most. */
  readonly patience: number;
}

/**
 * Generous: a page of a frontend asks for a few things at once, a case system keeps some connections busy. What is long comes one after
 * the other: two at once by one person took both processors of a small machine, and another's small query 20 times as long.
 */
const defaultShares: FairShareOptions = {
  small: { atOnce: 32, waiting: 500 },
  long: { atOnce: 1, waiting: 50 },
  longTogether: 4,
  patience: 5_000,
};

export interface FairShare {
  /** `null`: there is room, and it has been taken. Call `leave` with the same arguments when the operation has ended. */
  enter(viewer: Viewer, isLong: boolean): Promise<void> | null;
  leave(viewer: Viewer, isLong: boolean): void;
}

export const openFairShare = (options: FairShareOptions = defaultShares): FairShare => {
  const small = new ShareQueue(options.small, Number.POSITIVE_INFINITY, options.patience);
  const long = new ShareQueue(options.long, options.longTogether, options.patience);
  const laneOf = (isLong: boolean) => (isLong ? long : small);
  return {
    enter: (viewer, isLong) => laneOf(isLong).enter(keyOf(viewer)),
    leave: (viewer, isLong) => laneOf(isLong).leave(keyOf(viewer)),
  };
};

/** Under a power of attorney too it is the one at the keyboard who asks. */
const keyOf = ({ actor }: Viewer): string => `${actor.kind} ${actor.id}`;

interface Caller {
  running: number;
  readonly queue: QueuedOperation[];
}

interface QueuedOperation {
  admit(): void;
}

class ShareQueue {
  /** Of those who run or wait, in the order in which it is their turn. */
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

  /** Whoever is served goes to the end of the line. */
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
