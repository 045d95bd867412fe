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
import { cancel } from './cancel.js';
import { Fault } from './faults.js';
import type { Life } from './life.js';
import { compartments, type Viewer } from './viewer.js';

export interface Transaction {
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Database {
  /** Runs `work` in one transaction as this viewer. Reads are READ ONLY on one snapshot; pass `write` to change rows. */
  asViewer<T>(viewer: Viewer, work: (tx: Transaction) => Promise<T>, mode?: 'read' | 'write'): Promise<T>;
  /** Runs `work` as the room itself, for a named task that its policies know (sessions, appending to the log). */
  asTask<T>(
    task: string,
    municipality: string,
    work: (tx: Transaction) => Promise<T>,
    mode?: 'read' | 'write',
  ): Promise<T>;
  /** One statement by itself, in a transaction of its own and with no setting at all: what its policies ask for it sets itself. */
  statement(sql: string, values: readonly unknown[]): Promise<void>;
  /** The same database, for work that is done only as long as it is worth it. */
  within(life: Life): Database;
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
  /**
   * A pool that is exhausted, or a server that cannot be reached: no fault of what was asked, and whoever asked is told so. The room's own
   * work decides by the error itself whether to try again.
   */
  const connect = async (life: Life | null): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      if (!life) throw error;
      onIdleError(error as Error);
      throw new Fault('SUBGRAPH_UNAVAILABLE');
    }
  };
  const transact = async <T>(given: Given, work: (tx: Transaction) => Promise<T>, life: Life | null): Promise<T> => {
    const client = await connect(life);
    let broken: Error | undefined;
    const forget = life?.onEnd(() => {
      broken = new Error('what it was busy with has been cancelled');
      cancel(client);
    });
    try {
      life?.check();
      await client.query(given.begin);
      await client.query(prepared(setSettings, given.settings));
      const result = await work({
        rows: async (sql, values = []) => {
          life?.check();
          const { rows } = await client.query(prepared(sql, values));
          life?.read(rows.length);
          return rows;
        },
      });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // A connection whose state is unknown is thrown away: it may still carry somebody's clearance.
      if (!broken) await client.query('ROLLBACK').catch((failed: Error) => (broken = failed));
      // Of a statement that was cancelled the reason counts.
      life?.check();
      throw error;
    } finally {
      forget?.();
      client.release(broken);
    }
  };

  const serving = (life: Life | null): Database => {
    const run = <T>(given: Given, work: (tx: Transaction) => Promise<T>): Promise<T> =>
      life ? life.turn(() => transact(given, work, life)) : transact(given, work, null);
    return {
      asViewer: (viewer, work, mode = 'read') => run({ begin: begin[mode], settings: settingsOf(viewer) }, work),
      asTask: (task, municipality, work, mode = 'write') =>
        run({ begin: begin[mode], settings: taskSettings(task, municipality) }, work),
      statement: async (sql, values) => void (await pool.query(prepared(sql, values))),
      within: serving,
      ping: async () => void (await pool.query('SELECT')),
      close: () => pool.end(),
    };
  };
  return serving(null);
}

/** How a transaction begins: its kind, and whose it is. */
interface Given {
  readonly begin: string;
  readonly settings: string[];
}

const begin = { read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', write: 'BEGIN' } as const;

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
const setSettings = `SELECT ${settingNames.map((name, index) => `set_config('sluse.${name}', $${index + 1}, true)`).join(', ')}`;

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
