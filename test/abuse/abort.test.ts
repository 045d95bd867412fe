/** Load: a caller who hangs up. What was asked on their behalf ends with them, but a change goes on to its end. */
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/processes.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive } from './attack.js';
import { type Impostor, replaceRoom } from './impostor.js';

let world: World;
let smdb: Impostor;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  await expectAlive(world);
  smdb = await replaceRoom(world, 'smdb');
});
afterAll(async () => {
  await smdb.close();
  await world.close();
});

/** Asks, waits until the subgraph has been asked, and hangs up. Answers with the subgraph's open response. */
async function hangUp(person: string, query: string): Promise<{ response: ServerResponse; ended: () => boolean }> {
  let reached: ServerResponse | undefined;
  let ended = false;
  smdb.does((_request, response) => {
    reached = response;
    response.once('close', () => {
      ended = !response.writableEnded;
    });
  });
  const caller = new AbortController();
  const asked = fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.tokenOf(person)}` },
    body: JSON.stringify({ query }),
    signal: caller.signal,
  }).catch((error: Error) => error.name);
  await until('the subgraph is asked', () => reached);
  caller.abort();
  expect(await asked).toBe('AbortError');
  return { response: reached!, ended: () => ended };
}

describe('a caller hangs up', () => {
  it('and the subgraph that still works on a query is told so', async () => {
    const { ended } = await hangUp('smdb-leader', '{ smdbForms { totalCount } }');
    await until('the call is ended', ended);
    await expectAlive(world);
  });

  it('but a change is not broken off, and its entry is written', async () => {
    const change = 'mutation Report { reportForm(input: { kind: REQUEST, citizen: "x", answers: {} }) { id } }';
    const { response, ended } = await hangUp('smdb-reporter', change);
    await new Promise((done) => setTimeout(done, 300));
    expect(ended()).toBe(false);
    // As a room answers: it says with its answer what it made.
    const report = { parts: ['reportForm'], inDoubt: [], cases: [], citizens: [] };
    const body = { data: { reportForm: { id: 'f1' } }, extensions: { change: report } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    await until('the change is logged', async () => {
      const [row] = await world.database.sql(
        "SELECT count(*)::int AS n FROM audit.entry_details WHERE operation_name = 'Report' AND outcome <> 'BEGUN'",
      );
      return row!.n === 1;
    });
  });
});
