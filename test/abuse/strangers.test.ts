/**
 * Work for strangers: what the dearest request by nobody costs those who are served, at every route; and who pays where there are too
 * many of them. The table in docs/threat-model.md says what is measured here.
 */
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openReader, type Reader, readHere } from '../../src/saml/reader.js';
import { parseMessage } from '../../src/saml/xml.js';
import { assertionRate } from '../../src/sign-in/token-endpoint.js';
import { sourceOf } from '../../subgraphs/edge/source.js';
import { once } from '../../subgraphs/process/once.js';
import { makeAssertion } from '../../subgraphs/protocol/client-assertion.js';
import { openSamlGateway, type SamlGateway } from '../support/saml-gateway.js';
import { type SignInMemory, signInMemory } from '../support/sign-in-memory.js';
import { openWorld, type World } from '../support/world.js';
import { median, ordinaryQuestion, timesAsLong } from './attack.js';

const silent = pino({ level: 'silent' });
const thread = pathToFileURL(resolve('dist/src/saml/reader-worker.js'));

/** Milliseconds of this thread that a run took. */
async function threadTime(run: () => Promise<unknown>): Promise<number> {
  const before = performance.eventLoopUtilization();
  await run();
  return performance.eventLoopUtilization(before).active;
}

const attributes = (count: number) => Array.from({ length: count }, (_, n) => ` a${n}="x"`).join('');
/** What once cost the processor most, for its size. */
const dear: [string, string][] = [
  ['twenty thousand attributes of one element', `<a${attributes(20_000)}/>`],
  ['twenty thousand attributes of four thousand elements', `<a>${`<b${attributes(5)}/>`.repeat(3_999)}</a>`],
  [
    'attributes with blanks around their signs',
    `<a${attributes(20_000).replaceAll('=', ' \n= ').replaceAll('"', "'")}/>`,
  ],
  ['eighty thousand references in a text', `<a>${'&#38;'.repeat(70_000)}</a>`],
  ['eighty thousand references in a value', `<a b="${'&amp;'.repeat(70_000)}"/>`],
  ['thousands of declarations', `<a>${'<b xmlns:c="d"/>'.repeat(3_000)}</a>`],
  ['nothing but tags', `<a>${'<b/>'.repeat(60_000)}</a>`],
];

const usual = `<a>${`<b${attributes(6)}>&amp;</b>`.repeat(200)}</a>`;

describe('XML', () => {
  it.each(dear)('of %s is refused for its size before it is parsed', async (_what, text) => {
    const refused = () => {
      expect(() => parseMessage(text)).toThrow('too large, too deep or too many elements');
    };
    // For less than reading a text of a usual size.
    expect(
      await timesAsLong(
        async () => refused(),
        async () => void parseMessage(usual),
        11,
      ),
    ).toBeLessThan(1);
  });

  it('of a usual size is read as ever', () => {
    expect(parseMessage(usual).localName).toBe('a');
  });
});

/** What reading takes, done here. */
function readable(text: string): void {
  try {
    parseMessage(text);
  } catch {
    // Refused, once it was read.
  }
}

