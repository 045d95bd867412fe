/** SQL that brings relations, and custody with them, up to what is staged. $1: the municipality. */
import { counted, type Write } from './upsert-store.js';

const custodyGiven = `CASE WHEN 'custody' = ANY (absent) THEN NULL ELSE coalesce(custody, 'false')::boolean END`;
/** Each relation from both sides. `custody`: `NULL` where no row says; withdrawn where two rows contradict each other. */
export const wantedRelations = `SELECT citizen.id AS citizen, relative.id AS relative, given.kind, bool_and(given.custody) AS custody FROM (
    SELECT cpr, relative_cpr, kind, ${custodyGiven} AS custody
      FROM staged_relatives
    UNION ALL
    SELECT relative_cpr, cpr, CASE kind WHEN 'PARENT' THEN 'CHILD' WHEN 'CHILD' THEN 'PARENT' ELSE kind END,
           ${custodyGiven} FROM staged_relatives
  ) given
  JOIN citizen ON citizen.municipality = $1 AND citizen.cpr = given.cpr
  JOIN citizen relative ON relative.municipality = $1 AND relative.cpr = given.relative_cpr
  GROUP BY citizen.id, relative.id, given.kind`;

export const relatives: Write = async (query, municipality) => {
  const changed = await counted(
    query,
    `UPDATE relation t SET custody = s.custody FROM (${wantedRelations}) s
     WHERE t.municipality = $1 AND (t.citizen, t.relative, t.kind) = (s.citizen, s.relative, s.kind) AND t.custody <> s.custody
     RETURNING t.citizen`,
    [municipality],
  );
  const added = await counted(
    query,
    `INSERT INTO relation (municipality, citizen, relative, kind, custody)
     SELECT $1, citizen, relative, kind, coalesce(custody, false) FROM (${wantedRelations}) s
     ON CONFLICT DO NOTHING RETURNING citizen`,
    [municipality],
  );
  return { added, changed };
};
