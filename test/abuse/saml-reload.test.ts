/**
 * Back, or reload, after signing in. The browser posts the same answer once more, from the identity provider's page: the session's cookie, which
 * is `Lax`, stays at home. The answer opens nothing and is logged as refused; whose session is good goes on to where they were.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, openSamlGateway, type SamlGateway } from '../support/saml-gateway.js';
import { type SignInMemory, signInMemory } from '../support/sign-in-memory.js';

const cookie = '__Host-sluse_session';
let memory: SignInMemory;
let gateway: SamlGateway;
beforeAll(async () => {
  memory = signInMemory();
  gateway = await openSamlGateway({ identity: memory.internal });
});
afterAll(() => gateway.close());
afterEach(() => {
  gateway.later = 0;
  gateway.logDown = false;
  gateway.logged();
});

async function signedIn(query = '?return=/sandbox?a=b', steps = {}) {
  const browser = gateway.browser();
  const { request } = await browser.begin(query);
  const answer = await gateway.idp.respond(gateway.service, request, steps);
  expect((await browser.acs(answer)).status).toBe(303);
  gateway.logged();
  return { browser, answer };
}

/** A post from another site: the cookies that are `Lax` are not sent with it, and are there again afterwards. */
async function postedFromElsewhere(browser: Browser, answer: string): Promise<Response> {
  const session = browser.cookies.get(cookie);
  browser.cookies.delete(cookie);
  const response = await browser.acs(answer);
  expect(browser.cookies.has(cookie)).toBe(false);
  if (session !== undefined) browser.cookies.set(cookie, session);
  return response;
}

const refused = (reason: string) => [['SIGN_IN_REFUSED', reason]];
const logged = () => gateway.logged().map(({ faults }) => faults);

describe('back after signing in', () => {
  it('leads on to where the sign-in led; no session begins or ends, and the attempt is in the log', async () => {
    const { browser, answer } = await signedIn();
    const sessions = memory.sessions();
    const response = await postedFromElsewhere(browser, answer);
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      '/saml/resume?return=%2Fsandbox%3Fa%3Db',
    ]);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(logged()).toEqual(refused('USED_REQUEST'));
    const next = await browser.get(response.headers.get('location')!);
    expect([next.status, next.headers.get('location')]).toEqual([303, '/sandbox?a=b']);
    expect(logged()).toEqual([]);
    expect(memory.sessions()).toEqual(sessions);
  });

  it.each([
    ['when the answer is out of date', 'SAML_EXPIRED', 20 * 60_000, {}],
    ['when the secret of the sign-in is gone', 'SIGN_IN_OTHER_BROWSER', 0, { forget: true }],
  ])('leads on also %s', async (_what, reason, later, { forget = false }: { forget?: boolean }) => {
    const { browser, answer } = await signedIn();
    gateway.later = later;
    if (forget) browser.cookies.delete('__Host-sluse_login');
    const response = await postedFromElsewhere(browser, answer);
    expect(response.status).toBe(303);
    expect(logged()).toEqual(refused(reason));
    const next = await browser.get(response.headers.get('location')!);
    expect(next.headers.get('location')).toBe('/sandbox?a=b');
  });

  it('after signing out is refused: the page says so, and both attempts are in the log', async () => {
    const { browser, answer } = await signedIn();
    memory.forget();
    gateway.later = 0;
    await browser.post('/sign-out', '{}', 'application/json');
    const response = await postedFromElsewhere(browser, answer);
    const next = await browser.get(response.headers.get('location')!);
    expect(next.status).toBe(403);
    expect(logged()).toEqual([...refused('USED_REQUEST'), ...refused('SESSION_OVER')]);
  });

  it('without the log nobody is led anywhere', async () => {
    const { browser, answer } = await signedIn();
    gateway.logDown = true;
    expect((await postedFromElsewhere(browser, answer)).status).toBe(503);
  });
});

