/** A vendor that filters nothing, as docs/vendors.md describes one, in two worlds: its references to secret cases stay secret. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { SignJWT } from 'jose';
import { publicKeysRoute } from '../../src/http/public-keys.js';
import { ownRooms } from '../../src/supergraph/vendors.js';
import { signAccess } from '../../subgraphs/edge/access-token.js';
import { viewerSigner } from '../../subgraphs/protocol/viewer.js';
import { uncleared } from '../stories/two-worlds/compare.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';
import { type Archive, type ArchivedRow, openArchive, verifierOfGuide } from './archive.js';
import { fixedCitizen } from './attack.js';
import { listen } from './impostor.js';
import { asFile } from './vendor.js';

interface Side {
  readonly world: World;
  readonly archive: Archive;
  close(): Promise<void>;
}

/** A world with the archive in its graph. */
async function openSide(shielded: boolean, change = (supergraph: string) => supergraph): Promise<Side> {
  const archive = await openArchive();
  const supergraph = await asFile(change(archive.supergraph));
  const subgraphs = new Map([['archive', archive.url]]);
  const world = await openWorld({ shielded, supergraph: supergraph.file, subgraphs });
  await archive.trust(world.url);
  return {
    world,
    archive,
    async close() {
      await world.close();
      await archive.close();
      await supergraph.remove();
    },
  };
}

let here: Side;
let there: Side;
let ordinary: ArchivedRow[];
let secret: ArchivedRow[];
const mixed = () => [secret[0]!, ordinary[0]!, secret[1]!, ordinary[1]!, ...secret.slice(2), ...ordinary.slice(2)];

beforeAll(async () => {
  here = await openSide(true);
  there = await openSide(false);
  const { sql } = here.world.database;
  const [citizen] = await sql<{ id: string }>('SELECT id FROM identity.citizen WHERE cpr = $1', [fixedCitizen]);
  const rows = async (query: string) =>
    (await sql<{ id: string }>(query)).map(({ id }) => ({ case: id, citizen: citizen!.id }));
  ordinary = await rows("SELECT id FROM cases.ordinary_case WHERE category = 'HOUSING_BENEFIT' ORDER BY id LIMIT 3");
  secret = await rows(
    "SELECT id FROM cases.shielded_case WHERE category IN ('CHILD_CONCERN', 'SOCIAL_FRAUD') ORDER BY category, id LIMIT 4",
  );
  expect([ordinary.length, secret.length]).toEqual([3, 4]);
  await here.archive.holds(mixed());
}, 120_000);
afterAll(async () => {
  await here.close();
  await there.close();
});

const citizen = (inside: string) => `{ citizen(cpr: "${fixedCitizen}") { ${inside} } }`;
const operations = () => [
  '{ archivedCases { id } }',
  '{ archivedCases { __typename } }',
  '{ archivedCases { archiveBox archiveNotes { text case { id } } } }',
  '{ archivedCases { id category title archiveBox besideInArchive { id archiveBox besideInArchive { id } } } }',
  citizen('archivedCases { id archiveNotes { text } }'),
  citizen('name archivedCases { a: archiveBox clearance: id } cases(first: 3) { nodes { archiveBox } totalCount }'),
  ...mixed().map((row) => `{ archivedCase(id: "${row.case}") { __typename archiveBox archiveNotes { text } } }`),
];
const body = async ({ world }: Side, person: string, query: string): Promise<string> => {
  const answer = await world.ask(person, query);
  return `${answer.status} ${answer.text.replaceAll(/"reference":"[^"]+"/g, '"reference":"…"')}`;
};

