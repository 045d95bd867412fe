/** Reads whole logs from the database as records, page by page. It connects as the owner, whom row-level security does not stop. */
import type { Query } from '../../postgres/owner.js';
import { checkProjections, checkSeals } from '../maintain/projections.js';
import { type ArchiveRecord, type Columns, isLogName, type LogHeader, type Selection } from './archive-form.js';
import { placeOf, rowsOf } from './place.js';

/** Leaves, or checkpoints, that are read at once. */
const page = 5_000;

export interface ArchiveOptions {
  readonly only?: Selection;
  /** Also reads everything that repeats the leaves: columns, subtrees and projections. Not part of an export. */
  readonly beside?: boolean;
}

/** Yields the records of the selected logs, in the order of municipality, month and name. */
export async function* readArchive(
  query: Query,
  { only = {}, beside = false }: ArchiveOptions = {},
): AsyncGenerator<ArchiveRecord> {
  if (only.municipality !== undefined || only.logs !== undefined) yield { only };
  for (const log of await logsIn(query, only)) {
    yield log;
    yield* definitionsOf(query, log);
    yield* contentsOf(query, log, beside);
    if (beside && log.droppedAt === null) yield* checkProjections(query, log);
    if (beside) yield* checkSeals(query, log);
  }
  if (beside) yield* orphans(query);
}

const logsIn = async (query: Query, { municipality, logs }: Selection): Promise<LogHeader[]> => {
  const rows = await query<Omit<LogHeader, 'droppedAt'> & { droppedAt: Date | null }>(
    `SELECT name AS log, municipality, month, size, sealed_by AS "sealedBy", dropped_at AS "droppedAt" FROM every_log
     WHERE ($1::text IS NULL OR municipality = $1) AND ($2::text[] IS NULL OR name = ANY ($2))
     ORDER BY municipality, month, name`,
    [municipality ?? null, logs ?? null],
  );
  return rows.map((row) => ({ ...row, droppedAt: row.droppedAt?.toISOString() ?? null }));
};

async function* definitionsOf(query: Query, log: LogHeader): AsyncGenerator<ArchiveRecord> {
  const { prefix, where, values } = placeOf(log);
  for (let after = ''; ; ) {
    const rows = await query<{ hash: string; definition: string }>(
      `SELECT hash, definition FROM ${prefix}operation WHERE ${where} AND hash > $${values.length + 1}
       ORDER BY hash LIMIT ${page}`,
      [...values, after],
    );
    for (const { definition } of rows) yield { definition };
    if (rows.length < page) return;
    after = rows.at(-1)!.hash;
  }
}

/** Leaves, each followed by what was signed or folded when the log had that size. */
async function* contentsOf(query: Query, log: LogHeader, beside: boolean): AsyncGenerator<ArchiveRecord> {
  const { prefix, where, values } = placeOf(log);
  const columns = beside
    ? ', id, at, actor_id AS "actorId", use, outcome, operation_hash AS "operationHash", operation_name AS "operationName"'
    : '';
  const seal = beside && prefix === 'sealed_' ? ', sealed_by AS "sealedBy"' : '';
  let count = 0;
  let last = -1;
  for (const { record } of await marksBetween(query, log, -1, 0, beside)) yield record;
  for (let more = true; more; ) {
    const rows = await query<{ seq: number; leaf: string } & Columns>(
      `SELECT seq, leaf${columns}${seal} FROM ${prefix}entry WHERE ${where} AND seq > $${values.length + 1}
       ORDER BY seq LIMIT ${page}`,
      [...values, last],
    );
    const marks = await marksBetween(query, log, count, count + rows.length, beside);
    let next = 0;
    for (const { seq, leaf, ...columns } of rows) {
      yield beside ? { leaf, seq, columns } : { leaf };
      count += 1;
      for (let mark = marks[next]; mark?.size === count; mark = marks[next]) {
        yield mark.record;
        next += 1;
      }
    }
    last = rows.at(-1)?.seq ?? last;
    more = rows.length === page;
  }
  yield* marksBeyond(query, log, count, beside);
}

