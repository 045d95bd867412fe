/**
 * The same said in another lawful spelling is read as the same; what only looks like such a spelling is refused, for a reason that says what is
 * wrong with it. And a person who cancels is told that, and led back by the way they came.
 */
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readIdentityProvider } from '../../src/saml/identity-provider.js';
import { instantOf } from '../../src/saml/xml.js';
import { selfSigned } from '../support/certificate.js';
import { citizen, EvilProvider, employee, type Steps, uuid } from '../support/saml.js';
import { openSamlGateway, type SamlGateway } from '../support/saml-gateway.js';
import { signInMemory } from '../support/sign-in-memory.js';

const eid = 'https://data.gov.dk/model/core/eid/';
const minute = 60_000;
const memory = signInMemory();
let gateway: SamlGateway;
beforeAll(async () => {
  gateway = await openSamlGateway({ identity: memory.internal });
});
afterAll(() => gateway.close());

async function signIn(steps: Steps, query = '') {
  const browser = gateway.browser();
  const { request } = await browser.begin(query);
  gateway.logged();
  const response = await browser.acs(await gateway.idp.respond(gateway.service, request, steps));
  return { response, browser, asked: memory.asked('finish-sign-in').at(-1) };
}

async function expectRefused(steps: Steps, reason: string) {
  const before = memory.asked('finish-sign-in').length;
  const { response } = await signIn(steps);
  expect(response.status).toBe(403);
  expect(gateway.logged().map(({ faults }) => faults)).toEqual([['SIGN_IN_REFUSED', reason]]);
  expect(memory.asked('finish-sign-in')).toHaveLength(before);
}

const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const email = `${eid}email`;
/** An employee who says `inside` of the attribute `name`. */
const saying = (inside: string, name = email): Steps => ({
  unsigned: (text) =>
    text.replace(
      '</saml:AttributeStatement>',
      `<saml:Attribute Name="${name}"${inside === '' ? '/>' : `>${inside}</saml:Attribute>`}$&`,
    ),
});

describe('an attribute that says nothing', () => {
  it.each([
    ['no value', ''],
    ['white space for a value', '\n  '],
    ['an empty value', '<saml:AttributeValue/>'],
    ['a value of white space', '<saml:AttributeValue> </saml:AttributeValue>'],
    ['a value that is nil', `<saml:AttributeValue ${xsi} xsi:nil="true"/>`],
    ['a value that is nil, as a number', `<saml:AttributeValue ${xsi} xsi:nil="1"></saml:AttributeValue>`],
    [
      'nil under another prefix',
      `<saml:AttributeValue xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>`,
    ],
    ['an empty text of a type', `<saml:AttributeValue ${xsi} xsi:type="xs:string"/>`],
  ])('%s: is as one that is not there', async (_what, inside) => {
    for (const name of [email, 'urn:oid:0.9.2342.19200300.100.1.3', `${eid}professional/rid`]) {
      const { response, asked } = await signIn(saying(inside, name));
      expect(response.status).toBe(303);
      expect(Object.keys(asked.attributes).sort()).toEqual(
        Object.keys(employee)
          .filter((key) => !/specVersion|loa$/.test(key))
          .sort(),
      );
    }
  });

  it('is not one that is needed', async () => {
    const { [`${eid}professional/orgName`]: _name, ...rest } = employee;
    await expectRefused(
      { ...saying('', `${eid}professional/orgName`), said: { attributes: rest } },
      'SAML_ORGANISATION',
    );
  });

  it.each([
    ['a value that is not nil', `<saml:AttributeValue ${xsi} xsi:nil="false">a@example.dk</saml:AttributeValue>`],
    ['a value of a type', `<saml:AttributeValue ${xsi} xsi:type="xs:string">a@example.dk</saml:AttributeValue>`],
    ['a nil of nobody', '<saml:AttributeValue nil="true">a@example.dk</saml:AttributeValue>'],
  ])('is not %s', async (_what, inside) => {
    const { response, asked } = await signIn(saying(inside));
    expect([response.status, asked.attributes[email]]).toEqual([303, 'a@example.dk']);
  });

  it.each([
    ['nil with text in it', `<saml:AttributeValue ${xsi} xsi:nil="true">a@example.dk</saml:AttributeValue>`],
    ['nil with an element in it', `<saml:AttributeValue ${xsi} xsi:nil="true"><x/></saml:AttributeValue>`],
    ['nil that is no truth', `<saml:AttributeValue ${xsi} xsi:nil="maybe"/>`],
    [
      'two values, one of them nil',
      `<saml:AttributeValue ${xsi} xsi:nil="true"/><saml:AttributeValue>a</saml:AttributeValue>`,
    ],
    ['two empty values', '<saml:AttributeValue/><saml:AttributeValue/>'],
    ['text beside no value', 'a@example.dk'],
    ['an element in place of a value', '<x>a@example.dk</x>'],
  ])('%s is refused', async (_what, inside) => {
    await expectRefused(saying(inside), 'SAML_ATTRIBUTE');
  });

  it.each([
    ['first empty', ['', '11111111']],
    ['then empty', ['11111111', '']],
    ['both empty', ['', '']],
  ])('twice, %s, is refused', async (_what, values) => {
    const twice = values
      .map(
        (value) =>
          `<saml:Attribute Name="${email}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`,
      )
      .join('');
    await expectRefused(
      { unsigned: (text) => text.replace('</saml:AttributeStatement>', `${twice}$&`) },
      'SAML_ATTRIBUTE',
    );
  });
});

