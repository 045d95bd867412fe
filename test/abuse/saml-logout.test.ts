/** Log-out messages that nobody sent: no session ends by them, and no browser is led on. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { faultBody } from '../../subgraphs/protocol/faults.js';
import { selfSigned } from '../support/certificate.js';
import { uuid } from '../support/saml.js';
import { openSamlGateway, type SamlGateway } from '../support/saml-gateway.js';
import { signInMemory } from '../support/sign-in-memory.js';

const minute = 60_000;
const rsaSha1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
const stranger = selfSigned('a stranger');
const memory = signInMemory();
let gateway: SamlGateway;
let refusedBody: string;
beforeAll(async () => {
  gateway = await openSamlGateway({ identity: memory.internal });
  const browser = gateway.browser();
  const { request } = await browser.begin();
  await browser.acs(await gateway.idp.respond(gateway.service, request));
  refusedBody = await (await gateway.browser().acs('AAAA')).text();
  gateway.logged();
});
afterAll(() => gateway.close());
afterEach(() => {
  gateway.later = 0;
});

async function expectRefused(response: Response, reason: string) {
  expect([response.status, await response.text()]).toEqual([403, refusedBody]);
  expect(response.headers.getSetCookie()).toEqual([]);
  const entries = gateway.logged();
  expect(entries.map(({ faults }) => faults)).toEqual([['SIGN_IN_REFUSED', reason]]);
  expect(entries[0]).toMatchObject({ outcome: 'DENIED', operation: { name: 'SignOut' } });
  expect(memory.asked('logout-by-name')).toEqual([]);
  expect(memory.sessions()).toHaveLength(1);
}

const request = (over: Parameters<SamlGateway['idp']['logoutMessage']>[2] = {}) =>
  gateway.idp.logoutMessage(gateway.service, 'Request', over);
const named = (name: string) => `<saml:NameID>${name}</saml:NameID>`;

describe('a log-out request in the address', () => {
  const unsigned = (query: string) => query.replace(/&Signature=.*/, '');
  it.each<[string, string, () => string]>([
    ['without a signature', 'SAML_UNSIGNED', () => unsigned(gateway.idp.redirect(request(), 'SAMLRequest'))],
    [
      'without an algorithm',
      'SAML_UNSIGNED',
      () => gateway.idp.redirect(request(), 'SAMLRequest').replace(/&SigAlg=[^&]+/, ''),
    ],
    ['signed by a stranger', 'SAML_SIGNATURE', () => gateway.idp.redirect(request(), 'SAMLRequest', { key: stranger })],
    [
      'signed with SHA-1',
      'SAML_SIGNATURE_ALGORITHM',
      () => gateway.idp.redirect(request(), 'SAMLRequest', { algorithm: rsaSha1, hash: 'sha1' }),
    ],
    [
      'whose RelayState was changed',
      'SAML_SIGNATURE',
      () => gateway.idp.redirect(request(), 'SAMLRequest', { relayState: 'a' }).replace('RelayState=a', 'RelayState=b'),
    ],
    [
      'whose RelayState was added',
      'SAML_SIGNATURE',
      () => `${gateway.idp.redirect(request(), 'SAMLRequest')}&RelayState=b`,
    ],
    ['with two messages', 'SAML_MALFORMED', () => `${gateway.idp.redirect(request(), 'SAMLRequest')}&SAMLRequest=AAAA`],
    [
      'with a message spelled in another way',
      'SAML_MALFORMED',
      () => `${gateway.idp.redirect(request(), 'SAMLRequest')}&SAML%52equest=AAAA`,
    ],
    [
      'that is an answer too',
      'SAML_MALFORMED',
      () => `${gateway.idp.redirect(request(), 'SAMLRequest')}&SAMLResponse=AAAA`,
    ],
    ['that is none', 'SAML_MALFORMED', () => 'x=y'],
    [
      'that swells to a megabyte',
      'SAML_MALFORMED',
      () => gateway.idp.redirect(request({ inside: 'x'.repeat(1_000_000) }), 'SAMLRequest'),
    ],
    ['with a document type', 'SAML_DOCTYPE', () => gateway.idp.redirect(`<!DOCTYPE x>${request()}`, 'SAMLRequest')],
    [
      'with a name cut by a comment',
      'SAML_MARKUP',
      () => gateway.idp.redirect(request({ inside: named('a<!---->b') }), 'SAMLRequest'),
    ],
    [
      'of another issuer',
      'SAML_ISSUER',
      () => gateway.idp.redirect(request({ issuer: 'https://other.example' }), 'SAMLRequest'),
    ],
    [
      'to another address',
      'SAML_DESTINATION',
      () => gateway.idp.redirect(request({ destination: 'https://other.example' }), 'SAMLRequest'),
    ],
    [
      'made five minutes ago',
      'SAML_EXPIRED',
      () => gateway.idp.redirect(request({ issued: -5 * minute }), 'SAMLRequest'),
    ],
    [
      'made in five minutes',
      'SAML_NOT_YET_VALID',
      () => gateway.idp.redirect(request({ issued: 5 * minute }), 'SAMLRequest'),
    ],
    [
      'that has ended',
      'SAML_EXPIRED',
      () =>
        gateway.idp.redirect(
          request().replace(' Version', ' NotOnOrAfter="2020-01-01T00:00:00Z" Version'),
          'SAMLRequest',
        ),
    ],
    ['without a name', 'SAML_NAME_ID', () => gateway.idp.redirect(request({ inside: '' }), 'SAMLRequest')],
    [
      'with two names',
      'SAML_NAME_ID',
      () => gateway.idp.redirect(request({ inside: named('a') + named('b') }), 'SAMLRequest'),
    ],
    ['with an empty name', 'SAML_NAME_ID', () => gateway.idp.redirect(request({ inside: named('') }), 'SAMLRequest')],
    [
      'with a RelayState of 81 bytes',
      'SAML_MALFORMED',
      () => gateway.idp.redirect(request(), 'SAMLRequest', { relayState: 'x'.repeat(81) }),
    ],
    [
      'of another kind',
      'SAML_STRUCTURE',
      () => gateway.idp.redirect(request().replaceAll('LogoutRequest', 'ManageNameIDRequest'), 'SAMLRequest'),
    ],
  ])('%s is refused as %s', async (_what, reason, query) => {
    await expectRefused(await gateway.browser().get(`/saml/logout?${query()}`), reason);
  });
});

