/**
 * Who goes first in one process. JavaScript runs one thing at a time: whoever works long at a stretch holds up everybody, health checks
 * too. So what is long works in slices, and between two of them lets small operations and changes pass.
 *
 * The event loop is the process's, so this state is too: in embedded mode gateway and rooms share it as they share the processor.
 */
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/** An operation may cost this much (cost.ts) and still be small. */
const smallCost = 500;
/** Milliseconds of work at a stretch. */
const slice = 10;
/** Milliseconds for which a slice lets others go first: there may always be somebody, and what is long must end too. */
const patience = 40;

/** Tells a room that the call is a step of a long operation. */
export const longHeader = 'x-sluse-long';

export const isLong = (cost: number): boolean => cost > smallCost;

let small = 0;

/** A small operation, or a change, begins. Call what this returns when it has ended. */
export function smallBegins(): () => void {
  let ended = false;
  small += 1;
  return () => {
    if (!ended) small -= 1;
    ended = true;
  };
}

/** How many small operations are under way. */
export const goingFirst = (): number => small;

/** Lets the event loop turn, and whoever is small go first. */
async function giveWay(): Promise<void> {
  await turn();
  for (let waited = 0; small > 0 && waited < patience; waited += 2) await wait(2);
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

/** Items between two looks at the clock. */
export const itemsAtOnce = 50;