/** The moment so many milliseconds from now, as a clock says it that is `zone` minutes ahead of UTC. */
const inZone = (offset: number, zone: number): string => {
  const sign = zone < 0 ? '-' : '+';
  const [hours, minutes] = [Math.floor(Math.abs(zone) / 60), Math.abs(zone) % 60];
  const local = new Date(Date.now() + offset + zone * minute).toISOString().slice(0, -1);
  return `${local}${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
};

describe('a time with an offset', () => {
  const times = (zone: number, over: { from?: number; until?: number; issued?: number } = {}): Steps => ({
    response: { IssueInstant: inZone(0, zone) },
    unsigned: (text) =>
      text
        .replace(/IssueInstant="[^"]+"/, `IssueInstant="${inZone(over.issued ?? 0, zone)}"`)
        .replace(/NotBefore="[^"]+"/g, `NotBefore="${inZone(over.from ?? -minute, zone)}"`)
        .replace(/NotOnOrAfter="[^"]+"/g, `NotOnOrAfter="${inZone(over.until ?? 5 * minute, zone)}"`)
        .replace(/AuthnInstant="[^"]+"/, `AuthnInstant="${inZone(-minute, zone)}"`),
  });

  it.each([60, -60, 120, 330, -570, 0, 14 * 60, -14 * 60])('of %i minutes is the moment that it is', async (zone) => {
    const { response, asked } = await signIn(times(zone));
    expect(response.status).toBe(303);
    expect(Math.abs(Date.parse(asked.authnInstant) - (Date.now() - minute))).toBeLessThan(30_000);
  });

  it.each([60, -120])('of %i minutes does not move when it holds', async (zone) => {
    await expectRefused(times(zone, { until: -5 * minute }), 'SAML_EXPIRED');
    await expectRefused(times(zone, { from: 5 * minute }), 'SAML_NOT_YET_VALID');
    await expectRefused(times(zone, { issued: 5 * minute }), 'SAML_NOT_YET_VALID');
  });

  it('is read to the millisecond', () => {
    expect(instantOf('2026-01-01T01:30:00.250+01:30')).toBe(Date.parse('2026-01-01T00:00:00.250Z'));
    expect(instantOf('2025-12-31T23:00:00-01:00')).toBe(Date.parse('2026-01-01T00:00:00Z'));
  });

  it.each([
    '2026-01-01T00:00:00+14:01',
    '2026-01-01T00:00:00-15:00',
    '2026-01-01T00:00:00+01:60',
    '2026-01-01T00:00:00+0100',
    '2026-01-01T00:00:00+01',
    '2026-01-01T00:00:00+1:00',
    '2026-01-01T00:00:00Z+01:00',
    '2026-01-01T00:00:00 +01:00',
    '2026-01-01T00:00:00',
    '2026-02-30T00:00:00+01:00',
    '2026-01-01T24:00:00+01:00',
    '2026-01-01 00:00:00Z',
    ' 2026-01-01T00:00:00Z',
  ])('%s is none', async (text) => {
    expect(instantOf(text)).toBeNull();
  });

  it('that is none is logged as such, wherever it stands', async () => {
    const bad = '2026-01-01T00:00:00+14:01';
    await expectRefused({ response: { IssueInstant: bad } }, 'SAML_TIME');
    await expectRefused({ response: { IssueInstant: null } }, 'SAML_TIME');
    await expectRefused(
      { unsigned: (text) => text.replace(/IssueInstant="[^"]+"/, `IssueInstant="${bad}"`) },
      'SAML_TIME',
    );
    for (const message of [
      gateway.idp.logoutMessage(gateway.service, 'Request').replace(/IssueInstant="[^"]+"/, `IssueInstant="${bad}"`),
      gateway.idp.logoutMessage(gateway.service, 'Request').replace(' Version', ` NotOnOrAfter="${bad}" Version`),
    ]) {
      gateway.logged();
      await gateway.browser().get(`/saml/logout?${gateway.idp.redirect(message, 'SAMLRequest')}`);
      expect(gateway.logged().map(({ faults }) => faults)).toEqual([['SIGN_IN_REFUSED', 'SAML_TIME']]);
    }
  });
});

describe('metadata of several entities', () => {
  const idp = new EvilProvider(selfSigned('one of several'));
  const inner = (text: string) => text.slice(text.indexOf('<md:EntityDescriptor'));
  const one = (entityId: string) => inner(idp.metadata({ entityId }));
  const service = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sp.example"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></md:EntityDescriptor>`;
  const many = (inside: string, more = '') =>
    `<?xml version="1.0"?><md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"${more}>${inside}</md:EntitiesDescriptor>`;
  const [a, b] = ['https://a.example', 'https://b.example'];
  const nested = (inside: string, more = '') => many(inside, more).replace('<?xml version="1.0"?>', '');

  it('is read: the one that is named, or the only identity provider', () => {
    expect(readIdentityProvider(many(one(a) + one(b)), b).entityId).toBe(b);
    expect(readIdentityProvider(many(service + nested(one(a)) + one(b)), a).entityId).toBe(a);
    expect(readIdentityProvider(many(service + one(a)), null).entityId).toBe(a);
    expect(readIdentityProvider(one(a), a).entityId).toBe(a);
  });

  it.each<[string | null, string | null, number]>([
    [null, null, Number.POSITIVE_INFINITY],
    ['PT6H', null, 6 * 3_600_000],
    ['P1D', 'PT90M', 90 * 60_000],
    ['PT1M', 'P1Y2M3DT4H5M6.5S', 60_000],
    [null, 'P1Y2M3DT4H5M6.5S', ((((365 + 56 + 3) * 24 + 4) * 60 + 5) * 60 + 6.5) * 1_000],
  ])('is to be fetched anew after the shortest cacheDuration around it: %s, %s', (outer, own, milliseconds) => {
    const given = (duration: string | null) => (duration === null ? '' : ` cacheDuration="${duration}"`);
    const text = many(one(a).replace(' entityID', `${given(own)} entityID`), given(outer));
    expect(readIdentityProvider(text, a).freshFor).toBe(milliseconds);
  });

  it.each(['', 'P', 'PT', 'P1', '1D', '-P1D', 'P1H', 'PT1D', 'P1DT', 'PT1.S', 'P1.5D', ' P1D '])(
    'is refused with a cacheDuration that is no duration: "%s"',
    (duration) => {
      const text = one(a).replace(' entityID', ` cacheDuration="${duration}" entityID`);
      expect(() => readIdentityProvider(text, a)).toThrow('its cacheDuration is no duration');
    },
  );

  it.each<[string, string, string | null, string]>([
    [
      'two, and none is named',
      many(one(a) + one(b)),
      null,
      'it describes several identity providers: name the entity id of one in SLUSE_SAML_IDP_ENTITY_ID',
    ],
    [
      'two of one id',
      many(one(a) + one(a)),
      a,
      'it describes the entity that SLUSE_SAML_IDP_ENTITY_ID names more than once',
    ],
    [
      'two of one id, one of them deeper',
      many(one(a) + nested(one(a))),
      a,
      'it describes the entity that SLUSE_SAML_IDP_ENTITY_ID names more than once',
    ],
    ['one that is another', one(a), b, 'it describes no entity with the id that SLUSE_SAML_IDP_ENTITY_ID names'],
    [
      'one whose id begins alike',
      many(one(`${a}/x`)),
      a,
      'it describes no entity with the id that SLUSE_SAML_IDP_ENTITY_ID names',
    ],
    [
      'a service that is named',
      many(service + one(a)),
      'https://sp.example',
      'it does not hold exactly one IDPSSODescriptor',
    ],
    ['none', many(''), null, 'it describes no entity'],
    [
      'one inside of something else',
      many(`<x>${one(a)}</x>`),
      a,
      'it describes no entity with the id that SLUSE_SAML_IDP_ENTITY_ID names',
    ],
    ['a list that is over', many(one(a), ' validUntil="2020-01-01T00:00:00Z"'), a, 'its validUntil has passed'],
    [
      'a list in a list that is over',
      many(nested(one(a), ' validUntil="2020-01-01T01:00:00+01:00"')),
      a,
      'its validUntil has passed',
    ],
  ])('is refused: %s', (_what, text, wanted, reason) => {
    expect(() => readIdentityProvider(text, wanted)).toThrow(reason);
  });

  it('serves a sign-in, and still does when the file is written anew', async () => {
    const several = await openSamlGateway({ identity: memory.internal, idp });
    const before = several.said.length;
    await writeFile(several.files.metadata, many(service + inner(idp.metadata())));
    const deadline = Date.now() + 10_000;
    while (!several.said.slice(before).some(({ msg }) => /a new one is in use/.test(msg)) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const browser = several.browser();
    const { request } = await browser.begin();
    expect((await browser.acs(await idp.respond(several.service, request))).status).toBe(303);
    await several.close();
  });
});

