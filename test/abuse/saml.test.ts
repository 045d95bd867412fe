/**
 * Responses that nobody's identity provider meant like that, with real signatures and real encryption: each is refused for its own
 * reason, which stands in the log and nowhere else, and none begins a session.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reasons } from '../../src/saml/reasons.js';
import { selfSigned } from '../support/certificate.js';
import { citizen, employee, newId, olderEmployee, type Said, type Steps, uuid } from '../support/saml.js';
import { openSamlGateway, ourKey, type SamlGateway, theirs } from '../support/saml-gateway.js';
import { signInMemory } from '../support/sign-in-memory.js';

const eid = 'https://data.gov.dk/model/core/eid/';
const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const minute = 60_000;
const stranger = selfSigned('a stranger');
const memory = signInMemory();
let gateway: SamlGateway;
let refusedBody: string;
/** The same for a browser that came by the citizens' way: it is led back there. */
let refusedCitizen: string;
beforeAll(async () => {
  gateway = await openSamlGateway({ identity: memory.internal });
  refusedBody = await (await gateway.browser().acs('AAAA')).text();
  refusedCitizen = refusedBody.replace('"/login"', '"/login?as=citizen"');
  gateway.logged();
});
afterAll(() => gateway.close());

/** What every refusal looks like from outside, and from the log. */
async function expectRefused(response: Response, reason: string, body = refusedBody) {
  expect([response.status, await response.text()]).toEqual([403, body]);
  expect(response.headers.getSetCookie()).toEqual([]);
  const entries = gateway.logged();
  expect(entries.map(({ faults }) => faults)).toEqual([['SIGN_IN_REFUSED', reason]]);
  expect(entries[0]).toMatchObject({
    ...{ outcome: 'DENIED', session: null, actor: null, workstation: '127.0.0.1' },
    operation: { name: 'SignIn' },
  });
  expect(memory.sessions()).toEqual([]);
}

const said = (over: Partial<Said>): Steps => ({ said: over });
const without = (name: string, from = employee) =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
const inText = (pattern: RegExp | string, by: string) => (text: string) => {
  const changed = text.replace(pattern, by);
  if (changed === text) throw new Error(`nothing in the message is like ${pattern}`);
  return changed;
};
/** An assertion of an attacker's own wording about somebody else. */
const evil = (more = '', over: Partial<Said> = {}) =>
  theirs.assertion(gateway.service, '_evil', {
    nameId: `${eid}professional/uuid/ffffffff-ffff-4fff-8fff-ffffffffffff`,
    more,
    ...over,
  });
const signatureIn = (text: string) => /<ds:Signature[\s\S]+<\/ds:Signature>/.exec(text)![0];
const evilWith = (signature: string, more = '') => evil(more).replace('</saml:Issuer>', `</saml:Issuer>${signature}`);

type Attack = [name: string, reason: keyof typeof reasons, steps: Steps | ((request: string) => Steps), query?: string];