describe('a SAML message', () => {
  let memory: SignInMemory;
  let gateway: SamlGateway;
  let read: string[];
  const noting = (reader: Reader): Reader => ({
    response(encoded, reading) {
      read.push('response');
      return reader.response(encoded, reading);
    },
    logout(arrived, reading) {
      read.push('logout');
      return reader.logout(arrived, reading);
    },
    close: () => reader.close(),
  });
  beforeAll(async () => {
    read = [];
    memory = signInMemory();
    const reader = noting(openReader(thread, silent));
    gateway = await openSamlGateway({ identity: memory.internal, reader, refusalTakes: 0 });
  });
  afterAll(() => gateway.close());

  it('is not read of a browser that began no sign-in, nor an answer to a log-out that none asked for', async () => {
    read = [];
    const { request } = await gateway.browser().begin();
    const good = await gateway.idp.respond(gateway.service, request);
    expect((await gateway.browser().acs(good)).status).toBe(403);
    expect(gateway.logged()).toMatchObject([{ faults: ['SIGN_IN_REFUSED', 'SIGN_IN_OTHER_BROWSER'] }]);
    expect((await gateway.browser().post('/saml/logout', { SAMLResponse: good })).status).toBe(403);
    expect((await gateway.browser().get('/saml/logout?SAMLResponse=x&SigAlg=y&Signature=z')).status).toBe(403);
    expect(gateway.logged().map(({ faults }) => faults[1])).toEqual(Array(2).fill('SAML_IN_RESPONSE_TO'));
    expect(read).toEqual([]);
    expect((await gateway.browser().post('/saml/logout', { SAMLRequest: good })).status).toBe(403);
    expect(read).toEqual(['logout']);
  });

  it('is read in a thread beside the one that answers, and means there what it means here', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const good = await gateway.idp.respond(gateway.service, request);
    expect((await browser.acs(good)).headers.get('location')).toBe('/sandbox');
    const wrong = await gateway.idp.respond(gateway.service, request, { said: { audience: 'https://other.example' } });
    gateway.logged();
    expect((await browser.acs(wrong)).status).toBe(403);
    expect(gateway.logged()[0]!.faults).toEqual(['SIGN_IN_REFUSED', 'SAML_AUDIENCE']);
  });

  it.each([
    ['as many elements as are read', `<a>${'<b c="d">xxxxxxxx</b>'.repeat(700)}${'<b/>'.repeat(790)}</a>`],
    ['as many attributes as are read', `<a${attributes(1_490)}/>`],
    ['four hundred thousand characters', `<a>${'x'.repeat(200_000)}</a>`],
  ])(
    'of %s, by whoever has a cookie, keeps the others waiting no longer than one that is not read at all',
    async (_what, text) => {
      const browser = gateway.browser();
      await browser.begin();
      const encoded = Buffer.from(text).toString('base64');
      const post = async () => {
        const response = await browser.acs(encoded);
        await response.text();
        expect(response.status).toBe(403);
      };
      // Of a browser that began no sign-in nothing is read.
      const other = gateway.browser();
      const unread = async () => void (await (await other.acs(encoded)).text());
      await post();
      await unread();
      const took: { read: number[]; unread: number[] } = { read: [], unread: [] };
      for (let turn = 0; turn < 9; turn += 1) {
        took.unread.push(await threadTime(unread));
        took.read.push(await threadTime(post));
      }
      const here: number[] = [];
      for (let turn = 0; turn < 9; turn += 1) here.push(await threadTime(async () => void readable(text)));
      // The form is decoded here, and client and server are one process.
      expect(median(took.read)).toBeLessThan(2 * median(took.unread) + median(here) / 2);
      gateway.logged();
    },
  );

  it('that breaks the thread, or finds it gone, is refused; the next one is read by another thread', async () => {
    const ends = openReader(new URL('data:text/javascript,process.exit(3)'), silent);
    const reading = () => {
      throw new Error('not asked for');
    };
    expect(await ends.response('x', reading)).toEqual({ refused: 'SAML_MALFORMED' });
    const provider = {
      ...{ entityId: 'x', signOn: 'y', logout: null, freshFor: 0 },
      keys: () => [],
      certificates: () => [],
    };
    const some = () => ({ provider, keys: {} as never, entityId: 'e', acs: 'a', now: new Date() });
    await expect(ends.response('x', some)).rejects.toThrow('Signing in is not possible at the moment');
    await expect(ends.response('x', some)).rejects.toThrow('Signing in is not possible at the moment');
    ends.close();
    expect(await readHere.response('x', some)).toEqual({ refused: 'SAML_MALFORMED' });
  });

  it('waits behind a few others, and not behind a crowd', async () => {
    const stuck = openReader(new URL('data:text/javascript,setInterval(() => {}, 1000)'), silent);
    const provider = {
      ...{ entityId: 'x', signOn: 'y', logout: null, freshFor: 0 },
      keys: () => [],
      certificates: () => [],
    };
    const some = () => ({ provider, keys: {} as never, entityId: 'e', acs: 'a', now: new Date() });
    const all = Array.from({ length: 50 }, () => stuck.response('x', some).catch((error: Error) => error.message));
    await expect(stuck.response('x', some)).rejects.toThrow('Too many requests');
    stuck.close();
    expect(all).toHaveLength(50);
  });
});

