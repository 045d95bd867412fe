/**
 * PostgreSQL as one viewer sees it. All access goes through a transaction in which the room's own login role (no owner,
 * NOBYPASSRLS) carries the viewer's clearance as transaction-local settings; the row-level security policies in each
 * room's numbered .sql files read them. A setting that is missing or empty denies.
 *
 * | setting                 | value                                                                        |
 * |-------------------------|------------------------------------------------------------------------------|
 * | sluse.municipality      | four digits                                                                  |
 * | sluse.person            | id of the actor: "oneself", also under a power of attorney                   |
 * | sluse.person_kind       | Citizen, Employee or SystemClient                                            |
 * | sluse.organisation      | id of the organisation where the actor works                                 |
 * | sluse.acting_for        | id of the organisation acted for, under a power that is in force             |
 * | sluse.right             | code of the right acted in                                                   |
 * | sluse.scopes            | text[]                                                                       |
 * | sluse.sees              | text[] of compartments: SEARCH at EXISTENCE or above                         |
 * | sluse.sees_metadata     | text[] of compartments: SEARCH at METADATA or above                          |
 * | sluse.sees_documents    | text[] of compartments: SEARCH at DOCUMENTS                                  |
 * | sluse.enters            | text[] of compartments: ENTER                                                |
 * | sluse.deletes           | text[] of compartments: DELETE                                               |
 * | sluse.task              | name of the room's own task (`asTask`); never set together with a viewer     |
 */
import pg from 'pg';
import { timeLimits } from './change.js';
import { compartments, type Viewer } from './viewer.js';

export interface Transaction {
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export type Mode = 'read' | 'write' | 'change';

export interface Database {
  /**
   * Runs `work` in one transaction as this viewer. Reads are READ ONLY on one snapshot; pass `write` to change rows, and `change` for
   * what a mutation is there for: it is noted under the log's entry by which it was begun (make-change.ts).
   */
  asViewer<T>(viewer: Viewer, work: (tx: Transaction) => Promise<T>, mode?: Mode): Promise<T>;
  /** Runs `work` as the room itself, for a named task that its policies know (sessions, appending to the log). */
  asTask<T>(task: string, municipality: string, work: (tx: Transaction) => Promise<T>, mode?: Mode): Promise<T>;
  /** One statement by itself, in a transaction of its own and with no setting at all: what its policies ask for it sets itself. */
  statement(sql: string, values: readonly unknown[]): Promise<void>;
  /** Throws unless the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export function openDatabase(url: string, onIdleError: (error: Error) => void = () => {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
    query_timeout: 12_000,
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  });
  // A connection that dies while idle emits on the pool; one that dies in use, between two statements, on the client.
  // Without a listener either would end the process.
  pool.on('error', onIdleError);
  pool.on('connect', (client) => client.on('error', () => {}));

  const prepared = preparedStatements();
  const transact = async <T>(mode: Mode, settings: string[], work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(begin[mode]);
      await client.query(prepared(setSettings, settings));
      const result = await work({ rows: async (sql, values = []) => (await client.query(prepared(sql, values))).rows });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // A connection whose state is unknown is thrown away: it may still carry somebody's clearance.
      await client.query('ROLLBACK').catch((failed: Error) => (broken = failed));
      throw error;
    } finally {
      client.release(broken);
    }
  };

  return {
    asViewer: (viewer, work, mode = 'read') => transact(mode, [...settingsOf(viewer), ...limitsOf(mode)], work),
    asTask: (task, municipality, work, mode = 'write') =>
      transact(mode, [...taskSettings(task, municipality), ...(mode === 'change' ? limitsOf(mode) : taskLimits)], work),
    statement: async (sql, values) => void (await pool.query(prepared(sql, values))),
    ping: async () => void (await pool.query('SELECT')),
    close: () => pool.end(),
  };
}

const begin = { read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', write: 'BEGIN', change: 'BEGIN' } as const;

/**
 * Under a name a connection parses, rewrites (policies) and, once PostgreSQL finds it no dearer, plans a statement only once;
 * that is most of what a short one costs. The texts that come first have names, since the server keeps each for as long as
 * the connection lives: what a caller can vary must not grow without bound.
 */
function preparedStatements() {
  const names = new Map<string, string>();
  return (text: string, values: readonly unknown[]): pg.QueryConfig => {
    if (!names.has(text) && names.size < mostPrepared) names.set(text, `statement ${names.size}`);
    return { name: names.get(text), text, values: values as unknown[] };
  };
}
const mostPrepared = 200;

const settingNames = [
  'municipality',
  'person',
  'person_kind',
  'organisation',
  'acting_for',
  'right',
  'scopes',
  'sees',
  'sees_metadata',
  'sees_documents',
  'enters',
  'deletes',
  'task',
] as const;

// Every setting is written in every transaction, so that nothing of an earlier viewer can survive on the connection.
const setSettings = `SELECT ${[
  ...settingNames.map((name) => `sluse.${name}`),
  'statement_timeout',
  'idle_in_transaction_session_timeout',
]
  .map((name, index) => `set_config('${name}', $${index + 1}, true)`)
  .join(', ')}`;

/**
 * Milliseconds of one statement, and between two of them. A viewer's end before whoever waits for them gives up; a room that was
 * stopped in the middle of a change keeps nobody waiting for its locks. The room's own tasks take their time.
 */
const limitsOf = (mode: Mode): string[] =>
  mode === 'change' ? [`${timeLimits.statement}`, `${timeLimits.room}`] : [`${readLimit}`, '0'];
const taskLimits: readonly string[] = ['10000', '0'];
/** A room's answer to a query is waited for five seconds. */
const readLimit = 4_500;

const settingsOf = (viewer: Viewer): string[] => [
  viewer.municipality,
  viewer.actor.id,
  viewer.actor.kind,
  viewer.organisation ?? '',
  viewer.actingFor ?? '',
  viewer.right ?? '',
  textArray(viewer.scopes),
  textArray(compartments(viewer, 'SEARCH')),
  textArray(compartments(viewer, 'SEARCH', 'METADATA')),
  textArray(compartments(viewer, 'SEARCH', 'DOCUMENTS')),
  textArray(compartments(viewer, 'ENTER')),
  textArray(compartments(viewer, 'DELETE')),
  '',
];

const taskSettings = (task: string, municipality: string): string[] =>
  settingNames.map((name) => (name === 'municipality' ? municipality : name === 'task' ? task : ''));

const textArray = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** Dates stay text (a calendar date has no time zone); bigint counts become numbers; the rest as pg does it. */
function typeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === pg.types.builtins.DATE) return (value: string) => value;
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text');
}
