/**
 * Who goes first in one process. JavaScript runs one thing at a time: whoever works long at a stretch holds up everybody, health checks
 * too. So what is long works in slices, and between two of them lets small operations and changes pass.
 *
 * The event loop is the process's, so this state is too: in embedded mode gateway and rooms share it as they share the processor.
 */
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/** An operation may cost this much (edge/cost.ts) and still be small. */
const smallCost = 500;
/** Milliseconds of work at a stretch. */
const slice = 10;
/** Milliseconds for which a slice lets others go first at most: one of them may wait for a lock, and what is long must end too. */
const patience = 200;

/** Tells a room that the call is a step of a long operation. */
export const longHeader = 'x-sluse-long';

export const isLong = (cost: number): boolean => cost > smallCost;

/** The small operations under way, by the number that each got when it began: the oldest stands first. */
const small = new Set<number>();
let begun = 0;

/** A small operation, or a change, begins. Call what this returns when it has ended. */
export function smallBegins(): () => void {
  const number = ++begun;
  small.add(number);
  return () => void small.delete(number);
}

/** Whether one request goes first: from when it has been read until it is answered, unless it waits for its turn, or is found to be long. */
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
 * Lets the event loop turn, and the small operations that are under way end. Those that begin meanwhile are not waited for: there may
 * always be somebody.
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

/** The slices of one piece of work. */
export class Pace {
  private began = performance.now();

  /** Whether it has worked long enough at a stretch. Looks at the clock, so not to be asked for every item of a list. */
  get isDue(): boolean {
    return performance.now() - this.began > slice;
  }

  async rest(): Promise<void> {
    await giveWay();
    this.began = performance.now();
  }
}

/**
 * One turnstile for all that is long in the process: who passes it works, and the next passes when that is done. To be passed before
 * every step that may take milliseconds: what a statement, a loader or a subgraph brought is worked on only then.
 */
const pace = new Pace();
let last: Promise<void> = Promise.resolve();
export function pass(): Promise<void> {
  last = last.then(() => (pace.isDue ? pace.rest() : undefined));
  return last;
}

/** Items between two looks at the clock. */
export const itemsAtOnce = 50;
