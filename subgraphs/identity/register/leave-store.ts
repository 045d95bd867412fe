/**
 * SQL for those who have left: whom a full file does not have any more, and whom a row says to have left. They lose rights, grants,
 * keys and sessions at once. Their row stays, because cases and the log name it.
 *
 * $1: the municipality. $2: the time.
 */
import type { Query } from '../../postgres/owner.js';
import type { KindName } from './kinds.js';
import { wantedRelations } from './relatives-store.js';

const absent = (kind: KindName, column: string, value: string) =>
  `NOT EXISTS (SELECT FROM staged_${kind} s WHERE s.${column} = ${value})`;

/** Who is present and not in the full file: a table, and the condition on its rows. */
const missing: Readonly<Record<'organisations' | 'units' | 'employees' | 'citizens' | 'clients', Missing>> = {
  organisations: {
    table: 'organisation',
    present: 'registered AND code IS NULL AND left_at IS NULL',
    absent: absent('organisations', 'cvr', 'organisation.cvr'),
  },
  units: {
    table: 'organisation',
    present: 'code IS NOT NULL AND left_at IS NULL',
    absent: absent('units', 'code', 'organisation.code'),
  },
  employees: {
    table: 'employee',
    present: 'registered AND left_at IS NULL',
    absent: `NOT EXISTS (SELECT FROM nemlogin_identity n JOIN staged_employees s ON s.uuid = n.uuid
      WHERE n.municipality = $1 AND n.employee = employee.id)`,
  },
  citizens: { table: 'citizen', present: 'left_at IS NULL', absent: absent('citizens', 'cpr', 'citizen.cpr') },
  clients: {
    table: 'system_client',
    present: 'left_at IS NULL',
    absent: absent('clients', 'id', 'system_client.id::text'),
  },
};

interface Missing {
  readonly table: string;
  readonly present: string;
  readonly absent: string;
}

const missingOf = (kind: KindName): Missing | null =>
  Object.hasOwn(missing, kind) ? missing[kind as keyof typeof missing] : null;

/** How many are in the register now, and how many of them the full file does not have. */
export async function countLeavers(
  query: Query,
  kind: KindName,
  municipality: string,
): Promise<{ present: number; leaving: number }> {
  const found = missingOf(kind);
  if (!found) return { present: 0, leaving: 0 };
  const [row] = await query<{ present: number; leaving: number }>(
    `SELECT count(*) AS present, count(*) FILTER (WHERE ${found.absent}) AS leaving FROM ${found.table}
     WHERE municipality = $1 AND ${found.present}`,
    [municipality],
  );
  return row!;
}

/** Marks them as having left, or removes what nothing else names. Returns how many. */
export async function leave(
  query: Query,
  kind: KindName,
  isFull: boolean,
  municipality: string,
  now: Date,
): Promise<number> {
  if (kind === 'employees' || kind === 'clients') await leaveByRow(query, kind, municipality, now);
  const byRow = kind === 'employees' || kind === 'clients' ? await countLeftAt(query, kind, municipality, now) : 0;
  if (!isFull) return byRow;
  const found = missingOf(kind);
  if (found)
    return (
      byRow +
      (await counted(
        query,
        `UPDATE ${found.table} SET left_at = $2 WHERE municipality = $1 AND ${found.present} AND ${found.absent} RETURNING id`,
        [municipality, now],
      ))
    );
  const removed = removals[kind as keyof typeof removals];
  return counted(query, removed, [municipality]);
}

/** Relations, secretariats, unlinked accounts and questions: nothing names them, so they go. */
const removals = {
  relatives: `DELETE FROM relation r WHERE r.municipality = $1 AND NOT EXISTS (
      SELECT FROM (${wantedRelations}) s WHERE (s.citizen, s.relative, s.kind) = (r.citizen, r.relative, r.kind))
    RETURNING citizen`,
  secretariats: `DELETE FROM secretariat t USING organisation o
    WHERE t.municipality = $1 AND o.municipality = $1 AND o.id = t.unit AND NOT EXISTS (
      SELECT FROM staged_secretariats s WHERE s.authority = t.authority AND s.unit = o.code)
    RETURNING t.unit`,
  accounts: `DELETE FROM legacy_account a WHERE a.municipality = $1 AND a.employee IS NULL AND NOT EXISTS (
      SELECT FROM staged_accounts s WHERE s.user_name = a.user_name)
    RETURNING a.user_name`,
  questions: `DELETE FROM course_question q WHERE q.municipality = $1 AND NOT EXISTS (
      SELECT FROM staged_questions s WHERE s.code = q.code)
    RETURNING q.code`,
} as const;

