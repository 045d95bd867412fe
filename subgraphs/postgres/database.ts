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
import type { RequestLife } from '../edge/life.js';
import { pass } from '../process/precedence.js';
import { timeLimits } from '../protocol/change.js';
import { Fault } from '../protocol/faults.js';
import { compartments, isCleared, type Viewer } from '../protocol/viewer.js';
import { cancel } from './cancel.js';
import { connectionOf } from './connection-options.js';

export interface Transaction {
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export type Mode = 'read' | 'write' | 'change';

export interface Database extends Tasks {
  /**
   * Runs `work` in one transaction as this viewer. Reads are READ ONLY on one snapshot; pass `write` to change rows, and `change` for
   * what a mutation is there for: it is noted under the log's entry by which it was begun (make-change.ts).
   */
  asViewer<T>(viewer: Viewer, work: (tx: Transaction) => Promise<T>, mode?: Mode): Promise<T>;
  /** The room's own work on what lies under seal: on the connections of cleared viewers, which nobody else waits for. */
  readonly apart: Tasks;
  /** The same database, for work that is done only as long as it is worth it. */
  within(life: RequestLife): Database;
  /** Throws unless a transaction can be begun, given its settings, and ended, with the room's tables in reach. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The room's own work. Its SQL is made of the code alone: no caller and no row varies the text. */
export interface Tasks {
  /** Runs `work` as the room itself, for a named task that its policies know (sessions, appending to the log). */
  asTask<T>(task: string, municipality: string, work: (tx: Transaction) => Promise<T>, mode?: Mode): Promise<T>;
  /** One statement by itself, in a transaction of its own and with no setting at all: what its policies ask for it sets itself. */
  statement(sql: string, values: readonly unknown[]): Promise<void>;
}

/** Connections at most: of viewers without shielded clearance and the room's own tasks; of cleared viewers and sealed logs. */
const mostConnections = { shared: 8, apart: 4 } as const;

/**
 * Two pools. A viewer with shielded clearance does more where a hidden row was found: one more statement, on a connection that is
 * held for longer, which knows that statement from then on. On the connections of others, that could be told by the clock.
 */
export function openDatabase(
  url: string,
  onIdleError: (error: Error) => void = () => {},
  most: Readonly<Record<keyof typeof mostConnections, number>> = mostConnections,
): Database {
  const poolOf = (max: number) => {
    const pool = new pg.Pool({
      ...connectionOf(url),
      max,
      idleTimeoutMillis: 30_000,
      statement_timeout: 10_000,
      query_timeout: 12_000,
      types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
    });
    // A connection that dies while idle emits on the pool; one that dies in use, between two statements, on the client.
    // Without a listener either would end the process.
    pool.on('error', onIdleError);
    pool.on('connect', (client) => client.on('error', () => {}));
    return pool;
  };
  const shared = poolOf(most.shared);
  const apart = poolOf(most.apart);

  const names = statementNames();
  /**
   * A pool that is exhausted, or a server that cannot be reached: no fault of what was asked, and whoever asked is told so. The room's own
   * work decides by the error itself whether to try again.
   */
  const connect = async (pool: pg.Pool, life: RequestLife | null): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      if (!life) throw error;
      onIdleError(error as Error);
      throw new Fault('SUBGRAPH_UNAVAILABLE');
    }
  };
  const transact = async <T>(
    { pool, mode, settings, prepared }: Given,
    work: (tx: Transaction) => Promise<T>,
    life: RequestLife | null,
  ): Promise<T> => {
    const client = await connect(pool, life);
    let broken: Error | undefined;
    const forget = life?.onEnd(() => {
      broken = new Error('what it was busy with has been cancelled');
      cancel(client);
    });
    try {
      life?.check();
      await client.query(begin[mode]);
      await client.query(names.ofTasks(setSettings, settings));
      const result = await work({
        rows: async (sql, values = []) => {
          life?.check();
          const { rows } = await client.query(prepared(sql, values));
          life?.read(rows.length);
          if (life?.isLong) await pass();
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
      // A statement that was stopped at its time limit, as a rule because it waited for somebody else's lock. Of a change its maker judges.
      if (life && mode !== 'change' && (error as { code?: unknown }).code === '57014')
        throw new Fault('SUBGRAPH_UNAVAILABLE');
      throw error;
    } finally {
      forget?.();
      client.release(broken);
    }
  };

  const serving = (life: RequestLife | null): Database => {
    const run = <T>(given: Given, work: (tx: Transaction) => Promise<T>): Promise<T> =>
      life ? life.turn(() => transact(given, work, life)) : transact(given, work, null);
    const tasksOn = (pool: pg.Pool): Tasks => ({
      asTask: (task, municipality, work, mode = 'write') => {
        const bounds = mode === 'change' ? limitsOf(mode) : taskLimits;
        const settings = [...taskSettings(task, municipality), ...bounds];
        return run({ pool, mode, settings, prepared: names.ofTasks }, work);
      },
      statement: async (sql, values) => void (await pool.query(names.ofTasks(sql, values))),
    });
    return {
      asViewer: (viewer, work, mode = 'read') => {
        const settings = [...settingsOf(viewer), ...limitsOf(mode)];
        const whose = isCleared(viewer)
          ? { pool: apart, prepared: unnamed }
          : { pool: shared, prepared: names.ofViewers };
        return run({ ...whose, mode, settings }, work);
      },
      ...tasksOn(shared),
      apart: tasksOn(apart),
      within: serving,
      ping: async () => {
        const settings = [...taskSettings('ready', ''), ...taskLimits];
        await run({ pool: shared, mode: 'read', settings, prepared: names.ofTasks }, async ({ rows }) => {
          // No schema of the search path is one that this role may use.
          const [found] = await rows<{ schema: string | null }>('SELECT current_schema() AS schema');
          if (!found?.schema) throw new Error('the schema of the room is not in reach');
        });
      },
      close: async () => void (await Promise.all([shared.end(), apart.end()])),
    };
  };
  return serving(null);
}

/** How a transaction begins: on whose connections, of what kind, as whom, and which of its statements have names. */
interface Given {
  readonly pool: pg.Pool;
  readonly mode: Mode;
  readonly settings: string[];
  readonly prepared: Prepare;
}

const begin = { read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', write: 'BEGIN', change: 'BEGIN' } as const;

type Prepare = (text: string, values: readonly unknown[]) => pg.QueryConfig;

/**
 * Under a name a connection parses, rewrites (policies) and, once PostgreSQL finds it no dearer, plans a statement only once;
 * that is most of what a short one costs. The server keeps each for as long as the connection lives, so that names are few.
 *
 * Who has used names up must tell nothing. The room's own tasks have names of their own, one for each text in the code. Viewers
 * without shielded clearance share theirs, first come, first served: which texts they run depends on no hidden row. A cleared
 * viewer's statements have none: whether one of them is run may depend on whether a hidden case was found.
 */
function statementNames() {
  const named = (prefix: string, most: number): Prepare => {
    const names = new Map<string, string>();
    return (text, values) => {
      if (!names.has(text) && names.size < most) names.set(text, `${prefix} ${names.size}`);
      return { name: names.get(text), text, values: values as unknown[] };
    };
  };
  return { ofViewers: named('viewer', mostOfViewers), ofTasks: named('task', mostOfTasks) };
}
const unnamed: Prepare = (text, values) => ({ text, values: values as unknown[] });
const mostOfViewers = 200;
/** More than any room has; a text that somebody made variable by mistake does not fill the server. */
const mostOfTasks = 200;

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
