/** Whether a part of Sluse can do its work. Checks run at most twice a second, however many callers ask. */

import { once } from '../process/once.js';

/** Milliseconds for which an answer is reused. Strangers may ask as often as they like. */
const holds = 500;
/** Milliseconds after which a check counts as failed. */
const patience = 2_000;

/** `check` throws, or does not end, if the work could not be done. Callers that ask at the same time share one check. */
export const readiness = (check: () => Promise<unknown>): (() => Promise<boolean>) => once(() => inTime(check), holds);

function inTime(check: () => Promise<unknown>): Promise<boolean> {
  return new Promise((done) => {
    const late = setTimeout(() => done(false), patience);
    check()
      .then(
        () => done(true),
        () => done(false),
      )
      .finally(() => clearTimeout(late));
  });
}
