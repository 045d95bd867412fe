/** A long answer is written in pieces, which together are what `JSON.stringify` would have made of it. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inPieces, pieceSize } from '../../src/execution/chunked-json.js';
import type { Json } from '../../src/operation/json.js';

const together = (value: Json) => Buffer.concat(inPieces(value)).toString();

describe('an answer in pieces', () => {
  it('is the JSON of the answer, whatever the answer is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(together(value as Json)).toBe(JSON.stringify(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is so where items are of every length, and keys those of the prototype', () => {
    const item = (nth: number): Json => ({
      id: `æ${nth}`,
      notes: Array.from({ length: nth % 7 }, (_, note) => 'ø–'.repeat(40 * (note + (nth % 13)))),
      __typename: 'Item',
      constructor: nth,
    });
    const answer = JSON.parse('{"data":{"__proto__":{"none":{},"nobody":[],"nothing":null}}}');
    answer.data.items = Array.from({ length: 2_000 }, (_, nth) => item(nth));
    expect(together(answer)).toBe(JSON.stringify(answer));
  });

  it('has no piece much longer than the others', () => {
    const citizens = Array.from({ length: 300 }, (_, nth) => ({
      name: `Citizen ${nth}`,
      cases: Array.from({ length: 20 }, (_, of) => ({ title: `Case ${of} of ${nth}`, text: 'x'.repeat(200) })),
    }));
    const pieces = inPieces({ data: { citizens } });
    expect(pieces.length).toBeGreaterThan(10);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(3 * pieceSize);
  });
});
