/** Time: whoever is not cleared cannot tell by the clock whether an id is hidden or absent. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signedRank } from '../bench/statistics.mjs';
import { openWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
});
afterAll(() => world.close());

describe('51, 52: the time taken', () => {
  it('to find no hidden case and to find no unknown one differs by no more than noise', async () => {
    const shieldedIds = await world.database.sql<{ id: string }>(
      'SELECT id FROM cases.shielded_case ORDER BY id LIMIT 300',
    );
    const query = 'query($id: ID!) { case(id: $id) { id title } }';
    const took: Record<'hidden' | 'unknown', number[]> = { hidden: [], unknown: [] };
    const time = async (kind: keyof typeof took, id: string) => {
      const start = performance.now();
      const { text } = await world.ask('housing-caseworker', query, { id });
      took[kind].push(performance.now() - start);
      expect(text).toBe('{"data":{"case":null}}');
    };
    for (let run = 0; run < 30; run += 1)
      await world.ask('housing-caseworker', query, { id: '00000000-0000-4000-8000-00000000cccc' });
    for (const [index, { id }] of shieldedIds.entries()) {
      const absent = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
      // Either goes first as often as the other.
      if (index % 2) await time('hidden', id);
      await time('unknown', absent);
      if (!(index % 2)) await time('hidden', id);
    }
    expect(took.hidden.length).toBe(300);
    // Both of a pair are asked at the same moment of a busy machine, so the difference within pairs is what counts. If neither tends
    // to take longer, |z| is over 4 once in 16,000 runs. `npm run bench:timing` looks for less with more pairs.
    const differences = took.hidden.map((time, pair) => time - took.unknown[pair]!);
    const { z, median } = signedRank(differences);
    process.stderr.write(
      `Of 300 pairs: a hidden case takes ${median.toFixed(3)} ms longer (median), z ${z.toFixed(1)}.\n`,
    );
    expect(Math.abs(z)).toBeLessThan(4);
    // The same test would find two milliseconds.
    expect(signedRank(differences.map((difference) => difference + 2)).z).toBeGreaterThan(4);
  });
});