describe('what is no reload', () => {
  it('an answer that is no good is refused on the spot, whoever is signed in', async () => {
    const { browser } = await signedIn();
    const { request } = await browser.begin();
    for (const [steps, reason] of [
      [{ said: { audience: 'https://evil.example' } }, 'SAML_AUDIENCE'],
      [{ signing: null }, 'SAML_UNSIGNED'],
      [{ said: { attributes: {} } }, 'SAML_SPEC_VERSION'],
    ] as const) {
      const answer = await gateway.idp.respond(gateway.service, request, steps);
      expect((await postedFromElsewhere(browser, answer)).status).toBe(403);
      expect(logged()).toEqual(refused(reason));
    }
    expect((await postedFromElsewhere(browser, 'AAAA')).status).toBe(403);
  });

  it('an assertion that was seen, in a new request', async () => {
    const said = { id: '_seen-before' };
    const { browser } = await signedIn('', { said });
    const { request } = await browser.begin();
    const answer = await gateway.idp.respond(gateway.service, request, { said });
    expect((await postedFromElsewhere(browser, answer)).status).toBe(403);
    expect(logged()).toEqual(refused('REPLAYED_ASSERTION'));
  });

  it("somebody else's answer signs nobody in: who is signed in stays who they are", async () => {
    const { browser } = await signedIn();
    const own = browser.cookies.get(cookie);
    const { request } = await gateway.browser().begin();
    const foreign = await gateway.idp.respond(gateway.service, request);
    await postedFromElsewhere(browser, foreign);
    browser.cookies.delete('__Host-sluse_login');
    const response = await postedFromElsewhere(browser, foreign);
    expect(browser.cookies.get(cookie)).toBe(own);
    const next = await browser.get(response.headers.get('location')!);
    expect(next.headers.getSetCookie()).toEqual([]);
    expect(browser.cookies.get(cookie)).toBe(own);
  });

  it('a browser that never signed in here', async () => {
    const { browser, answer } = await signedIn();
    const other = gateway.browser();
    other.cookies.set('__Host-sluse_login', browser.cookies.get('__Host-sluse_login')!);
    expect((await other.acs(answer)).status).toBe(403);
    expect(logged()).toEqual(refused('USED_REQUEST'));
  });
});

describe('the second hop', () => {
  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'x', ''])(
    'leads nowhere else: %s',
    async (path) => {
      const { browser } = await signedIn();
      const response = await browser.get(`/saml/resume?return=${encodeURIComponent(path)}`);
      expect([response.status, response.headers.get('location')]).toEqual([303, '/sandbox']);
    },
  );

  it('is not believed about where a sign-in led either', async () => {
    const { browser, answer } = await signedIn();
    browser.cookies.set('__Secure-sluse_led', encodeURIComponent('//evil.example'));
    expect((await postedFromElsewhere(browser, answer)).status).toBe(403);
  });

  it('opens nothing for whoever is not signed in', async () => {
    const response = await gateway.browser().get('/saml/resume?return=/sandbox');
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
    expect(logged()).toEqual(refused('SESSION_OVER'));
  });
});

describe('signing in anew', () => {
  it('is by the way of the session at hand, unless another is asked for', async () => {
    const { browser } = await signedIn();
    expect((await browser.begin('?again=1')).xml).toContain('>https://data.gov.dk/eid/Professional<');
    expect((await browser.begin('?again=1&as=citizen')).xml).toContain('>https://data.gov.dk/eid/Person<');
    // The session is an employee's, whatever was tried last.
    expect((await browser.begin('?again=1')).xml).toContain('>https://data.gov.dk/eid/Professional<');
  });

  it('of a session that is over is by the way that was taken last', async () => {
    const browser = gateway.browser();
    await browser.begin('?as=citizen');
    expect((await browser.begin('?again=1')).xml).toContain('>https://data.gov.dk/eid/Person<');
    expect((await browser.begin()).xml).toContain('>https://data.gov.dk/eid/Professional<');
  });
});
