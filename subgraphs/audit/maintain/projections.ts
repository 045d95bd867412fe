/**
 * Checks whether the tables by which entries are found match the leaves. The database compares them as sets, one log at a time.
 * Results name places in the log only, never a row.
 */
import type { Query } from '../../postgres/owner.js';
import type { ArchiveRecord, LogHeader } from '../verify/archive-form.js';
import { placeOf, rowsOf } from '../verify/place.js';

/** Yields a finding for each kind of difference between a log's leaves and its tables. */
export async function* checkProjections(query: Query, log: LogHeader): AsyncGenerator<ArchiveRecord> {
  const { prefix, where, values } = placeOf(log);
  const sealed = prefix === 'sealed_';
  for (const [table, sql] of [
    [`${prefix}entry_citizen`, sealed ? sealedCitizens : citizens],
    [`${prefix}entry_mention`, mentions],
  ] as const) {
    const kept = `SELECT *, ${sealed ? 'sealed_by IS DISTINCT FROM $4' : 'false'} AS strays FROM ${table} WHERE ${where}`;
    const row = await attempt(query, withLeaves(prefix, where, sql(kept)), [
      ...values,
      ...(sealed ? [log.sealedBy] : []),
    ]);
    if (!row) yield { finding: `${table} cannot be compared: a leaf is no JSON`, where: '' };
    else
      for (const [kind, finding] of kinds)
        if (row[kind] > 0) yield { finding: `${table} ${finding}`, where: placeIn(row, kind) };
  }
  const [row] = await query<{ changed: number }>(
    `SELECT count(*) AS changed FROM ${prefix}operation
     WHERE ${where} AND encode(sha256(convert_to(definition, 'UTF8')), 'hex') <> hash`,
    values,
  );
  if (row!.changed > 0)
    yield { finding: `${prefix}operation holds a text that is not the one of its hash`, where: rowsOf(row!.changed) };
}

/**
 * Checks that every row is under its log's seal, which keeps readers away. This includes rows that no leaf mentions, and rows whose
 * entries are gone.
 */
export async function* checkSeals(query: Query, log: LogHeader): AsyncGenerator<ArchiveRecord> {
  if (placeOf(log).prefix === '') return;
  for (const table of ['sealed_operation', 'sealed_checkpoint', 'sealed_subtree']) {
    const [row] = await query<{ strays: number }>(
      `SELECT count(*) AS strays FROM ${table} WHERE municipality = $1 AND log = $2 AND sealed_by IS DISTINCT FROM $3`,
      [log.municipality, log.log, log.sealedBy],
    );
    if (row!.strays > 0) yield { finding: `${table} lies under another seal than its log`, where: rowsOf(row!.strays) };
  }
}

interface Difference {
  readonly lost: number;
  readonly added: number;
  readonly changed: number;
  /** Places of the first entries concerned. */
  readonly first_lost: number | null;
  readonly first_changed: number | null;
}

const kinds = [
  ['lost', 'lacks what the leaf says'],
  ['added', 'has a row that no leaf speaks of'],
  ['changed', 'says something else than the leaf'],
] as const;

const placeIn = (row: Difference, kind: (typeof kinds)[number][0]): string => {
  if (kind === 'added') return rowsOf(row.added);
  return `entry ${kind === 'lost' ? row.first_lost : row.first_changed} (${rowsOf(row[kind])})`;
};

/** Extracts the needed members of each leaf once. An operator on the whole leaf would parse it again for every row. */
const withLeaves = (prefix: string, where: string, rest: string) =>
  `WITH RECURSIVE said AS MATERIALIZED (
     SELECT seq, id, at, leaf.* FROM (SELECT * FROM ${prefix}entry WHERE ${where}) AS kept CROSS JOIN LATERAL json_to_record(kept.leaf::json)
       AS leaf (operation json, actor json, organisation text, use text, outcome text, purpose text, citizens json, cases json, criterion json, "actingFor" text)
   ), ${rest}
   SELECT count(*) FILTER (WHERE kept IS NULL AND must) AS lost, count(*) FILTER (WHERE meant IS NULL) AS added,
          count(*) FILTER (WHERE kept IS NOT NULL AND meant IS NOT NULL AND differs) AS changed,
          min(seq) FILTER (WHERE kept IS NULL AND must) AS first_lost,
          min(seq) FILTER (WHERE kept IS NOT NULL AND meant IS NOT NULL AND differs) AS first_changed
   FROM compared`;

