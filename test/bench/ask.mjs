/** One request to a gateway, and whether its answer is the one that everybody else gives. */
export async function ask({ url, token }, request) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(30_000),
  });
  // Apollo Server ends its answers with a line break, others do not: the only byte that may differ.
  const text = (await response.text()).replace(/\n$/, '');
  if (response.status !== 200 || JSON.parse(text).errors)
    throw new Error(`HTTP ${response.status}, ${text.slice(-300)}`);
  return text;
}

/** All of them, a few at a time, in order. It also fills the subgraphs' memory, so that none of their work is measured. */
export async function askAll(target, requests) {
  const texts = new Array(requests.length);
  let next = 0;
  const worker = async () => {
    while (next < requests.length) {
      const index = next++;
      texts[index] = await ask(target, requests[index]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return texts;
}

/** Where two answers part, with what stands around it; `null` if they do not. */
export function difference(expected, actual) {
  if (expected === actual) return null;
  let at = 0;
  while (expected[at] === actual[at]) at += 1;
  const around = (text) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
  return `at byte ${at} of ${expected.length} and ${actual.length}:\n  expected ${around(expected)}\n  but got  ${around(actual)}`;
}
