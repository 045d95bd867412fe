/** All SQL of the checks that the log makes of itself: whether it can be durable, and whether it matches what citizens are shown. */
import type { Transaction } from '../../postgres/database.js';
import { type LogKey, partOf, storageOf } from '../tree/log-store.js';

/**
 * Settings under which a committed entry would not survive a power cut, as `name = value`; empty if all is well. Check before the
 * room opens: an answer leaves only once its entry is durable, and these settings decide what durable means.
 */
export async function checkDurability(tx: Transaction): Promise<string[]> {
  const settings = await tx.rows<{ name: string; value: string }>(
    `SELECT name, current_setting(name) AS value
     FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name`,
  );
  return settings.filter(({ value }) => value === 'off').map(({ name, value }) => `${name} = ${value}`);
}

/**
 * Throws if nothing can be made durable: on a standby, a read-only database, a full disk. It writes to the server's write-ahead log
 * only.
 */
export const checkWritable = async (tx: Transaction): Promise<void> =>
  void (await tx.rows(`SELECT pg_logical_emit_message(true, 'sluse', 'ready')`));

/**
 * Citizens for whom the projections do not match the leaves, in a part of a log. The number of times they are shown in the citizen's
 * own view and withheld from it must add up to the number of times the leaves name them, and each must match the leaves.
 */
export function unreconciled(tx: Transaction, log: LogKey, from: number, to: number): Promise<{ citizen: string }[]> {
  const prefix = storageOf(log);
  // Sealed entries are never shown.
  const [toBeShown, isShown] = prefix === '' ? [shownByLeaf, 't.shown'] : ['false', 'false'];
  const { where, values } = partOf(log, from, to);
  return tx.rows(
    // Parses each leaf once, and not again for every citizen in it.
    `WITH part AS MATERIALIZED (
       SELECT t.seq, leaf.citizens, leaf.outcome, leaf.actor
       FROM ${prefix}entry t CROSS JOIN LATERAL json_to_record(t.leaf::json) AS leaf (citizens json, outcome text, actor json) ${where}
     ), named AS (
       SELECT citizen, count(*) FILTER (WHERE shown) AS shown, count(*) FILTER (WHERE NOT shown) AS withheld
       FROM (
         SELECT DISTINCT p.seq, c.citizen, ${toBeShown} AS shown
         FROM part p CROSS JOIN LATERAL json_array_elements_text(p.citizens) AS c (citizen)
       ) AS one GROUP BY citizen
     ), projected AS (
       SELECT t.citizen, count(*) FILTER (WHERE ${isShown}) AS shown, count(*) FILTER (WHERE NOT ${isShown}) AS withheld
       FROM ${prefix}entry_citizen t ${where} GROUP BY t.citizen
     )
     SELECT citizen FROM named n FULL JOIN projected p USING (citizen)
     WHERE (n.shown, n.withheld) IS DISTINCT FROM (p.shown, p.withheld)`,
    values,
  );
}

/** `isShown` of ingest/store.ts, in SQL. */
const shownByLeaf = `p.outcome <> 'DENIED' AND NOT coalesce(p.actor ->> 'kind' = 'Citizen' AND p.actor ->> 'id' = c.citizen, false)`;