const wrapping: Attack[] = [
  [
    'XSW1: the signed response inside the signature of another',
    'SAML_DUPLICATE_ID',
    {
      responseSigning: {},
      sent: (text) => inText('</ds:Signature>', `<ds:Object>${text}</ds:Object></ds:Signature>`)(text),
    },
  ],
  [
    'XSW1 with ids of its own',
    'SAML_ASSERTION_COUNT',
    {
      responseSigning: {},
      sent: (text) =>
        inText(
          '</ds:Signature>',
          `<ds:Object>${text}</ds:Object></ds:Signature>`,
        )(text).replace(/ ID="[^"]+"/, ` ID="${newId()}"`),
    },
  ],
  [
    'XSW2: the signed response before the signature of another',
    'SAML_ASSERTION_COUNT',
    {
      responseSigning: {},
      sent: (text) => inText('<ds:Signature', `${text}<ds:Signature`)(text).replace(/ ID="[^"]+"/, ` ID="${newId()}"`),
    },
  ],
  [
    'XSW3: an evil assertion before the signed one',
    'SAML_ASSERTION_COUNT',
    {
      wrapped: async (text, encryptIt) => (await encryptIt(evil())) + (await encryptIt(text)),
    },
  ],
  ['XSW3 in one encryption', 'SAML_MALFORMED', { wrapped: (text, encryptIt) => encryptIt(evil() + text) }],
  ['XSW4: the signed assertion inside an evil one', 'SAML_ASSERTION_COUNT', { signed: (text) => evil(text) }],
  [
    'XSW5: its signature moved into an evil one',
    'SAML_ASSERTION_COUNT',
    {
      signed: (text) => evilWith(signatureIn(text), text.replace(signatureIn(text), '')),
    },
  ],
  [
    'XSW6: the signed assertion inside the signature of an evil one',
    'SAML_ASSERTION_COUNT',
    {
      signed: (text) =>
        evilWith(signatureIn(text).replace('</ds:Signature>', `${text.replace(signatureIn(text), '')}</ds:Signature>`)),
    },
  ],
  [
    'XSW7: an assertion inside Extensions',
    'SAML_PLAIN_ASSERTION',
    {
      envelope: (text) =>
        inText('<samlp:Status>', `<samlp:Extensions>${evil()}</samlp:Extensions><samlp:Status>`)(text),
    },
  ],
  [
    'XSW7 encrypted',
    'SAML_ASSERTION_COUNT',
    {
      wrapped: async (text, encryptIt) =>
        `<samlp:Extensions>${await encryptIt(evil())}</samlp:Extensions>${await encryptIt(text)}`,
    },
  ],
  [
    'XSW8: the signed assertion inside an Object of the signature',
    'SAML_ASSERTION_COUNT',
    {
      signed: (text) =>
        evilWith(
          signatureIn(text).replace(
            '</ds:Signature>',
            `<ds:Object>${text.replace(signatureIn(text), '')}</ds:Object></ds:Signature>`,
          ),
        ),
    },
  ],
  ['a signature over another assertion', 'SAML_SIGNATURE_REFERENCE', { signed: (text) => evilWith(signatureIn(text)) }],
  [
    'a signature over another assertion, under the same id',
    'SAML_SIGNATURE',
    {
      signed: (text) =>
        evil('', { id: / ID="([^"]+)"/.exec(text)![1]! }).replace(
          '</saml:Issuer>',
          `</saml:Issuer>${signatureIn(text)}`,
        ),
    },
  ],
  [
    'a signature over the whole document',
    'SAML_SIGNATURE_REFERENCE',
    {
      signed: inText(/URI="#[^"]+"/, 'URI=""'),
    },
  ],
  [
    'the only assertion inside Extensions',
    'SAML_STRUCTURE',
    {
      wrapped: async (text, encryptIt) => `<samlp:Extensions>${await encryptIt(text)}</samlp:Extensions>`,
    },
  ],
  [
    'Extensions with something else',
    'SAML_STRUCTURE',
    {
      envelope: inText('<samlp:Status>', '<samlp:Extensions><x/></samlp:Extensions><samlp:Status>'),
    },
  ],
  [
    'an Object in the signature',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: inText('</ds:Signature>', '<ds:Object><x/></ds:Object></ds:Signature>'),
    },
  ],
  ['an Advice', 'SAML_STRUCTURE', said({ more: '<saml:Advice/>' })],
  ['an Advice with an assertion', 'SAML_ASSERTION_COUNT', () => said({ more: `<saml:Advice>${evil()}</saml:Advice>` })],
  [
    'a second signature',
    'SAML_SIGNATURE_STRUCTURE',
    { signed: (text) => text.replace(signatureIn(text), signatureIn(text).repeat(2)) },
  ],
  [
    'a second signature deep inside',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: (text) => text.replace('<saml:AuthnContext>', `<saml:AuthnContext>${signatureIn(text)}`),
    },
  ],
  [
    'the signature at another place',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: (text) =>
        text.replace(signatureIn(text), '').replace('<saml:AuthnContext>', `<saml:AuthnContext>${signatureIn(text)}`),
    },
  ],
  [
    'a signature of the response that does not hold',
    'SAML_SIGNATURE',
    {
      responseSigning: {},
      sent: inText('samlp:Status>', 'samlp:Status> '),
    },
  ],
  ['a signature of the response by a stranger', 'SAML_SIGNATURE', { responseSigning: { key: stranger } }],
  [
    'an element that is no response',
    'SAML_STRUCTURE',
    { sent: (text) => text.replaceAll('samlp:Response', 'samlp:LogoutResponse') },
  ],
  [
    'a response in another namespace',
    'SAML_STRUCTURE',
    { envelope: inText('SAML:2.0:protocol', 'SAML:2.0:protocols') },
  ],
  ['something else in the encryption', 'SAML_STRUCTURE', { wrapped: (_text, encryptIt) => encryptIt('<x ID="_x"/>') }],
];

