/**
 * Non-interference in worlds that are lived in: see `live.ts`. SLUSE_TWO_WORLDS_STEPS sets how many steps are made (`npm run
 * test:full`: 5,000), SLUSE_SEED which; without it they are the same every time.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWorlds, type Worlds } from './compare.js';
import { seeded } from './generate.js';
import { kinds, type Life, openLife } from './live.js';

const steps = Number(process.env.SLUSE_TWO_WORLDS_STEPS ?? 400);
const seed = Number(process.env.SLUSE_SEED ?? 20_261_201);

describe('two worlds that are lived in', () => {
  let worlds: Worlds;
  let life: Life;
  beforeAll(async () => {
    worlds = await openWorlds({ trustedProxies: ['127.0.0.1'] });
    life = await openLife(worlds, seeded(seed));
  });
  afterAll(() => worlds?.close());

  it(
    `${steps} steps tell nobody who is not cleared which world they are in`,
    async () => {
      for (let step = 0; step < steps; step += 1) {
        const leak = await life.step();
        if (leak) throw new Error(`step ${step} of seed ${seed}:\n${JSON.stringify(leak, null, 2)}`);
      }
    },
    60 * 60_000,
  );

  it('and every kind of step came to something, many times over', () => {
    // Of each kind there is one in 35 steps; not every try comes to something.
    const least = Math.max(1, Math.floor(steps / 35 / 4));
    const rare = kinds.filter((kind) => (life.counts.get(kind) ?? 0) < least);
    expect([rare, least, Object.fromEntries(life.counts)]).toEqual([[], least, expect.anything()]);
    expect(life.likeness.size).toBeGreaterThan(steps / 100);
  });
});
