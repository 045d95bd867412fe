/**
 * Equal parts of what is kept become one. A fragment that is asked for under thirty names would otherwise be kept thirty times,
 * in the plan and in the program, and a text of one kilobyte would take two megabytes.
 */

/**
 * Changes `root` in place: of parts that are equal, in all that they lead to, the first takes the place of the others. Only for
 * what nobody changes any more. `isOwn`: objects that stay what they are, because something is known of each.
 */
export function shareEqual<Root extends object>(root: Root, isOwn: (value: object) => boolean = () => false): Root {
  const done = new Map<object, object>();
  const byContent = new Map<string, object>();
  /** Every part and every text has a number: what something holds is told by the numbers of what it holds. */
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
  /** Its parts are shared first; `null` for what is not followed. */
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
