/** All SQL of the logs themselves, and where the rows of each lie. `read/store.ts` is for readers of the log. */
import type { Database, Tasks, Transaction } from '../../postgres/database.js';

/** One append-only list of entries with a tree of its own. */
export interface Log {
  readonly municipality: string;
  /** `0999/2026-11`, or that and the hash of the seal. */
  readonly name: string;
  readonly month: string;
  readonly sealedBy: readonly string[];
  readonly size: number;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly droppedAt: Date | null;
}

/** What identifies a log: its name, and its seal, which tells in which tables it is stored. */
export type LogKey = Pick<Log, 'municipality' | 'name' | 'sealedBy'>;

/** Prefix of a log's tables: ordinary and sealed ones are stored separately. */
export const storageOf = ({ sealedBy }: Pick<Log, 'sealedBy'>): '' | 'sealed_' =>
  sealedBy.length === 0 ? '' : 'sealed_';

/** The month's partition of a log: the first two parts of its name. */
export const periodOf = (log: string): string => log.split('/', 2).join('/');

/**
 * The connections for work on a log. There may be more work on sealed logs if a hidden case was found, and no ordinary entry must
 * wait for that.
 */
export const tasksOf = (database: Database, log: Pick<Log, 'sealedBy'>): Tasks =>
  storageOf(log) === '' ? database : database.apart;

/** The condition for a part of a log, in a table `t`. For a sealed log it includes the partition. */
export function partOf(log: LogKey, from: number, to: number): { where: string; values: unknown[] } {
  const where = 'WHERE t.municipality = $1 AND t.log = $2 AND t.seq >= $3 AND t.seq < $4';
  const values = [log.municipality, log.name, from, to];
  return storageOf(log) === ''
    ? { where, values }
    : { where: `${where} AND t.period = $5`, values: [...values, periodOf(log.name)] };
}

const logColumns = `municipality, name, month, sealed_by AS "sealedBy", size, opened_at AS "openedAt", closed_at AS "closedAt",
  dropped_at AS "droppedAt"`;

/** Opens the log of a month unless that or a later one is open. */
export const openLog = (
  database: Database,
  municipality: string,
  month: string,
  name: string,
  sealedBy: readonly string[],
  at: Date,
) =>
  tasksOf(database, { sealedBy }).statement('SELECT open_log($1, $2, $3, $4, $5)', [
    municipality,
    month,
    name,
    sealedBy,
    at,
  ]);

export const prepareMonth = (database: Database, municipality: string, month: string) =>
  database.statement('SELECT prepare_month($1, $2)', [municipality, month]);

export const closeLogs = (database: Database, municipality: string, beforeMonth: string, at: Date) =>
  database.statement('SELECT close_logs($1, $2, $3)', [municipality, beforeMonth, at]);

/** Throws unless the database, by its own clock, would let `dropMonth` drop the month. */
export const checkExpired = (database: Database, municipality: string, month: string) =>
  database.statement('SELECT check_expired($1, $2)', [municipality, month]);

/** The database refuses unless the month ended at least six months ago. */
export const dropMonth = (database: Database, municipality: string, month: string) =>
  database.statement('SELECT drop_month($1, $2)', [municipality, month]);

/** The newest logs under a seal, newest first. */
export const logsUnder = (database: Database, municipality: string, sealedBy: readonly string[]): Promise<Log[]> =>
  tasksOf(database, { sealedBy }).asTask('append', municipality, (tx) =>
    tx.rows(
      `SELECT ${logColumns} FROM every_log WHERE municipality = $1 AND sealed_by = $2::text[] ORDER BY month DESC LIMIT 2`,
      [municipality, sealedBy],
    ),
  );

/** Every log of every municipality, oldest first. */
export const allLogs = (database: Database): Promise<Log[]> =>
  database.asTask('ledger', '*', (tx) =>
    tx.rows(`SELECT ${logColumns} FROM every_log ORDER BY municipality, month, name`),
  );

export const logNamed = async (tx: Transaction, municipality: string, name: string): Promise<Log | null> =>
  (
    await tx.rows<Log>(`SELECT ${logColumns} FROM every_log WHERE municipality = $1 AND name = $2`, [
      municipality,
      name,
    ])
  )[0] ?? null;

/** Runs `work` as the log's own task, on one log. */
export const asLogTask = <T>(
  database: Database,
  log: Pick<Log, 'municipality' | 'sealedBy'>,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> => tasksOf(database, log).asTask('ledger', log.municipality, work);
