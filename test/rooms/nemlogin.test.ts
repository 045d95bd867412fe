import { sign, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Profile } from '@node-saml/node-saml';
import { pino } from 'pino';
import { decrypt } from 'xml-encryption';
import { demoPeople, nemloginUuid } from '../../subgraphs/demo/identity.js';
import { demoAtNemLogin } from '../../subgraphs/demo/nemlogin.js';
import { selfSigned } from '../../subgraphs/nemlogin/certificate.js';
import { credentialsFile, type Issue, issue, startNemLogin } from '../../subgraphs/nemlogin/index.js';
import type { NemLogin } from '../../subgraphs/nemlogin/serve.js';
import {
  openServiceProvider,
  type ServiceProvider,
  serviceProviderMetadata,
  strangersKey,
} from '../support/service-provider.js';
import { unescaped, Visitor } from '../support/visitor.js';

const people = demoAtNemLogin();
const personOf = (key: string) => people.find((person) => person.key === key)!;
const eid = 'https://data.gov.dk/model/core/eid/';
const nsis = 'https://data.gov.dk/concept/core/nsis/';
const loa = (level: string) => `${nsis}loa/${level}`;
const professional = 'https://data.gov.dk/eid/Professional';
const person = 'https://data.gov.dk/eid/Person';
const log = pino({ level: 'silent' });

let directory: string;
let idp: NemLogin;
let sp: ServiceProvider;
let metadata: string;
let ahead = 0; // milliseconds that the stand-in's clock is ahead
let visitor: Visitor;

const open = (over: Partial<Parameters<typeof startNemLogin>[0]> = {}) =>
  startNemLogin({
    embedded: true,
    port: 0,
    keyFile: join(directory, 'nemlogin-key.pem'),
    people,
    serviceProvider: () => metadata,
    log,
    now: () => new Date(Date.now() + ahead),
    ...over,
  });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluse-nemlogin-'));
  idp = await open();
  const credentials = await credentialsFile(join(directory, 'sp-key.pem'), 'A service', new Date());
  sp = await openServiceProvider(credentials, () => ({
    url: idp.url,
    entityId: idp.entityId,
    certificate: new X509Certificate(idp.credentials.certificate),
  }));
});
afterAll(async () => {
  await sp?.close();
  await idp?.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  metadata = sp.metadata;
  visitor = new Visitor();
});
afterEach(() => {
  ahead = 0;
});

type Options = Parameters<ServiceProvider['saml']>[0];

const loginUrl = (options: Options = {}, relayState = '') =>
  sp.saml(options).getAuthorizeUrlAsync(relayState, undefined, {});
const begin = async (options: Options = {}, relayState = '') => visitor.get(await loginUrl(options, relayState));
const pick = async (key: string, options: Options = {}, relayState = '') => {
  const page = await begin(options, relayState);
  return visitor.post(`${idp.url}/pick`, { ...page.fields, person: key });
};
const profileOf = async (page: { fields: Record<string, string> }): Promise<Profile> => {
  const { profile } = await sp.saml().validatePostResponseAsync(page.fields as { SAMLResponse: string });
  return profile!;
};
const listed = (text: string) => [...text.matchAll(/name="person" value="([^"]+)"/g)].map(([, key]) => key);
const xmlOf = (page: { fields: Record<string, string> }) => Buffer.from(page.fields.SAMLResponse!, 'base64').toString();

