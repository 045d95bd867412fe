/**
 * PostgreSQL as one viewer sees it. All access goes through a transaction in which the room's own login role (not the owner,
 * NOBYPASSRLS) carries the viewer's clearance as transaction-local settings. The row-level security policies in each room's numbered
 * .sql files read them. A setting that is missing or empty denies.
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
 * | sluse.clarifies_*       | person and workstation of the block that a transaction of the audit room is about |
 * | sluse.children          | uuid[] of the children for whom the actor, a parent, sees                    |
 * | sluse.task              | name of the room's own task (`asTask`); never set together with a viewer     |
 */
import pg from 'pg';
import type { RequestLife } from '../edge/life.js';
import { pass } from '../process/precedence.js';
import { Turns } from '../process/turns.js';
import { timeLimits } from '../protocol/change.js';
import { Fault } from '../protocol/faults.js';
import { compartments, isCleared, type Viewer } from '../protocol/viewer.js';
import { cancel } from './cancel.js';
import { connectionOf } from './connection-options.js';
import { isStopped, isUnavailable } from './unavailable.js';

export interface Transaction {
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export type Mode = 'read' | 'write' | 'change';

export interface Database extends Tasks {
  /**
   * Runs `work` in one transaction as this viewer. Reads are READ ONLY on one snapshot. Pass `write` to change rows, and `change` for
   * the purpose of a mutation: it is recorded under the log entry by which it was begun (make-change.ts).
   */
  asViewer<T>(viewer: Viewer, work: (tx: Transaction) => Promise<T>, mode?: Mode): Promise<T>;
  /** The room's own work on sealed rows. It uses the connections of cleared viewers, so that nobody else waits for it. */
  readonly apart: Tasks;
  /** The same database, for work that stops when `life` ends. */
  within(life: RequestLife): Database;
  /** Throws unless a transaction can be begun, given its settings, and ended, and the room's tables can be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The room's own work. Its SQL comes from the code alone: no caller and no row varies the text. */
export interface Tasks {
  /** Runs `work` as the room itself, for a named task that its policies know (sessions, appending to the log). */
  asTask<T>(task: string, municipality: string, work: (tx: Transaction) => Promise<T>, mode?: Mode): Promise<T>;
  /** Runs one statement in a transaction of its own, without any setting. The statement itself sets what its policies ask for. */
  statement(sql: string, values: readonly unknown[]): Promise<void>;
}

/** Most connections. `shared`: viewers without shielded clearance, and the room's own tasks. `apart`: cleared viewers and sealed logs. */
const mostConnections = { shared: 8, apart: 4 } as const;

/**
 * Opens two pools. For a viewer with shielded clearance, a hidden row causes more work: one more statement, on a connection that is
 * held longer and has that statement prepared afterwards. On shared connections, other viewers could measure that.
 */
export function openDatabase(
  url: string,
  onLost: (error: Error) => void = () => {},
  most: Readonly<Record<keyof typeof mostConnections, number>> = mostConnections,
): Database {
  const poolOf = (max: number) => {
    const pool = new pg.Pool({
      ...connectionOf(url),
      max,
      idleTimeoutMillis: 30_000,
      statement_timeout: 10_000,
      query_timeout: 12_000,
      // Statements that do not wait for each other are sent together. The server runs them in their order.
      pipeline: true,
      types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
    });
    // A connection that dies while idle emits an error on the pool; one that dies in use, between two statements, emits it on the
    // client. Without a listener either would end the process.
    pool.on('error', onLost);
    pool.on('connect', (client) => client.on('error', () => {}));
    return pool;
  };
  const shared = poolOf(most.shared);
  const apart = poolOf(most.apart);

  const names = statementNames();
  // Half of the connections are left to small operations, however many fetches a long one has. Each pool has turns of its own: how
  // many a cleared viewer takes may depend on hidden rows.
  const half = (max: number) => new Turns(Math.max(1, Math.floor(max / 2)));
  const longTurns = new Map([
    [shared, half(most.shared)],
    [apart, half(most.apart)],
  ]);
  /**
   * Takes a connection. If the pool is exhausted or the server cannot be reached, a request is told so with a fault; it is not the
   * caller's error. The room's own work gets the error itself, and decides whether to try again.
   */
  const connect = async (pool: pg.Pool, life: RequestLife | null): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      if (!life) throw error;
      onLost(error as Error);
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
    let isOpen = true;
    const refusals: unknown[] = [];
    /** Notes what statements failed with, to tell it from what `work` itself throws. */
    const ask = (statement: string | pg.QueryConfig) =>
      client.query(statement).catch((error: unknown) => {
        refusals.push(error);
        throw error;
      });
    const forget = life?.onEnd(() => {
      broken = new Error('what it was busy with has been cancelled');
      cancel(client);
    });
    try {
      life?.check();
      const begun = Promise.all([ask(begin[mode]), ask(names.ofTasks(setSettings, settings))]);
      // A read is sent along: without its settings it finds nothing, and what fails here fails the whole. A change waits, because
      // outside a transaction it would stand.
      if (mode !== 'read') await begun;
      const working = work({
        rows: async (sql, values = []) => {
          life?.check();
          // Where one of several statements failed, another may come late. The connection may be somebody else's by then.
          if (!isOpen) throw new Error('the transaction has ended');
          const { rows } = await ask(prepared(sql, values));
          life?.read(rows.length);
          return rows;
        },
      });
      const [result] = await Promise.all([working, begun]);
      isOpen = false;
      await ask('COMMIT');
      return result;
    } catch (error) {
      isOpen = false;
      // A connection in an unknown state is closed: it may still carry somebody's clearance.
      if (!broken) await client.query('ROLLBACK').catch((failed: Error) => (broken = failed));
      // For a cancelled statement, the reason of the cancellation counts.
      life?.check();
      // What failed after the first statement that did, failed because of it.
      const [refused] = refusals;
      if (!life || !refusals.includes(error) || !isUnavailable(refused, broken !== undefined)) throw error;
      // Of a change that reached its time limit, make-change.ts says what became of it.
      if (mode === 'change' && isStopped(refused)) throw error;
      onLost(refused as Error);
      throw new Fault('SUBGRAPH_UNAVAILABLE');
    } finally {
      forget?.();
      client.release(broken);
    }
  };

