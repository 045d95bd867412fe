/**
 * Replaces equal parts of cached data by one object. Otherwise a fragment used under thirty names would be stored
 * thirty times, in the plan and in the program, and a text of one kilobyte would take two megabytes.
 */

/**
 * Changes `root` in place: of parts that are deeply equal, the first replaces the others. Use it only for data that
 * nobody changes any more. `isOwn`: objects that keep their identity, because something is known of each.
 */
export function shareEqual<Root extends object>(root: Root, isOwn: (value: object) => boolean = () => false): Root {
  const done = new Map<object, object>();
  const byContent = new Map<string, object>();
  /** Every part and every text has a number. The content of an object is described by the numbers of its members. */
  const numbers = new Map<unknown, number>();
  const texts = new Map<string, string>();

  const numberOf = (value: unknown): string => {
    if (typeof value !== 'object' && typeof value !== 'string') return `${value} `;
    let number = numbers.get(value);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(value, number);
    }
    return `#${number} `;
  };
  const visit = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const known = texts.get(value);
      if (known === undefined) texts.set(value, value);
      return known ?? value;
    }
    if (typeof value !== 'object' || value === null) return value;
    const before = done.get(value);
    if (before) return before;
    const content = contentOf(value);
    const first = content === null || isOwn(value) ? value : (byContent.get(content) ?? value);
    if (first === value && content !== null) byContent.set(content, value);
    done.set(value, first);
    return first;
  };
  /** Describes an object after sharing its parts. `null` for an object that is not traversed. */
  const contentOf = (value: object): string | null => {
    let content: string;
    if (Array.isArray(value)) {
      content = '[';
      for (let index = 0; index < value.length; index += 1) {
        const one = visit(value[index]);
        if (one !== value[index]) value[index] = one;
        content += numberOf(one);
      }
      return content;
    }
    if (value instanceof Map) {
      content = 'map ';
      for (const [key, item] of value) {
        const one = visit(item);
        if (one !== item) value.set(key, one);
        content += numberOf(key) + numberOf(one);
      }
      return content;
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) return null;
    const members = value as Record<string, unknown>;
    content = '{';
    for (const name of Object.keys(members)) {
      const item = members[name];
      const one = visit(item);
      if (one !== item) members[name] = one;
      content += numberOf(name) + numberOf(one);
    }
    return content;
  };
  return visit(root) as Root;
}
