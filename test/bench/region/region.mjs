/**
 * Makes a region in an empty database, as its owner: municipalities with citizens, cases, documents and courses of treatment. The same
 * seed and sizes make the same rows. Memory does not grow with the number of cases.
 */
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { columns as caseColumns, casesOf } from './cases.mjs';
import { openCopies, withoutIndexes } from './copy.mjs';
import { columns as courseColumns, coursesOf } from './courses.mjs';
import { peopleOf, placesOf } from './places.mjs';

/** What is made for ten million cases, by the number of cases. */
export const sizesOf = (cases) => ({
  ...{ municipalities: 20, cases },
  citizens: Math.round(cases * 0.12),
  courses: Math.round(cases * 0.04),
});

const schemas = ['identity', 'cases', 'smdb'];
/** Rows are added in between. */
const often = 200;

const peopleTables = {
  'identity.organisation': 'municipality, id, cvr, name, kind, part_of',
  'identity.employee': 'municipality, id, name, organisation',
  'identity.citizen': 'municipality, id, cpr, name, born_on, street, postcode, city',
  'identity.relation': 'municipality, citizen, relative, kind, custody',
};
const caseTables = Object.fromEntries([
  ...['ordinary', 'shielded'].flatMap((storage) =>
    ['case', 'party', 'document'].map((table) => [`cases.${storage}_${table}`, caseColumns[table]]),
  ),
  ['cases.number_series', caseColumns.number_series],
  ...Object.entries(courseColumns).map(([table, columns]) => [`smdb.${table}`, columns]),
]);

/**
 * `build`: folder of the built Sluse. Returns rows by table, the seconds that COPY, and then indexes, keys and statistics took, and
 * what more rows are made with. Throws for a database in which there is a table already.
 */
export async function makeRegion({ build, ownerUrl, secret, seed = 1, sizes }) {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await refuseUsed(owner);
    const { migrateRooms } = await import(`${build}/subgraphs/migrations.js`);
    await migrateRooms(ownerUrl, secret, false);
    const { places, people, casesBy, coursesIn } = await plan({ build, owner, seed, sizes });
    const began = performance.now();
    let copied = began;
    const rows = await withoutIndexes(owner, schemas, async () => {
      const rows = {
        ...(await copying(ownerUrl, peopleTables, (copies) => writePeople(copies, places, people))),
        ...(await copying(ownerUrl, caseTables, (copies) =>
          writeCases(copies, places, people, casesBy(seed), coursesIn),
        )),
      };
      copied = performance.now();
      return rows;
    });
    await owner.query(`VACUUM (ANALYZE) ${Object.keys(rows).join(', ')}`);
    return {
      ...{ rows, places, people, casesBy },
      copySeconds: (copied - began) / 1_000,
      indexSeconds: (performance.now() - copied) / 1_000,
    };
  } finally {
    await owner.end();
  }
}

async function refuseUsed(owner) {
  const { rows } = await owner.query(
    `SELECT FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
     LIMIT 1`,
  );
  if (rows.length > 0)
    throw new Error('expected an empty database, and there are tables in this one. Make another one, with createdb.');
}

async function plan({ build, owner, seed, sizes }) {
  const of = (file) => import(`${build}/subgraphs/${file}`);
  const kinds = await of('demo/case-kinds.js');
  const { drawnFor } = await of('demo/random.js');
  const { authorityCodes, standingCompartments } = await of('protocol/compartments.js');
  const { rows: known } = await owner.query(
    'SELECT municipality AS code, name FROM identity.municipality ORDER BY municipality',
  );
  const units = standingCompartments('').map(({ authority, category }) => `${authority}.${category}`);
  const people = peopleOf(seed, units, drawnFor);
  return {
    ...{ people, places: placesOf(sizes, known) },
    /** Cases of another seed are others. */
    casesBy: (seed, lastSerial) => casesOf(seed, { kinds, authorities: authorityCodes, people, lastSerial }),
    coursesIn: (add) => coursesOf(seed, { people, add }),
  };
}

/** Runs `write` with copies of these tables, and returns how many rows each took. */
async function copying(ownerUrl, tables, write) {
  const copies = await openCopies(ownerUrl, tables);
  try {
    await write(copies);
    return await copies.end();
  } finally {
    await copies.close();
  }
}

async function writePeople({ add, sent }, places, people) {
  const of = { organisation: 'organisations', employee: 'employees', citizen: 'citizens', relation: 'relations' };
  for (const place of places)
    for (const [table, rows] of Object.entries(of)) {
      let nth = 0;
      for (const row of people[rows](place)) {
        add(`identity.${table}`, row);
        if (++nth % often === 0) await sent();
      }
    }
}

async function writeCases({ add, sent }, places, people, casesIn, coursesIn) {
  const treatedIn = coursesIn((table, row) => add(`smdb.${table}`, row));
  for (const place of places) {
    const courses = treatedIn(place);
    let nth = 0;
    const made = casesIn(place);
    for (;;) {
      const { value, done } = made.next();
      if (done) {
        for (const [key, last] of value) add('cases.number_series', [place.code, ...key.split('\t'), last]);
        break;
      }
      addCase(add, place, people, value);
      courses.tell(value);
      if (++nth % often === 0) await sent();
    }
    for (const _course of courses.end()) if (++nth % often === 0) await sent();
  }
}

/** A case with what hangs on it. */
export function addCase(add, place, people, { isShielded, id, compartment, row, parties, documents }) {
  const storage = isShielded ? 'shielded' : 'ordinary';
  add(`cases.${storage}_case`, row);
  for (const [citizen, role] of parties)
    add(`cases.${storage}_party`, [place.code, id, people.citizen(place, citizen), compartment, role]);
  for (const document of documents) add(`cases.${storage}_document`, document);
}