describe('signing in, while twelve addresses send all they can', () => {
  it('is open to a browser from elsewhere', async () => {
    const memory = signInMemory();
    const gateway = await openSamlGateway({
      ...{ identity: memory.internal, refusalTakes: 0, trustedProxies: ['127.0.0.1'] },
      rate: { address: 20, all: 80 },
    });
    const login = async (address: string) => {
      const headers = { 'x-forwarded-for': address };
      const response = await fetch(`${gateway.url}/login`, { headers, redirect: 'manual' });
      await response.text();
      return response.status;
    };
    try {
      let over = false;
      let turnedAway = 0;
      const attack = async (address: string) => {
        while (!over)
          for (const status of await Promise.all(Array.from({ length: 8 }, () => login(address))))
            if (status === 429) turnedAway += 1;
      };
      const flood = Array.from({ length: 12 }, (_, n) => attack(`10.9.0.${n}`));
      const victim: number[] = [];
      for (let n = 0; n < 4; n += 1) {
        await new Promise((done) => setTimeout(done, 1_100));
        victim.push(await login('192.0.2.200'));
      }
      over = true;
      await Promise.all(flood);
      expect(victim).toEqual([303, 303, 303, 303]);
      expect(turnedAway).toBeGreaterThan(20);
    } finally {
      await gateway.close();
    }
  });
});

