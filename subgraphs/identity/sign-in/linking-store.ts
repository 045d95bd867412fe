/** SQL for linking old SMDB accounts (005_sign_in.sql). User names are stored and looked up without regard to case. */
import type { Transaction } from '../../postgres/database.js';
import type { Query } from '../../postgres/owner.js';
import type { PersonReference } from '../../protocol/viewer.js';

/**
 * Whether a person is to be asked for an old account: an employee who holds a right in SMDB and has not answered yet, and whose
 * company has an account that nobody is linked to (or there is one whose company is not known).
 */
export async function legacyQuestion(tx: Transaction, municipality: string, person: PersonReference): Promise<boolean> {
  if (person.kind !== 'Employee') return false;
  const [row] = await tx.rows<{ asked: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM legacy_answer a WHERE a.municipality = $1 AND a.employee = $2)
        AND EXISTS (SELECT FROM right_assignment r
                    WHERE r.municipality = $1 AND r.employee = $2 AND starts_with(r.code, 'SMDB_'))
        AND EXISTS (SELECT FROM legacy_account l WHERE l.municipality = $1 AND l.employee IS NULL
                      AND (l.cvr IS NULL OR l.cvr = (
                        SELECT o.cvr FROM employee e JOIN organisation o ON o.municipality = $1 AND o.id = e.organisation
                        WHERE e.municipality = $1 AND e.id = $2))) AS asked`,
    [municipality, person.id],
  );
  return row!.asked;
}

export interface AccountToTry {
  /** Whether it is the account that was asked for. */
  readonly own: boolean;
  readonly passwordHash: string;
}

/**
 * The unlinked account of a name, or else the next one in alphabetical order. Trying a password costs the same in both cases, so the
 * time taken does not tell whether a name exists. `null` only if there is no account at all.
 */
export async function accountToTry(tx: Transaction, municipality: string, name: string): Promise<AccountToTry | null> {
  const [row] = await tx.rows<AccountToTry>(
    `SELECT user_name = folded($2) AS own, password_hash AS "passwordHash" FROM legacy_account
     WHERE municipality = $1 AND employee IS NULL
     ORDER BY user_name COLLATE "C" < folded($2) COLLATE "C", user_name COLLATE "C" LIMIT 1`,
    [municipality, name],
  );
  return row ?? null;
}

/** Links the account of a name, unless somebody was linked to it meanwhile or the employee has answered already. */
export async function linkAccount(
  tx: Transaction,
  municipality: string,
  name: string,
  employee: string,
  at: Date,
): Promise<boolean> {
  const free = await tx.rows(
    `SELECT FROM legacy_account WHERE municipality = $1 AND user_name = folded($2) AND employee IS NULL FOR UPDATE`,
    [municipality, name],
  );
  if (free.length === 0 || !(await answerQuestion(tx, municipality, employee, name, at))) return false;
  await tx.rows(
    `UPDATE legacy_account SET employee = $3, password_hash = NULL WHERE municipality = $1 AND user_name = folded($2)`,
    [municipality, name, employee],
  );
  return true;
}

/** Records the answer, once. `name`: `null` for none. True if it is the first answer. */
export async function answerQuestion(
  tx: Transaction,
  municipality: string,
  employee: string,
  name: string | null,
  at: Date,
): Promise<boolean> {
  const answered = await tx.rows(
    `INSERT INTO legacy_answer (municipality, employee, user_name, answered_at) VALUES ($1, $2, folded($3), $4)
     ON CONFLICT DO NOTHING RETURNING employee`,
    [municipality, employee, name, at],
  );
  return answered.length > 0;
}

// ── importing, as the owner ──

export interface ImportedAccount {
  readonly userName: string;
  readonly passwordHash: string;
  readonly cvr: string | null;
}

/** Adds accounts and updates unlinked ones; a linked account stays as it is. Returns how many were written. */
export async function importAccounts(
  query: Query,
  municipality: string,
  accounts: readonly ImportedAccount[],
): Promise<number> {
  const written = await query(
    `INSERT INTO legacy_account AS known (municipality, user_name, password_hash, cvr)
     SELECT $1, folded(name), hash, cvr FROM unnest($2::text[], $3::text[], $4::text[]) AS given (name, hash, cvr)
     ON CONFLICT (municipality, user_name) DO UPDATE SET password_hash = excluded.password_hash, cvr = excluded.cvr
       WHERE known.employee IS NULL
     RETURNING user_name`,
    [
      municipality,
      accounts.map(({ userName }) => userName),
      accounts.map(({ passwordHash }) => passwordHash),
      accounts.map(({ cvr }) => cvr),
    ],
  );
  return written.length;
}