describe('an archive that filters nothing', () => {
  it('is of use to those who are cleared, with what hangs on their cases', async () => {
    const { data } = (await here.world.ask('placement-secretary', '{ archivedCases { id archiveNotes { text } } }'))
      .body;
    expect(data.archivedCases.length).toBeGreaterThan(0);
    for (const found of data.archivedCases) expect(found.archiveNotes).toEqual([{ text: `about ${found.id}` }]);
    expect(secret.map((row) => row.case)).toEqual(
      expect.arrayContaining(data.archivedCases.map((found: { id: string }) => found.id)),
    );
  });

  it('gives the housing caseworker their own cases, so that the comparison is of something', async () => {
    const { data } = (await here.world.ask('housing-caseworker', '{ archivedCases { id } }')).body;
    expect(data.archivedCases).toEqual(ordinary.map((row) => ({ id: row.case })));
  });

  it.each([
    ['where the secret cases never were, and the archive has none of them', () => ordinary],
    ['where they never were, and the archive names them all the same', mixed],
  ])('tells the uncleared what it would tell %s', async (_where, rows) => {
    await there.archive.holds(rows());
    for (const person of uncleared) {
      for (const query of operations()) {
        const seen = await body(here, person, query);
        expect([person, query, seen]).toEqual([person, query, await body(there, person, query)]);
        if (!query.includes('archivedCase(')) for (const row of secret) expect(seen).not.toContain(row.case);
      }
    }
  });

  it('leaves no trace of them in the log of what was disclosed', async () => {
    await there.archive.holds(ordinary);
    const logged = async (side: Side) => {
      await body(side, 'housing-caseworker', citizen('archivedCases { id besideInArchive { id } }'));
      const [entry] = await side.world.database.sql<{ cases: string[] }>(
        'SELECT cases, citizens, fields, outcome, faults FROM audit.entry_details ORDER BY at DESC LIMIT 1',
      );
      return entry!;
    };
    const entry = await logged(here);
    expect(entry).toEqual(await logged(there));
    expect([...entry.cases].sort()).toEqual(ordinary.map((row) => row.case));
  });

  it('answers a change of a secret case as one of a case that never was', async () => {
    const change = `mutation { addArchiveNote(case: "${secret[0]!.case}", text: "x") { id archiveNotes { text } } }`;
    const seen = await body(here, 'housing-caseworker', change);
    expect(seen).toBe(await body(there, 'housing-caseworker', change));
    expect(seen).toBe('200 {"data":{"addArchiveNote":null}}');
  });

  it('tells with an object of its own beside the case: what the guide says that wall 3 cannot do', async () => {
    await there.archive.holds(ordinary);
    const query = '{ archivedFiles { pages case { id } } }';
    expect(await body(here, 'housing-caseworker', query)).not.toBe(await body(there, 'housing-caseworker', query));
  });
});

it('without wall 3 it tells: the wall holds, and not the archive', async () => {
  // Only because it takes the archive for a room: a vendor's supergraph without @shielded is refused (contract/compose.test.ts).
  const unguarded = (supergraph: string) => supergraph.replace('  @shielded(by: "clearance")\n', '');
  (ownRooms as Set<string>).add('archive');
  const side = await openSide(true, unguarded).finally(() => (ownRooms as Set<string>).delete('archive'));
  try {
    await side.archive.holds(mixed());
    expect(await body(side, 'housing-caseworker', '{ archivedCases { id archiveBox } }')).toContain(secret[0]!.case);
  } finally {
    await side.close();
  }
});

