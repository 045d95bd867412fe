/** Good answers in the wrong hands, at the wrong time or too often; and what the browser is made to do. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { faults } from '../../subgraphs/protocol/faults.js';
import { selfSigned } from '../support/certificate.js';
import { EvilProvider } from '../support/saml.js';
import { type Browser, openSamlGateway, type SamlGateway } from '../support/saml-gateway.js';
import { type SignInMemory, signInMemory } from '../support/sign-in-memory.js';

let memory: SignInMemory;
let gateway: SamlGateway;
let refusedBody: string;
beforeAll(async () => {
  memory = signInMemory();
  gateway = await openSamlGateway({ identity: memory.internal });
  refusedBody = await (await gateway.browser().acs('AAAA')).text();
  gateway.logged();
});
afterAll(() => gateway.close());
afterEach(() => {
  memory.down = false;
  memory.refuses = null;
  gateway.logDown = false;
  gateway.later = 0;
});

const answerTo = (request: string, on = gateway) => on.idp.respond(on.service, request);

async function expectRefused(response: Response, reason: string, on = gateway) {
  expect([response.status, await response.text()]).toEqual([403, refusedBody]);
  expect(response.headers.getSetCookie()).toEqual([]);
  const entries = on.logged();
  expect(entries.map(({ faults, outcome }) => [faults, outcome])).toEqual([[['SIGN_IN_REFUSED', reason], 'DENIED']]);
}

/** Refused and logged all the same; but the browser signed in before, and is led back to its session (saml-reload.test.ts). */
async function expectUsed(response: Response, on = gateway) {
  expect([response.status, response.headers.get('location')]).toEqual([303, '/saml/resume?return=%2Fsandbox']);
  expect(response.headers.getSetCookie()).toEqual([]);
  const entries = on.logged();
  expect(entries.map(({ faults, outcome }) => [faults, outcome])).toEqual([
    [['SIGN_IN_REFUSED', 'USED_REQUEST'], 'DENIED'],
  ]);
}

describe('an answer', () => {
  it('counts once: the same browser that posts it again is refused', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const answer = await answerTo(request);
    expect((await browser.acs(answer)).status).toBe(303);
    const sessions = memory.sessions();
    await expectUsed(await browser.acs(answer));
    expect(memory.sessions()).toEqual(sessions);
    browser.cookies.delete('__Secure-sluse_led');
    await expectRefused(await browser.acs(answer), 'USED_REQUEST');
  });

  it('counts once, also when it comes ten times at the same moment', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const answer = await answerTo(request);
    const before = memory.sessions().length;
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await browser.acs(answer)).status));
    expect(statuses.sort()).toEqual([303, ...Array(9).fill(403)]);
    expect(memory.sessions().length - before).toBe(1);
    expect(gateway.logged().map(({ faults }) => faults)).toEqual(Array(9).fill(['SIGN_IN_REFUSED', 'USED_REQUEST']));
  });

  it('counts once, also when the gateway was started anew in between', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const answer = await answerTo(request);
    expect((await browser.acs(answer)).status).toBe(303);
    const next = await openSamlGateway({ identity: memory.internal });
    const again = next.browser();
    for (const [name, value] of browser.cookies) again.cookies.set(name, value);
    await expectUsed(await again.acs(answer), next);
    await next.close();
  });

  it('with an assertion that was seen is refused, though the request around it is new', async () => {
    const browser = gateway.browser();
    const said = { id: '_seen-before' };
    const one = await browser.begin();
    expect((await browser.acs(await gateway.idp.respond(gateway.service, one.request, { said }))).status).toBe(303);
    const other = await browser.begin();
    const answer = await gateway.idp.respond(gateway.service, other.request, { said });
    await expectRefused(await browser.acs(answer), 'REPLAYED_ASSERTION');
  });

  it('to a request that is none of ours is refused', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const foreign = `${request.slice(0, -4)}ffff`;
    await expectRefused(await browser.acs(await answerTo(foreign)), 'UNKNOWN_REQUEST');
  });

  it('that asks for less than the request did, under an id made up for it, is refused', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin('?again=1');
    const softened = `${request.slice(0, 11)}a${request.slice(12)}`;
    const said = { authenticated: -3_600_000 };
    const answer = await gateway.idp.respond(gateway.service, softened, { said });
    await expectRefused(await browser.acs(answer), 'UNKNOWN_REQUEST');
  });

  it('in a browser that did not ask is refused: nobody is signed in as somebody else by a link', async () => {
    const { request } = await gateway.browser().begin();
    const answer = await answerTo(request);
    const victim = gateway.browser();
    await expectRefused(await victim.acs(answer), 'SIGN_IN_OTHER_BROWSER');
    await victim.begin();
    await expectRefused(await victim.acs(answer), 'WRONG_BROWSER');
  });

  it('that the room refuses looks like any other that was refused', async () => {
    for (const [said, logged] of [
      ['LOCKED', 'LOCKED'],
      ['UNKNOWN_CITIZEN', 'UNKNOWN_CITIZEN'],
      ['Mads Skjern is locked out', 'UNKNOWN_REASON'],
    ] as const) {
      memory.refuses = said;
      const browser = gateway.browser();
      const { request } = await browser.begin();
      await expectRefused(await browser.acs(await answerTo(request)), logged);
    }
  });

  it('whose RelayState leads away leads nowhere: it is not read', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin('?return=/sandbox');
    const response = await browser.acs(await answerTo(request), { RelayState: 'https://evil.example/' });
    expect(response.headers.get('location')).toBe('/sandbox');
    expect(await response.text()).not.toContain('evil');
  });

  it('after the certificate of the identity provider has expired is refused, and no sign-in begins any more', async () => {
    const key = selfSigned('soon over', { to: new Date(Date.now() + 60_000) });
    const idp = new EvilProvider(key);
    const ending = await openSamlGateway({ identity: memory.internal, idp });
    const browser = ending.browser();
    const { request } = await browser.begin();
    const answer = await answerTo(request, ending);
    ending.later = 61_000;
    await expectRefused(await browser.acs(answer), 'SAML_IDENTITY_PROVIDER', ending);
    const response = await browser.get('/login');
    expect([response.status, ((await response.json()) as any).errors[0]]).toEqual([
      503,
      { message: faults.SIGN_IN_UNAVAILABLE.message, extensions: { code: 'SIGN_IN_UNAVAILABLE' } },
    ]);
    await ending.close();
  });

  it('is refused at no less than the time that every refusal takes', async () => {
    const slow = await openSamlGateway({ identity: memory.internal, refusalTakes: 200 });
    const began = performance.now();
    await slow.browser().acs('AAAA');
    expect(performance.now() - began).toBeGreaterThanOrEqual(199);
    await slow.close();
  });
});

