/** All SQL that enters, changes and deletes cases. */
import type { Transaction } from '../postgres/database.js';
import type { CaseKey } from './store.js';

/** Where a compartment's cases are stored. */
export type CaseStorage = 'ordinary' | 'shielded';

export interface NewCase {
  readonly id: string;
  readonly compartment: string;
  readonly authority: string;
  readonly category: string;
  readonly number: string;
  readonly title: string;
  readonly kle: string;
  readonly progress: string;
  readonly sensitivity: string;
  readonly openedOn: string;
  readonly closedOn: string | null;
  readonly changedAt: Date;
  readonly handler: string | null;
  /** The case system that entered it; `null` for a person, and for a case that was moved. */
  readonly enteredBy: string | null;
}

/** The next serial number of a series of one compartment. Only this series is locked until the transaction ends. */
export async function nextSerial(
  tx: Transaction,
  municipality: string,
  series: { compartment: string; kle: string; facet: string; year: number },
): Promise<number> {
  const [row] = await tx.rows<{ last: number }>(
    `INSERT INTO number_series (municipality, compartment, kle, facet, year, last) VALUES ($1, $2, $3, $4, $5, 1)
     ON CONFLICT (municipality, compartment, kle, facet, year) DO UPDATE SET last = number_series.last + 1
     RETURNING last`,
    [municipality, series.compartment, series.kle, series.facet, series.year],
  );
  return row!.last;
}

export const insertCase = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  made: NewCase,
): Promise<unknown> =>
  tx.rows(
    `INSERT INTO ${storage}_case (municipality, id, compartment, authority, category, number, title, kle, progress,
                                  sensitivity, opened_on, closed_on, changed_at, handler, entered_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      municipality,
      made.id,
      made.compartment,
      made.authority,
      made.category,
      made.number,
      made.title,
      made.kle,
      made.progress,
      made.sensitivity,
      made.openedOn,
      made.closedOn,
      made.changedAt,
      made.handler,
      made.enteredBy,
    ],
  );

export interface NewParty {
  readonly citizen: string;
  readonly role: string;
}

export const insertParties = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  { id, compartmentId }: CaseKey,
  parties: readonly NewParty[],
  enteredBy: string | null,
): Promise<unknown> =>
  tx.rows(
    `INSERT INTO ${storage}_party (municipality, compartment, case_id, citizen, role, entered_by)
     SELECT $1, $2, $3, citizen, role, $6 FROM unnest($4::uuid[], $5::text[]) AS given (citizen, role)`,
    [
      municipality,
      compartmentId,
      id,
      parties.map(({ citizen }) => citizen),
      parties.map(({ role }) => role),
      enteredBy,
    ],
  );

export const deleteParties = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  { id, compartmentId }: CaseKey,
): Promise<unknown> =>
  tx.rows(`DELETE FROM ${storage}_party WHERE municipality = $1 AND compartment = $2 AND case_id = $3`, [
    municipality,
    compartmentId,
    id,
  ]);

/** What a change may alter, as stored. */
export interface Details {
  readonly title: string;
  readonly progress: string;
  readonly sensitivity: string;
  readonly openedOn: string;
  readonly closedOn: string | null;
  readonly handler: string | null;
}

/** The case's details, locked against other changes; `null` if it is gone. */
export async function lockCase(
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  { id, compartmentId }: CaseKey,
): Promise<(Details & Pick<NewCase, 'enteredBy'>) | null> {
  const [row] = await tx.rows<Details & Pick<NewCase, 'enteredBy'>>(
    `SELECT title, progress, sensitivity, opened_on AS "openedOn", closed_on AS "closedOn", handler, entered_by AS "enteredBy"
     FROM ${storage}_case
     WHERE municipality = $1 AND compartment = $2 AND id = $3 FOR UPDATE`,
    [municipality, compartmentId, id],
  );
  return row ?? null;
}

export const updateCase = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  { id, compartmentId }: CaseKey,
  details: Details,
  at: Date,
): Promise<unknown> =>
  tx.rows(
    `UPDATE ${storage}_case
     SET title = $4, progress = $5, sensitivity = $6, opened_on = $7, closed_on = $8, handler = $9, changed_at = $10
     WHERE municipality = $1 AND compartment = $2 AND id = $3`,
    [
      municipality,
      compartmentId,
      id,
      details.title,
      details.progress,
      details.sensitivity,
      details.openedOn,
      details.closedOn,
      details.handler,
      at,
    ],
  );

/** True if there was a case to delete. Its parties and documents are deleted with it. */
export async function deleteCase(
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  { id, compartmentId }: CaseKey,
): Promise<boolean> {
  const deleted = await tx.rows(
    `DELETE FROM ${storage}_case WHERE municipality = $1 AND compartment = $2 AND id = $3 RETURNING id`,
    [municipality, compartmentId, id],
  );
  return deleted.length > 0;
}

/** Takes the compartment of a single case into use. False if it was in use before: it holds one case, once. */
export async function takeSingleCase(
  tx: Transaction,
  municipality: string,
  compartment: string,
  { authority, category }: { readonly authority: string; readonly category: string },
): Promise<boolean> {
  const taken = await tx.rows(
    `INSERT INTO single_case_compartment (municipality, id, authority, category) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING id`,
    [municipality, compartment, authority, category],
  );
  return taken.length > 0;
}

type StoredKey = CaseKey & { readonly storage: CaseStorage };

export const copyDocuments = (
  tx: Transaction,
  from: StoredKey,
  to: StoredKey,
  municipality: string,
): Promise<unknown> =>
  tx.rows(
    `INSERT INTO ${to.storage}_document (municipality, compartment, case_id, id, title, kind, recorded_at, media_type, text)
     SELECT municipality, $2, $3, id, title, kind, recorded_at, media_type, text FROM ${from.storage}_document
     WHERE municipality = $1 AND compartment = $4 AND case_id = $5`,
    [municipality, to.compartmentId, to.id, from.compartmentId, from.id],
  );
