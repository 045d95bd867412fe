/**
 * Shares one call of `ask` among all callers that arrive while it runs and for `goodFor` milliseconds afterwards. Health checks use
 * it, because anybody may send them.
 */
export function once<Value>(ask: () => Promise<Value>, goodFor = 500): () => Promise<Value> {
  let known: { readonly answer: Promise<Value>; until: number } | null = null;
  return () => {
    if (known && performance.now() < known.until) return known.answer;
    const asked = { answer: ask(), until: Number.POSITIVE_INFINITY };
    known = asked;
    const settled = () => {
      asked.until = performance.now() + goodFor;
    };
    asked.answer.then(settled, settled);
    return asked.answer;
  };
}
