/** Batches of cases, as a case system pushes them, and what the database holds of them. */
import type { World } from './world.js';

export interface RowInput {
  readonly externalId: { readonly source: string; readonly id: string };
  readonly sourceVersion: string;
  readonly [field: string]: unknown;
}

export const push = `mutation Push($batch: [ImportCaseInput!]!) {
  importCases(batch: $batch) { index externalId { source id } outcome case { id title externalId { source id } } problems { path message } } }`;

export const source = 'Sagssystem';

/** A row about one citizen that is right in every respect but for what is given. */
export const rowOf = (id: string, version: number | string, citizen: string, over: object = {}): RowInput => ({
  externalId: { source, id },
  sourceVersion: String(version),
  category: 'HOUSING_BENEFIT',
  kle: '32.03.12',
  title: `Boligstøtte ${id}, udgave ${version}`,
  progress: 'OPLYST',
  openedOn: '2026-01-02',
  parties: [{ citizen, role: 'PRIMARY' }],
  ...over,
});

/** The cases under external ids that begin so, by id. */
export async function storedUnder(world: Pick<World, 'database'>, prefix: string) {
  const rows = await world.database.sql<{
    id: string;
    caseId: string;
    title: string;
    version: string;
    citizens: string[];
  }>(
    `SELECT held.external_id AS id, held.case_id AS "caseId", title, version::text,
            (SELECT array_agg(citizen::text ORDER BY citizen) FROM cases.ordinary_party p WHERE p.case_id = c.id) AS citizens
     FROM cases.ordinary_external_id held LEFT JOIN cases.ordinary_case c ON c.id = held.case_id
     WHERE starts_with(held.external_id, $1)`,
    [prefix],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
