/** All SQL that enters and changes many cases at once: a few statements for a whole batch, however many cases it has. */
import type { Transaction } from '../postgres/database.js';
import type { CaseStorage, Details, NewCase, NewParty } from './change-store.js';
import type { CaseKey } from './store.js';

interface Series {
  readonly compartment: string;
  readonly kle: string;
  readonly facet: string;
}

/** Takes `count` serial numbers of each series at once, and returns the last of each. The series are locked in their order. */
export const takeSerials = (
  tx: Transaction,
  municipality: string,
  year: number,
  series: readonly (Series & { readonly count: number })[],
): Promise<(Series & { readonly last: number })[]> =>
  tx.rows(
    `INSERT INTO number_series (municipality, compartment, kle, facet, year, last)
     SELECT $1, compartment, kle, facet, $2, count
     FROM unnest($3::text[], $4::text[], $5::text[], $6::int[]) AS wanted (compartment, kle, facet, count)
     ORDER BY compartment COLLATE "C", kle COLLATE "C", facet COLLATE "C"
     ON CONFLICT (municipality, compartment, kle, facet, year) DO UPDATE SET last = number_series.last + EXCLUDED.last
     RETURNING compartment, kle, facet, last`,
    [
      municipality,
      year,
      series.map(({ compartment }) => compartment),
      series.map(({ kle }) => kle),
      series.map(({ facet }) => facet),
      series.map(({ count }) => count),
    ],
  );

export const insertCases = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  made: readonly NewCase[],
): Promise<unknown> =>
  tx.rows(
    `INSERT INTO ${storage}_case (municipality, id, compartment, authority, category, number, title, kle, progress,
                                  sensitivity, opened_on, closed_on, changed_at, handler, entered_by)
     SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                              $9::text[], $10::text[], $11::date[], $12::date[], $13::timestamptz[], $14::uuid[], $15::uuid[])`,
    [
      municipality,
      ...(
        [
          ...([
            'id',
            'compartment',
            'authority',
            'category',
            'number',
            'title',
            'kle',
            'progress',
            'sensitivity',
          ] as const),
          ...(['openedOn', 'closedOn', 'changedAt', 'handler', 'enteredBy'] as const),
        ] as const
      ).map((column) => made.map((row) => row[column])),
    ],
  );

/** A party of one of the cases. */
export interface PartyOfCase extends NewParty {
  readonly of: CaseKey;
}

export const insertPartiesOf = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  parties: readonly PartyOfCase[],
  enteredBy: string,
): Promise<unknown> =>
  tx.rows(
    `INSERT INTO ${storage}_party (municipality, entered_by, compartment, case_id, citizen, role)
     SELECT $1, $2::uuid, * FROM unnest($3::text[], $4::uuid[], $5::uuid[], $6::text[])`,
    [
      municipality,
      enteredBy,
      parties.map(({ of }) => of.compartmentId),
      parties.map(({ of }) => of.id),
      parties.map(({ citizen }) => citizen),
      parties.map(({ role }) => role),
    ],
  );

export const deletePartiesOf = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  cases: readonly CaseKey[],
): Promise<unknown> =>
  tx.rows(
    `DELETE FROM ${storage}_party WHERE municipality = $1 AND compartment = ANY ($2::text[]) AND case_id = ANY ($3::uuid[])`,
    [municipality, ...keyColumns(cases)],
  );

/** A case as it is stored, with what the source cannot change. */
export interface StoredCase extends Details {
  readonly id: string;
  readonly kle: string;
  readonly number: string;
}

/** The cases as they are, locked in the order of their ids. Those that are gone are not among them. */
export const lockCases = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  cases: readonly CaseKey[],
): Promise<StoredCase[]> =>
  tx.rows(
    `SELECT id, kle, number, title, progress, sensitivity, opened_on AS "openedOn", closed_on AS "closedOn", handler
     FROM ${storage}_case WHERE municipality = $1 AND compartment = ANY ($2::text[]) AND id = ANY ($3::uuid[])
     ORDER BY id FOR UPDATE`,
    [municipality, ...keyColumns(cases)],
  );

export const storedParties = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  cases: readonly CaseKey[],
): Promise<(NewParty & { readonly caseId: string })[]> =>
  tx.rows(
    `SELECT case_id AS "caseId", citizen, role FROM ${storage}_party
     WHERE municipality = $1 AND compartment = ANY ($2::text[]) AND case_id = ANY ($3::uuid[])`,
    [municipality, ...keyColumns(cases)],
  );

export const updateCases = (
  tx: Transaction,
  storage: CaseStorage,
  municipality: string,
  changed: readonly (CaseKey & { readonly details: Details })[],
  at: Date,
): Promise<unknown> =>
  tx.rows(
    `UPDATE ${storage}_case kept
     SET title = given.title, progress = given.progress, sensitivity = given.sensitivity, opened_on = given.opened_on,
         closed_on = given.closed_on, handler = given.handler, changed_at = $4
     FROM unnest($3::uuid[], $5::text[], $6::text[], $7::text[], $8::date[], $9::date[], $10::uuid[])
       AS given (id, title, progress, sensitivity, opened_on, closed_on, handler)
     WHERE kept.municipality = $1 AND kept.compartment = ANY ($2::text[]) AND kept.id = ANY ($3::uuid[])
       AND kept.id = given.id`,
    [
      municipality,
      ...keyColumns(changed),
      at,
      ...(['title', 'progress', 'sensitivity', 'openedOn', 'closedOn', 'handler'] as const).map((column) =>
        changed.map(({ details }) => details[column]),
      ),
    ],
  );

/** Compartments once each: the keys of shielded cases begin with them. */
const keyColumns = (cases: readonly CaseKey[]) => [
  [...new Set(cases.map(({ compartmentId }) => compartmentId))],
  cases.map(({ id }) => id),
];
