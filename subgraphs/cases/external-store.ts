/**
 * All SQL of the ids that case systems give their cases. Many rows are one statement. Rows are locked in the order of their keys, and
 * before the cases that they name, so that no two workers wait for each other.
 */
import type { Transaction } from '../postgres/database.js';
import type { CaseStorage } from './change-store.js';
import { type Sight, statement } from './sight.js';
import type { CaseKey } from './store.js';

export interface ExternalId {
  readonly source: string;
  readonly id: string;
}

/** The key of an external id, for one client in one municipality. */
export interface ExternalKey extends ExternalId {
  readonly compartment: string;
}

export interface Given extends ExternalKey {
  readonly caseId: string;
  readonly version: string | null;
  readonly digest: string | null;
}

export interface Held extends ExternalKey {
  /** `null`: the case is gone. */
  readonly caseId: string | null;
  readonly version: string | null;
  readonly digest: string | null;
}

export interface Giver {
  readonly municipality: string;
  readonly client: string;
}

/** Gives ids that the client has not given yet, and returns those. Waits for whoever is giving the same. */
export const giveExternalIds = (
  tx: Transaction,
  storage: CaseStorage,
  { municipality, client }: Giver,
  given: readonly Given[],
): Promise<ExternalKey[]> =>
  tx.rows(
    `INSERT INTO ${storage}_external_id (municipality, client, compartment, source, external_id, case_id, version, digest)
     SELECT $1, $2, compartment, source, external_id, case_id, version, digest
     FROM unnest($3::text[], $4::text[], $5::text[], $6::uuid[], $7::bigint[], $8::text[])
       AS given (compartment, source, external_id, case_id, version, digest)
     ORDER BY compartment COLLATE "C", source COLLATE "C", external_id COLLATE "C"
     ON CONFLICT (municipality, compartment, client, source, external_id) DO NOTHING
     RETURNING compartment, source, external_id AS id`,
    [municipality, client, ...keyColumns(given), ...contentColumns(given)],
  );

/** What is held under these ids, and perhaps under a few more, locked. */
export const lockExternalIds = (
  tx: Transaction,
  storage: CaseStorage,
  { municipality, client }: Giver,
  keys: readonly ExternalKey[],
): Promise<Held[]> =>
  // A join would be planned by guesses: where the planner takes the table for empty, it compares each row with each key.
  tx.rows(
    `SELECT compartment, source, external_id AS id, case_id AS "caseId", version::text, digest
     FROM ${storage}_external_id
     WHERE municipality = $1 AND client = $2
       AND compartment = ANY ($3::text[]) AND source = ANY ($4::text[]) AND external_id = ANY ($5::text[])
     ORDER BY compartment COLLATE "C", source, external_id FOR UPDATE`,
    [municipality, client, ...keyColumns(keys).map((column) => [...new Set(column)])],
  );

/** Notes the version and content that were taken last. */
export const noteVersions = (
  tx: Transaction,
  storage: CaseStorage,
  { municipality, client }: Giver,
  given: readonly Given[],
): Promise<unknown> =>
  tx.rows(
    `UPDATE ${storage}_external_id held SET version = given.version, digest = given.digest
     FROM unnest($4::uuid[], $5::bigint[], $6::text[]) AS given (case_id, version, digest)
     WHERE held.municipality = $1 AND held.client = $2 AND held.compartment = ANY ($3::text[])
       AND held.case_id = ANY ($4::uuid[]) AND held.case_id = given.case_id`,
    [municipality, client, [...new Set(given.map(({ compartment }) => compartment))], ...contentColumns(given)],
  );

/** Ends the external id of a case that is about to be deleted or moved. */
export const endExternalId = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  { id, compartmentId }: CaseKey,
): Promise<unknown> =>
  tx.rows(
    `UPDATE ${storage}_external_id SET case_id = NULL, version = NULL, digest = NULL
     WHERE municipality = $1 AND compartment = $2 AND case_id = $3`,
    [municipality, compartmentId, id],
  );

/** The external ids of cases, for the client that gave them. */
export function externalIdsOf(
  tx: Transaction,
  sight: Sight,
  client: string,
  cases: readonly CaseKey[],
): Promise<(ExternalId & { readonly caseId: string })[]> {
  const { values, bind } = statement();
  const compartments = bind([...new Set(cases.map(({ compartmentId }) => compartmentId))], 'text[]');
  const ids = bind(
    cases.map(({ id }) => id),
    'uuid[]',
  );
  return tx.rows(
    `SELECT case_id AS "caseId", source, external_id AS id FROM ${sight.storage}_external_id
     WHERE municipality = ${bind(sight.municipality, 'text')} AND compartment = ANY (${compartments}) AND case_id = ANY (${ids})
       AND client = ${bind(client, 'uuid')}`,
    values,
  );
}

const keyColumns = (keys: readonly ExternalKey[]) => [
  keys.map(({ compartment }) => compartment),
  keys.map(({ source }) => source),
  keys.map(({ id }) => id),
];

const contentColumns = (given: readonly Given[]) => [
  given.map(({ caseId }) => caseId),
  given.map(({ version }) => version),
  given.map(({ digest }) => digest),
];