/** A checkpoint or a subtree, and the number of leaves that it follows. */
interface Mark {
  readonly size: number;
  readonly record: ArchiveRecord;
}

async function marksBetween(query: Query, log: LogHeader, from: number, to: number, beside: boolean): Promise<Mark[]> {
  const prefix = log.sealedBy.length === 0 ? '' : 'sealed_';
  const values = [log.municipality, log.log, from, to];
  const checkpoints = await query<{ size: number; note: string; at: Date }>(
    `SELECT size, note, at FROM ${prefix}checkpoint WHERE municipality = $1 AND log = $2 AND size > $3 AND size <= $4 ORDER BY size`,
    values,
  );
  const subtrees = beside
    ? await query<{ level: number; index: number; hash: Buffer }>(
        `SELECT level, index, hash FROM generate_series(1, 5) AS of_level JOIN ${prefix}subtree ON level = of_level
         WHERE municipality = $1 AND log = $2
           AND index >= $3::bigint / (256 ^ of_level)::bigint AND index < $4::bigint / (256 ^ of_level)::bigint`,
        values,
      )
    : [];
  const marks: Mark[] = [
    ...subtrees.map((subtree) => ({ size: (subtree.index + 1) * 256 ** subtree.level, record: { subtree } })),
    ...checkpoints.map(({ size, note, at }) => ({ size, record: { checkpoint: note, ...(beside ? { at } : {}) } })),
  ];
  return marks.sort((one, other) => one.size - other.size);
}

/** Marks for more leaves than there are: somebody has removed the rest. */
async function* marksBeyond(
  query: Query,
  log: LogHeader,
  count: number,
  beside: boolean,
): AsyncGenerator<ArchiveRecord> {
  const prefix = log.sealedBy.length === 0 ? '' : 'sealed_';
  const of = 'WHERE municipality = $1 AND log = $2';
  for (let after = count; ; ) {
    const rows = await query<{ size: number; note: string }>(
      `SELECT size, note FROM ${prefix}checkpoint ${of} AND size > $3 ORDER BY size LIMIT ${page}`,
      [log.municipality, log.log, after],
    );
    for (const { note } of rows) yield { checkpoint: note };
    if (rows.length < page) break;
    after = rows.at(-1)!.size;
  }
  if (!beside || log.droppedAt !== null) return;
  const [row] = await query<{ subtrees: number }>(
    `SELECT count(*) AS subtrees FROM ${prefix}subtree ${of} AND (index + 1) * (256 ^ level)::bigint > $3`,
    [log.municipality, log.log, count],
  );
  if (row!.subtrees > 0) yield { finding: 'stand for more entries than there are', where: 'stored subtrees' };
}

/**
 * Rows that no header covers, which readers see but a walk through the logs does not: of a log that does not exist or whose entries
 * were dropped, under another municipality than the log's, or in another month's partition.
 */
async function* orphans(query: Query): AsyncGenerator<ArchiveRecord> {
  for (const prefix of ['', 'sealed_'])
    for (const [name, isOfEntries] of tables) {
      const table = `${prefix}${name}`;
      const period = prefix !== '' && isOfEntries ? "AND l.municipality || '/' || l.month = t.period" : '';
      const rows = await query<{ log: string; count: number }>(
        `SELECT log, count(*) FROM ${table} t WHERE NOT EXISTS (
           SELECT FROM ${prefix}log l
           WHERE l.municipality = t.municipality AND l.name = t.log ${isOfEntries ? 'AND l.dropped_at IS NULL' : ''} ${period}
         ) GROUP BY log ORDER BY log`,
      );
      for (const { log, count } of rows)
        yield {
          finding: `${table} holds what is of no log: none is there, or it was dropped, or is of another municipality or month`,
          where: rowsOf(count),
          of: isLogName(log) ? log : '-',
        };
    }
}

/** The tables of entries are partitioned and go with the month. The others stay. */
const tables = [
  ['entry', true],
  ['entry_citizen', true],
  ['entry_mention', true],
  ['operation', true],
  ['checkpoint', false],
  ['subtree', false],
] as const;