describe('a person who cancels', () => {
  const responder = 'urn:oasis:names:tc:SAML:2.0:status:Responder';
  const why = (code: string): Steps => ({
    status: responder,
    wrapped: () => '',
    envelope: (text) =>
      text.replace(
        `<samlp:StatusCode Value="${responder}"/>`,
        `<samlp:StatusCode Value="${responder}"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}"/></samlp:StatusCode>`,
      ),
  });
  const cancelling = why('AuthnFailed');

  it.each([
    ['an employee', '', '/login'],
    ['a citizen', '?as=citizen', '/login?as=citizen'],
  ])('%s: is told so, and led back the same way', async (_who, query, path) => {
    const { response, browser } = await signIn(cancelling, query);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('Du afbrød log på');
    expect(text).not.toContain('kunne ikke bruges');
    expect(text).toContain(`href="${path}">Prøv igen`);
    expect(browser.cookies.has('__Host-sluse_session')).toBe(false);
    const [entry] = gateway.logged();
    expect(entry).toMatchObject({ outcome: 'FAILED', faults: ['SIGN_IN_CANCELLED', 'SAML_CANCELLED'], actor: null });
  });

  it('may sign in after all', async () => {
    const { browser } = await signIn(cancelling);
    const { request } = await browser.begin();
    expect((await browser.acs(await gateway.idp.respond(gateway.service, request))).status).toBe(303);
  });

  it.each<[string, string, Steps]>([
    ['by another failure', 'SAML_STATUS', why('RequestDenied')],
    ['by a level that the provider does not have', 'SAML_STATUS', why('NoAuthnContext')],
    ['by no reason', 'SAML_STATUS', { status: responder, wrapped: () => '' }],
    ['with an assertion', 'SAML_STATUS', { ...cancelling, wrapped: (text, encryptIt) => encryptIt(text) }],
    ['by somebody else', 'SAML_ISSUER', { ...cancelling, responseIssuer: 'https://evil.example' }],
    ['at another address', 'SAML_DESTINATION', { ...cancelling, response: { Destination: 'https://evil.example' } }],
    ['in answer to nothing', 'SAML_IN_RESPONSE_TO', { ...cancelling, response: { InResponseTo: null } }],
    ['with a wrong signature', 'SAML_SIGNATURE', { ...cancelling, responseSigning: { key: selfSigned('a stranger') } }],
    [
      'with something beside it',
      'SAML_STRUCTURE',
      {
        ...cancelling,
        envelope: (text) => cancelling.envelope!(text).replace('<samlp:Status>', '<samlp:Extensions/><samlp:Status>'),
      },
    ],
  ])('is not said to have cancelled %s', async (_what, reason, steps) => {
    await expectRefused(steps, reason);
  });
});

