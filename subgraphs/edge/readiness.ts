/** Whether a part of Sluse can do its work, told to whoever asks without making anybody wait for it twice a second. */

import { once } from '../process/once.js';

/** Milliseconds for which an answer holds: strangers may ask, as often as they like. */
const holds = 500;
/** Milliseconds after which no answer is one. */
const patience = 2_000;

/** `check` throws, or does not come to an end, where the work could not be done. Those who ask at once share one look. */
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
