/** Whether a part of Sluse can do its work, told to whoever asks without making anybody wait for it twice a second. */

/** Milliseconds for which an answer holds: strangers may ask, as often as they like. */
const holds = 1_000;
/** Milliseconds after which no answer is one. */
const patience = 2_000;

/** `check` throws, or does not come to an end, where the work could not be done. Those who ask at once share one look. */
export function readiness(check: () => Promise<unknown>, now: () => number = Date.now): () => Promise<boolean> {
  let looked = Number.NEGATIVE_INFINITY;
  let answer = Promise.resolve(false);
  return () => {
    if (now() - looked >= holds) {
      looked = now();
      answer = inTime(check);
    }
    return answer;
  };
}

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
