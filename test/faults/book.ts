/** The log as the owner of the database finds it: every entry, ordinary and sealed, and every checkpoint that was stored. */
import type pg from 'pg';
import { readLeaf } from '../../subgraphs/audit/tree/leaf.js';

export interface Entry {
  readonly log: string;
  readonly seq: number;
  readonly id: string;
  readonly leaf: string;
  readonly transactionId: string | null;
  readonly operation: string | null;
  readonly citizens: readonly string[];
  readonly cases: readonly string[];
}

export interface Book {
  /** In the order of their logs. */
  readonly entries: readonly Entry[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly checkpoints: readonly { log: string; note: string }[];
  /** Ids of entries by citizen and case, as they are found by readers: `<entry> <citizen or case>`. */
  readonly found: ReadonlySet<string>;
}

/** Reads in one snapshot, and takes back whatever `before` did to it: a way to see what the checker says of a forged log. */
export async function bookOf(
  owner: pg.Client,
  before: (owner: pg.Client) => Promise<unknown> = async () => {},
): Promise<Book> {
  await owner.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    await before(owner);
    return await readBook(owner);
  } finally {
    await owner.query('ROLLBACK');
  }
}

async function readBook(owner: pg.Client): Promise<Book> {
  const rows = async (sql: string) => (await owner.query(sql)).rows;
  const entries = await rows('SELECT log, seq::int, id, leaf FROM audit.every_entry ORDER BY log, seq, id');
  const logs = await rows('SELECT name, size::int FROM audit.every_log');
  return {
    entries: entries.map(({ log, seq, id, leaf }) => {
      const { transactionId, operation, citizens, cases } = readLeaf(leaf);
      return { log, seq, id, leaf, transactionId, operation: operation.name, citizens, cases };
    }),
    sizes: new Map(logs.map(({ name, size }) => [name, size])),
    checkpoints: await rows('SELECT log, note FROM audit.every_checkpoint'),
    found: new Set(
      (
        await rows(
          `SELECT entry || ' ' || citizen AS found FROM audit.every_entry_citizen
           UNION ALL SELECT entry || ' ' || value FROM audit.every_entry_mention WHERE kind = 'CASE'`,
        )
      ).map(({ found }) => found),
    ),
  };
}