const signatures: Attack[] = [
  ['no signature', 'SAML_UNSIGNED', { signing: null }],
  ['no signature but that of the response', 'SAML_UNSIGNED', { signing: null, responseSigning: {} }],
  ['a changed assertion', 'SAML_SIGNATURE', { signed: inText(uuid, uuid.replace('3', '4')) }],
  ['the wrong certificate, brought along as KeyInfo', 'SAML_SIGNATURE', { signing: { key: stranger } }],
  ['our own certificate', 'SAML_SIGNATURE', { signing: { key: ourKey } }],
  [
    'a public key brought along as KeyInfo',
    'SAML_SIGNATURE',
    () => ({
      signing: { key: stranger, keyInfo: `<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue></KeyValue>` },
    }),
  ],
  ['SHA-1 for the signature', 'SAML_SIGNATURE_ALGORITHM', { signing: { algorithm: `${dsig}rsa-sha1` } }],
  ['SHA-1 for the digest', 'SAML_SIGNATURE_ALGORITHM', { signing: { digest: `${dsig}sha1` } }],
  [
    'an HMAC whose secret is the public certificate',
    'SAML_SIGNATURE_ALGORITHM',
    {
      signing: { algorithm: `${dsig}hmac-sha1`, hmac: theirs.key.certificatePem },
    },
  ],
  [
    'an HMAC that calls itself RSA',
    'SAML_SIGNATURE',
    {
      signing: { algorithm: `${dsig}hmac-sha1`, hmac: theirs.key.certificatePem },
      signed: inText(`${dsig}hmac-sha1`, 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'),
    },
  ],
  [
    'canonicalization with comments',
    'SAML_SIGNATURE_ALGORITHM',
    {
      signing: { c14n: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments' },
    },
  ],
  [
    'canonicalization of the old kind',
    'SAML_SIGNATURE_ALGORITHM',
    {
      signing: { c14n: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' },
    },
  ],
  ['one transform', 'SAML_SIGNATURE_STRUCTURE', { signing: { transforms: [`${dsig}enveloped-signature`] } }],
  [
    'a third transform',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: inText(
        '</ds:Transforms>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></ds:Transforms>',
      ),
    },
  ],
  [
    'a transform of another kind',
    'SAML_SIGNATURE_ALGORITHM',
    {
      signed: inText(
        `Algorithm="${dsig}enveloped-signature"`,
        'Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"',
      ),
    },
  ],
  [
    'two references',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: (text) => text.replace(/<ds:Reference[\s\S]+<\/ds:Reference>/, (found) => found + found),
    },
  ],
  [
    'no KeyInfo and another certificate',
    'SAML_SIGNATURE',
    {
      signing: { key: stranger },
      signed: inText(/<ds:KeyInfo>[\s\S]+<\/ds:KeyInfo>/, ''),
    },
  ],
  [
    'an empty signature value',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: inText(/<ds:SignatureValue>[^<]+</, '<ds:SignatureValue><'),
    },
  ],
];

const advisories: Attack[] = [
  [
    'CVE-2025-29774: two SignedInfo, one of them evil',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: (text) => text.replace(/<ds:SignedInfo>[\s\S]+<\/ds:SignedInfo>/, (found) => found + found),
    },
  ],
  [
    'CVE-2025-29774: a SignedInfo inside the other',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: (text) =>
        text.replace(
          /<ds:SignedInfo>([\s\S]+)<\/ds:SignedInfo>/,
          (found, inner) => `<ds:SignedInfo>${found}${inner}</ds:SignedInfo>`,
        ),
    },
  ],
  [
    'CVE-2025-29775: a comment in DigestValue',
    'SAML_MARKUP',
    {
      signed: inText('<ds:DigestValue>', '<ds:DigestValue><!--AAAA-->'),
    },
  ],
  [
    'CVE-2025-29775: two DigestValue',
    'SAML_SIGNATURE_STRUCTURE',
    {
      signed: inText('<ds:DigestValue>', '<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestValue>'),
    },
  ],
  [
    'CVE-2025-54369: a character of the name hidden in a comment',
    'SAML_MARKUP',
    {
      signed: inText('ud/uuid'.slice(3), 'u<!--u-->uid'),
    },
  ],
  [
    'CVE-2025-54369: a name cut by a comment',
    'SAML_MARKUP',
    { signed: inText('</saml:NameID>', '<!---->x</saml:NameID>') },
  ],
  [
    'CVE-2025-54419: a name cut by a processing instruction',
    'SAML_MARKUP',
    { signed: inText(uuid, `${uuid.slice(0, 8)}<?x?>${uuid.slice(8)}`) },
  ],
  ['CVE-2025-54419: a name in CDATA', 'SAML_MARKUP', { signed: inText(uuid, `<![CDATA[${uuid}]]>`) }],
];

