/**
 * Estimates how many bytes of memory a value holds. Caches are bounded by what they keep, not by the size of the input: an operation
 * of one kilobyte may be kept as megabytes of plan and compiled program. With a bound on input size, a caller who sends many such
 * operations could exhaust the process's memory.
 *
 * The estimate models V8's layout on 64 bits and adds a margin (`unseen`) for spare capacity, hidden classes and closures.
 * `test/abuse/caches-held.test.ts` compares it with the real heap. Plain objects, arrays, maps, sets and strings are followed, each
 * once. Instances of classes (types of the schema) and members named in `shared` are not counted: they belong to the schema, which is
 * kept anyway.
 */
export function heldBytes(root: unknown, seen: Set<object> = new Set()): number {
  let bytes = 0;
  const waiting: unknown[] = [root];
  const follow = (value: unknown) => {
    if (typeof value === 'string') bytes += stringBytes(value);
    else if (typeof value === 'object' && value !== null && !seen.has(value)) {
      seen.add(value);
      waiting.push(value);
    }
  };
  if (typeof root === 'string') return unseen * stringBytes(root);
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) {
      bytes += 48 + 12 * value.length;
      for (const item of value) follow(item);
    } else if (value instanceof Map) {
      bytes += 240 + 64 * value.size;
      for (const [key, item] of value) {
        follow(key);
        follow(item);
      }
    } else if (value instanceof Set) {
      bytes += 200 + 48 * value.size;
      for (const item of value) follow(item);
    } else if (isPlain(value)) {
      const names = Object.keys(value);
      bytes += 40 + 10 * names.length;
      for (const name of names) if (!shared.has(name)) follow(value[name]);
    }
  }
  return Math.ceil(unseen * bytes);
}

const unseen = 1.75;

/** Members that lead to values that exist once per process: the constant names of AST nodes, and definitions of the schema. */
const shared: ReadonlySet<string> = new Set(['kind', 'definition', 'schema']);

/** Bytes of a string. V8 copies a short substring, but a longer one may point to the string it was cut from. */
const stringBytes = (text: string): number => 24 + (isNarrow(text) ? text.length : 2 * text.length);

const isNarrow = (text: string): boolean => !/[^\0-\xff]/.test(text);

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
