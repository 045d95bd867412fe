/** Rows into tables by COPY, several tables at once, each on a connection of its own. What PostgreSQL has not taken yet is waited for. */
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

const full = 64 * 1_024;

/** `tables`: columns by table, such as `cases.ordinary_case`. */
export async function openCopies(ownerUrl, tables) {
  const copies = new Map();
  for (const [table, columns] of Object.entries(tables)) copies.set(table, await openCopy(ownerUrl, table, columns));
  const all = [...copies.values()];
  return {
    /** Keeps a row in memory until `sent`. */
    add: (table, row) => copies.get(table).add(row),
    /** To be awaited once every few rows: sends what is a full piece, and waits where the server is behind. */
    sent: async () => {
      for (const copy of all) if (copy.isFull()) await copy.send();
    },
    /** Returns the number of rows by table. */
    end: async () => {
      for (const copy of all) await copy.end();
      return Object.fromEntries([...copies].map(([table, { count }]) => [table, count()]));
    },
    close: () => Promise.all(all.map((copy) => copy.close())),
  };
}

/** No value that is made here holds a tab, a line break or a backslash. */
export function lineOf(row) {
  let line = `${row[0]}`;
  for (let nth = 1; nth < row.length; nth += 1) line += `\t${row[nth] ?? '\\N'}`;
  return `${line}\n`;
}

async function openCopy(ownerUrl, table, columns) {
  const client = new pg.Client({ connectionString: ownerUrl });
  client.on('error', () => {});
  await client.connect();
  await client.query('SET synchronous_commit = off');
  const stream = client.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN`));
  const ended = finished(stream);
  // Told where it is waited for.
  ended.catch(() => {});
  let text = '';
  let rows = 0;
  const send = async () => {
    const piece = text;
    text = '';
    if (!stream.write(piece)) await Promise.race([new Promise((done) => stream.once('drain', done)), ended]);
  };
  return {
    add(row) {
      rows += 1;
      text += lineOf(row);
    },
    isFull: () => text.length > full,
    send,
    count: () => rows,
    async end() {
      await send();
      stream.end();
      await ended;
    },
    close: () => client.end().catch(() => {}),
  };
}

/**
 * Takes foreign keys, secondary indexes and triggers from the tables of these schemas for as long as `work` runs. Afterwards indexes are
 * built at once, which is several times as fast as row by row, and PostgreSQL checks every foreign key when it is put back.
 */
export async function withoutIndexes(owner, schemas, work) {
  const { rows: keys } = await owner.query(
    `SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint
     WHERE contype = 'f' AND conparentid = 0 AND connamespace::regnamespace::text = ANY ($1) ORDER BY conrelid, oid`,
    [schemas],
  );
  const { rows: indexes } = await owner.query(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relnamespace::regnamespace::text = ANY ($1) AND NOT c.relispartition
       AND NOT i.indisprimary AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
     ORDER BY i.indexrelid`,
    [schemas],
  );
  const { rows: told } = await owner.query(
    `SELECT DISTINCT tgrelid::regclass::text AS table FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
     WHERE NOT tgisinternal AND NOT relispartition AND relnamespace::regnamespace::text = ANY ($1)`,
    [schemas],
  );
  for (const { table } of told) await owner.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  for (const { table, name } of keys) await owner.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  for (const { name } of indexes) await owner.query(`DROP INDEX ${name}`);
  const result = await work();
  await owner.query(`SET maintenance_work_mem = '512MB'`);
  for (const { definition } of indexes) await owner.query(definition);
  for (const { table, name, definition } of keys)
    await owner.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  for (const { table } of told) await owner.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  await owner.query('RESET maintenance_work_mem');
  return result;
}