describe('the verifier of the guide', () => {
  const viewer = aViewer({ scopes: ['case:read'] });
  const query = JSON.stringify({ query: '{ archivedCases { id } }' });
  const ask = async (authorization: string | null) => {
    const response = await fetch(here.archive.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization !== null && { authorization }) },
      body: query,
    });
    return response.status;
  };
  const forged = (claims: object, typ = 'sluse-viewer+jwt', key = here.world.gatewayKey) => {
    const now = Math.floor(Date.now() / 1000);
    const right = { viewer, iss: 'sluse-gateway', aud: 'archive', iat: now, exp: now + 60 };
    return new SignJWT({ ...right, ...claims }).setProtectedHeader({ alg: 'EdDSA', typ }).sign(key);
  };
  const seconds = () => Math.floor(Date.now() / 1000);

  it('believes a token for the archive', async () => {
    expect(await ask(`Bearer ${await here.world.signer.sign(viewer, 'archive')}`)).toBe(200);
    expect(await ask(`Bearer ${await forged({})}`)).toBe(200);
  });

  it.each<[string, () => Promise<string> | string | null]>([
    ['none', () => null],
    ['an empty one', () => 'Bearer '],
    ['one for a room', () => here.world.signer.sign(viewer, 'cases')],
    ["the gateway's own, of no viewer", () => here.world.signer.signInternal('archive')],
    ['one for several subgraphs', () => forged({ aud: ['archive', 'cases'] })],
    ['one of another type', () => forged({}, 'at+jwt')],
    ['one of another issuer', () => forged({ iss: 'somebody' })],
    ['one that is over', () => forged({ iat: seconds() - 70, exp: seconds() - 10 })],
    ['one that was made to last', () => forged({ iat: seconds() - 100, exp: seconds() + 1_000 })],
    ['one without an end', () => forged({ exp: undefined })],
    ['one of another key', () => forged({}, undefined, generateKeyPairSync('ed25519').privateKey)],
    [
      'an access token of a case system',
      () =>
        signAccess(
          here.world.gatewayKey,
          here.world.url,
          { municipality: '0999', client: crypto.randomUUID(), key: crypto.randomUUID(), scopes: ['case:read'] },
          { now: new Date(), id: crypto.randomUUID() },
        ),
    ],
  ])('refuses %s', async (_what, make) => {
    const token = await make();
    expect(await ask(token === null ? null : `Bearer ${token}`)).toBe(401);
  });

  it('goes on believing while the key is changed, and believes no third', async () => {
    const [old, next, third] = [1, 2, 3].map(() => generateKeyPairSync('ed25519').privateKey);
    const app = Fastify();
    publicKeysRoute(app, viewerSigner(old!, next!).publicKeys);
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    try {
      const viewerOf = await verifierOfGuide(url);
      for (const key of [old!, next!])
        expect(await viewerOf(`Bearer ${await viewerSigner(key).sign(viewer, 'archive')}`)).toEqual(viewer);
      await expect(viewerOf(`Bearer ${await viewerSigner(third!).sign(viewer, 'archive')}`)).rejects.toThrow();
    } finally {
      await app.close();
    }
  });

  it('reads keys that are public only and may be kept for five minutes', async () => {
    const response = await fetch(`${here.world.url}/.well-known/jwks.json`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const members = ((await response.json()) as { keys: object[] }).keys.flatMap((key) => Object.keys(key));
    expect(members.sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});

describe('/health/ready', () => {
  const health = async () => {
    const response = await fetch(`${there.world.url}/health/ready`);
    return [response.status, await response.json()];
  };
  const until = async (state: string) => {
    for (let tries = 0; tries < 50; tries += 1) {
      const found = await health();
      if (JSON.stringify(found).includes(`"archive":"${state}"`)) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the archive never was ${state}`);
  };

  it('names the archive, and stays ready without it; only its own fields fail', async () => {
    expect(await until('ready')).toEqual([200, { status: 'ready', vendors: { archive: 'ready' } }]);
    await there.archive.close();
    expect(await until('not ready')).toEqual([200, { status: 'ready', vendors: { archive: 'not ready' } }]);
    const { data, errors } = (
      await there.world.ask(
        'housing-caseworker',
        citizen('name archivedCases { id } cases(first: 1) { nodes { id archiveBox } }'),
      )
    ).body;
    expect(data.citizen).toMatchObject({ name: expect.any(String), archivedCases: null });
    expect(data.citizen.cases.nodes).toEqual([{ id: expect.any(String), archiveBox: null }]);
    // Told where what was asked of the archive belongs.
    expect(errors!.map(({ path, extensions }) => [path!.join('.'), extensions.code]).sort()).toEqual([
      ['citizen', 'SUBGRAPH_UNAVAILABLE'],
      ['citizen.cases.nodes', 'SUBGRAPH_UNAVAILABLE'],
    ]);
  });

  it('does not wait for a vendor that hangs', async () => {
    const hanging = await listen(Number(new URL(there.archive.url).port));
    let release = () => {};
    hanging.does((_request, response) => {
      release = () => response.end('{}');
    });
    try {
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(await health()).toEqual([200, { status: 'ready', vendors: { archive: 'not ready' } }]);
      release();
    } finally {
      await hanging.close();
    }
  });
});
