/** Signing in through an identity provider, where all is as it should be: what is sent, what is read, what the session begins with. */
import { createVerify } from 'node:crypto';
import { utimes, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openServiceProvider } from '../../src/saml/service-provider.js';
import { lease } from '../../subgraphs/edge/clients.js';
import { faultBody } from '../../subgraphs/protocol/faults.js';
import { selfSigned } from '../support/certificate.js';
import { citizen, EvilProvider, employee, newId, olderEmployee, type Steps, uuid } from '../support/saml.js';
import { openSamlGateway, ourKey, type SamlGateway } from '../support/saml-gateway.js';
import { signInMemory } from '../support/sign-in-memory.js';

const eid = 'https://data.gov.dk/model/core/eid/';
const memory = signInMemory();
let gateway: SamlGateway;
beforeAll(async () => {
  gateway = await openSamlGateway({ identity: memory.internal });
});
afterAll(() => gateway.close());
afterEach(() => {
  memory.link = false;
  expect(gateway.logged()).toEqual([]);
});

async function signIn(steps: Steps = {}, query = '') {
  const browser = gateway.browser();
  const { request } = await browser.begin(query);
  const response = await browser.acs(await gateway.idp.respond(gateway.service, request, steps));
  return { browser, response, asked: memory.asked('finish-sign-in').at(-1) };
}

