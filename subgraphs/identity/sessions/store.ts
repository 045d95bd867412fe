/**
 * SQL of sessions: the viewer's own, those that are opened and resolved (the task 'session'), those that an identity provider opened,
 * and the order in which access changed. Policies: 001_identity.sql, 003_sessions.sql.
 */
import type { Transaction } from '../../postgres/database.js';
import type { PersonKind, Viewer } from '../../protocol/viewer.js';

// ── the viewer's own ──

/** When the session ends at the latest; `null` if the viewer has no such session. */
export async function sessionEnd(tx: Transaction, viewer: Viewer): Promise<Date | null> {
  const [row] = await tx.rows<{ expiresAt: Date }>(
    `SELECT expires_at AS "expiresAt" FROM session WHERE municipality = $1 AND id = $2 AND closed_at IS NULL`,
    [viewer.municipality, viewer.session],
  );
  return row?.expiresAt ?? null;
}

/** What the viewer's session acts as, whether or not that has effect now; `null` if the session is not open. */
export async function actedAs(tx: Transaction, viewer: Viewer): Promise<Acted | null> {
  const [row] = await tx.rows<Acted>(
    `SELECT right_code AS "right", power_of_attorney AS power FROM session
     WHERE municipality = $1 AND id = $2 AND closed_at IS NULL FOR UPDATE`,
    [viewer.municipality, viewer.session],
  );
  return row ?? null;
}

export interface Acted {
  readonly right: string | null;
  readonly power: string | null;
}

export const actAs = (tx: Transaction, viewer: Viewer, { right, power }: Acted): Promise<unknown> =>
  tx.rows(
    `UPDATE session SET right_code = $3, power_of_attorney = $4 WHERE municipality = $1 AND id = $2 AND closed_at IS NULL`,
    [viewer.municipality, viewer.session, right, power],
  );

// ── opening and resolving sessions: the task 'session' ──

export interface SessionRow {
  readonly id: string;
  readonly municipality: string;
  readonly personKind: PersonKind;
  readonly person: string;
  readonly right: string | null;
  /** The power of attorney acted under. */
  readonly power: string | null;
  readonly assurance: Viewer['assurance'];
  readonly nameId: string | null;
  readonly sessionIndex: string | null;
  readonly authenticatedAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
}