const markup: Attack[] = [
  ['a comment in SignedInfo', 'SAML_MARKUP', { signed: inText('<ds:SignedInfo>', '<ds:SignedInfo><!-- -->') }],
  ['a comment in the response', 'SAML_MARKUP', { envelope: inText('<samlp:Status>', '<!-- --><samlp:Status>') }],
  ['a comment that was signed', 'SAML_MARKUP', { unsigned: inText('</saml:NameID>', '<!-- --></saml:NameID>') }],
  ['an element inside the name', 'SAML_NAME_ID', { unsigned: inText('</saml:NameID>', '<x/></saml:NameID>') }],
  ['a document type', 'SAML_DOCTYPE', { sent: (text) => `<!DOCTYPE x>${text}` }],
  [
    'an external entity',
    'SAML_DOCTYPE',
    {
      sent: (text) =>
        `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${text.replace('samlp:Status>', 'samlp:Status>&e;')}`,
    },
  ],
  [
    'an entity bomb',
    'SAML_DOCTYPE',
    {
      sent: (text) =>
        `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>${text}`,
    },
  ],
  ['a document type inside the encryption', 'SAML_DOCTYPE', { signed: (text) => `<!DOCTYPE x>${text}` }],
  ['a stylesheet', 'SAML_MARKUP', { sent: (text) => `<?xml-stylesheet href="x"?>${text}` }],
  ['another encoding', 'SAML_MARKUP', { sent: (text) => `<?xml version="1.0" encoding="UTF-16"?>${text}` }],
  ['an entity that nobody declared', 'SAML_MALFORMED', { sent: inText('samlp:Status>', 'samlp:Status>&e;') }],
  ['a prefix that nobody declared', 'SAML_MALFORMED', { sent: inText('<samlp:Status>', '<y:x/><samlp:Status>') }],
  ['half of a message', 'SAML_MALFORMED', { sent: (text) => text.slice(0, text.length / 2) }],
  [
    'thirty thousand elements',
    'SAML_TOO_LARGE',
    { envelope: inText('<samlp:Status>', `${'<x/>'.repeat(30_000)}<samlp:Status>`) },
  ],
  [
    'two hundred declarations of namespaces beside its own',
    'SAML_TOO_LARGE',
    { envelope: inText('<samlp:Status>', `${'<x xmlns="u"/>'.repeat(200)}<samlp:Status>`) },
  ],
  [
    'encrypted, two hundred declarations of namespaces',
    'SAML_TOO_LARGE',
    { signed: inText('</saml:Assertion>', `${'<x xmlns="u"/>'.repeat(200)}</saml:Assertion>`) },
  ],
  [
    'elements fifty deep',
    'SAML_TOO_LARGE',
    { envelope: inText('<samlp:Status>', `${'<x>'.repeat(50)}${'</x>'.repeat(50)}<samlp:Status>`) },
  ],
  [
    'elements ten thousand deep',
    'SAML_TOO_LARGE',
    {
      envelope: inText('<samlp:Status>', `${'<x>'.repeat(10_000)}${'</x>'.repeat(10_000)}<samlp:Status>`),
    },
  ],
  [
    'an id twice in the response',
    'SAML_DUPLICATE_ID',
    (request) => ({
      response: { ID: request },
      envelope: inText('<samlp:Status>', `<samlp:Status Id="${request}">`),
    }),
  ],
  ['the id of the response in the assertion', 'SAML_DUPLICATE_ID', { response: { ID: '_one' }, said: { id: '_one' } }],
  [
    'an id twice in the assertion',
    'SAML_DUPLICATE_ID',
    said({ id: '_one', nameId: `${eid}professional/uuid/${uuid}</saml:NameID><saml:NameID xml:id="_one">` }),
  ],
];

