/**
 * What the walls of the database cost: the cases room's statements with its login, row-level security and the settings of a viewer, and
 * the same texts with the same values as the owner, whom no policy binds and who sets nothing. Both in a transaction, interleaved.
 */
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { median, shuffled } from './statistics.mjs';

/** The worst ratio of the medians, and all of them. */
export async function wallsRatio({ built, secret, rounds, perPage, world }) {
  const store = await built('cases/store.js');
  const { visible } = await built('cases/sight.js');
  const { criteriaOf } = await built('cases/criteria.js');
  const { openDatabase } = await built('postgres/database.js');
  const { roleOf, roomUrl } = await built('postgres/migrate.js');
  const name = new URL(world.ownerUrl).pathname.slice(1);
  const database = openDatabase(roomUrl(world.ownerUrl, roleOf(name, 'cases'), secret));
  const owner = await openOwner(built, world.ownerUrl);
  try {
    const [order, all] = ['CHANGED_AT_DESC', criteriaOf(null)];
    const page = (tx, sight, after) => store.findCases(tx, sight, all, order, { size: perPage, after, counted: false });
    const turns = Object.entries(world.viewers).flatMap(([viewer, who]) => {
      const sight = visible(who);
      const statements = {
        citizenCases: (tx, round) =>
          store.findCasesOf(tx, sight, [world.citizens[round]], all, order, { size: 20, after: null, counted: false }),
        case: (tx, round) => store.casesById(tx, sight, [world.ids[round % world.ids.length]]),
        page1: (tx) => page(tx, sight, null),
        page1000: (tx) => page(tx, sight, positionIn(world.cursors[viewer])),
      };
      return Object.entries(statements).map(([statement, run]) => ({
        ...{ viewer, statement, with: [], without: [] },
        ways: {
          with: (round) => database.asViewer(who, (tx) => run(tx, round)),
          // As the room: the statements of a cleared viewer have no names.
          without: (round) => owner.transact(viewer === 'uncleared', (tx) => run(tx, round)),
        },
      }));
    });
    for (let round = 0; round < rounds; round += 1)
      for (const turn of shuffled([...turns])) {
        // What is read has been read before, by both.
        const [one, other] = [await turn.ways.with(round), await turn.ways.without(round)];
        if (JSON.stringify(one) !== JSON.stringify(other))
          throw new Error(`${turn.viewer}, ${turn.statement}: the owner found other rows`);
        for (const way of shuffled(['with', 'without'])) {
          const began = performance.now();
          await turn.ways[way](round);
          turn[way].push(performance.now() - began);
        }
      }
    const statements = turns.map(({ viewer, statement, with: withWalls, without }) => {
      const [withMs, withoutMs] = [median(withWalls), median(without)];
      return { viewer, statement, withMs, withoutMs, ratio: withMs / withoutMs };
    });
    return { ratio: Math.max(...statements.map(({ ratio }) => ratio)), statements };
  } finally {
    await owner.end();
    await database.close();
  }
}

const positionIn = (cursor) => {
  const [, key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  return { key, id };
};

/** Settled and read as the room's login is, but for the policies. */
async function openOwner(built, ownerUrl) {
  const { connectionOf } = await built('postgres/connection-options.js');
  const { DATE, INT8 } = pg.types.builtins;
  const getTypeParser = (oid, format) => {
    if (oid === DATE) return (value) => value;
    return oid === INT8 ? Number : pg.types.getTypeParser(oid, format);
  };
  const client = new pg.Client({ ...connectionOf(ownerUrl), pipeline: true, types: { getTypeParser } });
  await client.connect();
  for (const setting of ['search_path = cases', 'enable_seqscan = off', 'jit = off', 'row_security = off'])
    await client.query(`SET ${setting}`);
  const names = new Map();
  return {
    end: () => client.end(),
    async transact(isNamed, work) {
      const begun = client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const rows = async (text, values) => {
        if (isNamed && !names.has(text)) names.set(text, `viewer ${names.size}`);
        return (await client.query({ ...(isNamed && { name: names.get(text) }), text, values })).rows;
      };
      const [result] = await Promise.all([work({ rows }), begun]);
      await client.query('COMMIT');
      return result;
    },
  };
}