const leaveByRow = (query: Query, kind: 'employees' | 'clients', municipality: string, now: Date): Promise<unknown> =>
  query(
    kind === 'employees'
      ? `UPDATE employee SET left_at = $2 FROM staged_employees s JOIN nemlogin_identity n ON n.municipality = $1 AND n.uuid = s.uuid
         WHERE employee.municipality = $1 AND employee.id = n.employee AND s.left_on IS NOT NULL AND employee.left_at IS NULL`
      : `UPDATE system_client SET left_at = $2 FROM staged_clients s
         WHERE system_client.municipality = $1 AND system_client.id = s.id::uuid AND s.left_on IS NOT NULL
           AND system_client.left_at IS NULL`,
    [municipality, now],
  );

async function countLeftAt(query: Query, kind: 'employees' | 'clients', municipality: string, now: Date) {
  const table = kind === 'employees' ? 'employee' : 'system_client';
  const [row] = await query<{ count: number }>(
    `SELECT count(*) FROM ${table} WHERE municipality = $1 AND left_at = $2`,
    [municipality, now],
  );
  return row!.count;
}

async function counted(query: Query, sql: string, values: readonly unknown[]): Promise<number> {
  const [row] = await query<{ count: number }>(`WITH gone AS (${sql}) SELECT count(*) FROM gone`, values);
  return row!.count;
}

export interface Stranded {
  readonly employees: number;
  readonly clients: number;
  readonly units: number;
  readonly secretariats: number;
}

/** Who still belongs to an organisation or unit that has left. Such a file contradicts the register or another file. */
export async function stranded(query: Query, municipality: string): Promise<Stranded> {
  const gone = 'o.municipality = $1 AND o.left_at IS NOT NULL';
  const [row] = await query<Stranded>(
    `SELECT
       (SELECT count(*) FROM employee e JOIN organisation o ON o.id = e.organisation
        WHERE e.municipality = $1 AND e.registered AND e.left_at IS NULL AND ${gone}) AS employees,
       (SELECT count(*) FROM system_client c JOIN organisation o ON o.id = c.organisation
        WHERE c.municipality = $1 AND c.left_at IS NULL AND ${gone}) AS clients,
       (SELECT count(*) FROM organisation u JOIN organisation o ON o.cvr = u.cvr AND o.registered AND o.code IS NULL
        WHERE u.municipality = $1 AND u.code IS NOT NULL AND u.left_at IS NULL AND ${gone}) +
       (SELECT count(*) FROM organisation u JOIN organisation o ON o.id = u.parent
        WHERE u.municipality = $1 AND u.left_at IS NULL AND ${gone}) AS units,
       (SELECT count(*) FROM secretariat s JOIN organisation o ON o.id = s.unit
        WHERE s.municipality = $1 AND ${gone}) AS secretariats`,
    [municipality],
  );
  return row!;
}

/**
 * Takes from everybody who has left what they could still use. Employees whom no import keeps (entered by a first sign-in) leave with
 * their organisation. It tells of every change of access (003_sessions.sql), and locks the counter of these until the transaction
 * ends, so it comes last.
 */
export async function withdrawFromLeavers(query: Query, municipality: string, now: Date): Promise<void> {
  await query(
    `UPDATE employee e SET left_at = $2 FROM organisation o
     WHERE e.municipality = $1 AND NOT e.registered AND e.left_at IS NULL
       AND o.municipality = $1 AND o.id = e.organisation AND o.left_at IS NOT NULL`,
    [municipality, now],
  );
  const leavers = `SELECT id FROM employee WHERE municipality = $1 AND left_at IS NOT NULL
    UNION ALL SELECT id FROM system_client WHERE municipality = $1 AND left_at IS NOT NULL`;
  await query(
    `DELETE FROM right_assignment USING employee e
     WHERE right_assignment.municipality = $1 AND e.municipality = $1 AND e.id = right_assignment.employee AND e.left_at IS NOT NULL`,
    [municipality],
  );
  await query(
    `UPDATE clearance_grant SET status = 'WITHDRAWN'
     WHERE municipality = $1 AND status IN ('REQUESTED', 'IN_FORCE', 'WAITING_FOR_COURSE') AND holder IN (${leavers})`,
    [municipality],
  );
  await query(
    `UPDATE organisation o SET manager = NULL FROM employee e
     WHERE o.municipality = $1 AND e.municipality = $1 AND e.id = o.manager AND e.left_at IS NOT NULL`,
    [municipality],
  );
  await query(
    `UPDATE system_client_key k SET withdrawn_at = $2 FROM system_client c
     WHERE k.municipality = $1 AND k.withdrawn_at IS NULL AND c.municipality = $1 AND c.id = k.client AND c.left_at IS NOT NULL`,
    [municipality, now],
  );
  await query(
    `UPDATE session SET closed_at = $2
     WHERE municipality = $1 AND closed_at IS NULL AND (
       (person_kind = 'Employee' AND person IN (SELECT id FROM employee WHERE municipality = $1 AND left_at IS NOT NULL))
       OR (person_kind = 'Citizen' AND person IN (
         SELECT id FROM citizen WHERE municipality = $1
           AND (left_at IS NOT NULL OR moved_away_on IS NOT NULL OR died_on IS NOT NULL))))`,
    [municipality, now],
  );
}