describe('the gateway', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({
      ...{ shielded: true, trustedProxies: ['127.0.0.1'], now: () => new Date() },
      assertionRate,
    });
  });
  afterAll(() => world.close());
  const query = JSON.stringify({ query: '{ viewer { __typename } }' });
  const made = () => createHash('sha256').update(randomUUID()).digest('base64url');
  const ask = (address: string, token: string) =>
    fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address, authorization: `Bearer ${token}` },
      body: query,
    });

  it('asks the identity room about so many made-up tokens and no more; whoever has shown who they are is served from the same address', async () => {
    const token = await world.tokenOf('manager');
    const statuses = await Promise.all(
      Array.from({ length: 400 }, async () => {
        const response = await ask('192.0.2.7', made());
        await response.text();
        return response.status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    for (let n = 0; n < 5; n += 1) {
      const [refused, served] = [await ask('192.0.2.7', made()), await ask('192.0.2.7', token)];
      await refused.text();
      expect([served.status, await served.json()]).toEqual([200, { data: { viewer: { __typename: 'Viewer' } } }]);
    }
  });

  it('verifies so many assertions from one address and no more; a client that proved who it is from there has its own share', async () => {
    const [client, audience] = ['61ea9b9b-6b7c-44d0-a525-9825d475b8ac', `${world.url}/oauth/token`];
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await world.database.sql(
      `INSERT INTO identity.system_client_key (municipality, id, client, kid, jwk, source, registered_by, registered_at)
       VALUES ('0999', gen_random_uuid(), $1, 'strangers', $2, 'JWK', gen_random_uuid(), now() - interval '1 hour')`,
      [client, JSON.stringify(publicKey.export({ format: 'jwk' }))],
    );
    const draw = async (named: string) => {
      const assertion = await makeAssertion(privateKey, {
        ...{ algorithm: 'ES256', keyName: 'strangers', client: named, audience, now: new Date() },
      });
      const response = await fetch(audience, {
        method: 'POST',
        headers: { 'x-forwarded-for': '192.0.2.8', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          ...{ grant_type: 'client_credentials', client_assertion: assertion },
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        }),
      });
      await response.text();
      return response;
    };
    expect((await draw(client)).status).toBe(200);
    const flood = await Promise.all(Array.from({ length: 250 }, () => draw(randomUUID())));
    const statuses = flood.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(flood.find(({ status }) => status === 429)!.headers.get('retry-after')).toBe('1');
    const during = Promise.all(Array.from({ length: 150 }, () => draw(randomUUID())));
    for (let n = 0; n < 4; n += 1) expect((await draw(client)).status).toBe(200);
    await during;
  });

  const post =
    (path: string, body: string, type: string, headers: Record<string, string> = {}) =>
    async () => {
      const response = await fetch(`${world.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': type, ...headers },
        body,
      });
      await response.text();
      return response.status;
    };
  const get =
    (path: string, headers: Record<string, string> = {}) =>
    async () => {
      const response = await fetch(`${world.url}${path}`, { headers });
      await response.text();
      return response.status;
    };
  const json = JSON.stringify({ query: `{ ${'a'.repeat(99_000)} }` });
  const jwt = (part: string) => `Bearer ${part}.${Buffer.from(part).toString('base64url')}.${'x'.repeat(86)}`;
  /** Made once, and sent without a copy: what the client does is in the figures too. */
  const large = Buffer.alloc(8_000_000, 'x');
  const routes: [string, () => Promise<number>][] = [
    ['POST /graphql, 100 kB, by nobody', post('/graphql', json, 'application/json')],
    [
      'POST /graphql, a made-up token',
      post('/graphql', json, 'application/json', { authorization: `Bearer ${'b'.repeat(43)}` }),
    ],
    [
      'POST /graphql, a token of 12 kB that nobody signed',
      post('/graphql', json, 'application/json', {
        authorization: jwt(Buffer.from('{"alg":"EdDSA","typ":"at+jwt"}').toString('base64url').repeat(100)),
      }),
    ],
    ['POST /oauth/token, 16 kB', post('/oauth/token', `a=${'%20'.repeat(5_000)}`, 'application/x-www-form-urlencoded')],
    [
      'POST /demo/sign-in, 100 kB',
      post('/demo/sign-in', JSON.stringify({ person: 'x'.repeat(99_000) }), 'application/json'),
    ],
    ['POST /sign-out', post('/sign-out', '{}', 'application/json')],
    ['POST /sign-out, a JSON of 100 kB', post('/sign-out', `[${'[],'.repeat(33_000)}[]]`, 'application/json')],
    ['GET /log/export', get(`/log/export/${'c'.repeat(43)}`)],
    ['GET /sandbox', get('/sandbox')],
    ['GET /', get('/')],
    ['GET /health/live', get('/health/live')],
    ['GET /health/ready', get('/health/ready')],
    ['GET /.well-known/jwks.json', get('/.well-known/jwks.json')],
    ['GET, no such page, 8 kB', get(`/${'d'.repeat(8_000)}`)],
    [
      'POST /graphql of a room, 8 MB',
      async () => {
        const url = `${world.origins.get('cases')}/graphql`;
        return new Promise<number>((done) => {
          const headers = { 'content-type': 'application/json', 'content-length': large.length };
          const sending = request(url, { method: 'POST', headers }, (response) => {
            response.resume().once('close', () => done(response.statusCode!));
          });
          // It may be cut off while it is still being sent.
          sending.once('error', () => done(0));
          sending.end(large);
        });
      },
    ],
    [
      'POST /internal/append of a room',
      async () => (await fetch(`${world.origins.get('audit')}/internal/append`, { method: 'POST', body: '{}' })).status,
    ],
    ['GET /health of a room', async () => (await fetch(`${world.origins.get('cases')}/health`)).status],
  ];

  it('spends little on the dearest request by nobody, at every route', async () => {
    const lines: string[] = [];
    for (const [what, run] of routes) {
      for (let n = 0; n < 3; n += 1) await run();
      const times = await timesAsLong(run, ordinaryQuestion(world), 9);
      lines.push(`${what}: ${times.toFixed(2)}`);
      expect([what, times < 4]).toEqual([what, true]);
    }
    process.stderr.write(
      `\nWhat one request by nobody costs, as a multiple of a small question that is answered:\n${lines.join('\n')}\n`,
    );
  });
});

describe('a source', () => {
  it.each([
    [null, 'unknown'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('of %s is %s', (address, source) => expect(sourceOf(address)).toBe(source));
});

describe('a question that anybody may ask', () => {
  it('is asked once for all who ask it at the same time, and anew after a while', async () => {
    let asked = 0;
    const ask = once(async () => {
      asked += 1;
      return asked;
    }, 50);
    expect(await Promise.all(Array.from({ length: 100 }, ask))).toEqual(Array(100).fill(1));
    await new Promise((done) => setTimeout(done, 100));
    expect(await ask()).toBe(2);
    const broken = once(() => Promise.reject(new Error('down')), 10);
    await expect(broken()).rejects.toThrow('down');
  });
});
