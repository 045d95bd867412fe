/**
 * Makes a change and records that it was made, in one transaction, and tells later what became of it. SQL, and the reasons for it:
 * changes/001_changes.sql.
 */
import { performance } from 'node:perf_hooks';
import type { Database, Transaction } from '../postgres/database.js';
import { isStopped } from '../postgres/unavailable.js';
import { type ChangeUnderWay, type Made, timeLimits } from '../protocol/change.js';
import { Fault } from '../protocol/faults.js';
import { isUuid } from '../protocol/text.js';
import { shieldedCompartments } from '../protocol/viewer.js';

/** The database of a request that makes a change. Everything that it commits in mode `change` is recorded under the change's entry. */
export function changing(database: Database, change: ChangeUnderWay): Database {
  const noted = async <T>(
    municipality: string,
    isCleared: boolean,
    transact: (work: (tx: Transaction) => Promise<T>) => Promise<T>,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> => {
    const { part, entry } = change;
    if (part === null) throw new Error('a change outside of a mutation’s root field');
    let isToCommit = false;
    change.begin();
    try {
      const result = await transact(async (given) => {
        const tx = inTime(given, change);
        const [row] = await tx.rows<{ open: boolean }>('SELECT make_change($1, $2, $3, $4) AS open', [
          municipality,
          entry,
          part,
          isCleared,
        ]);
        // Somebody has been told meanwhile that the change was not made.
        if (!row!.open) throw tooLate();
        const done = await work(tx);
        const { cases, citizens, compartments } = change.described();
        if (cases.length + citizens.length > 0)
          await tx.rows('SELECT describe_change($1, $2, $3, $4, $5, $6)', [
            municipality,
            entry,
            isCleared,
            cases,
            citizens,
            compartments,
          ]);
        if (performance.now() > change.until) throw tooLate();
        isToCommit = true;
        return done;
      });
      change.committed(part);
      return result;
    } catch (error) {
      // Before the commit nothing stands. Once it has been sent, only the database knows.
      if (isToCommit) change.inDoubt.add(part);
      throw isStopped(error) ? tooLate() : error;
    }
  };
  return {
    ...database,
    asViewer: (viewer, work, mode) =>
      mode === 'change'
        ? noted(
            viewer.municipality,
            shieldedCompartments(viewer).length > 0,
            (noting) => database.asViewer(viewer, noting, 'change'),
            work,
          )
        : database.asViewer(viewer, work, mode),
    asTask: (task, municipality, work, mode) =>
      mode === 'change'
        ? noted(municipality, false, (noting) => database.asTask(task, municipality, noting, 'change'), work)
        : database.asTask(task, municipality, work, mode),
  };
}

/** Begins no statement that could not end in time. */
const inTime = ({ rows }: Transaction, { until }: ChangeUnderWay): Transaction => ({
  async rows(sql, values) {
    if (performance.now() > until - timeLimits.statement) throw tooLate();
    return rows(sql, values);
  },
});

const tooLate = () => new Fault('SUBGRAPH_UNAVAILABLE', 'The change took too long and was not made. Try again later.');

/** What was made under an entry, once everything under way has ended. Nothing more is made under it afterwards. */
export async function closeChange(database: Database, municipality: string, entry: string): Promise<Made> {
  const [row] = await database.asTask(
    'close-change',
    municipality,
    (tx) => tx.rows<Made>('SELECT * FROM close_change($1, $2)', [municipality, entry]),
    'change',
  );
  return row!;
}

/** Removes records that nobody can ask for any more. */
const forgetChanges = (database: Database, municipality: string): Promise<void> =>
  database.asTask('forget-changes', municipality, async (tx) => {
    for (const table of ['change_made', 'shielded_change_made'])
      await tx.rows(`DELETE FROM ${table} WHERE municipality = $1 AND at < clock_timestamp() - interval '60 days'`, [
        municipality,
      ]);
  });

/** Internal endpoints of every room, for the gateway. */
export const changeEndpoints = {
  'close-change': async ({ database }: { database: Database }, body: unknown) => {
    const { municipality, entry } = asked(body);
    if (!isUuid(entry)) throw new Fault('BAD_USER_INPUT');
    return closeChange(database, municipality, entry);
  },
  'forget-changes': async ({ database }: { database: Database }, body: unknown) => {
    await forgetChanges(database, asked(body).municipality);
    return {};
  },
} as const;

function asked(body: unknown): { municipality: string; entry: string } {
  const { municipality, entry } = (body ?? {}) as Record<string, unknown>;
  if (typeof municipality !== 'string' || !/^\d{4}$/.test(municipality)) throw new Fault('BAD_USER_INPUT');
  return { municipality, entry: String(entry) };
}
