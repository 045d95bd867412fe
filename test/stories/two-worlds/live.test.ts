/**
 * Non-interference in worlds that are lived in: see `live.ts`. SLUSE_TWO_WORLDS_STEPS sets how many steps are made (`npm run
 * test:full`: 5,000), SLUSE_SEED which; without it they are the same every time. Each 500 are a life of their own, in new worlds: what
 * everybody reads grows with what was done.
 */
import { describe, expect, it } from '@jest/globals';
import { openWorlds } from './compare.js';
import { seeded } from './generate.js';
import { type Kind, kinds, openLife } from './live.js';

const steps = Number(process.env.SLUSE_TWO_WORLDS_STEPS ?? 400);
const seed = Number(process.env.SLUSE_SEED ?? 20_261_201);
const longestLife = 500;
const lives = Array.from({ length: Math.ceil(steps / longestLife) }, (_, nth) => ({
  seed: seed + nth,
  steps: Math.min(longestLife, steps - nth * longestLife),
}));

describe('two worlds that are lived in', () => {
  const counts = new Map<Kind, number>();
  let pairs = 0;

  it.each(lives)(
    '$steps steps of seed $seed tell nobody who is not cleared which world they are in',
    async (one) => {
      const worlds = await openWorlds({ trustedProxies: ['127.0.0.1'] });
      try {
        const life = await openLife(worlds, seeded(one.seed));
        for (let step = 0; step < one.steps; step += 1) {
          const leak = await life.step();
          if (leak) throw new Error(`step ${step} of seed ${one.seed}:\n${JSON.stringify(leak, null, 2)}`);
        }
        for (const [kind, count] of life.counts) counts.set(kind, (counts.get(kind) ?? 0) + count);
        pairs += life.likeness.size;
      } finally {
        await worlds.close();
      }
    },
    15 * 60_000,
  );

  it('and every kind of step came to something, many times over', () => {
    // Of each kind there is one in 35 steps; not every try comes to something.
    const least = Math.max(1, Math.floor(steps / 35 / 5));
    const rare = kinds.filter((kind) => (counts.get(kind) ?? 0) < least);
    expect([rare, least, Object.fromEntries(counts)]).toEqual([[], least, expect.anything()]);
    expect(pairs).toBeGreaterThan(steps / 100);
  });
});
