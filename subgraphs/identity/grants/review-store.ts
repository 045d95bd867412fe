/** SQL of the review: which steps were taken in a period, of ordinary grants and of those in single cases that the viewer holds. */
import type { Paging } from '../../kit/paging.js';
import type { Transaction } from '../../postgres/database.js';
import type { Viewer } from '../../protocol/viewer.js';
import { stepIn } from './cursor.js';
import { type StepRow, singlesOf, stepColumns } from './store.js';

export interface ReviewCriteria {
  readonly unit: string | null;
  readonly since: Date;
  readonly until: Date;
}

export type ReviewedStep = StepRow & { readonly unit: string; readonly number: number };

const reviewed = (at: { steps: string; grants: string; same: string }) => `
  FROM ${at.steps} s JOIN ${at.grants} g ON g.municipality = s.municipality AND g.id = s.grant_id ${at.same}
  WHERE s.municipality = $1 AND g.unit IS NOT NULL AND ($2::uuid IS NULL OR g.unit = $2)
    AND s.taken_at >= $3 AND s.taken_at < $4`;
const ordinarySteps = { steps: 'grant_step', grants: 'clearance_grant', same: '' };
const singleSteps = {
  steps: 'single_case_step',
  grants: 'single_case_grant',
  same: 'AND g.compartment = s.compartment',
};

/** Steps that were taken, the latest first: who gave, confirmed or took back what, and when. */
export function findSteps(
  tx: Transaction,
  viewer: Viewer,
  { unit, since, until }: ReviewCriteria,
  { after, size }: Paging,
): Promise<ReviewedStep[]> {
  const step = after && stepIn(after.id);
  const singles = singlesOf(viewer);
  const later = `AND ($5::timestamptz IS NULL OR (s.taken_at, s.grant_id, s.number) < ($5, $6::uuid, $7::int))`;
  const single = `UNION ALL SELECT ${stepColumns('s.compartment')}, g.unit ${reviewed(singleSteps)} ${later}
    AND s.compartment = ANY ($9::text[])`;
  return tx.rows(
    `SELECT ${stepColumns('NULL::text')}, g.unit ${reviewed(ordinarySteps)} ${later}
     ${singles.length > 0 ? single : ''} ORDER BY "takenAt" DESC, "grant" DESC, number DESC LIMIT $8`,
    [
      ...[viewer.municipality, unit, since, until, after?.key, step?.grant, step?.number, size + 1],
      ...(singles.length > 0 ? [singles] : []),
    ],
  );
}

export async function countSteps(
  tx: Transaction,
  viewer: Viewer,
  { unit, since, until }: ReviewCriteria,
): Promise<number> {
  const singles = singlesOf(viewer);
  const single = `UNION ALL SELECT s.number ${reviewed(singleSteps)} AND s.compartment = ANY ($5::text[])`;
  const [row] = await tx.rows<{ count: number }>(
    `SELECT count(*) FROM (SELECT s.number ${reviewed(ordinarySteps)} ${singles.length > 0 ? single : ''}) taken`,
    [viewer.municipality, unit, since, until, ...(singles.length > 0 ? [singles] : [])],
  );
  return row!.count;
}