describe('what cannot be done now', () => {
  it('is not done: without the log a refusal is withheld', async () => {
    gateway.logDown = true;
    const response = await gateway.browser().acs('AAAA');
    expect([response.status, await response.json()]).toEqual([
      503,
      { errors: [{ message: faults.AUDIT_UNAVAILABLE.message, extensions: { code: 'AUDIT_UNAVAILABLE' } }] },
    ]);
    expect(response.headers.get('retry-after')).toBe('1');
  });

  it('is not done: without the room nobody is signed in', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const answer = await answerTo(request);
    memory.down = true;
    for (const response of [await browser.acs(answer), await browser.get('/login')]) {
      expect([response.status, ((await response.json()) as any).errors[0]]).toEqual([
        503,
        { message: faults.SIGN_IN_UNAVAILABLE.message, extensions: { code: 'SIGN_IN_UNAVAILABLE' } },
      ]);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
    expect(gateway.logged().map(({ faults, outcome }) => [faults, outcome])).toEqual(
      Array(2).fill([['SIGN_IN_UNAVAILABLE'], 'FAILED']),
    );
    memory.down = false;
    expect((await browser.acs(answer)).status).toBe(303);
  });
});

describe('where the browser goes', () => {
  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/%09/evil.example\t',
    '/\t/evil.example',
    '/\n/evil.example',
    'javascript:alert(1)',
    'sandbox',
    '',
    ' /sandbox',
    '/sandbox\u0000',
    '/sandbox\r\nset-cookie: x=y',
    '/søg',
    `/${'x'.repeat(2_000)}`,
  ])('is never another origin: %j is refused', async (path) => {
    const response = await gateway.browser().get(`/login?return=${encodeURIComponent(path)}`);
    expect([response.status, ((await response.json()) as any).errors[0]]).toEqual([
      400,
      {
        message: '"return": expected a path of this server, such as /sandbox.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(gateway.logged().map(({ faults }) => faults)).toEqual([['BAD_USER_INPUT']]);
  });

  it('is never another origin, even if the room says so', async () => {
    const evil: SignInMemory['internal'] = async (name, body) => {
      const answer = await memory.internal(name, body);
      return name === 'finish-sign-in' ? { ...answer, returnTo: '//evil.example' } : answer;
    };
    const misled = await openSamlGateway({ identity: evil });
    const browser = misled.browser();
    const { request } = await browser.begin();
    const response = await browser.acs(await answerTo(request, misled));
    expect(response.headers.get('location')).toBe('/sandbox');
    await misled.close();
  });
});

describe('too many messages', () => {
  it('of one address are turned away and logged; after a second they count again', async () => {
    const busy = await openSamlGateway({ identity: memory.internal, rate: { address: 3, all: 100 } });
    const browser = busy.browser();
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await browser.acs('AAAA')).status);
    expect(statuses).toEqual([403, 403, 403, 429, 429]);
    const turnedAway = await browser.get('/saml/logout?x');
    expect([turnedAway.status, turnedAway.headers.get('retry-after')]).toEqual([429, '1']);
    expect(busy.logged().filter(({ faults }) => faults[0] === 'TOO_MANY_REQUESTS')).toHaveLength(3);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await browser.acs('AAAA')).status).toBe(403);
    await busy.close();
  });

  it('of all addresses together are turned away too', async () => {
    const busy = await openSamlGateway({ identity: memory.internal, rate: { address: 100, all: 2 } });
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await busy.browser().acs('AAAA')).status);
    expect(statuses).toEqual([403, 403, 429]);
    await busy.close();
  });
});

describe('forms', () => {
  it('are read at the SAML addresses only', async () => {
    const browser: Browser = gateway.browser();
    const response = await browser.post('/sign-out', { x: 'y' });
    expect(response.status).toBe(400);
    expect(gateway.logged()).toMatchObject([
      { operation: { name: 'POST /sign-out' }, outcome: 'FAILED', faults: ['MALFORMED_REQUEST'] },
    ]);
  });

  it('to the address for log-in do not begin one, nor does HEAD', async () => {
    const begun = memory.asked('begin-sign-in').length;
    expect((await gateway.browser().post('/login', { return: '/sandbox' })).status).toBe(404);
    expect((await fetch(`${gateway.url}/login`, { method: 'HEAD' })).status).toBe(404);
    expect(memory.asked('begin-sign-in')).toHaveLength(begun);
  });
});
