/** SQL of compartments of single cases. Policies: 015_single_cases.sql. */
import type { Transaction } from '../../postgres/database.js';
import type { Viewer } from '../../protocol/viewer.js';
import { singlesOf } from './store.js';

export interface SingleCaseRow {
  readonly id: string;
  readonly authority: string;
  readonly category: string;
  readonly reason: string;
  readonly openedBy: string;
  readonly openedWith: string;
  readonly openedAt: Date;
}

export const insertSingleCase = (tx: Transaction, municipality: string, opened: SingleCaseRow): Promise<unknown> =>
  tx.rows(
    `INSERT INTO single_case_compartment (municipality, compartment, authority, category, reason, opened_by, opened_with, opened_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[municipality, opened.id, opened.authority, opened.category, opened.reason],
      ...[opened.openedBy, opened.openedWith, opened.openedAt],
    ],
  );

/** Those that the viewer holds, the latest first. Nothing is asked for a viewer who holds none. */
export async function singleCases(tx: Transaction, viewer: Viewer): Promise<SingleCaseRow[]> {
  const singles = singlesOf(viewer);
  if (singles.length === 0) return [];
  return tx.rows(
    `SELECT compartment AS id, authority, category, reason, opened_by AS "openedBy", opened_with AS "openedWith",
            opened_at AS "openedAt"
     FROM single_case_compartment WHERE municipality = $1 AND compartment = ANY ($2::text[])
     ORDER BY opened_at DESC, compartment`,
    [viewer.municipality, singles],
  );
}