/** Citizens who were looked up. The employee is named or not, as the municipality had decided at the time. */
const citizens = (kept: string) => `
  compared AS (
    SELECT m.seq, m.id AS meant, k.entry AS kept, true AS must,
           (k.at, k.seq, k.organisation, k.use, k.purpose) IS DISTINCT FROM (m.at, m.seq, m.organisation, m.use, m.purpose)
           OR k.shown IS DISTINCT FROM (
             m.outcome <> 'DENIED' AND NOT coalesce(m.actor ->> 'kind' = 'Citizen' AND m.actor ->> 'id' = m.citizen, false)
           )
           OR (k.employee IS NOT NULL AND (m.actor ->> 'kind', m.actor ->> 'id') IS DISTINCT FROM ('Employee', k.employee)) AS differs
    FROM (${eachOf('citizens', 'citizen')}) AS m
    FULL JOIN (${kept}) AS k ON k.entry = m.id AND k.citizen = m.citizen
  )`;

const sealedCitizens = (kept: string) => `
  compared AS (
    SELECT m.seq, m.id AS meant, k.entry AS kept, true AS must, (k.at, k.seq) IS DISTINCT FROM (m.at, m.seq) OR k.strays AS differs
    FROM (${eachOf('citizens', 'citizen')}) AS m
    FULL JOIN (${kept}) AS k ON k.entry = m.id AND k.citizen = m.citizen
  )`;

/** Each distinct text of a list, once per entry. */
function eachOf(list: 'citizens' | 'cases', name: string): string {
  return `SELECT said.*, one.${name} FROM said CROSS JOIN LATERAL (
    SELECT DISTINCT value AS ${name} FROM json_array_elements_text(said.${list}) AS value
  ) AS one`;
}

/**
 * The rule of `searchedIn` in `ingest/append.ts`: the cases, the organisation acted for, and at most 50 texts and numbers of the
 * criterion. Of more than 50, which ones are kept depends on their order, so any 50 are accepted. Length is counted in UTF-16 units,
 * as in JavaScript. Entries without an operation, which maintenance writes, need not be found this way.
 */
const mentions = (kept: string) => `
  node AS (
    SELECT seq, id, at, criterion AS value, operation ->> 'hash' <> '' AS must FROM said
    UNION ALL
    SELECT n.seq, n.id, n.at, child.value, n.must FROM node n CROSS JOIN LATERAL (
      SELECT value FROM json_each(CASE json_typeof(n.value) WHEN 'object' THEN n.value ELSE '{}' END) WHERE key <> 'field'
      UNION ALL
      SELECT value FROM json_array_elements(CASE json_typeof(n.value) WHEN 'array' THEN n.value ELSE '[]' END)
    ) AS child
  ), searched AS (
    SELECT DISTINCT seq, id, at, value #>> '{}' AS value, must FROM node
    WHERE json_typeof(value) = 'number' OR (json_typeof(value) = 'string' AND value #>> '{}' <> '' AND char_length(
      regexp_replace(value #>> '{}', '([\\U00010000-\\U0010ffff])', '\\1\\1', 'g')
    ) <= 200)
  ), mentioned AS (
    SELECT seq, id, at, 'CASE' AS kind, value, true AS must FROM (${eachOf('cases', 'value')}) AS of_case
    UNION ALL
    SELECT seq, id, at, 'CRITERION', value, must AND count(*) OVER (PARTITION BY seq) <= 50 FROM searched
    UNION ALL
    SELECT seq, id, at, 'ACTING_FOR', "actingFor", true FROM said WHERE "actingFor" <> ''
  ), compared AS (
    SELECT m.seq, m.id AS meant, k.entry AS kept, m.must, k.at IS DISTINCT FROM m.at OR k.strays AS differs
    FROM mentioned m FULL JOIN (${kept}) AS k
      ON k.entry = m.id AND k.kind = m.kind AND k.value = m.value
  )`;

/** Runs the comparison; `null` if a leaf is not JSON. That ends the statement, but the transaction must continue. */
async function attempt(query: Query, sql: string, values: readonly unknown[]): Promise<Difference | null> {
  await query('SAVEPOINT compared');
  try {
    return (await query<Difference>(sql, values))[0]!;
  } catch (error) {
    // 22P02 and related codes: malformed data.
    if (!String((error as { code?: unknown }).code).startsWith('22')) throw error;
    await query('ROLLBACK TO SAVEPOINT compared');
    return null;
  }
}