describe('a log-out request in a form', () => {
  const post = (text: string) => gateway.browser().post('/saml/logout', { SAMLRequest: text });
  it.each<[string, string, () => string]>([
    ['without a signature', 'SAML_UNSIGNED', () => Buffer.from(request()).toString('base64')],
    ['signed by a stranger', 'SAML_SIGNATURE', () => gateway.idp.posted(request(), { key: stranger })],
    ['signed with SHA-1', 'SAML_SIGNATURE_ALGORITHM', () => gateway.idp.posted(request(), { algorithm: rsaSha1 })],
    [
      'that was changed',
      'SAML_SIGNATURE',
      () =>
        Buffer.from(
          Buffer.from(gateway.idp.posted(request()), 'base64').toString().replace(uuid, uuid.replace('3', '4')),
        ).toString('base64'),
    ],
    [
      'with an id twice',
      'SAML_DUPLICATE_ID',
      () => gateway.idp.posted(request({ id: '_one', inside: `${named('a')}<x ID="_one"/>` }).replace('<x ', '<x ')),
    ],
    ['that is not base64', 'SAML_MALFORMED', () => '<x/>'],
  ])('%s is refused as %s', async (_what, reason, text) => {
    await expectRefused(await post(text()), reason);
  });

  it('that is a request and an answer is refused', async () => {
    const both = { SAMLRequest: gateway.idp.posted(request()), SAMLResponse: 'AAAA' };
    await expectRefused(await gateway.browser().post('/saml/logout', both), 'SAML_MALFORMED');
  });
});

describe('an answer to a log-out', () => {
  const answer = (inResponseTo?: string) =>
    gateway.idp.redirect(
      gateway.idp.logoutMessage(gateway.service, 'Response', inResponseTo === undefined ? {} : { inResponseTo }),
      'SAMLResponse',
    );

  it('to nothing that this browser sent is refused', async () => {
    await expectRefused(
      await gateway.browser().get(`/saml/logout?${answer('_something-else-altogether')}`),
      'SAML_IN_RESPONSE_TO',
    );
    await expectRefused(await gateway.browser().get(`/saml/logout?${answer()}`), 'SAML_IN_RESPONSE_TO');
  });
});

describe('a log-out request that is right', () => {
  it('but about somebody else leaves the browser that was led there signed in', async () => {
    const browser = gateway.browser();
    const { request: begun } = await browser.begin();
    await browser.acs(await gateway.idp.respond(gateway.service, begun, { said: { sessionIndex: 'of the victim' } }));
    const [own, open] = [new Map(browser.cookies), memory.sessions()];
    const message = request({ inside: named('urn:uuid:ffffffff-ffff-4fff-8fff-ffffffffffff') });
    const response = await browser.get(`/saml/logout?${gateway.idp.redirect(message, 'SAMLRequest')}`);
    expect([response.status, response.headers.getSetCookie()]).toEqual([303, []]);
    expect([browser.cookies, memory.sessions()]).toEqual([own, open]);
  });
});

describe('a sign-out here', () => {
  it.each([
    ['cross-site', 403],
    ['same-site', 403],
    ['same-origin', 204],
    ['none', 204],
  ])('asked by %s: %i', async (site, status) => {
    const response = await fetch(`${gateway.url}/sign-out`, {
      method: 'POST',
      headers: { 'sec-fetch-site': site, cookie: '__Host-sluse_session=a-token-of-the-demo-sign-in' },
    });
    expect(response.status).toBe(status);
    if (status === 204) return;
    expect(await response.json()).toEqual(
      faultBody('FORBIDDEN', 'Expected to be asked by a page of this server (`Sec-Fetch-Site: same-origin`).'),
    );
    expect([response.headers.getSetCookie(), response.headers.get('cache-control')]).toEqual([[], 'no-store']);
  });
});
