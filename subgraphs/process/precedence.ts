/**
 * Decides which work goes first in one process. JavaScript runs one thing at a time, so work that runs long without a pause delays
 * everybody, health checks included. Long work therefore runs in slices, and lets small operations and changes pass between two
 * slices.
 *
 * The event loop belongs to the process, so this state does too: in embedded mode the gateway and the rooms share it.
 */
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/** Highest cost (edge/cost.ts) at which an operation still counts as small. */
const smallCost = 500;
/** Milliseconds that long work may run without a pause. */
const slice = 10;
/** Milliseconds that a slice waits for others at most. One of them may be waiting for a lock, and long work must finish too. */
const patience = 200;

/** Header that tells a room that a call is a step of a long operation. */
export const longHeader = 'x-sluse-long';

export const isLong = (cost: number): boolean => cost > smallCost;

/** Small operations under way, by the number given to each when it began. The oldest comes first. */
const small = new Set<number>();
let begun = 0;

/** Registers a small operation or a change. Call the returned function when it has ended. */
export function smallBegins(): () => void {
  const number = ++begun;
  small.add(number);
  return () => void small.delete(number);
}

/**
 * Whether one request goes first. It does from the time it has been read until it is answered, except while it waits for its turn or
 * once it is found to be long.
 */
export class Precedence {
  private ended: (() => void) | null = null;

  take(): void {
    this.ended ??= smallBegins();
  }

  giveUp(): void {
    this.ended?.();
    this.ended = null;
  }
}

/** How many small operations are under way. */
export const goingFirst = (): number => small.size;

/**
 * Lets the event loop turn and waits for the small operations that are under way. It does not wait for those that begin meanwhile:
 * there may always be another one.
 */
async function giveWay(): Promise<void> {
  const latest = begun;
  await turn();
  for (let waited = 0; waited < patience; waited += 2) {
    const [oldest] = small;
    if (oldest === undefined || oldest > latest) return;
    await wait(2);
  }
}

/** Tracks the slices of one piece of work. */
export class Pace {
  private began = performance.now();

  /** Whether the slice is used up. Reads the clock, so do not call it for every item of a list. */
  get isDue(): boolean {
    return performance.now() - this.began > slice;
  }

  async rest(): Promise<void> {
    await giveWay();
    this.began = performance.now();
  }
}

/**
 * One gate for all long work of the process: one caller works, and the next one passes when that slice is done. Pass it before every
 * step that may take milliseconds, such as processing the result of a statement, a loader or a subgraph.
 */
const pace = new Pace();
let last: Promise<void> = Promise.resolve();
/** Resolves when the caller may work: at once, or after a pause if the current slice is used up. */
export function pass(): Promise<void> {
  last = last.then(() => (pace.isDue ? pace.rest() : undefined));
  return last;
}

/** Items between two readings of the clock. */
export const itemsAtOnce = 50;
