/** Many who ask the same at once, and in the next half second, are answered by one asking: anybody may ask whether all is well. */
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