describe('a sign-in', () => {
  it('begins with a signed AuthnRequest that asks for a professional at level Substantial', async () => {
    const browser = gateway.browser();
    const { location, xml, request } = await browser.begin('?return=/sandbox?x=1');
    expect(location.origin + location.pathname).toBe(gateway.idp.signOn);
    const [signed, signature] = location.search.slice(1).split('&Signature=') as [string, string];
    expect(signed).toMatch(/^SAMLRequest=[^&]+&SigAlg=[^&]+$/);
    expect(location.searchParams.get('SigAlg')).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
    const verifier = createVerify('sha256').update(signed);
    expect(verifier.verify(ourKey.publicPem, decodeURIComponent(signature), 'base64')).toBe(true);
    expect(xml).toContain(`AssertionConsumerServiceURL="${gateway.service.acs}"`);
    expect(xml).toContain(`Destination="${gateway.idp.signOn}"`);
    expect(xml).toContain(`>${gateway.service.entityId}</saml:Issuer>`);
    expect(xml).toContain('Comparison="minimum"');
    expect([...xml.matchAll(/AuthnContextClassRef[^>]*>([^<]+)</g)].map(([, context]) => context)).toEqual([
      'https://data.gov.dk/eid/Professional',
      'https://data.gov.dk/concept/core/nsis/loa/Substantial',
    ]);
    expect(xml).not.toContain('ForceAuthn');
    expect(memory.asked('begin-sign-in').at(-1)).toEqual({
      municipality: '0999',
      request,
      browser: browser.cookies.get('__Host-sluse_login'),
      returnTo: '/sandbox?x=1',
      forceAuthn: false,
      contexts: ['https://data.gov.dk/eid/Professional', 'https://data.gov.dk/concept/core/nsis/loa/Substantial'],
    });
  });

  it('asks for a citizen, and for being authenticated anew, when told so', async () => {
    const { xml } = await gateway.browser().begin('?as=citizen&again=1');
    expect(xml).toContain('ForceAuthn="true"');
    expect(xml).toContain('>https://data.gov.dk/eid/Person<');
    expect(memory.asked('begin-sign-in').at(-1)).toMatchObject({ forceAuthn: true });
  });

  it('of an employee ends in a new session, and where the browser wanted to go', async () => {
    const { response, asked, browser } = await signIn({}, '?return=/sandbox');
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/sandbox');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith('__Host-sluse_session='))!;
    expect(cookie.split('; ').slice(1)).toEqual(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']);
    expect(memory.sessions().map(({ token }) => token)).toContain(browser.cookies.get('__Host-sluse_session'));
    expect(asked).toMatchObject({
      ...{ municipality: '0999', issuer: gateway.idp.entityId, assurance: 'Substantial', workstation: '127.0.0.1' },
      ...{ nameId: `${eid}professional/uuid/${uuid}`, sessionIndex: 'session-1' },
      attributes: {
        [`${eid}professional/uuid/persistent`]: uuid,
        [`${eid}professional/cvr`]: '11111111',
        [`${eid}professional/orgName`]: 'Korsbæk Kommune',
        [`${eid}fullName`]: 'Mads Skjern',
      },
    });
    expect(Date.parse(asked.assertion.notOnOrAfter)).toBeGreaterThan(Date.now());
    expect(asked).not.toHaveProperty('continues');
  });

  it('of a citizen is one at the level that was said', async () => {
    const said = { nameId: `${eid}person/uuid/${uuid}`, attributes: citizen };
    const { response, asked } = await signIn({ said }, '?as=citizen');
    expect(response.status).toBe(303);
    expect(asked).toMatchObject({ assurance: 'High', attributes: { [`${eid}cprNumber`]: '0201609995' } });
  });

  it('in the words of OIOSAML 2.0.9 is read under the names of OIOSAML 3', async () => {
    const said = { nameId: 'C=DK,O=Korsbæk,serialNumber=CVR:11111111-RID:12345678', attributes: olderEmployee };
    const { response, asked } = await signIn({ said });
    expect(response.status).toBe(303);
    expect(asked).toMatchObject({
      assurance: 'Substantial',
      attributes: {
        [`${eid}professional/cvr`]: '11111111',
        [`${eid}professional/rid`]: '12345678',
        [`${eid}professional/orgName`]: 'Korsbæk Kommune',
        [`${eid}fullName`]: 'Mads Skjern',
      },
    });
  });

  it.each([
    ['urn:uuid:', `urn:uuid:${uuid}`],
    ['upper case', `${eid}professional/uuid/${uuid.toUpperCase()}`],
  ])('takes a NameID with %s, and hands it on as it was sent', async (_form, nameId) => {
    const { [`${eid}professional/uuid/persistent`]: _dropped, ...attributes } = employee;
    const { response, asked } = await signIn({ said: { nameId, attributes } });
    expect(response.status).toBe(303);
    expect(asked.nameId).toBe(nameId);
    expect(asked.attributes[`${eid}professional/uuid/persistent`]).toBe(uuid);
  });

  it.each<[string, Steps]>([
    ['other prefixes', { unsigned: (text) => text.replaceAll('saml:', 'a2:').replace('xmlns:saml', 'xmlns:a2') }],
    ['no prefix', { unsigned: (text) => text.replaceAll('saml:', '').replace('xmlns:saml', 'xmlns') }],
    ['line breaks between elements', { unsigned: (text) => text.replaceAll('><', '>\n  <') }],
    ['a declaration', { sent: (text) => `<?xml version="1.0" encoding="UTF-8"?>\n${text}` }],
    ['a response that is signed too', { responseSigning: {} }],
    [
      'SHA-512',
      {
        signing: {
          algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
          digest: 'http://www.w3.org/2001/04/xmlenc#sha512',
        },
      },
    ],
    ['RSA-PSS', { signing: { algorithm: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1' } }],
    ['AES-128 in GCM', { encryption: { content: 'http://www.w3.org/2009/xmlenc11#aes128-gcm' } }],
    ['RSA-OAEP with SHA-256', { encryption: { key: 'http://www.w3.org/2009/xmlenc11#rsa-oaep' } }],
    ['a clock two minutes ahead', { said: { issued: 120_000, from: 120_000, authenticated: 120_000 } }],
    ['a clock two minutes behind', { said: { issued: -900_000, until: -120_000, confirmedUntil: -120_000 } }],
    ['no SessionIndex', { said: { sessionIndex: null } }],
    ['attributes that nobody reads', { said: { attributes: { ...employee, 'urn:other': ['one', 'two'] } } }],
  ])('may come with %s', async (_what, steps) => {
    const { response } = await signIn(steps);
    expect(response.status).toBe(303);
  });

  it('of somebody who may have an old account goes to the page that asks for it, and on from there', async () => {
    memory.link = true;
    const { response } = await signIn({}, '?return=/sandbox?a=b');
    expect(response.headers.get('location')).toBe('/first-sign-in?return=%2Fsandbox%3Fa%3Db');
  });

  it('tells the room when the session of the identity provider ends, where that is said', async () => {
    expect((await signIn()).asked.sessionNotOnOrAfter).toBeNull();
    const ends = new Date(Date.now() + 3_600_000).toISOString();
    const ending = (text: string) => text.replace('<saml:AuthnStatement', `$& SessionNotOnOrAfter="${ends}"`);
    expect((await signIn({ unsigned: ending })).asked.sessionNotOnOrAfter).toBe(ends);
  });

  it('anew closes the session from before, which the room is told of', async () => {
    const { browser } = await signIn();
    const before = browser.cookies.get('__Host-sluse_session')!;
    const { request } = await browser.begin('?again=1');
    // A browser does not send the Lax cookie along with a post from another site.
    browser.cookies.delete('__Host-sluse_session');
    const said = { authenticated: 0 };
    const response = await browser.acs(await gateway.idp.respond(gateway.service, request, { said }));
    expect(response.status).toBe(303);
    expect(memory.asked('finish-sign-in').at(-1).continues).toBe(before);
    const now = browser.cookies.get('__Host-sluse_session')!;
    expect(now).not.toBe(before);
    expect(memory.sessions().map(({ token }) => token)).toEqual(expect.arrayContaining([now]));
    expect(memory.sessions().map(({ token }) => token)).not.toContain(before);
    expect([...browser.cookies.keys()]).not.toContain('__Secure-sluse_continues');
  });

  it('after the session fell idle asks the identity provider for a new proof; while it lasts, and without one, it does not', async () => {
    const { browser } = await signIn();
    const forced = async () => {
      await browser.begin();
      return memory.asked('begin-sign-in').at(-1).forceAuthn;
    };
    expect(await forced()).toBe(false);
    memory.forget();
    await wait(lease + 50);
    expect(await forced()).toBe(true);
    browser.cookies.delete('__Host-sluse_session');
    expect(await forced()).toBe(false);
  });

  it('is about what was signed, not about what was put inside the signature', async () => {
    const other =
      '<saml:NameID>https://data.gov.dk/model/core/eid/professional/uuid/ffffffff-ffff-4fff-8fff-ffffffffffff</saml:NameID>';
    const { asked } = await signIn({ signed: (text) => text.replace('<ds:KeyInfo>', `<ds:KeyInfo>${other}`) });
    expect(asked.nameId).toBe(`${eid}professional/uuid/${uuid}`);
    expect(JSON.stringify(asked)).not.toContain('ffffffff-ffff');
  });

  it('is in the log, with who and from where, before the browser has its session; without the log there is none', async () => {
    gateway.logged();
    gateway.signedIn();
    await signIn();
    gateway.logged();
    expect(gateway.signedIn()).toMatchObject([
      { actor: { kind: 'Employee' }, session: 'a session', workstation: '127.0.0.1', outcome: 'ANSWERED', faults: [] },
    ]);
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const before = memory.sessions().length;
    gateway.logDown = true;
    const response = await browser.acs(await gateway.idp.respond(gateway.service, request));
    gateway.logDown = false;
    expect([response.status, await response.json()]).toEqual([503, faultBody('AUDIT_UNAVAILABLE')]);
    expect([memory.sessions().length, browser.cookies.has('__Host-sluse_session')]).toEqual([before, false]);
  });

  it('in two tabs of one browser works in both', async () => {
    const browser = gateway.browser();
    const one = await browser.begin();
    const other = await browser.begin();
    for (const { request } of [one, other]) {
      const response = await browser.acs(await gateway.idp.respond(gateway.service, request));
      expect(response.status).toBe(303);
    }
  });
});

describe('the cookies of a sign-in', () => {
  it('cross sites over HTTPS only, and no script reads them', async () => {
    const response = await gateway.browser().get('/login');
    const [login] = response.headers.getSetCookie();
    expect(login!.split('; ').slice(1).sort()).toEqual(
      ['HttpOnly', 'Max-Age=600', 'Path=/', 'SameSite=None', 'Secure'].sort(),
    );
  });

  it('give no session to whoever planted one beside them', async () => {
    const browser = gateway.browser();
    browser.cookies.set('sluse_session', 'a-token-that-a-neighbour-planted');
    const before = memory.asked('close-session').length;
    await browser.post('/sign-out', '{}', 'application/json');
    await browser.begin();
    expect(memory.asked('close-session')).toHaveLength(before);
    expect([...browser.cookies.keys()]).not.toContain('__Secure-sluse_continues');
  });

  it('are Lax on the loopback, where both are one site', async () => {
    const local = await openSamlGateway({ identity: memory.internal, publicUrl: 'http://127.0.0.1:4000' });
    const browser = local.browser();
    const { request } = await browser.begin();
    expect([...browser.cookies.keys()]).toEqual(['sluse_login', 'sluse_way']);
    const response = await browser.acs(await local.idp.respond(local.service, request));
    expect(response.status).toBe(303);
    for (const line of response.headers.getSetCookie()) expect(line).not.toContain('Secure');
    await local.close();
  });
});

describe('signing out', () => {
  it('here goes on at the identity provider, which is told whom, and back', async () => {
    const { browser } = await signIn();
    const token = browser.cookies.get('__Host-sluse_session')!;
    const response = await browser.post('/sign-out', '{}', 'application/json');
    const { continueAt } = (await response.json()) as { continueAt: string };
    expect(memory.sessions().map((session) => session.token)).not.toContain(token);
    const url = new URL(continueAt);
    expect(url.origin + url.pathname).toBe(gateway.idp.logout);
    expect(url.searchParams.get('Signature')).toMatch(/.{40}/);
    const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest')!, 'base64')).toString();
    expect(xml).toContain(`>${eid}professional/uuid/${uuid}</saml:NameID>`);
    expect(xml).toContain('>session-1</saml2p:SessionIndex>');
    const id = / ID="([^"]+)"/.exec(xml)![1]!;
    expect(browser.cookies.get('__Secure-sluse_logout')).toBe(id);
    const answer = gateway.idp.redirect(
      gateway.idp.logoutMessage(gateway.service, 'Response', { inResponseTo: id }),
      'SAMLResponse',
    );
    const back = await browser.get(`/saml/logout?${answer}`);
    expect(back.status).toBe(200);
    expect(await back.text()).toContain('Du er logget af');
    expect([...browser.cookies.keys()]).not.toContain('__Secure-sluse_logout');
  });

  it('ends here when the session did not come from there', async () => {
    const browser = gateway.browser();
    browser.cookies.set('__Host-sluse_session', 'a-token-of-the-demo-sign-in');
    const response = await browser.post('/sign-out', '{}', 'application/json');
    expect(response.status).toBe(204);
    expect(memory.asked('close-session').at(-1)).toEqual({ token: 'a-token-of-the-demo-sign-in' });
  });

  it.each(['redirect', 'post'] as const)('there closes the session here, and is answered (%s)', async (binding) => {
    const { browser } = await signIn({ said: { sessionIndex: `index of ${binding}` } });
    const token = browser.cookies.get('__Host-sluse_session')!;
    const message = gateway.idp.logoutMessage(gateway.service, 'Request', {
      id: '_the-request',
      inside: `<saml:NameID>urn:uuid:${uuid}</saml:NameID><samlp:SessionIndex>index of ${binding}</samlp:SessionIndex>`,
    });
    const response =
      binding === 'redirect'
        ? await browser.get(`/saml/logout?${gateway.idp.redirect(message, 'SAMLRequest', { relayState: 'theirs' })}`)
        : await browser.post('/saml/logout', { SAMLRequest: gateway.idp.posted(message), RelayState: 'theirs' });
    expect(response.status).toBe(303);
    expect(memory.sessions().map((session) => session.token)).not.toContain(token);
    expect(browser.cookies.has('__Host-sluse_session')).toBe(false);
    const url = new URL(response.headers.get('location')!);
    expect(url.origin + url.pathname).toBe(`${gateway.idp.logout}/answer`);
    expect(url.searchParams.get('RelayState')).toBe('theirs');
    const [signed, signature] = url.search.slice(1).split('&Signature=') as [string, string];
    const verifier = createVerify('sha256').update(signed);
    expect(verifier.verify(ourKey.publicPem, decodeURIComponent(signature), 'base64')).toBe(true);
    const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLResponse')!, 'base64')).toString();
    expect(xml).toContain('InResponseTo="_the-request"');
    expect(xml).toContain('status:Success');
  });

  it('there may name the subject in encrypted form', async () => {
    const { browser } = await signIn({ said: { sessionIndex: 'encrypted' } });
    const named = `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${eid}professional/uuid/${uuid}</saml:NameID>`;
    const message = gateway.idp.logoutMessage(gateway.service, 'Request', {
      inside: `<saml:EncryptedID>${await gateway.idp.encryptedData(named, gateway.service)}</saml:EncryptedID><samlp:SessionIndex>encrypted</samlp:SessionIndex>`,
    });
    const token = browser.cookies.get('__Host-sluse_session')!;
    const response = await browser.get(`/saml/logout?${gateway.idp.redirect(message, 'SAMLRequest')}`);
    expect(response.status).toBe(303);
    expect(memory.sessions().map((session) => session.token)).not.toContain(token);
  });
});

describe('our metadata', () => {
  it('holds what an identity provider needs', async () => {
    const response = await gateway.browser().get('/saml/metadata');
    expect(response.headers.get('content-type')).toBe('application/samlmetadata+xml');
    const text = await response.text();
    expect(text).toContain('entityID="https://sluse.example/saml/metadata"');
    expect(text).toContain('AuthnRequestsSigned="true" WantAssertionsSigned="true"');
    expect(text.match(/<md:KeyDescriptor use="(signing|encryption)">/g)).toHaveLength(2);
    expect(text.split(ourKey.certificate)).toHaveLength(3);
    expect(text).toContain('HTTP-POST" Location="https://sluse.example/saml/acs"');
    expect(
      text.match(
        /<md:SingleLogoutService Binding="[^"]+(HTTP-Redirect|HTTP-POST)" Location="https:\/\/sluse.example\/saml\/logout"/g,
      ),
    ).toHaveLength(2);
    expect(text).toContain('<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>');
    expect(text).toContain(`<md:RequestedAttribute Name="${eid}privilegesIntermediate"`);
    // A certificate is chance, and may spell anything.
    expect(text.replace(/<ds:X509Certificate>[^<]+/g, '')).not.toMatch(/cbc|rsa-1_5/);
  });
});

describe('a change of keys', () => {
  const until = async (holds: () => Promise<boolean> | boolean) => {
    for (const end = Date.now() + 5_000; !(await holds()); await wait(20))
      if (Date.now() > end) throw new Error('it did not come about');
  };

  it('of the identity provider goes on with both, and then the new one only', async () => {
    const idp = new EvilProvider();
    const rolling = await openSamlGateway({ identity: memory.internal, idp });
    const next = selfSigned('the next');
    const works = async (key: typeof next) => {
      const browser = rolling.browser();
      const { request } = await browser.begin();
      return (await browser.acs(await idp.respond(rolling.service, request, { signing: { key } }))).status === 303;
    };
    expect([await works(idp.key), await works(next)]).toEqual([true, false]);
    await writeFile(rolling.files.metadata, idp.metadata({ keys: [idp.key, next] }));
    await until(() => works(next));
    expect(await works(idp.key)).toBe(true);
    await writeFile(rolling.files.metadata, idp.metadata({ keys: [next] }));
    await until(async () => !(await works(idp.key)));
    expect(await works(next)).toBe(true);
    await rolling.close();
  });

  it('of ours decrypts what was encrypted for either, signs with the first, and publishes both for signing', async () => {
    const rolling = await openSamlGateway({ identity: memory.internal });
    const next = selfSigned('our next');
    const works = async (to: typeof next) => {
      const browser = rolling.browser();
      const { request } = await browser.begin();
      const response = await rolling.idp.respond(rolling.service, request, { encryption: { to } });
      return (await browser.acs(response)).status === 303;
    };
    expect([await works(ourKey), await works(next)]).toEqual([true, false]);
    const both = [next, ourKey].map((key) => key.privatePem + key.certificatePem).join('');
    await writeFile(rolling.files.keys, both);
    await until(() => works(next));
    expect(await works(ourKey)).toBe(true);
    const text = await (await rolling.browser().get('/saml/metadata')).text();
    expect(text.split(next.certificate)).toHaveLength(3);
    expect(text.split(ourKey.certificate)).toHaveLength(2);
    await rolling.close();
  });

  it.each<[string, string, (idp: EvilProvider) => string]>([
    ['no XML', 'it is not well-formed XML without a document type', () => 'moved to another place'],
    [
      'a document type',
      'it is not well-formed XML without a document type',
      (idp) => idp.metadata().replace('<md:Entity', '<!DOCTYPE x><md:Entity'),
    ],
    [
      'a validUntil that has passed',
      'its validUntil has passed',
      (idp) => idp.metadata({ validUntil: '2020-01-01T00:00:00Z' }),
    ],
    [
      'a cacheDuration that is none',
      'its cacheDuration is no duration',
      (idp) => idp.metadata().replace(' entityID', ' cacheDuration="1 day" entityID'),
    ],
    [
      'a certificate that has expired',
      'it holds no certificate for signing that is valid now and RSA of 2048 bits or more',
      (idp) => idp.metadata({ keys: [selfSigned('old', { to: new Date(Date.now() - 1000) })] }),
    ],
    [
      'a key that is too short',
      'it holds no certificate for signing that is valid now and RSA of 2048 bits or more',
      (idp) => idp.metadata({ keys: [selfSigned('short', { bits: 1024 })] }),
    ],
    [
      'no certificate',
      'it holds no certificate for signing that is valid now and RSA of 2048 bits or more',
      (idp) => idp.metadata({ keys: [] }),
    ],
    [
      'another role',
      'it does not hold exactly one IDPSSODescriptor',
      (idp) => idp.metadata().replaceAll('IDPSSODescriptor', 'SPSSODescriptor'),
    ],
    ['no name', 'it has no entityID', (idp) => idp.metadata().replace(/ entityID="[^"]+"/, '')],
    [
      'an address that is none',
      'an endpoint of it is no http(s) URL',
      (idp) => idp.metadata().replace(idp.signOn, 'javascript:alert(1)'),
    ],
  ])('to metadata with %s is refused by name, and what was in use stays', async (_what, reason, broken) => {
    const idp = new EvilProvider(gateway.idp.key);
    const rolling = await openSamlGateway({ identity: memory.internal, idp });
    await writeFile(rolling.files.metadata, broken(idp));
    const msg = 'SLUSE_SAML_IDP_METADATA: the changed file is refused, the one before stays in use';
    await until(() => rolling.said.some((line) => line.msg === msg && line.reason === reason));
    const browser = rolling.browser();
    const { request } = await browser.begin();
    expect((await browser.acs(await idp.respond(rolling.service, request))).status).toBe(303);
    await rolling.close();
  });

  it('to metadata is asked for once the file is older than its cacheDuration: until validUntil it may be used', async () => {
    const idp = new EvilProvider(gateway.idp.key);
    const rolling = await openSamlGateway({ identity: memory.internal, idp });
    const text = idp.metadata().replace(' entityID', ' cacheDuration="PT1H" entityID');
    const told = () => rolling.said.filter(({ msg }) => /older than its cacheDuration/.test(msg)).length;
    await writeFile(rolling.files.metadata, text);
    await until(() => rolling.said.some(({ msg }) => msg === 'SLUSE_SAML_IDP_METADATA: a new one is in use'));
    expect(told()).toBe(0);
    const old = new Date(Date.now() - 2 * 3_600_000);
    await utimes(rolling.files.metadata, old, old);
    await until(() => told() === 1);
    const browser = rolling.browser();
    const { request } = await browser.begin();
    expect((await browser.acs(await idp.respond(rolling.service, request))).status).toBe(303);
    // One that is old already when Sluse starts is told of as well.
    const said: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) });
    const { metadata: identityProvider, keys } = rolling.files;
    const started = await openServiceProvider({ publicUrl: 'https://sluse.example', log, identityProvider, keys });
    started.close();
    expect(said.join()).toContain('older than its cacheDuration');
    // The same text once more is a new file all the same.
    await writeFile(rolling.files.metadata, text);
    await wait(200);
    expect(told()).toBe(1);
    await rolling.close();
  });

  it('to keys that cannot be used is refused, and none of it is repeated', async () => {
    const rolling = await openSamlGateway({ identity: memory.internal });
    const other = selfSigned('other');
    await writeFile(rolling.files.keys, ourKey.privatePem + other.certificatePem);
    await until(() => rolling.said.some(({ reason }) => reason === 'it holds a private key without its certificate'));
    expect(JSON.stringify(rolling.said)).not.toContain('BEGIN');
    await rolling.close();
  });
});

