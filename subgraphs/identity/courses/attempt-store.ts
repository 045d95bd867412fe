/** SQL of the question bank and of attempts at the course. Policies: 019_questions.sql. */
import type { Transaction } from '../../postgres/database.js';
import type { CourseKind } from '../enums.js';
import type { AskedQuestion, BankQuestion } from './questions.js';

export interface AttemptRow {
  readonly id: string;
  readonly employee: string;
  readonly kind: CourseKind;
  readonly questions: AskedQuestion[];
  readonly needed: number;
  readonly begunAt: Date;
  readonly expiresAt: Date;
  readonly judgedAt: Date | null;
  readonly rightCount: number | null;
}

// ── as the task `course` ──

/** In no order. */
export const questionBank = (tx: Transaction, municipality: string): Promise<BankQuestion[]> =>
  tx.rows(
    `SELECT code, question, source, right_answer AS "right", array_remove(ARRAY[wrong_1, wrong_2, wrong_3], NULL) AS wrong
     FROM course_question WHERE municipality = $1`,
    [municipality],
  );

/** For each question, the place of the right option, from 1. */
export async function keyOf(tx: Transaction, municipality: string, attempt: string): Promise<number[] | null> {
  const [row] = await tx.rows<{ key: number[] }>(
    'SELECT right_options AS key FROM course_key WHERE municipality = $1 AND attempt = $2',
    [municipality, attempt],
  );
  return row?.key ?? null;
}

// ── as the employee ──

const columns = `id, employee, kind, questions, needed, begun_at AS "begunAt", expires_at AS "expiresAt", judged_at AS "judgedAt",
  right_count AS "rightCount"`;

/** The viewer's own, the latest first. */
export const latestAttempts = (tx: Transaction, municipality: string, most: number): Promise<AttemptRow[]> =>
  tx.rows(`SELECT ${columns} FROM course_attempt WHERE municipality = $1 ORDER BY begun_at DESC, id LIMIT $2`, [
    municipality,
    most,
  ]);

export async function attemptById(tx: Transaction, municipality: string, id: string): Promise<AttemptRow | null> {
  const [row] = await tx.rows<AttemptRow>(`SELECT ${columns} FROM course_attempt WHERE municipality = $1 AND id = $2`, [
    municipality,
    id,
  ]);
  return row ?? null;
}

/** Makes beginnings of one employee wait for each other until the transaction ends: each counts those before it. */
export const lockAttempts = (tx: Transaction, municipality: string, employee: string): Promise<unknown> =>
  tx.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`course ${municipality} ${employee}`]);

/** `day`: a calendar day in Denmark. */
export async function attemptsOn(tx: Transaction, municipality: string, employee: string, day: string) {
  const [row] = await tx.rows<{ count: number }>(
    `SELECT count(*) FROM course_attempt WHERE municipality = $1 AND employee = $2
       AND begun_at >= ($3::date)::timestamp AT TIME ZONE 'Europe/Copenhagen'
       AND begun_at < ($3::date + 1)::timestamp AT TIME ZONE 'Europe/Copenhagen'`,
    [municipality, employee, day],
  );
  return row!.count;
}

export async function insertAttempt(
  tx: Transaction,
  municipality: string,
  { id, employee, kind, questions, needed, begunAt, expiresAt }: Omit<AttemptRow, 'judgedAt' | 'rightCount'>,
  key: readonly number[],
): Promise<void> {
  await tx.rows(
    `INSERT INTO course_attempt (municipality, id, employee, kind, questions, needed, begun_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [municipality, id, employee, kind, JSON.stringify(questions), needed, begunAt, expiresAt],
  );
  await tx.rows('INSERT INTO course_key (municipality, attempt, right_options) VALUES ($1, $2, $3)', [
    municipality,
    id,
    key,
  ]);
}

/** Answers with `false` if it was judged meanwhile. */
export async function judgeAttempt(
  tx: Transaction,
  municipality: string,
  id: string,
  judgedAt: Date,
  rightCount: number,
): Promise<boolean> {
  const judged = await tx.rows(
    `UPDATE course_attempt SET judged_at = $3, right_count = $4 WHERE municipality = $1 AND id = $2 AND judged_at IS NULL
     RETURNING id`,
    [municipality, id, judgedAt, rightCount],
  );
  return judged.length > 0;
}