  const serving = (life: RequestLife | null): Database => {
    const run = <T>(given: Given, work: (tx: Transaction) => Promise<T>): Promise<T> => {
      if (!life) return transact(given, work, null);
      const worked = () => transact(given, work, life);
      if (!life.isLong) return life.turn(worked);
      return life.turn(() => longTurns.get(given.pool)!.take(worked)).then(rested);
    };
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
          // The role may use no schema of the search path.
          const [found] = await rows<{ schema: string | null }>('SELECT current_schema() AS schema');
          if (!found?.schema) throw new Error('the schema of the room is not in reach');
        });
      },
      close: async () => void (await Promise.all([shared.end(), apart.end()])),
    };
  };
  return serving(null);
}

/** Long operations let small ones pass before they work on what came. Not earlier: they would hold a connection meanwhile. */
const rested = <T>(result: T): Promise<T> => pass().then(() => result);

/** How a transaction begins: on which connections, in which mode, as whom, and which of its statements are named. */
interface Given {
  readonly pool: pg.Pool;
  readonly mode: Mode;
  readonly settings: string[];
  readonly prepared: Prepare;
}

const begin = { read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', write: 'BEGIN', change: 'BEGIN' } as const;

type Prepare = (text: string, values: readonly unknown[]) => pg.QueryConfig;

/**
 * Names for prepared statements. A connection parses and rewrites (policies) a named statement only once, and plans it only once if
 * PostgreSQL finds that no more expensive; that is most of the cost of a short statement. The server keeps each one for the life of
 * the connection, so the number of names is limited.
 *
 * Running out of names must reveal nothing. The room's own tasks have their own names, one for each text in the code. Viewers without
 * shielded clearance share theirs, first come, first served: which texts they run depends on no hidden row. A cleared viewer's
 * statements are not named: whether one is run may depend on a hidden case.
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
/** More than any room has. If a text varied by mistake, the server would still not fill up. */
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
  'children',
  'task',
] as const;

// Every setting is written in every transaction, so that no earlier viewer's value can survive on the connection.
const setSettings = `SELECT ${[
  ...settingNames.map((name) => `sluse.${name}`),
  'statement_timeout',
  'idle_in_transaction_session_timeout',
]
  .map((name, index) => `set_config('${name}', $${index + 1}, true)`)
  .join(', ')}`;

/**
 * Milliseconds that one statement may take, and that may pass between two. A viewer's limits end before the caller gives up, and a
 * room that stalls in the middle of a change does not hold its locks for long. The room's own tasks have longer limits.
 */
const limitsOf = (mode: Mode): string[] =>
  mode === 'change' ? [`${timeLimits.statement}`, `${timeLimits.room}`] : [`${readLimit}`, '0'];
const taskLimits: readonly string[] = ['10000', '0'];
/** The gateway waits five seconds for a room's answer to a query. */
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
  textArray(viewer.children ?? []),
  '',
];

const taskSettings = (task: string, municipality: string): string[] =>
  settingNames.map((name) => (name === 'municipality' ? municipality : name === 'task' ? task : ''));

const textArray = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** Dates stay text (a calendar date has no time zone). bigint counts become numbers. Other types are parsed as pg does. */
function typeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === pg.types.builtins.DATE) return (value: string) => value;
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text');
}