const encryption: Attack[] = [
  ['a plain assertion', 'SAML_PLAIN_ASSERTION', { wrapped: (text) => text }],
  [
    'a plain assertion beside the encrypted one',
    'SAML_PLAIN_ASSERTION',
    {
      wrapped: async (text, encryptIt) => text + (await encryptIt(text)),
    },
  ],
  ['no assertion', 'SAML_ASSERTION_COUNT', { wrapped: () => '' }],
  [
    'two encrypted assertions',
    'SAML_ASSERTION_COUNT',
    {
      wrapped: async (text, encryptIt) => (await encryptIt(text)) + (await encryptIt(text)),
    },
  ],
  [
    'AES in CBC',
    'SAML_ENCRYPTION_ALGORITHM',
    { encryption: { content: 'http://www.w3.org/2001/04/xmlenc#aes256-cbc' } },
  ],
  [
    'triple DES',
    'SAML_ENCRYPTION_ALGORITHM',
    { encryption: { content: 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc' } },
  ],
  ['RSA 1.5', 'SAML_ENCRYPTION_ALGORITHM', { encryption: { key: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' } }],
  ['a key for somebody else', 'SAML_DECRYPTION', { encryption: { to: stranger } }],
  [
    'a changed cipher text',
    'SAML_DECRYPTION',
    {
      envelope: (text) =>
        text.replace(
          /(<xenc:CipherValue>|<e:CipherValue>)(?![\s\S]*CipherValue>[\s\S]*<[^/][^>]*CipherValue>)[A-Za-z0-9+/]{8}/,
          '$1AAAAAAAA',
        ),
    },
  ],
  [
    'two keys',
    'SAML_STRUCTURE',
    { envelope: (text) => text.replace(/<(\w+):EncryptedKey[\s\S]+<\/\1:EncryptedKey>/, (found) => found + found) },
  ],
  [
    'a cipher text elsewhere',
    'SAML_STRUCTURE',
    {
      envelope: (text) =>
        text.replace(/<(\w+):CipherValue>/, '<$1:CipherReference URI="http://127.0.0.1/"/><$1:CipherValue>'),
    },
  ],
];

const content: Attack[] = [
  ['another issuer of the response', 'SAML_ISSUER', { responseIssuer: 'https://other.example' }],
  ['no issuer of the response', 'SAML_ISSUER', { responseIssuer: null }],
  ['another issuer of the assertion', 'SAML_ISSUER', said({ issuer: 'https://other.example' })],
  ['another audience', 'SAML_AUDIENCE', said({ audience: 'https://other.example' })],
  [
    'an audience that only begins like ours',
    'SAML_AUDIENCE',
    said({ audience: 'https://sluse.example/saml/metadata/x' }),
  ],
  ['no audience', 'SAML_AUDIENCE', said({ audience: null })],
  ['another recipient', 'SAML_RECIPIENT', said({ recipient: 'https://other.example/saml/acs' })],
  ['no recipient', 'SAML_RECIPIENT', said({ recipient: null })],
  ['another destination', 'SAML_DESTINATION', { response: { Destination: 'https://other.example/saml/acs' } }],
  ['no destination', 'SAML_DESTINATION', { response: { Destination: null } }],
  ['no InResponseTo of the response', 'SAML_IN_RESPONSE_TO', { response: { InResponseTo: null } }],
  ['no InResponseTo of the assertion', 'SAML_IN_RESPONSE_TO', said({ inResponseTo: null })],
  ['two requests answered', 'SAML_IN_RESPONSE_TO', { response: { InResponseTo: '_another' } }],
  [
    'an answer to what was never asked',
    'SAML_IN_RESPONSE_TO',
    { response: { InResponseTo: '_x' }, said: { inResponseTo: '_x' } },
  ],
  ['another version of SAML', 'SAML_STRUCTURE', { response: { Version: '1.1' } }],
  ['another version of the assertion', 'SAML_STRUCTURE', { unsigned: inText('Version="2.0"', 'Version="1.1"') }],
  ['no conditions', 'SAML_CONDITIONS', { unsigned: inText(/<saml:Conditions[\s\S]+<\/saml:Conditions>/, '') }],
  [
    'conditions twice',
    'SAML_CONDITIONS',
    { unsigned: (text) => text.replace(/<saml:Conditions[\s\S]+<\/saml:Conditions>/, (found) => found + found) },
  ],
  ['conditions without an end', 'SAML_CONDITIONS', said({ until: null })],
  [
    'a condition that nobody understands',
    'SAML_CONDITIONS',
    { unsigned: inText('</saml:Conditions>', '<saml:Condition/></saml:Conditions>') },
  ],
  [
    'a time that is none',
    'SAML_CONDITIONS',
    { unsigned: inText(/NotOnOrAfter="[^"]+" R/, 'NotOnOrAfter="tomorrow" R') },
  ],
  [
    '30 February',
    'SAML_SUBJECT',
    { unsigned: inText(/NotOnOrAfter="[^"]+" R/, 'NotOnOrAfter="2096-02-30T00:00:00Z" R') },
  ],
  [
    'midnight at the end of a day',
    'SAML_CONDITIONS',
    { unsigned: inText(/NotBefore="[^"]+"/, 'NotBefore="2020-01-01T24:00:00Z"') },
  ],
  ['not valid before five minutes', 'SAML_NOT_YET_VALID', said({ from: 5 * minute })],
  ['issued in five minutes', 'SAML_NOT_YET_VALID', said({ issued: 5 * minute })],
  ['a response of no time', 'SAML_TIME', { response: { IssueInstant: 'today' } }],
  ['a response of the future', 'SAML_NOT_YET_VALID', { response: { IssueInstant: '2099-01-01T00:00:00Z' } }],
  ['conditions that ended five minutes ago', 'SAML_EXPIRED', said({ until: -5 * minute })],
  ['a confirmation that ended five minutes ago', 'SAML_EXPIRED', said({ confirmedUntil: -5 * minute })],
  [
    'a session there that ended',
    'SAML_EXPIRED',
    { unsigned: inText('<saml:AuthnStatement', '<saml:AuthnStatement SessionNotOnOrAfter="2020-01-01T00:00:00Z"') },
  ],
  [
    'a session there that ended a minute ago, by our clock',
    'SAML_EXPIRED',
    {
      unsigned: (text) =>
        text.replace('<saml:AuthnStatement', `$& SessionNotOnOrAfter="${new Date(Date.now() - minute).toISOString()}"`),
    },
  ],
  ['no subject', 'SAML_SUBJECT', { unsigned: inText(/<saml:Subject>[\s\S]+<\/saml:Subject>/, '') }],
  [
    'a confirmation by another method',
    'SAML_SUBJECT',
    said({ method: 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches' }),
  ],
  [
    'two confirmations',
    'SAML_SUBJECT',
    {
      unsigned: (text) =>
        text.replace(/<saml:SubjectConfirmation [\s\S]+<\/saml:SubjectConfirmation>/, (found) => found + found),
    },
  ],
  [
    'no authentication statement',
    'SAML_AUTHN_STATEMENT',
    { unsigned: inText(/<saml:AuthnStatement[\s\S]+<\/saml:AuthnStatement>/, '') },
  ],
  [
    'two authentication statements',
    'SAML_AUTHN_STATEMENT',
    {
      unsigned: (text) => text.replace(/<saml:AuthnStatement[\s\S]+<\/saml:AuthnStatement>/, (found) => found + found),
    },
  ],
  ['no time of authentication', 'SAML_AUTHN_STATEMENT', said({ authenticated: null })],
  ['authenticated in the future', 'SAML_AUTHN_INSTANT', said({ authenticated: 5 * minute })],
  ['authenticated the day before', 'SAML_AUTHN_INSTANT', said({ authenticated: -24 * 60 * minute })],
  [
    'authenticated before the request that asked to do it anew',
    'SAML_AUTHN_INSTANT',
    said({ authenticated: -2 * minute }),
    '?again=1',
  ],
  [
    'no attribute statement',
    'SAML_ATTRIBUTE_STATEMENT',
    { unsigned: inText(/<saml:AttributeStatement>[\s\S]+<\/saml:AttributeStatement>/, '') },
  ],
  ['two attribute statements', 'SAML_ATTRIBUTE_STATEMENT', said({ more: '<saml:AttributeStatement/>' })],
  [
    'an attribute with two values',
    'SAML_ATTRIBUTE',
    said({ attributes: { ...employee, [`${eid}professional/cvr`]: ['11111111', '30808460'] } }),
  ],
  [
    'an attribute twice',
    'SAML_ATTRIBUTE',
    {
      unsigned: (text) =>
        text.replace(
          /<saml:Attribute Name="[^"]+cvr"[\s\S]+?<\/saml:Attribute>/,
          (found) => found + found.replace('11111111', '30808460'),
        ),
    },
  ],
  [
    'an attribute under its old name and its new one',
    'SAML_ATTRIBUTE',
    said({ attributes: { ...employee, 'dk:gov:saml:attribute:CvrNumberIdentifier': '30808460' } }),
  ],
  [
    'an attribute with elements in it',
    'SAML_ATTRIBUTE',
    said({ attributes: { ...employee, [`${eid}professional/cvr`]: '1111<x/>1111' } }),
  ],
  [
    'no version of the profile',
    'SAML_SPEC_VERSION',
    said({ attributes: without('https://data.gov.dk/model/core/specVersion') }),
  ],
  [
    'another version of the profile',
    'SAML_SPEC_VERSION',
    said({ attributes: { ...employee, 'https://data.gov.dk/model/core/specVersion': 'OIO-SAML-9.0' } }),
  ],
  [
    'level Low',
    'SAML_ASSURANCE',
    said({ attributes: { ...employee, 'https://data.gov.dk/concept/core/nsis/loa': 'Low' } }),
  ],
  ['no level', 'SAML_ASSURANCE', said({ attributes: without('https://data.gov.dk/concept/core/nsis/loa') })],
  [
    'a level of its own invention',
    'SAML_ASSURANCE',
    said({ attributes: { ...employee, 'https://data.gov.dk/concept/core/nsis/loa': 'Substantial-ish' } }),
  ],
  [
    'the old level beside a new profile',
    'SAML_ASSURANCE',
    said({
      attributes: {
        ...without('https://data.gov.dk/concept/core/nsis/loa'),
        'dk:gov:saml:attribute:AssuranceLevel': '4',
      },
    }),
  ],
  [
    'level 2 of the old kind',
    'SAML_ASSURANCE',
    said({ attributes: { ...olderEmployee, 'dk:gov:saml:attribute:AssuranceLevel': '2' } }),
  ],
  [
    'no level of the old kind',
    'SAML_ASSURANCE',
    said({ attributes: without('dk:gov:saml:attribute:AssuranceLevel', olderEmployee) }),
  ],
  ['a professional without a CVR number', 'SAML_ORGANISATION', said({ attributes: without(`${eid}professional/cvr`) })],
  [
    'a CVR number of seven digits',
    'SAML_ORGANISATION',
    said({ attributes: { ...employee, [`${eid}professional/cvr`]: '1111111' } }),
  ],
  [
    'a CVR number of other digits',
    'SAML_ORGANISATION',
    said({ attributes: { ...employee, [`${eid}professional/cvr`]: '١١١١١١١١' } }),
  ],
  [
    'a professional of no organisation',
    'SAML_ORGANISATION',
    said({ attributes: without(`${eid}professional/orgName`) }),
  ],
  ['a NameID of another form', 'SAML_NAME_ID', said({ nameId: 'mads.skjern' })],
  ['a NameID that only begins right', 'SAML_NAME_ID', said({ nameId: `${eid}professional/uuid/${uuid}x` })],
  [
    'an employee whose UUID is not the one of the NameID',
    'SAML_NAME_ID',
    said({ nameId: `${eid}professional/uuid/ffffffff-ffff-4fff-8fff-ffffffffffff` }),
  ],
  ['an empty NameID', 'SAML_NAME_ID', said({ nameId: '' })],
  [
    'a person with the marks of a professional',
    'SAML_PROFILE',
    said({ nameId: `${eid}person/uuid/${uuid}` }),
    '?as=citizen',
  ],
  [
    'a citizen where an employee was asked for',
    'SAML_PROFILE',
    said({ nameId: `${eid}person/uuid/${uuid}`, attributes: citizen }),
  ],
  ['an employee where a citizen was asked for', 'SAML_PROFILE', {}, '?as=citizen'],
  ['a failure', 'SAML_STATUS', { status: 'urn:oasis:names:tc:SAML:2.0:status:Responder', wrapped: () => '' }],
  ['a failure with an assertion', 'SAML_STATUS', { status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }],
];

const looks: Attack[] = [
  ['a name of a thousand letters', 'SAML_NAME_ID', said({ nameId: 'x'.repeat(1_000), attributes: olderEmployee })],
  ['no name', 'SAML_NAME_ID', { unsigned: inText(/<saml:NameID[\s\S]+<\/saml:NameID>/, '') }],
  ['a confirmation without its data', 'SAML_SUBJECT', { unsigned: inText(/<saml:SubjectConfirmationData[^>]+>/, '') }],
  ['a beginning that is no time', 'SAML_CONDITIONS', { unsigned: inText(/NotBefore="[^"]+"/, 'NotBefore="today"') }],
  [
    'a session there with an end that is no time',
    'SAML_AUTHN_STATEMENT',
    {
      unsigned: inText('<saml:AuthnStatement', '<saml:AuthnStatement SessionNotOnOrAfter="late"'),
    },
  ],
  ['an empty SessionIndex', 'SAML_AUTHN_STATEMENT', said({ sessionIndex: '' })],
  [
    'an attribute that is encrypted on its own',
    'SAML_ATTRIBUTE',
    {
      unsigned: inText('</saml:AttributeStatement>', '<saml:EncryptedAttribute/></saml:AttributeStatement>'),
    },
  ],
  [
    'nothing in the encryption',
    'SAML_STRUCTURE',
    { envelope: inText(/<(\w+):EncryptedData[\s\S]+<\/\1:EncryptedData>/, '') },
  ],
  [
    'the encryption one level deeper',
    'SAML_STRUCTURE',
    {
      envelope: inText(/<(\w+):EncryptedData[\s\S]+<\/\1:EncryptedData>/, '<x>$&</x>'),
    },
  ],
  ['an empty cipher text', 'SAML_STRUCTURE', { envelope: inText(/CipherValue>[^<]+</, 'CipherValue><') }],
  [
    'no method of encryption',
    'SAML_ENCRYPTION_ALGORITHM',
    {
      envelope: inText(/<(\w+):EncryptionMethod Algorithm="[^"]+gcm"\s*\/>/, ''),
    },
  ],
  [
    'MD5 in the encryption of the key',
    'SAML_ENCRYPTION_ALGORITHM',
    {
      envelope: inText(
        /DigestMethod([^>]*) Algorithm="[^"]+"/,
        'DigestMethod$1 Algorithm="http://www.w3.org/2001/04/xmldsig-more#md5"',
      ),
    },
  ],
  ['a response without an id', 'SAML_STRUCTURE', { response: { ID: null } }],
  ['a response without a status', 'SAML_STRUCTURE', { envelope: inText(/<samlp:Status>[\s\S]+<\/samlp:Status>/, '') }],
  [
    'a signature without SignedInfo',
    'SAML_SIGNATURE_STRUCTURE',
    { signed: inText(/<ds:SignedInfo>[\s\S]+<\/ds:SignedInfo>/, '') },
  ],
  ['a reference without its digest', 'SAML_SIGNATURE_STRUCTURE', { signed: inText(/<ds:DigestMethod[^>]+>/, '') }],
];

const suites: [string, Attack[]][] = [
  ['signature wrapping', wrapping],
  ['signatures', signatures],
  ['published advisories', advisories],
  ['markup', markup],
  ['encryption', encryption],
  ['what is said', content],
  ['what is missing or more than it should be', looks],
];

describe.each(suites)('%s', (_suite, attacks) => {
  it.each(attacks)('%s is refused as %s', async (_name, reason, steps, query = '') => {
    const browser = gateway.browser();
    const { request } = await browser.begin(query);
    const made = typeof steps === 'function' ? steps(request) : steps;
    const response = await browser.acs(await gateway.idp.respond(gateway.service, request, made));
    await expectRefused(response, reason, query?.includes('as=citizen') ? refusedCitizen : refusedBody);
    expect(memory.asked('finish-sign-in')).toEqual([]);
  });
});

describe('forms', () => {
  const form = 'application/x-www-form-urlencoded';
  // Each makes the parser's chain of scopes longer: 11,000 of them held the gateway for seconds.
  const scopes = Array.from({ length: 4_000 }, (_none, index) => `<x xmlns:a${index}="u">`).join('');
  const unclosed = { SAMLResponse: Buffer.from(scopes).toString('base64') };
  it.each<[string, string, Record<string, string> | string, string]>([
    ['nothing', 'SAML_MALFORMED', '', form],
    ['no response', 'SAML_MALFORMED', { RelayState: 'x' }, form],
    ['two responses', 'SAML_MALFORMED', 'SAMLResponse=AAAA&SAMLResponse=AAAA', form],
    ['what is no base64', 'SAML_MALFORMED', { SAMLResponse: '<x/>' }, form],
    ['what is no UTF-8', 'SAML_MALFORMED', { SAMLResponse: Buffer.from([0x3c, 0xff, 0xfe]).toString('base64') }, form],
    ['plain text', 'SAML_MALFORMED', 'SAMLResponse=AAAA', 'text/plain'],
    ['JSON', 'SAML_MALFORMED', '{"SAMLResponse":"AAAA"}', 'application/json'],
    ['a file', 'SAML_MALFORMED', '--x\r\n\r\n--x--', 'multipart/form-data; boundary=x'],
    ['unclosed elements that declare a namespace', 'SAML_TOO_LARGE', unclosed, form],
    ['300 kB', 'SAML_TOO_LARGE', { SAMLResponse: 'A'.repeat(300_000) }, form],
  ])('with %s are refused as %s', async (_what, reason, body, type) => {
    // Of a browser that began no sign-in nothing is read.
    const browser = gateway.browser();
    await browser.begin();
    const response = await browser.post('/saml/acs', body, type);
    expect([response.status, await response.text()]).toEqual([403, refusedBody]);
    expect(gateway.logged().map(({ faults }) => faults)).toEqual([['SIGN_IN_REFUSED', reason]]);
  });
});

describe('a good answer', () => {
  it('with something between its letters that base64 does not know is refused: nobody skips over it', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const answer = await gateway.idp.respond(gateway.service, request);
    await expectRefused(await browser.acs(`${answer.slice(0, 40)}!!!!${answer.slice(40)}`), 'SAML_MALFORMED');
  });
});

describe('the list of reasons', () => {
  it('is tried in full, but for what only time brings about', () => {
    const tried = new Set<string>(suites.flatMap(([, attacks]) => attacks.map(([, reason]) => reason)));
    expect(Object.keys(reasons).filter((reason) => !tried.has(reason))).toEqual([
      // No refusal, and told in another way (saml-variants.test.ts).
      'SAML_CANCELLED',
      'SAML_IDENTITY_PROVIDER',
    ]);
  });
});