export const insertSession = (tx: Transaction, session: SessionRow, tokenHash: Buffer): Promise<unknown> =>
  tx.rows(
    `INSERT INTO session (municipality, id, token_hash, person_kind, person, right_code, power_of_attorney, assurance,
                          name_id, session_index, authenticated_at, last_used_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      session.municipality,
      session.id,
      tokenHash,
      session.personKind,
      session.person,
      session.right,
      session.power,
      session.assurance,
      session.nameId,
      session.sessionIndex,
      session.authenticatedAt,
      session.lastUsedAt,
      session.expiresAt,
    ],
  );

/**
 * The session of a token, open or not. A token does not say which municipality it belongs to, so only this query looks in all of
 * them. It binds the rest of the transaction to the session's municipality.
 */
export async function findSession(tx: Transaction, tokenHash: Buffer): Promise<SessionRow | null> {
  const [row] = await tx.rows<SessionRow>(
    `SELECT ${sessionColumns}, set_config('sluse.municipality', municipality, true)
     FROM session WHERE token_hash = $1`,
    [tokenHash],
  );
  return row ?? null;
}

/** An open session that is already known to belong to the caller. */
export async function sessionById(tx: Transaction, municipality: string, id: string): Promise<SessionRow | null> {
  const [row] = await tx.rows<SessionRow>(
    `SELECT ${sessionColumns} FROM session WHERE municipality = $1 AND id = $2 AND closed_at IS NULL`,
    [municipality, id],
  );
  return row ?? null;
}

const sessionColumns = `id, municipality, person_kind AS "personKind", person, right_code AS "right",
  power_of_attorney AS power, assurance, name_id AS "nameId", session_index AS "sessionIndex",
  authenticated_at AS "authenticatedAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt",
  closed_at AS "closedAt"`;

/** Records a use, unless the session has ended by then, or a use was recorded since `unlessSince`. */
export async function touchSession(
  tx: Transaction,
  tokenHash: Buffer,
  at: Date,
  idleSince: Date,
  unlessSince: Date,
): Promise<void> {
  await bindToSession(tx, tokenHash);
  await tx.rows(
    `UPDATE session SET last_used_at = $2
     WHERE token_hash = $1 AND closed_at IS NULL AND expires_at > $2 AND last_used_at > $3 AND last_used_at <= $4`,
    [tokenHash, at, idleSince, unlessSince],
  );
}

export async function closeSession(tx: Transaction, tokenHash: Buffer, at: Date): Promise<void> {
  await bindToSession(tx, tokenHash);
  await tx.rows(`UPDATE session SET closed_at = $2 WHERE token_hash = $1 AND closed_at IS NULL`, [tokenHash, at]);
}

/** Binds the transaction to the municipality of a token's session: a transaction changes rows of one municipality only. */
const bindToSession = (tx: Transaction, tokenHash: Buffer): Promise<unknown> =>
  tx.rows(`SELECT set_config('sluse.municipality', municipality, true) FROM session WHERE token_hash = $1`, [
    tokenHash,
  ]);

/** Ends every session of a person. Returns how many there were. */
export async function closeSessionsOf(
  tx: Transaction,
  municipality: string,
  person: string,
  at: Date,
): Promise<number> {
  const closed = await tx.rows(
    `UPDATE session SET closed_at = $3 WHERE municipality = $1 AND person = $2 AND closed_at IS NULL RETURNING id`,
    [municipality, person, at],
  );
  return closed.length;
}

// ── whose access changed ──

/** The number of the last change; 0 if there was none yet. */
export async function accessRevision(tx: Transaction, municipality: string): Promise<number> {
  const [row] = await tx.rows<{ revision: number }>(`SELECT revision FROM access_revision WHERE municipality = $1`, [
    municipality,
  ]);
  return row?.revision ?? 0;
}

export const accessChanges = (
  tx: Transaction,
  municipality: string,
  since: number,
): Promise<{ revision: number; person: string }[]> =>
  tx.rows(`SELECT revision, person FROM access_change WHERE municipality = $1 AND revision > $2`, [
    municipality,
    since,
  ]);

// ── sessions that an identity provider opened ──

export interface Continued {
  readonly id: string;
  readonly person: string;
  readonly right: string | null;
  readonly power: string | null;
}

/** The open session that a sign-in continues, locked until the transaction ends. */
export async function continuedSession(
  tx: Transaction,
  municipality: string,
  tokenHash: Buffer,
  now: Date,
): Promise<Continued | null> {
  const [row] = await tx.rows<Continued>(
    `SELECT id, person, right_code AS "right", power_of_attorney AS power FROM session
     WHERE municipality = $1 AND token_hash = $2 AND closed_at IS NULL AND expires_at > $3 FOR UPDATE`,
    [municipality, tokenHash, now],
  );
  return row ?? null;
}

export const closeSessionById = (tx: Transaction, municipality: string, id: string, at: Date): Promise<unknown> =>
  tx.rows(`UPDATE session SET closed_at = $3 WHERE municipality = $1 AND id = $2 AND closed_at IS NULL`, [
    municipality,
    id,
    at,
  ]);

/** Returns how many were closed. Without an index, all sessions of that name are closed. */
export async function closeByName(
  tx: Transaction,
  municipality: string,
  nameId: string,
  sessionIndex: string | null,
  at: Date,
): Promise<number> {
  const closed = await tx.rows(
    `UPDATE session SET closed_at = $4
     WHERE municipality = $1 AND name_id = $2 AND ($3::text IS NULL OR session_index = $3) AND closed_at IS NULL
     RETURNING id`,
    [municipality, nameId, sessionIndex, at],
  );
  return closed.length;
}

export interface ProviderSession {
  readonly nameId: string;
  readonly sessionIndex: string | null;
}

/** The name under which the identity provider knows the session of a token; `null` for a session that it did not open. */
export async function providerSession(tx: Transaction, tokenHash: Buffer): Promise<ProviderSession | null> {
  const [row] = await tx.rows<ProviderSession>(
    `SELECT name_id AS "nameId", session_index AS "sessionIndex" FROM session
     WHERE token_hash = $1 AND closed_at IS NULL AND name_id IS NOT NULL`,
    [tokenHash],
  );
  return row ?? null;
}