describe('a start', () => {
  it.each<[string, Partial<Parameters<typeof openServiceProvider>[0]>, string]>([
    [
      'without the metadata',
      { identityProvider: '/nowhere.xml' },
      'SLUSE_SAML_IDP_METADATA: /nowhere.xml: the file cannot be read (ENOENT).',
    ],
    ['without the keys', { keys: '/nowhere.pem' }, 'SLUSE_SAML_KEYS: /nowhere.pem: the file cannot be read (ENOENT).'],
    [
      'with a key only',
      { keys: ourKey.privatePem },
      'SLUSE_SAML_KEYS: it holds a private key without its certificate.',
    ],
  ])('%s is refused by the name of the setting', async (_what, over, message) => {
    const { files, provider } = gateway;
    const opening = openServiceProvider({
      ...{ publicUrl: 'https://sluse.example', log: pino({ level: 'silent' }) },
      ...{ identityProvider: files.metadata, keys: files.keys },
      ...over,
    });
    await expect(opening).rejects.toThrow(message);
    expect(provider.addresses.acs).toBe('https://sluse.example/saml/acs');
  });
});

describe('ids of requests', () => {
  it('are never twice the same', async () => {
    const ids = new Set<string>();
    for (let count = 0; count < 20; count += 1) ids.add((await gateway.browser().begin()).request);
    expect(ids.size).toBe(20);
    expect(newId()).not.toBe(newId());
  });
});