describe('the way back to signing in', () => {
  it('is that by which one came, for whatever reason one was refused', async () => {
    const refusedBy = async (query: string, response: string) => {
      const browser = gateway.browser();
      await browser.begin(query);
      return (await browser.acs(response)).text();
    };
    const page = await refusedBy('?as=citizen', 'AAAA');
    expect(page).toContain('href="/login?as=citizen">Prøv igen');
    const { response } = await signIn({ said: { attributes: { ...citizen, [`${eid}cprUuid`]: 'x' } } }, '?as=citizen');
    expect(await response.text()).toBe(page);
    expect(await refusedBy('', 'AAAA')).toContain('href="/login">Prøv igen');
    const stranger = await (await gateway.browser().acs('AAAA')).text();
    expect(stranger).toContain('href="/login">Prøv igen');
  });

  it('is no address that a cookie could say', async () => {
    const browser = gateway.browser();
    browser.cookies.set('__Host-sluse_way', 'https://evil.example');
    expect(await (await browser.acs('AAAA')).text()).toContain('href="/login">Prøv igen');
  });

  it('after signing out is that by which one came too', async () => {
    const said = { nameId: `${eid}person/uuid/${uuid}`, attributes: citizen };
    const { browser } = await signIn({ said }, '?as=citizen');
    const token = browser.cookies.get('__Host-sluse_session')!;
    const left = (await (await browser.post('/sign-out', '{}', 'application/json')).json()) as { continueAt: string };
    expect(memory.sessions().map((one) => one.token)).not.toContain(token);
    expect(left.continueAt).toContain('SAMLRequest=');
    const answer = gateway.idp.logoutMessage(gateway.service, 'Response', {
      inResponseTo: browser.cookies.get('__Secure-sluse_logout')!,
    });
    const page = await browser.get(`/saml/logout?${gateway.idp.redirect(answer, 'SAMLResponse')}`);
    expect(await page.text()).toContain('href="/login?as=citizen">Log på');
  });
});
