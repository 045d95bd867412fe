/**
 * Two workers of a case system push batches as chance has it: in any order, twice, late, and some answers are lost. Whatever happens,
 * the cases end in the state of their last versions, and every effect is in the log once.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { push, type RowInput, rowOf, storedUnder } from '../support/case-batches.js';
import { type CaseSystem, doors, openCaseSystem } from '../support/case-system.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let system: CaseSystem;
let people: string[];
beforeAll(async () => {
  world = await openWorld({ shielded: true, now: () => new Date(), trustedProxies: ['127.0.0.1'] });
  system = await openCaseSystem(world);
  const rows = await world.database.sql<{ id: string }>('SELECT id FROM identity.citizen ORDER BY id LIMIT 9');
  people = rows.map(({ id }) => id);
});
afterAll(() => world.close());

const seed = process.env.SLUSE_SEED === undefined ? {} : { seed: Number(process.env.SLUSE_SEED) };

/** A batch names each case once. */
const batches = fc.array(
  fc.uniqueArray(fc.record({ name: fc.integer({ min: 0, max: 7 }), version: fc.integer({ min: 1, max: 6 }) }), {
    ...{ selector: ({ name }) => name, minLength: 1, maxLength: 8 },
  }),
  { minLength: 3, maxLength: 10 },
);
/** For each worker: which batches, in which order, how often. */
const orders = fc.array(fc.nat(9), { minLength: 2, maxLength: 12 });
const schedule = fc.record({
  batches,
  one: orders,
  other: orders,
  doors: fc.array(fc.nat(1), { minLength: 1, maxLength: 5 }),
});

interface Sent {
  readonly transaction: string;
  readonly rows: { readonly name: number; readonly version: number; readonly outcome: string; readonly case: string }[];
}

it('ends in the state of the last versions, and every effect is in the log once', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async ({ batches, one, other, doors: ways }) => {
      const run = randomUUID();
      const sent: Sent[] = [];
      const send = async (place: number) => {
        const batch = batches[place % batches.length]!;
        const transaction = randomUUID();
        const rows = batch.map(
          ({ name, version }): RowInput => rowOf(`${run} ${name}`, version, people[(name + version) % people.length]!),
        );
        const door = doors[ways[sent.length % ways.length]!]!;
        const { data, errors } = await system.ask(door, push, { batch: rows }, { 'x-transaktionsid': transaction });
        expect(errors).toEqual([]);
        const told = data.importCases as { outcome: string; case: { id: string } }[];
        sent.push({
          transaction,
          rows: told.map((row, at) => ({ ...batch[at]!, outcome: row.outcome, case: row.case.id })),
        });
      };
      const worker = async (order: readonly number[]) => {
        for (const place of order) await send(place);
      };
      await Promise.all([worker(one), worker(other)]);
      checkOutcomes(sent);
      const last = new Map<number, number>();
      for (const { name, version } of sent.flatMap(({ rows }) => rows))
        last.set(name, Math.max(version, last.get(name) ?? 0));
      const stored = await storedUnder(world, run);
      expect(
        [...stored.values()].map(({ id, title, version, citizens }) => ({ id, title, version, citizens })).sort(byId),
      ).toEqual(
        [...last]
          .map(([name, version]) => ({
            id: `${run} ${name}`,
            title: `Boligstøtte ${run} ${name}, udgave ${version}`,
            version: String(version),
            citizens: [people[(name + version) % people.length]!],
          }))
          .sort(byId),
      );
      await checkLog(sent);
    }),
    { numRuns: 15, ...seed },
  );
}, 120_000);

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);

/** Entered once; and changed at most once to each version. */
function checkOutcomes(sent: readonly Sent[]) {
  const effects = new Set<string>();
  for (const { name, version, outcome } of sent.flatMap(({ rows }) => rows)) {
    expect(outcome).not.toBe('REFUSED');
    if (outcome !== 'ENTERED' && outcome !== 'CHANGED') continue;
    const effect = outcome === 'ENTERED' ? `${name}` : `${name} ${version}`;
    expect([effect, effects.has(effect)]).toEqual([effect, false]);
    effects.add(effect);
  }
  for (const { name } of sent.flatMap(({ rows }) => rows)) expect(effects.has(`${name}`)).toBe(true);
}

/** Each request begins once, ends once, and its end names its cases. */
async function checkLog(sent: readonly Sent[]) {
  const entries = await world.database.sql<{ transaction: string; outcome: string; cases: string[] }>(
    `SELECT leaf::json ->> 'transactionId' AS transaction, d.outcome, d.cases
     FROM audit.entry_details d JOIN audit.entry e USING (municipality, log, seq)
     WHERE leaf::json ->> 'transactionId' = ANY ($1)`,
    [sent.map(({ transaction }) => transaction)],
  );
  for (const { transaction, rows } of sent) {
    const own = entries.filter((entry) => entry.transaction === transaction);
    expect(own.map(({ outcome }) => outcome).sort()).toEqual(['ANSWERED', 'BEGUN']);
    const end = own.find(({ outcome }) => outcome === 'ANSWERED')!;
    expect([...end.cases].sort()).toEqual(rows.map((row) => row.case).sort());
  }
}