describe('what it is', () => {
  it('refuses to run in any mode but the embedded one', async () => {
    await expect(open({ embedded: false })).rejects.toThrow(
      'The stand-in of NemLog-in runs in embedded mode only: at it anyone may sign in as anyone.',
    );
    await expect(open({ embedded: 'yes' as never })).rejects.toThrow('embedded mode only');
  });

  it('cannot be reached from another machine', async () => {
    const { hostname, port } = new URL(idp.url);
    expect(hostname).toBe('127.0.0.1');
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((one) => one && !one.internal && one.family === 'IPv4')
      .map((one) => one!.address);
    for (const host of [...others, '127.0.0.2', '::1']) {
      const outcome = await new Promise((done) => {
        const socket = createConnection({ host, port: Number(port) });
        socket.once('connect', () => done('connected'));
        socket.once('error', (error: NodeJS.ErrnoException) => done(error.code));
      });
      expect([host, outcome]).not.toEqual([host, 'connected']);
    }
  });

  it('its certificate is one that Node believes: self-signed, of its own key, no authority, for ten years', async () => {
    const certificate = new X509Certificate(idp.credentials.certificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.checkPrivateKey(idp.credentials.privateKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.subject).toContain('CN=NemLog-in (stand-in)');
    expect(certificate.subject).toContain('organizationIdentifier=NTRDK-99999999');
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const years = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / (365.25 * 86_400_000);
    expect(years).toBeCloseTo(10, 1);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
  });

  it('keeps key and certificate over a restart, for nobody else to read, and makes new ones once they have run out', async () => {
    const path = join(directory, 'nemlogin-key.pem');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const again = await open();
    expect(again.credentials.certificate).toBe(idp.credentials.certificate);
    await again.close();

    const old = join(directory, 'old-key.pem');
    const key = idp.credentials.privateKey;
    const holder = { commonName: 'old', organisation: 'old', cvr: '99999999' };
    const yesterday = new Date(Date.now() - 86_400_000);
    const expired = selfSigned(key, holder, new Date(Date.now() - 2 * 86_400_000), yesterday);
    await writeFile(old, `${key.export({ type: 'pkcs8', format: 'pem' })}${expired}`);
    const renewed = await credentialsFile(old, 'new', new Date());
    expect(renewed.certificate).not.toBe(expired);
    expect(await readFile(old, 'utf8')).toContain(renewed.certificate);
  });

  it('its metadata names its two endpoints, its certificate and that requests are to be signed', async () => {
    const served = await fetch(`${idp.url}/metadata`);
    expect(served.headers.get('content-type')).toContain('application/samlmetadata+xml');
    const text = await served.text();
    expect(text).toBe(idp.metadata);
    expect(text).toContain(`entityID="${idp.entityId}"`);
    expect(text).toContain('WantAuthnRequestsSigned="true"');
    expect(text).toContain(`Location="${idp.url}/sso"`);
    expect(text).toContain(`Location="${idp.url}/slo"`);
    const certificate = /<ds:X509Certificate>([^<]+)</.exec(text)![1]!;
    expect(new X509Certificate(Buffer.from(certificate, 'base64')).fingerprint256).toBe(
      new X509Certificate(idp.credentials.certificate).fingerprint256,
    );
  });
});

describe('the log-in page', () => {
  it('lists in Danish every employee and citizen of the demo, and no system', async () => {
    const page = await begin();
    expect(page.status).toBe(200);
    expect(page.text).toContain('<html lang="da">');
    const keysOf = (wanted: string) => demoPeople.filter(({ kind }) => kind === wanted).map(({ key }) => key);
    expect(listed(page.text)).toEqual([...keysOf('Employee'), ...keysOf('Citizen')]);
    for (const one of people) {
      expect(unescaped(page.text)).toContain(one.name);
      expect(unescaped(page.text)).toContain(one.title);
    }
    expect(page.text).toContain('Annullér');
  });

  it('holds no script of its own, and its policy allows none', async () => {
    const page = await begin();
    const answered = await visitor.post(`${idp.url}/pick`, { ...page.fields, person: 'manager' });
    for (const { text, headers } of [page, answered]) {
      const policy = headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain('unsafe');
      expect(policy).toContain("frame-ancestors 'none'");
      expect(text).not.toMatch(/<script(?![^>]* src="\/assets\/)|\son\w+=|<style|\sstyle=/);
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(answered.headers.get('content-security-policy')).toContain(`form-action 'self' ${sp.url}`);
    // Without script, there is a button.
    expect(answered.text).toContain('<button type="submit">Fortsæt</button>');
    expect(answered.action).toBe(sp.acs);
  });

  it('lists only those whom the service asks for', async () => {
    const employees = listed((await begin({ authnContext: [professional, loa('Substantial')] })).text);
    const citizens = listed((await begin({ authnContext: [person, loa('Substantial')] })).text);
    expect(citizens).toEqual(['citizen', 'other-citizen']);
    expect(employees).toEqual(people.map(({ key }) => key).filter((key) => !citizens.includes(key)));
    expect(listed((await begin({ authnContext: [professional, person] })).text)).toHaveLength(people.length);
  });

  it('nobody is picked who is not on the list, nor twice, nor later than ten minutes after', async () => {
    const refusals: string[] = [];
    const page = await begin({ authnContext: [person] });
    const tries = [{ ...page.fields, person: 'manager' }, { transaction: 'guessed', person: 'citizen' }, {}];
    for (const fields of tries) {
      const answer = await visitor.post(`${idp.url}/pick`, fields as Record<string, string>);
      expect(answer.status).toBe(400);
      refusals.push(/<code>([^<]+)/.exec(answer.text)![1]!);
    }
    expect((await visitor.post(`${idp.url}/pick`, { ...page.fields, person: 'citizen' })).status).toBe(200);
    expect((await visitor.post(`${idp.url}/pick`, { ...page.fields, person: 'citizen' })).status).toBe(400);
    visitor = new Visitor();
    const late = await begin();
    ahead = 10 * 60_000;
    expect((await visitor.post(`${idp.url}/pick`, { ...late.fields, person: 'manager' })).status).toBe(400);
    const unknown = 'Expected a log-in that was begun within the last 10 minutes and is not answered yet.';
    expect(refusals).toEqual(['person: expected one of the list.', unknown, unknown]);
  });
});

describe('the answer', () => {
  it('says of an employee, by the names of OIOSAML 3, what the demo knows', async () => {
    const before = Date.now();
    const profile = await profileOf(await pick('smdb-leader'));
    const known = personOf('smdb-leader');
    expect(profile.nameID).toBe(`${eid}professional/uuid/${known.uuid}`);
    expect(known.uuid).toBe(nemloginUuid(demoPeople.find(({ key }) => key === 'smdb-leader')!.id));
    expect(profile.nameIDFormat).toBe('urn:oasis:names:tc:SAML:2.0:nameid-format:persistent');
    expect(profile.attributes).toEqual({
      'https://data.gov.dk/model/core/specVersion': 'OIO-SAML-3.0',
      [`${eid}fullName`]: known.name,
      [`${nsis}loa`]: 'Substantial',
      [`${nsis}ial`]: 'Substantial',
      [`${nsis}aal`]: 'Substantial',
      [`${eid}professional/uuid/persistent`]: known.uuid,
      [`${eid}professional/cvr`]: '11111111',
      [`${eid}professional/orgName`]: 'Korsbæk Kommune',
      [`${eid}professional/productionUnit`]: '1000000006',
      [`${eid}privilegesIntermediate`]: expect.any(String),
    });
    const privileges = (profile.attributes as Record<string, string>)[`${eid}privilegesIntermediate`]!;
    expect(Buffer.from(privileges, 'base64').toString()).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<bpp:PrivilegeList xmlns:bpp="http://digst.dk/oiosaml/basic_privilege_profile"><PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:11111111"><Privilege>https://demo.sluse.example/privileges/smdb-leader</Privilege><Privilege>https://demo.sluse.example/privileges/smdb-administrator</Privilege></PrivilegeGroup></bpp:PrivilegeList>`,
    );
    const assertion = profile.getAssertionXml!();
    const at = (name: string) => Date.parse(new RegExp(`${name}="([^"]+)"`).exec(assertion)![1]!);
    expect(at('AuthnInstant')).toBeGreaterThanOrEqual(before);
    expect(at('NotOnOrAfter') - at('NotBefore')).toBe(5 * 60_000);
    expect(assertion).toContain(`Recipient="${sp.acs}"`);
    expect(assertion.match(/<saml:AuthnStatement /g)).toHaveLength(1);
    expect(assertion.match(/<saml:AttributeStatement>/g)).toHaveLength(1);
    expect(assertion).toContain(`<saml:AuthnContextClassRef>${loa('Substantial')}</saml:AuthnContextClassRef>`);
  });

  it('says of a citizen who it is, and of no organisation and no privilege', async () => {
    const profile = await profileOf(await pick('citizen'));
    const known = personOf('citizen');
    expect(profile.nameID).toBe(`${eid}person/uuid/${known.uuid}`);
    expect(profile.attributes).toEqual({
      'https://data.gov.dk/model/core/specVersion': 'OIO-SAML-3.0',
      [`${eid}fullName`]: known.name,
      [`${nsis}loa`]: 'Substantial',
      [`${nsis}ial`]: 'Substantial',
      [`${nsis}aal`]: 'Substantial',
      [`${eid}cprNumber`]: '0201609995',
      [`${eid}cprUuid`]: known.citizen!.cprUuid,
    });
  });

  it('tells privileges of those rights alone that are assigned at NemLog-in, each for the own organisation', () => {
    const told = people.flatMap(({ key, privileges }) =>
      privileges.map(({ scope, uris }) => [key, scope.split(':').at(-1), uris.map((uri) => uri.split('/').at(-1))]),
    );
    expect(told).toEqual([
      ['smdb-reporter', '11111111', ['smdb-reporter']],
      ['smdb-health', '11111111', ['smdb-health']],
      ['smdb-leader', '11111111', ['smdb-leader', 'smdb-administrator']],
      ['centre-reporter', '22222222', ['smdb-delegated-reporter']],
      ['centre-administrator', '22222222', ['smdb-administrator']],
    ]);
  });

  it('nobody on the way learns who signs in: one encrypted assertion, AES-256-GCM, RSA-OAEP, and none in plain', async () => {
    const page = await pick('citizen');
    const xml = xmlOf(page);
    expect(xml.match(/<saml:EncryptedAssertion>/g)).toHaveLength(1);
    expect(xml).not.toMatch(/<saml:Assertion|NameID|AttributeValue|0201609995/);
    expect(xml).not.toContain(personOf('citizen').uuid);
    expect(xml).toContain('Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"');
    expect(xml).toContain('Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"');
    expect(xml).toContain(`Destination="${sp.acs}"`);
    const assertion = await decrypted(xml);
    expect(assertion).toContain('SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"');
    expect(assertion).toContain('DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"');
    // Where the schema wants it: behind the issuer.
    expect(assertion).toMatch(/<saml:Issuer>[^<]+<\/saml:Issuer><ds:Signature /);
  });

  it('answers one request once: the same answer is refused the second time by a service that keeps count', async () => {
    const page = await pick('manager');
    await profileOf(page);
    await expect(profileOf(page)).rejects.toThrow('InResponseTo is not valid');
  });

  it('gives RelayState back as it came, and never as markup', async () => {
    const relayState = `/sandbox?a=1&b="<script>alert</script>æ+%`;
    const page = await pick('manager', {}, relayState);
    expect(page.fields.RelayState).toBe(relayState);
    expect(page.text).not.toContain('<script>alert');
    expect((await pick('manager', { forceAuthn: true })).fields).not.toHaveProperty('RelayState', relayState);
  });
});

describe('signed in once', () => {
  it('a second log-in goes straight through, as of the first; the cookie is out of the reach of scripts', async () => {
    const first = await begin();
    const answered = await visitor.post(`${idp.url}/pick`, { ...first.fields, person: 'manager' });
    expect(answered.headers.get('set-cookie')).toMatch(/^nemlogin_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const one = await profileOf(answered);
    ahead = 60_000;
    const again = await begin();
    expect(listed(again.text)).toEqual([]);
    ahead = 0;
    const two = await profileOf(again).catch((error: Error) => error.message);
    // Its clock was a minute ahead of the service's when it answered.
    expect(two).toBe('SAML assertion not yet valid');
    const three = await profileOf(await begin());
    expect(three).toMatchObject({ nameID: one.nameID, sessionIndex: one.sessionIndex });
    expect(authnInstant(three)).toBe(authnInstant(one));
  });

  it('ForceAuthn asks again, says who is signed in, and tells the new time; the session goes on', async () => {
    const one = await profileOf(await pick('manager'));
    const page = await begin({ forceAuthn: true });
    expect(unescaped(page.text)).toContain(`Du er allerede logget på som ${personOf('manager').name}`);
    const answered = await visitor.post(`${idp.url}/pick`, { ...page.fields, person: 'manager' });
    const two = await profileOf(answered);
    expect(two.sessionIndex).toBe(one.sessionIndex);
    expect(Date.parse(authnInstant(two))).toBeGreaterThan(Date.parse(authnInstant(one)));
  });

  it('somebody else who confirms begins another session, and the one before is over', async () => {
    const one = await profileOf(await pick('manager'));
    const two = await profileOf(await pick('administrator', { forceAuthn: true }));
    expect(two.sessionIndex).not.toBe(one.sessionIndex);
    expect((await profileOf(await begin())).nameID).toBe(two.nameID);
  });

  it('an employee signed in is nobody to a service that asks for a citizen', async () => {
    await pick('manager');
    expect(listed((await begin({ authnContext: [person] })).text)).toEqual(['citizen', 'other-citizen']);
  });

  it('it ends after an hour', async () => {
    await pick('manager');
    ahead = 60 * 60_000 - 1_000;
    const still = await visitor.get(`${idp.url}/`);
    expect(unescaped(still.text)).toContain(personOf('manager').name);
    ahead = 60 * 60_000;
    expect((await visitor.get(`${idp.url}/`)).text).toContain('Du er ikke logget på.');
  });

  it('IsPassive never asks: who is signed in is answered, who is not is declined, and the declining is signed', async () => {
    const declined = await begin({ passive: true });
    expect(xmlOf(declined)).toContain('status:NoPassive');
    // node-saml takes NoPassive for "nobody" only where it is signed.
    const nobody = await sp.saml().validatePostResponseAsync(declined.fields as { SAMLResponse: string });
    expect(nobody).toEqual({ profile: null, loggedOut: false });
    await pick('manager');
    expect((await profileOf(await begin({ passive: true }))).nameID).toContain(personOf('manager').uuid);
    expect(xmlOf(await begin({ passive: true, forceAuthn: true }))).toContain('status:NoPassive');
  });

  it.each([
    ['more assurance than anybody has', [loa('High')]],
    ['a context that nobody knows', ['urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos']],
  ])('declines %s', async (_name, authnContext) => {
    const page = await begin({ authnContext });
    expect(xmlOf(page)).toContain('status:NoAuthnContext');
    expect(xmlOf(page)).not.toContain('Assertion>');
    await expect(profileOf(page)).rejects.toThrow('NoAuthnContext');
  });

  it('cancelling is answered too, with nobody', async () => {
    const page = await begin();
    const cancelled = await visitor.post(`${idp.url}/pick`, page.fields);
    expect(xmlOf(cancelled)).toContain('status:AuthnFailed');
    expect(visitor.cookie('nemlogin_session')).toBeUndefined();
    await expect(profileOf(cancelled)).rejects.toThrow('AuthnFailed');
  });
});

describe('a request that is not answered', () => {
  const authnRequest = (over: Record<string, string> = {}, inner = '') => {
    const attributes = {
      ID: '_request',
      Version: '2.0',
      IssueInstant: new Date().toISOString(),
      Destination: `${idp.url}/sso`,
      AssertionConsumerServiceURL: sp.acs,
      ...over,
    };
    return `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ${Object.entries(
      attributes,
    )
      .map(([name, value]) => `${name}="${value}"`)
      .join(' ')}><saml:Issuer>${inner || sp.entityId}</saml:Issuer></samlp:AuthnRequest>`;
  };
  const signedQuery = (xml: string, key = sp.credentials.privateKey, digest = 'sha256', relayState?: string) => {
    const algorithm =
      digest === 'sha1'
        ? 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
        : `http://www.w3.org/2001/04/xmldsig-more#rsa-${digest}`;
    const query = [
      `SAMLRequest=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`,
      ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
      `SigAlg=${encodeURIComponent(algorithm)}`,
    ].join('&');
    return `${query}&Signature=${encodeURIComponent(sign(digest, Buffer.from(query), key).toString('base64'))}`;
  };
  const ask = (query: string) => visitor.get(`${idp.url}/sso?${query}`);
  const signature = 'Signature: expected one by a certificate in the metadata of the service provider.';

  it('a good one is answered, with SHA-256 or better, also at the second address of the metadata', async () => {
    for (const digest of ['sha256', 'sha384', 'sha512'])
      expect((await ask(signedQuery(authnRequest(), undefined, digest))).status).toBe(200);
    const other = await ask(signedQuery(authnRequest({ AssertionConsumerServiceURL: `${sp.url}/other` })));
    expect((await visitor.post(`${idp.url}/pick`, { ...other.fields, person: 'manager' })).action).toBe(
      `${sp.url}/other`,
    );
  });

  it('a good one is answered while the service changes its key, by either key', async () => {
    const next = await credentialsFile(join(directory, 'next-key.pem'), 'The next key', new Date());
    metadata = serviceProviderMetadata(sp.entityId, sp.url, [next.certificate, sp.credentials.certificate]);
    for (const { privateKey } of [next, sp.credentials])
      expect((await ask(signedQuery(authnRequest(), privateKey))).status).toBe(200);
    metadata = serviceProviderMetadata(sp.entityId, sp.url, [next.certificate]);
    expect((await ask(signedQuery(authnRequest()))).text).toContain(signature);
  });

  const cases: [string, () => string, string][] = [
    ['is not signed', () => signedQuery(authnRequest()).replace(/&SigAlg.*/, ''), 'Expected a signature'],
    ['is signed by a stranger', () => signedQuery(authnRequest(), strangersKey()), signature],
    ['is signed with SHA-1', () => signedQuery(authnRequest(), undefined, 'sha1'), 'SigAlg: expected one of'],
    [
      'was changed after it was signed',
      () => {
        const other = signedQuery(authnRequest({ ForceAuthn: 'false' })).split('&')[0]!;
        return signedQuery(authnRequest({ ForceAuthn: 'true' })).replace(/^[^&]+/, other);
      },
      signature,
    ],
    [
      'came with another RelayState than was signed',
      () => signedQuery(authnRequest(), undefined, 'sha256', '/a').replace('RelayState=%2Fa', 'RelayState=%2Fb'),
      signature,
    ],
    ['came with a RelayState that was not signed', () => `${signedQuery(authnRequest())}&RelayState=x`, signature],
    [
      'is there twice',
      () => `${signedQuery(authnRequest())}&SAMLRequest=x`,
      'SAMLRequest: expected once in the query.',
    ],
    [
      'was meant for somebody else',
      () => signedQuery(authnRequest({ Destination: 'https://other.example/sso' })),
      'Destination: expected http://127.0.0.1',
    ],
    [
      'is of another service',
      () => signedQuery(authnRequest({}, 'https://other.example')),
      'Issuer: expected https://service.example.',
    ],
    [
      'wants the answer elsewhere',
      () => signedQuery(authnRequest({ AssertionConsumerServiceURL: 'https://thief.example/acs' })),
      'expected one of the metadata of the service provider',
    ],
    [
      'wants the answer at an address that only begins like ours',
      () => signedQuery(authnRequest({ AssertionConsumerServiceURL: `${sp.acs}.thief.example` })),
      'expected one of the metadata of the service provider',
    ],
    [
      'wants the answer by another binding',
      () => signedQuery(authnRequest({ ProtocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact' })),
      'ProtocolBinding: expected urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST.',
    ],
    [
      'is old',
      () => signedQuery(authnRequest({ IssueInstant: new Date(Date.now() - 5 * 60_000 - 1_000).toISOString() })),
      'IssueInstant: expected a time within 5 minutes of now.',
    ],
    ['has no time', () => signedQuery(authnRequest({ IssueInstant: 'now' })), 'IssueInstant: expected a time'],
    ['has an id that is none', () => signedQuery(authnRequest({ ID: '1&quot;' })), 'ID: expected an XML id'],
    ['is of another version', () => signedQuery(authnRequest({ Version: '1.1' })), 'Version: expected 2.0.'],
    [
      'has a document type',
      () => signedQuery(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${authnRequest()}`),
      'A message holds no document type.',
    ],
    ['is no XML', () => signedQuery('<samlp:AuthnRequest'), 'Expected well-formed XML.'],
    [
      'is something else',
      () => signedQuery(authnRequest().replaceAll('AuthnRequest', 'AttributeQuery')),
      'Expected a AuthnRequest',
    ],
    ['is not deflated', () => signedQuery('').replace(/^SAMLRequest=[^&]*/, 'SAMLRequest=x'), signature],
    ['is a bomb', () => signedQuery(' '.repeat(100_001)), 'Expected a message that is deflated'],
    ['is not there', () => '', 'Expected SAMLRequest in the query.'],
    [
      'is no percent-encoding',
      () => signedQuery(authnRequest()).replace(/Signature=.*/, 'Signature=%'),
      'percent-encoding',
    ],
  ];

  it.each(cases)('it %s', async (_name, query, reason) => {
    const page = await ask(query());
    expect(page.status).toBe(400);
    expect(page.text).toContain('Anmodningen kan ikke besvares');
    expect(unescaped(page.text)).toContain(reason);
    expect(page.fields).toEqual({});
  });
});

describe('logging out', () => {
  it('begun at the service: the session is over here, and the service gets a signed answer', async () => {
    const profile = await profileOf(await pick('manager'));
    const answer = await visitor.get(await sp.saml().getLogoutUrlAsync(profile, '/bye', {}));
    expect(answer.status).toBe(303);
    const back = new URL(answer.location!);
    expect(`${back.origin}${back.pathname}`).toBe(`${sp.url}/slo`);
    expect(back.searchParams.get('RelayState')).toBe('/bye');
    const query = Object.fromEntries(back.searchParams);
    expect(await sp.saml().validateRedirectAsync(query, back.search.slice(1))).toMatchObject({ loggedOut: true });
    expect(visitor.cookie('nemlogin_session')).toBeUndefined();
    expect(listed((await begin()).text)).not.toEqual([]);
  });

  it('begun at the service without the browser: the session that the cookie names is over all the same', async () => {
    const profile = await profileOf(await pick('manager'));
    await new Visitor().get(await sp.saml().getLogoutUrlAsync(profile, '', {}));
    expect(visitor.cookie('nemlogin_session')).toBeDefined();
    expect((await visitor.get(`${idp.url}/`)).text).toContain('Du er ikke logget på.');
  });

  it('a log-out of one session leaves another session of the same person alone', async () => {
    const profile = await profileOf(await pick('manager'));
    const elsewhere = visitor;
    visitor = new Visitor();
    await pick('manager');
    await elsewhere.get(await sp.saml().getLogoutUrlAsync(profile, '', {}));
    expect((await elsewhere.get(`${idp.url}/`)).text).toContain('Du er ikke logget på.');
    expect(unescaped((await visitor.get(`${idp.url}/`)).text)).toContain(personOf('manager').name);
  });

  it('begun here: the service is asked with a signed request, and its answer is told', async () => {
    const profile = await profileOf(await pick('administrator'));
    const home = await visitor.get(`${idp.url}/`);
    expect(home.headers.get('content-security-policy')).toContain(`form-action 'self' ${sp.url}`);
    const asked = await visitor.post(`${idp.url}/logout`, {});
    const url = new URL(asked.location!);
    expect(`${url.origin}${url.pathname}`).toBe(`${sp.url}/slo`);
    const request = await sp.saml().validateRedirectAsync(Object.fromEntries(url.searchParams), url.search.slice(1));
    expect(request).toMatchObject({
      loggedOut: true,
      profile: { nameID: profile.nameID, sessionIndex: profile.sessionIndex },
    });
    expect((await visitor.get(`${idp.url}/`)).text).toContain('Du er ikke logget på.');
    const answer = await sp.saml().getLogoutResponseUrlAsync(request.profile!, '', {}, true);
    expect((await visitor.get(answer)).text).toContain('Du er logget af her og hos tjenesten.');
    // Told once: it is the answer to one log-out.
    const replayed = await visitor.get(answer);
    expect(replayed.status).toBe(400);
    expect(replayed.text).toContain('InResponseTo: expected a log-out that was begun here.');
  });

  it('a service that could not log out is not said to have done it', async () => {
    await pick('administrator');
    const url = new URL((await visitor.post(`${idp.url}/logout`, {})).location!);
    const request = await sp.saml().validateRedirectAsync(Object.fromEntries(url.searchParams), url.search.slice(1));
    const answer = await visitor.get(await sp.saml().getLogoutResponseUrlAsync(request.profile!, '', {}, false));
    expect(answer.text).toContain('tjenesten kunne ikke logge dig af');
  });

  it('a stranger logs nobody out', async () => {
    const profile = await profileOf(await pick('manager'));
    const key = strangersKey().export({ type: 'pkcs8', format: 'pem' }).toString();
    const refused = await visitor.get(await sp.saml({ privateKey: key }).getLogoutUrlAsync(profile, '', {}));
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('Signature: expected one by a certificate');
    expect((await new Visitor().post(`${idp.url}/logout`, {})).status).toBe(200);
    expect(unescaped((await visitor.get(`${idp.url}/`)).text)).toContain(personOf('manager').name);
  });
});

describe('an assertion that tests make up', () => {
  const made = (over: Partial<Issue> = {}) =>
    issue({
      credentials: idp.credentials,
      issuer: idp.entityId,
      recipient: sp.acs,
      inResponseTo: null,
      audience: sp.entityId,
      encryptFor: sp.credentials.certificate,
      person: personOf('manager'),
      sessionIndex: '_session',
      authnInstant: new Date(),
      now: new Date(),
      ...over,
    });
  const read = async (over: Partial<Issue> = {}) => {
    const saml = sp.saml({ validateInResponseTo: 'never' as never });
    return (await saml.validatePostResponseAsync({ SAMLResponse: await made(over) })).profile!;
  };

  it('is believed as it is', async () => {
    expect((await read()).nameID).toBe(`${eid}professional/uuid/${personOf('manager').uuid}`);
    expect((await read({ nameId: 'urn:uuid:x', assurance: 'Low' })).attributes).toMatchObject({
      [`${nsis}loa`]: 'Low',
    });
    expect((await read({ attributes: { a: '<&">' } })).attributes).toEqual({ a: '<&">' });
    expect((await read({ encryptFor: null })).sessionIndex).toBe('_session');
    const older = await made({ keyEncryption: 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p' });
    expect(Buffer.from(older, 'base64').toString()).toContain('rsa-oaep-mgf1p');
  });

  const past = new Date(Date.now() - 60_000);
  it.each<[string, () => Partial<Issue>, string]>([
    ['for another service', () => ({ audience: 'https://other.example' }), 'SAML assertion audience mismatch'],
    ['too late', () => ({ notBefore: past, notOnOrAfter: past }), 'SAML assertion expired'],
    [
      'by a stranger',
      () => ({ credentials: { ...idp.credentials, privateKey: strangersKey() } }),
      'Invalid signature from encrypted assertion',
    ],
    [
      'changed after it was signed',
      () => ({ afterSigning: (xml) => xml.replace('Substantial', 'High') }),
      'Invalid signature from encrypted assertion',
    ],
    [
      'without a signature',
      () => ({ afterSigning: (xml) => xml.replace(/<ds:Signature.*<\/ds:Signature>/s, '') }),
      'Invalid signature',
    ],
  ])('is refused %s', async (_name, over, reason) => {
    await expect(read(over())).rejects.toThrow(reason);
  });
});

const decrypted = (response: string) => {
  const data = /<xenc:EncryptedData.*<\/xenc:EncryptedData>/s.exec(response)![0];
  const key = sp.credentials.privateKey.export({ type: 'pkcs8', format: 'pem' });
  return new Promise<string>((resolve, reject) =>
    decrypt(data, { key }, (error, xml) => (error ? reject(error) : resolve(xml))),
  );
};

const authnInstant = (profile: Profile): string => /AuthnInstant="([^"]+)"/.exec(profile.getAssertionXml!())![1]!;
