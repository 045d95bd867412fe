/**
 * The dearest operations that are allowed, found by search over the schema and not by hand: operations are made at random, each filled up
 * to its budget with the largest page that it allows, measured, and the dearest are varied further.
 */
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  parse,
} from 'graphql';

/** `random`: a function of numbers from 0 to 1, so that a search can be repeated. */
export async function searcher(build, { random, budget }) {
  const text = readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8');
  const { costReader } = await import(`${build}/subgraphs/edge/cost.js`);
  const { costsOf } = await import(`${build}/subgraphs/edge/cost-rules.js`);
  const { parseWithin } = await import(`${build}/subgraphs/edge/limits.js`);
  const schema = buildSchema(text, { assumeValid: true });
  const costs = costsOf(parse(text));
  const pick = (items) => items[Math.floor(random() * items.length)];
  const chance = (part) => random() < part;

  /** What must be given must be known: fields that require an argument are left out. */
  const usable = (field) =>
    field.args.every(({ type, defaultValue }) => !/!$/.test(String(type)) || defaultValue !== undefined);

  /** A tree of fields: `{ name, type, pages, children }`. */
  const grow = (type, depth, path) => {
    const fields = Object.values(type.getFields()).filter(usable);
    const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
    const branches = fields.filter(
      (field) => isObjectType(getNamedType(field.type)) && path.filter((name) => name === field.name).length < 3,
    );
    const children = leaves.filter(() => chance(0.6)).map(({ name }) => ({ name }));
    if (depth > 0)
      for (const field of branches) {
        const isList = isListType(getNullableType(field.type));
        if (chance(isList || field.name === 'node' ? 0.8 : 0.35)) children.push(branch(field, depth - 1, path));
      }
    return children.length > 0 ? children : [{ name: '__typename' }];
  };
  const branch = (field, depth, path) => ({
    name: field.name,
    pages: field.args.some(({ name }) => name === 'first'),
    children: grow(getNamedType(field.type), depth, [...path, field.name]),
  });
  const write = ({ name, pages, children }) =>
    `${name}${pages ? '(first: $n)' : ''}${children ? ` { ${children.map(write).join(' ')} }` : ''}`;

  const made = (roots) => {
    const pages = roots.some(function any(node) {
      return node.pages || node.children?.some(any);
    });
    const body = roots.map((root, nth) => `r${nth}: ${write(root)}`).join(' ');
    return pages ? `query ($n: Int!) { ${body} }` : `{ ${body} }`;
  };

  /** With the largest page that the budget allows; `null` where none does. */
  const filled = (roots) => {
    const query = made(roots);
    try {
      const document = parseWithin(query);
      const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
      const costOf = costReader(schema, costs, operation, new Map());
      let [low, high] = [0, 501];
      while (high - low > 1) {
        const n = Math.floor((low + high) / 2);
        if (costOf({ n }) <= budget) low = n;
        else high = n;
      }
      return costOf({ n: low }) <= budget ? { query, variables: { n: low }, cost: costOf({ n: low }), roots } : null;
    } catch {
      return null; // over another limit
    }
  };
  const queryRoots = Object.values(schema.getQueryType().getFields()).filter(
    (field) => usable(field) && isObjectType(getNamedType(field.type)),
  );
  const one = () => branch(pick(queryRoots), 3 + Math.floor(random() * 8), []);
  const repeat = (make) => {
    for (;;) {
      const found = make();
      if (found) return found;
    }
  };
  return {
    next: () => repeat(() => filled(Array.from({ length: 1 + Math.floor(random() ** 3 * 6) }, one))),
    /** Near to what was dear: a root more, or less, or another. */
    near: ({ roots }) =>
      repeat(() => {
        const changed = [...roots];
        const at = Math.floor(random() * changed.length);
        if (chance(0.4)) changed.push(chance(0.5) ? pick(roots) : one());
        else if (chance(0.5) && changed.length > 1) changed.splice(at, 1);
        else changed[at] = one();
        return filled(changed);
      }),
  };
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
