/** Equal parts of what is kept become one, and nothing else changes. */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shareEqual } from '../../src/execution/share.js';
import { heldBytes } from '../../subgraphs/process/held.js';

it('leaves every value what it was, whatever it is', () => {
  fc.assert(
    fc.property(fc.anything({ withMap: true, withNullPrototype: false, maxDepth: 4 }), (value) => {
      const before = structuredClone(value);
      expect(shareEqual([value])).toEqual([before]);
    }),
    { numRuns: 500 },
  );
});

it('tells values apart that look alike', () => {
  const values = [
    1,
    '1',
    null,
    'null',
    true,
    'true',
    undefined,
    [],
    {},
    [1],
    ['1'],
    { a: 1 },
    { a: '1' },
    { a: [] },
    [[]],
    new Map(),
  ];
  const shared = shareEqual(values.map((value) => ({ value })));
  expect(new Set(shared).size).toBe(values.length);
  expect(shareEqual([{ a: 1, b: 2 }, { ab: 12 }, ['a', 1], ['a1'], [['a'], 1], [['a', 1]]])).toEqual([
    ...[{ a: 1, b: 2 }, { ab: 12 }, ['a', 1], ['a1'], [['a'], 1], [['a', 1]]],
  ]);
});

it('makes one of equal parts, at every depth, in lists and in maps', () => {
  const part = () => ({ list: [{ name: 'a' }, { name: 'a' }], map: new Map([['k', { name: 'a' }]]) });
  const [one, other] = shareEqual([part(), part()]) as ReturnType<typeof part>[];
  expect(one).toBe(other);
  expect(one!.list[0]).toBe(one!.list[1]);
  expect(one!.map.get('k')).toBe(one!.list[0]);
});

it('keeps what is said to be its own, but shares what that holds', () => {
  const fetch = () => ({ kind: 'Fetch', requires: [{ name: 'id' }] });
  const [one, other] = shareEqual([fetch(), fetch()], (value) => 'kind' in value) as ReturnType<typeof fetch>[];
  expect(one).not.toBe(other);
  expect(one!.requires).toBe(other!.requires);
});

it('weighs a part that stands in many places once', () => {
  const part = { text: 'x'.repeat(10_000) };
  const once = heldBytes([part]);
  expect(heldBytes(Array.from({ length: 10 }, () => part))).toBeLessThan(once * 1.1);
  expect(heldBytes(Array.from({ length: 10 }, () => ({ ...part })))).toBeGreaterThan(once * 5);
});
