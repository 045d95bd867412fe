/**
 * Grants, agreements, the course, powers of attorney, units, leaving and the clock together, held against a model: whatever people do
 * in whatever order, the model's clearance and powers and the room's agree after every step. SLUSE_GRANT_RUNS sets how many lives are
 * lived, SLUSE_SEED which.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { organisationId } from '../../subgraphs/demo/people.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { type Lane, openLane } from '../support/grants-lane.js';
import { Life } from '../support/grants-model.js';
import { type Scene, steps } from '../support/grants-steps.js';

type Taken = readonly [step: string, which: number];

const runs = Number(process.env.SLUSE_GRANT_RUNS ?? 60);
const seed = Number(process.env.SLUSE_SEED ?? Date.now() % 1_000_000);
const start = new Date('2026-11-02T12:00:00.000Z');

/** Lives in rooms of their own, side by side: while one room waits for PostgreSQL, another works. */
const lanes: Lane[] = [];
beforeAll(async () => {
  lanes.push(...(await Promise.all([openLane(start), openLane(start)])));
});
afterAll(() => Promise.all(lanes.map((lane) => lane.close())));

/** What often comes one after the other, so that lives come to something; between these, anything at any time. */
const courses: readonly (readonly string[])[] = [
  ['request', 'give'],
  ['request', 'give', 'confirm'],
  ['agree', 'request', 'give'],
  ['startCourse', 'attemptCourse'],
  ['askPower', 'givePower', 'add', 'mark'],
  ['askPower', 'givePower', 'add', 'mark', 'leaveOrReturn', 'leaveOrReturn'],
  ['move', 'move'],
  ['wait'],
];
const which = fc.oneof(fc.constant(0), fc.nat(23));
const steady = fc
  .tuple(fc.constantFrom(...courses), which)
  .map(([names, first]) => names.map((name, place): Taken => [name, place === 0 ? first : 0]));
const anything = fc.tuple(fc.constantFrom(...Object.keys(steps)), which).map((one): Taken[] => [one]);
const lives = fc.array(fc.oneof(steady, anything), { minLength: 3, maxLength: 12 }).map((parts) => parts.flat());

/** To what the lives came. */
const came = { cleared: 0, acting: 0, passed: 0 };

async function take(scene: Scene, name: string, which: number): Promise<void> {
  const { lane, life, holder, right } = scene;
  await steps[name]!(scene, which, async (who: Viewer, query, variables, isAllowed) => {
    const { data, errors } = await lane.room.ask(who, query, variables);
    expect([name, errors?.[0]?.message ?? 'done']).toEqual([
      name,
      isAllowed ? 'done' : expect.not.stringMatching('^done$'),
    ]);
    // What breaks is no refusal.
    expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL');
    return Object.values(data ?? {})[0];
  });
  const power = life.powers.at(-1);
  const seen = await lane.seen(holder, right, power?.id ?? null);
  expect([name, seen]).toEqual([
    name,
    {
      clearance: life.clearance().sort(),
      usable: life.powers
        .filter(life.usable)
        .map(({ id }) => id)
        .sort(),
      actingFor: power && life.usable(power) ? organisationId(power.giver) : null,
    },
  ]);
  came.cleared += seen.clearance.length > 0 ? 1 : 0;
  came.acting += seen.usable.length > 0 ? 1 : 0;
}

async function live(lane: Lane, needsCourse: boolean, taken: readonly Taken[]): Promise<void> {
  lane.now = start;
  const right = needsCourse ? 'CITIZEN_SERVICE' : 'CASEWORKER';
  const holder = await lane.hire(right);
  const life = new Life(needsCourse, () => lane.now.getTime());
  try {
    for (const [name, which] of taken) await take({ lane, holder, right, life }, name, which);
    came.passed += life.attempts.some(({ isJudged }) => isJudged) ? 1 : 0;
  } finally {
    // The next life in this room begins without agreements.
    if (life.agreements.length > 0)
      await lane.sql(
        `UPDATE identity.disclosure_agreement SET ended_by = agreed_by, ended_at = agreed_at, end_reason = 'over'
         WHERE ended_at IS NULL AND receiver = $1`,
        [organisationId('family')],
      );
  }
}

describe('grants, agreements, the course, powers of attorney, units, leavers and the clock', () => {
  it(
    `make of ${runs} lives what the model makes of them, step by step (SLUSE_SEED=${seed})`,
    async () => {
      await Promise.all(
        lanes.map((lane, place) =>
          fc.assert(
            fc.asyncProperty(fc.boolean(), lives, (needsCourse, taken) => live(lane, needsCourse, taken)),
            { numRuns: Math.ceil(runs / lanes.length), seed: seed + place },
          ),
        ),
      );
      // How often depends on the steps drawn: each of these about once in a life or two.
      for (const often of Object.values(came)) expect(often).toBeGreaterThan(runs / 10);
    },
    20 * 60_000,
  );
});
