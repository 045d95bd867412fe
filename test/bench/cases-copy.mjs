/** How many cases a second PostgreSQL takes by COPY, with their parties, where there are many already: what an import is held against. */
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { columns } from './region/cases.mjs';
import { lineOf } from './region/copy.mjs';
import { addCase } from './region/region.mjs';

/** In one durable transaction, with all indexes, and every constraint checked. The rows are made before the clock starts. */
export async function copyPerSecond({ ownerUrl, place, made }, count) {
  const texts = new Map();
  const add = (table, row) => texts.set(table, `${texts.get(table) ?? ''}${lineOf(row)}`);
  // Another seed makes other cases; their numbers begin where nobody else's are.
  for (const one of made.casesBy(2, 100_000_000)({ ...place, cases: count }))
    addCase(add, place, made.people, { ...one, documents: [] });
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    const began = performance.now();
    await owner.query('BEGIN');
    for (const table of ['case', 'party'])
      for (const storage of ['ordinary', 'shielded']) {
        const name = `cases.${storage}_${table}`;
        const copy = copyFrom(`COPY ${name} (${columns[table]}) FROM STDIN`);
        await pipeline(Readable.from([texts.get(name) ?? '']), owner.query(copy));
      }
    await owner.query('COMMIT');
    return count / ((performance.now() - began) / 1_000);
  } finally {
    await owner.end();
  }
}
