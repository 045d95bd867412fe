/**
 * Non-interference: two worlds that differ in nothing but the shielded cases answer everybody who is not cleared with the
 * same status, the same headers, the same bytes and the same number of subgraph calls.
 *
 * SLUSE_TWO_WORLDS_RUNS (2,000) sets how many operations are tried, SLUSE_SEED repeats a run.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { employeeId as demoEmployee } from '../../../subgraphs/demo/people.js';
import { type Leak, openWorlds, uncleared, type Worlds } from './compare.js';
import type { Draw } from './generate.js';

const runs = Number(process.env.SLUSE_TWO_WORLDS_RUNS ?? 2_000);
const seed = process.env.SLUSE_SEED ? Number(process.env.SLUSE_SEED) : undefined;

describe('two worlds', () => {
  let worlds: Worlds;
  beforeAll(async () => {
    worlds = await openWorlds();
  });
  afterAll(() => worlds?.close());

  it.each(uncleared)('the fixed citizen is the same citizen to %s', async (persona) => {
    const query = `query($cpr: CPR!) { citizen(cpr: $cpr) { id name cases { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id category clearance } } } accessLog { totalCount nodes { at } } treatmentCourses { id case { id } } } }`;
    expect(await worlds.ask(persona, { query, variables: { cpr: '0201609995' } })).toBeNull();
  });

  it.each(uncleared)('every id and number of a shielded case is unknown to %s', async (persona) => {
    const ids = worlds.pools.caseId.map((id, index) => `i${index}: case(id: ${JSON.stringify(id)}) { id title }`);
    const numbers = worlds.pools.caseNumber.map(
      (number, index) => `n${index}: caseByNumber(number: ${JSON.stringify(number)}) { id }`,
    );
    expect(await worlds.ask(persona, { query: `{ ${ids.join(' ')} ${numbers.join(' ')} }`, variables: {} })).toBeNull();
  });

  it.each(['manager', 'security-officer', 'director', 'administrator', 'guidance-worker'] as const)(
    'why somebody may look is explained alike to %s',
    async (persona) => {
      const { employeeId, compartment, caseId, citizenId } = worlds.pools;
      const said =
        '{ right outcome level operations steps { kind satisfied sentence grant { id } changeableBy { role employees { id } } } }';
      const asked = [
        ...compartment.map((id) => ['explainAccess', { compartment: id }, said] as const),
        ...citizenId.map((id) => ['explainAccess', { citizen: id }, said] as const),
        ...caseId.map((id) => ['explainCaseAccess', { case: id }, `{ explanations ${said} }`] as const),
        ...['Case.title', 'Query.auditEntries'].map((id) => ['explainAccess', { coordinate: id }, said] as const),
      ];
      for (const employee of [...employeeId.slice(0, 2), demoEmployee('guidance-worker'), demoEmployee('manager')])
        for (const [field, about, selected] of asked) {
          const [[name, id]] = Object.entries(about) as [[string, string]];
          const query = `query($employee: ID!, $id: ${name === 'coordinate' ? 'String' : 'ID!'}) { ${field}(employee: $employee, ${name}: $id) ${selected} }`;
          expect([field, id, await worlds.ask(persona, { query, variables: { employee, id } })]).toEqual([
            field,
            id,
            null,
          ]);
        }
    },
    60_000,
  );

  it(
    `${runs} random operations tell nobody who is not cleared which world they are in`,
    async () => {
      const leaks: Leak[] = [];
      await fc
        .assert(
          fc.asyncProperty(fc.gen(), async (gen) => {
            const draw: Draw = (below) => gen(fc.nat, below - 1);
            const leak = await worlds.step(draw);
            if (leak) leaks.push(leak);
            return leak === null;
          }),
          { numRuns: runs, endOnFailure: true, ...(seed !== undefined && { seed }) },
        )
        .catch((error: Error) => {
          throw new Error(`${error.message}\n${JSON.stringify(leaks[0], null, 2)}`);
        });
    },
    30 * 60_000,
  );
});
