/**
 * Appends entries inside a transaction of the owner, for commands: what the command changes and the entry about it are committed
 * together or not at all. The next checkpoint of a running audit room covers the entry.
 */
import { randomUUID } from 'node:crypto';
import type { RoomServices } from '../../kit/subgraph.js';
import type { Database, Tasks, Transaction } from '../../postgres/database.js';
import type { Query } from '../../postgres/owner.js';
import { type LogEntry, packed } from '../../protocol/log-entry.js';
import { append } from './append.js';
import { openWriter } from './log-router.js';

/**
 * Throws `AUDIT_UNAVAILABLE` if they cannot be appended; the caller then rolls back. The open log is locked until the transaction
 * ends, so this comes last. `schema`: the search path to return to.
 */
export async function appendAsOwner(query: Query, entries: readonly LogEntry[], schema: string): Promise<void> {
  const tasks = ownerTasks(query);
  // Of the services of a room, the writer needs these.
  const services = {
    database: { ...tasks, apart: tasks } as Database,
    now: () => new Date(),
    log: { error: () => {} },
  } as unknown as RoomServices;
  await query('SET LOCAL search_path = audit');
  const writer = openWriter(services, { salt: () => randomUUID(), employeesShown: () => false });
  const { refused } = await append(writer, packed(entries));
  if (refused.length > 0) throw new Error(`the log refused an entry: ${refused[0]!.reason}`);
  await query(`SET LOCAL search_path = ${schema}`);
}

/** A statement that fails is undone alone, as it would be in a transaction of its own: the writer looks again and retries. */
function ownerTasks(query: Query): Tasks {
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    await query('SAVEPOINT task');
    try {
      const result = await work();
      await query('RELEASE SAVEPOINT task');
      return result;
    } catch (error) {
      await query('ROLLBACK TO SAVEPOINT task');
      throw error;
    }
  };
  const transaction: Transaction = { rows: query };
  return {
    asTask: (_task, _municipality, work) => alone(() => work(transaction)),
    statement: (sql, values) => alone(async () => void (await query(sql, values))),
  };
}
