import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { settings as gatewaySettings, readConfig } from '../../src/config.js';
import { readRoomConfig, settings as roomSettings } from '../../subgraphs/config.js';
import { budgetsExpected, budgetTable } from '../../subgraphs/edge/budgets.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { dataDirectory, endAll, start } from '../support/processes.js';

afterAll(endAll);

const pem = (type: 'ed25519' | 'x25519') => {
  const { privateKey, publicKey } = generateKeyPairSync(type as 'ed25519');
  const encode = (text: string | Buffer) => Buffer.from(text).toString('base64');
  return {
    private: encode(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    public: encode(publicKey.export({ type: 'spki', format: 'pem' })),
  };
};
const keys = pem('ed25519');
const server = {
  DATABASE_URL: 'postgres://x@127.0.0.1/x',
  SLUSE_SUBGRAPHS: 'identity=http://127.0.0.1:1',
  SLUSE_VIEWER_KEY: keys.private,
};
const room = {
  SLUSE_ROOM: 'audit',
  DATABASE_URL: 'postgres://x@127.0.0.1/x',
  SLUSE_SECRET: 'x'.repeat(32),
  SLUSE_VIEWER_PUBLIC_KEY: keys.public,
  SLUSE_LOG_KEY: keys.private,
};

const gatewayExpects: [string, string, string[]][] = [
  ['PORT', 'a port number, 0 to 65535', ['-1', '65536', '4000.5', 'http', '0x1G']],
  [
    'DATABASE_URL',
    'a URL such as postgres://user@host:5432/database?sslmode=verify-full',
    [
      ...['mysql://x', 'localhost', 'postgres://', 'postgres://x y@h/d', 'postgres://x@h/d/e', 'postgres://x@h/d#e'],
      // What the driver would take, and somebody would believe in.
      ...[
        'sslmode=prefer',
        'sslmode=no-verify',
        'sslmode=',
        'sslmode=require&sslmode=disable',
        'options=-c%20x=y',
        'ssl=1',
      ],
      ...['host=/tmp', 'sslrootcert=/ca.pem', 'sslmode=disable&sslrootcert=/ca.pem', 'SSLMODE=require', 'user=y'],
    ].map((value) => (/^[a-zA-Z]+=/.test(value) ? `postgres://x@h/d?${value}` : value)),
  ],
  [
    'REDIS_URL',
    'a URL such as redis://host:6379',
    ['localhost:6379', 'http://x', 'redis://', 'redis://x/a', 'redis://x/0?family=6', 'redis://x/0/1', 'redis://x#1'],
  ],
  ['SLUSE_MUNICIPALITY', 'a municipality code of 4 digits', ['999', '09999', 'abcd', '٠٩٩٩']],
  [
    'SLUSE_SUBGRAPHS',
    'name=origin pairs such as identity=http://identity:4001,cases=http://cases:4002',
    [
      ...['identity', 'identity=', 'identity=ftp://x', 'identity=http://x,', 'identity=http://x cases=http://y'],
      ...[
        'identity=http://x/graphql',
        'identity=http://x?y',
        'identity=http://u:p@x',
        'identity=http://x,identity=http://y',
      ],
    ],
  ],
  [
    'SLUSE_VIEWER_KEY',
    'an Ed25519 private key in PEM, base64-encoded (npm run keys); while keys change, the new one and after a comma the old',
    ['x', ',', `${keys.private},x`, keys.public, pem('x25519').private],
  ],
  ['SLUSE_DEMO_SHIELDED', 'true or false', ['yes', '1', 'TRUE']],
  ['SLUSE_DEMO_IDP_PORT', 'a port number, 0 to 65535', ['-1', '65536', 'http']],
  [
    'SLUSE_PERSON_RATE',
    'requests a minute from 60 to 10000000, or 0 for any number',
    ['-1', '59', '1e9', 'many', '60.5'],
  ],
  ['SLUSE_CLIENT_RATE', 'requests a minute from 60 to 10000000, or 0 for any number', ['1', '10000001']],
  ['SLUSE_CONNECTIONS', 'a whole number from 100 to 100000', ['99', '100001', 'all']],
  ['SLUSE_IDLE_MINUTES', 'whole minutes from 15 to 20', ['14', '21', '15.5', 'never', '-15']],
  [
    'SLUSE_PUBLIC_URL',
    'the URL under which browsers reach the gateway, such as https://sluse.example, without a path',
    [
      ...['sluse.example', 'ftp://x', 'javascript:1', 'https://x/sluse', 'https://x//', 'https://x/?', 'https://x/#a'],
      ...['https://user@x', 'https://u:p@x/', 'https:///'],
    ],
  ],
  [
    'SLUSE_TRUSTED_PROXIES',
    'addresses and networks, separated by commas, such as 10.0.0.0/8,::1',
    ['proxy', 'proxy.example', '10.0.0.0/33', '10.0.0.1,', '10.0.0.1 10.0.0.2', '::1/129', '*', '0.0.0.0/-1'],
  ],
  ['SLUSE_APOLLO_SANDBOX', 'true or false', ['yes', '1', 'TRUE']],
  [
    'SLUSE_DOCUMENT_POLICY',
    'any, first or only, for all or by kind of caller: any or citizen=only,employee=first,client=any',
    ['all', 'ANY', 'citizen', 'citizen=none', 'admin=any', 'citizen=any,', 'any,citizen=only'],
  ],
  [
    'SLUSE_COST_BUDGETS',
    budgetsExpected,
    [
      'CITIZEN',
      'CITIZEN=',
      'CITIZEN=0',
      'CITIZEN=-1',
      'CITIZEN=1e3',
      'citizen=100',
      'NOBODY=100',
      'CITIZEN=5;SYSTEM=6',
    ],
  ],
  ['SLUSE_LOG_LEVEL', 'fatal, error, warn, info, debug or silent', ['verbose', 'INFO']],
];

describe('a wrong setting of the gateway', () => {
  it.each(gatewayExpects)('%s refuses to start, by its name and with what was expected', (name, expected, wrong) => {
    for (const value of wrong)
      expect([value, messageOf(() => readConfig({ [name]: value }))]).toEqual([
        value,
        `${name}: expected ${expected}.`,
      ]);
  });

  it('is named together with all the others, and none of them is repeated', () => {
    const secret = 'a-value-that-could-be-secret';
    const message = messageOf(() => readConfig({ PORT: secret, REDIS_URL: secret, SLUSE_DEMO_SHIELDED: secret }));
    expect(message.split('\n').map((line) => line.split(':')[0])).toEqual(['PORT', 'REDIS_URL', 'SLUSE_DEMO_SHIELDED']);
    expect(message).not.toContain(secret);
  });

  it('may be one that is missing: server mode without the rooms or the key', () => {
    for (const name of ['SLUSE_SUBGRAPHS', 'SLUSE_VIEWER_KEY'] as const)
      expect(messageOf(() => readConfig({ ...server, [name]: undefined }))).toMatch(
        new RegExp(`^${name}: required with DATABASE_URL; expected [^\\n]+\\.$`),
      );
    expect(messageOf(() => readConfig({ DATABASE_URL: server.DATABASE_URL })).split('\n')).toHaveLength(2);
  });

  it('is not a blank one: that is as none at all', () => {
    expect(readConfig({ PORT: ' ', DATABASE_URL: '', SLUSE_IDLE_MINUTES: '' })).toEqual(readConfig({}));
  });
});

describe('the settings of the gateway', () => {
  it('have defaults, with which the demo starts', () => {
    expect(readConfig({})).toEqual({
      port: 4000,
      host: '127.0.0.1',
      dataDir: '.data',
      databaseUrl: null,
      redisUrl: null,
      supergraph: 'schema/supergraph.graphql',
      municipality: '0999',
      subgraphs: new Map(),
      trustedProxies: [],
      costBudgets: budgetTable(),
      viewerKeys: [],
      demoShielded: true,
      apolloSandbox: true,
      demoIdpPort: 0,
      idleMinutes: 15,
      publicUrl: null,
      secureCookie: false,
      rates: { person: 12_000, client: 60_000 },
      connections: 10_000,
      saml: null,
      trustedDocuments: null,
      documentPolicy: { citizen: 'any', employee: 'any', client: 'any' },
      logLevel: 'info',
    });
  });

  it('say which texts each kind of caller may ask, and want trusted documents for whoever may not ask any', () => {
    const SLUSE_TRUSTED_DOCUMENTS = 'documents';
    const policyOf = (SLUSE_DOCUMENT_POLICY: string) =>
      readConfig({ SLUSE_TRUSTED_DOCUMENTS, SLUSE_DOCUMENT_POLICY }).documentPolicy;
    expect(policyOf('only')).toEqual({ citizen: 'only', employee: 'only', client: 'only' });
    expect(policyOf('citizen=only,client=first')).toEqual({ citizen: 'only', employee: 'any', client: 'first' });
    expect(readConfig({ SLUSE_TRUSTED_DOCUMENTS }).trustedDocuments).toBe('documents');
    for (const SLUSE_DOCUMENT_POLICY of ['first', 'citizen=only'])
      expect(messageOf(() => readConfig({ SLUSE_DOCUMENT_POLICY }))).toBe(
        'SLUSE_TRUSTED_DOCUMENTS: required with SLUSE_DOCUMENT_POLICY; expected a folder with manifests of trusted documents.',
      );
  });

  it('of SAML are given all or none', () => {
    const saml = {
      ...server,
      SLUSE_SAML_IDP_METADATA: 'idp.xml',
      SLUSE_SAML_KEYS: 'keys.pem',
      SLUSE_PUBLIC_URL: 'https://sluse.example',
    };
    expect(readConfig(saml).saml).toEqual({
      ...{
        publicUrl: 'https://sluse.example',
        identityProvider: 'idp.xml',
        identityProviderId: null,
        keys: 'keys.pem',
      },
    });
    const entity = 'https://saml.nemlog-in.dk';
    expect(readConfig({ ...saml, SLUSE_SAML_IDP_ENTITY_ID: entity }).saml?.identityProviderId).toBe(entity);
    expect(messageOf(() => readConfig({ ...server, SLUSE_SAML_IDP_ENTITY_ID: entity }))).toMatch(
      /^SLUSE_SAML_IDP_METADATA: required to sign in through SAML/,
    );
    expect(readConfig({ ...server, SLUSE_PUBLIC_URL: 'https://sluse.example' }).saml).toBeNull();
    for (const name of ['SLUSE_SAML_IDP_METADATA', 'SLUSE_SAML_KEYS'])
      expect(messageOf(() => readConfig({ ...saml, [name]: undefined }))).toMatch(
        new RegExp(`^${name}: required to sign in through SAML; expected [^\\n]+\\.$`),
      );
    expect(messageOf(() => readConfig({ ...saml, SLUSE_PUBLIC_URL: '' }))).toBe(
      'SLUSE_PUBLIC_URL: required to sign in through SAML; expected the URL under which browsers reach the gateway, such as https://sluse.example, without a path.',
    );
  });

  it('of SAML hold keys as PEM too, base64-encoded, and want browsers to come over HTTPS or the loopback', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    const given = {
      ...server,
      SLUSE_SAML_IDP_METADATA: 'idp.xml',
      SLUSE_SAML_KEYS: Buffer.from(pem).toString('base64'),
    };
    expect(readConfig({ ...given, SLUSE_PUBLIC_URL: 'http://127.0.0.1:4000' }).saml?.keys).toBe(pem);
    expect(messageOf(() => readConfig({ ...given, SLUSE_PUBLIC_URL: 'http://sluse.example' }))).toBe(
      'SLUSE_PUBLIC_URL: expected an https URL, to sign in through SAML.',
    );
  });

  it('refuse the stand-in of NemLog-in in server mode, where it could sign anyone in as anyone', () => {
    expect(messageOf(() => readConfig({ ...server, SLUSE_DEMO_IDP_PORT: '4100' }))).toBe(
      'SLUSE_DEMO_IDP_PORT: expected not to be set with DATABASE_URL.',
    );
    expect(readConfig({ SLUSE_DEMO_IDP_PORT: '4100' }).demoIdpPort).toBe(4100);
  });

  it('refuse an identity provider in embedded mode, where nobody would be sent to it', () => {
    const saml = { SLUSE_SAML_IDP_METADATA: 'idp.xml', SLUSE_SAML_KEYS: 'keys.pem' };
    expect(messageOf(() => readConfig({ ...saml, SLUSE_PUBLIC_URL: 'https://sluse.example' })).split('\n')).toEqual([
      'SLUSE_SAML_IDP_METADATA: expected not to be set without DATABASE_URL.',
      'SLUSE_SAML_KEYS: expected not to be set without DATABASE_URL.',
    ]);
    for (const [name, value] of Object.entries(saml))
      expect(messageOf(() => readConfig({ [name]: value }))).toBe(
        `${name}: expected not to be set without DATABASE_URL.`,
      );
  });

  it.each([
    ['SLUSE_DEMO_SHIELDED', 'true', server, 'with'],
    ['SLUSE_SUBGRAPHS', server.SLUSE_SUBGRAPHS, {}, 'without'],
    ['SLUSE_VIEWER_KEY', server.SLUSE_VIEWER_KEY, {}, 'without'],
    ['SLUSE_MUNICIPALITY', '0101', {}, 'without'],
  ])('refuse %s where nothing would come of it', (name, value, others, how) => {
    expect(messageOf(() => readConfig({ ...others, [name]: value }))).toBe(
      `${name}: expected not to be set ${how} DATABASE_URL.`,
    );
  });

  it('read an origin as it is compared: without a slash at the end, and in small letters', () => {
    for (const given of ['https://Sluse.example', 'https://sluse.example/', 'https://sluse.example:443'])
      expect(readConfig({ ...server, SLUSE_PUBLIC_URL: given }).publicUrl).toBe('https://sluse.example');
    expect([...readConfig({ ...server, SLUSE_SUBGRAPHS: 'a=http://x:1/,b=http://[::1]:2' }).subgraphs]).toEqual([
      ['a', 'http://x:1'],
      ['b', 'http://[::1]:2'],
    ]);
  });

  it('take a database over TLS, another one of Redis, and a host in brackets', () => {
    for (const DATABASE_URL of [
      'postgres://x:p%40ss@h/d?sslmode=require',
      'postgresql://x@h:5433/d?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem',
      'postgres://x@[::1]/d?sslmode=disable',
    ])
      expect(readConfig({ ...server, DATABASE_URL }).databaseUrl).toBe(DATABASE_URL);
    for (const REDIS_URL of ['redis://h', 'rediss://user:pass@h:6380/12', 'redis://h/'])
      expect(readConfig({ REDIS_URL }).redisUrl).toBe(REDIS_URL);
  });

  it('offer Apollo’s Sandbox in the demo, and on a server to whoever asks for it', () => {
    expect([{}, { SLUSE_APOLLO_SANDBOX: 'false' }].map((given) => readConfig(given).apolloSandbox)).toEqual([
      true,
      false,
    ]);
    expect(readConfig(server).apolloSandbox).toBe(false);
    expect(readConfig({ ...server, SLUSE_APOLLO_SANDBOX: 'true' }).apolloSandbox).toBe(true);
  });

  it('are frozen', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
    expect(Object.isFrozen(readRoomConfig(room))).toBe(true);
  });

  it('make the cookie Secure in server mode unless browsers come over plain HTTP', () => {
    expect(readConfig(server).secureCookie).toBe(true);
    expect(readConfig({ ...server, SLUSE_PUBLIC_URL: 'http://localhost:4000' }).secureCookie).toBe(false);
    expect(readConfig({ SLUSE_PUBLIC_URL: 'https://sluse.example' }).secureCookie).toBe(true);
  });
});

describe('a wrong or missing setting of a room', () => {
  it.each<[string, string, (string | undefined)[]]>([
    ['SLUSE_ROOM', 'identity, cases, smdb or audit', [undefined, 'gateway', 'Audit']],
    ['PORT', 'a port number, 0 to 65535', ['-1', '65536']],
    [
      'DATABASE_URL',
      'a URL such as postgres://owner@host:5432/database?sslmode=verify-full, of PostgreSQL 15 or later',
      [undefined, 'mysql://x', 'postgres://x@h/d?sslmode=prefer', 'postgres://x@h/d?target_session_attrs=any'],
    ],
    [
      'SLUSE_DATABASE',
      'a URL without a login such as postgres://host:5432/database?sslmode=verify-full, in place of DATABASE_URL',
      ['mysql://x/d', 'postgres://x@h/d', 'postgres://h', 'postgres://h/', 'postgres://h/d?sslmode=prefer'],
    ],
    ['SLUSE_SECRET', 'at least 32 characters, the same for all rooms of one database', [undefined, 'x'.repeat(31)]],
    [
      'SLUSE_VIEWER_PUBLIC_KEY',
      'the Ed25519 public key of the gateway in PEM, base64-encoded (npm run keys); while keys change, both, separated by a comma',
      [undefined, 'x', ',', `${keys.public},`, pem('x25519').public],
    ],
    ['SLUSE_IDLE_MINUTES', 'whole minutes from 15 to 20', ['14', '21']],
    [
      'SLUSE_PRIVILEGES',
      'a JSON object from privilege URIs to rights such as {"https://example.dk/privileges/reporter":"SMDB_REPORTER"}, or the path of a file with one',
      ['x', '[]', '{"urn:a:b":"EVERYTHING"}', '{"no uri":"MANAGER"}', './no-such-file.json'],
    ],
    ['SLUSE_COURSE_MONTHS', 'whole months from 0 to 120', ['-1', '121', '1.5', 'never']],
    ['SLUSE_COURSE_QUESTIONS', 'a whole number from 1 to 50', ['0', '51', '1.5', 'all']],
    ['SLUSE_COURSE_PASS', 'whole per cent from 50 to 100', ['49', '101', '80 %']],
    ['SLUSE_COURSE_ATTEMPTS', 'a whole number from 1 to 20', ['0', '21', 'any']],
    ['SLUSE_COURSE_MINUTES', 'whole minutes from 5 to 240', ['4', '241', 'an hour']],
    ['SLUSE_LOCK_AFTER', 'a whole number from 3 to 5', ['2', '6', '3.5', 'never']],
    ['SLUSE_NOTICE', 'a text of 20 to 2,000 characters', ['too short', ` ${'x'.repeat(19)} `, 'x'.repeat(2_001)]],
    [
      'SLUSE_IDENTITY_URL',
      'the origin of the identity room, such as http://identity:4001',
      ['identity', 'ftp://x', 'http://x/y'],
    ],
    [
      'SLUSE_AUDIT_URL',
      'the origin of the audit room, such as http://audit:4001',
      ['audit:4001x', 'ftp://x', 'http://x?y'],
    ],
    [
      'SLUSE_PUBLIC_URL',
      'the URL under which callers reach the gateway, as it is set there',
      ['sluse.example', 'https://x/y'],
    ],
    ['SLUSE_MUNICIPALITY', 'a municipality code of 4 digits', ['999']],
    ['SLUSE_LOG_LEVEL', 'fatal, error, warn, info, debug or silent', ['verbose']],
    [
      'SLUSE_LOG_KEY',
      'Ed25519 private keys in PEM, separated by commas, each base64-encoded (npm run keys) or the path of a file; the audit room needs at least one',
      [undefined, 'x', keys.public, pem('x25519').private, `${keys.private},x`],
    ],
    [
      'SLUSE_LOG_ORIGIN',
      'a name without a scheme such as log.korsbaek.dk, with which the names of the logs begin',
      ['https://x', 'a b', '/x', 'x/'],
    ],
    [
      'SLUSE_LOG_RETENTION',
      'whole months from 6 to 60, for all or by municipality: 6 or 6,0101=60',
      ['5', '61', '0', '0101=5', '6,101=12', 'ever', '6,7'],
    ],
    ['SLUSE_CITIZENS_SEE_EMPLOYEES', 'codes of municipalities, separated by commas', ['true', '101', '0101 0147']],
    ['SLUSE_PARENTS_SEE_CHILDREN', 'codes of municipalities, separated by commas', ['on', '101', '0101 0147']],
  ])('%s refuses to start, by its name and with what was expected', (name, expected, wrong) => {
    for (const value of wrong)
      expect([value, messageOf(() => readRoomConfig({ ...room, [name]: value }))]).toEqual([
        value,
        `${name}: expected ${expected}.`,
      ]);
  });
});

describe('the database of a room', () => {
  const { DATABASE_URL, ...others } = room;

  it('is the owner’s connection, or its address alone, and never both', () => {
    expect(readRoomConfig(room).database).toEqual({ ownerUrl: DATABASE_URL });
    const SLUSE_DATABASE = 'postgres://h:5433/d?sslmode=require';
    expect(readRoomConfig({ ...others, SLUSE_DATABASE }).database).toEqual({ address: SLUSE_DATABASE });
    expect(messageOf(() => readRoomConfig({ ...room, SLUSE_DATABASE }))).toBe(
      'SLUSE_DATABASE: expected without DATABASE_URL, which is for `npx sluse migrate` then.',
    );
  });
});

describe('the settings by which a room serves case systems', () => {
  const direct = {
    SLUSE_IDENTITY_URL: 'http://identity:4001',
    SLUSE_AUDIT_URL: 'http://audit:4001',
    SLUSE_PUBLIC_URL: 'https://sluse.example/',
  };

  it('are all of them or none: a room that could not log what it says does not start', () => {
    expect(readRoomConfig(room).direct).toBeNull();
    expect(readRoomConfig({ ...room, SLUSE_PUBLIC_URL: direct.SLUSE_PUBLIC_URL }).direct).toBeNull();
    expect(readRoomConfig({ ...room, ...direct }).direct).toEqual({
      identity: 'http://identity:4001',
      audit: 'http://audit:4001',
      issuer: 'https://sluse.example',
      municipality: '0999',
    });
    expect(messageOf(() => readRoomConfig({ ...room, ...direct, SLUSE_AUDIT_URL: undefined }))).toBe(
      'SLUSE_AUDIT_URL: required with SLUSE_IDENTITY_URL and SLUSE_PUBLIC_URL; expected the origin of the audit room, such as http://audit:4001.',
    );
  });

  it('take two keys of the gateway while these change', () => {
    const next = pem('ed25519');
    expect(
      readRoomConfig({ ...room, SLUSE_VIEWER_PUBLIC_KEY: `${keys.public},${next.public}` }).viewerKeys,
    ).toHaveLength(2);
    expect(readConfig({ ...server, SLUSE_VIEWER_KEY: `${next.private},${keys.private}` }).viewerKeys).toHaveLength(2);
  });
});

describe('the settings of the cases room', () => {
  const cases = { ...room, SLUSE_ROOM: 'cases', SLUSE_IDENTITY_URL: 'http://identity:4001' };
  const file = (text: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'sluse-kle-')), 'kle.csv');
    writeFileSync(path, text);
    return path;
  };
  const head = 'municipality,kle,authority,category\n';

  it('name the identity room, which says who the parties of a case are; a caller’s door is another matter', () => {
    expect(messageOf(() => readRoomConfig({ ...cases, SLUSE_IDENTITY_URL: undefined }))).toBe(
      'SLUSE_IDENTITY_URL: required by the cases room; expected the origin of the identity room, such as http://identity:4001.',
    );
    expect(readRoomConfig(cases)).toMatchObject({ identityUrl: 'http://identity:4001', direct: null });
  });

  it('hold a KLE table for each municipality in the file, and the shipped one for others', () => {
    const SLUSE_KLE_TABLE = file(`${head}0101,32.*,MUNICIPALITY,CASH_BENEFIT\n`);
    const { kleTables } = readRoomConfig({ ...cases, SLUSE_KLE_TABLE });
    expect(kleTables('0101').placeOf('32.03.12')?.category).toBe('CASH_BENEFIT');
    expect(kleTables('0999').placeOf('32.03.12')?.category).toBe('HOUSING_BENEFIT');
  });

  it('stop the start with a table that is not there, or says two things', () => {
    const expected =
      /^SLUSE_KLE_TABLE: expected the path of a CSV file with the columns municipality, kle, authority and category\. /;
    const refusal = (path: string) => messageOf(() => readRoomConfig({ ...cases, SLUSE_KLE_TABLE: path }));
    expect(refusal('/no/such/table.csv')).toMatch(expected);
    const twice = refusal(file(`${head}0999,32.*,MUNICIPALITY,SSP\n0999,32.*,MUNICIPALITY,PLACEMENT\n`));
    expect(twice).toMatch(expected);
    expect(twice).toContain('lines 2 and 3: expected one place for one pattern.');
  });
});

describe('the settings of the log', () => {
  it('give each municipality its own retention and its own decision on employees', () => {
    const { audit } = readRoomConfig({
      ...room,
      SLUSE_LOG_RETENTION: '12,0101=60,0147=6',
      SLUSE_CITIZENS_SEE_EMPLOYEES: '0147',
    });
    expect(['0999', '0101', '0147'].map(audit.retention)).toEqual([12, 60, 6]);
    expect(['0999', '0147'].map(audit.employeesShown)).toEqual([false, true]);
    const { parentsSee } = readRoomConfig({ ...room, SLUSE_PARENTS_SEE_CHILDREN: '0101,0147' });
    expect(['0999', '0101', '0147'].map(parentsSee)).toEqual([false, true, true]);
    expect(readRoomConfig(room).parentsSee('0999')).toBe(false);
    expect(readRoomConfig({ ...room, SLUSE_LOG_RETENTION: '0101=60' }).audit.retention('0999')).toBe(6);
  });

  it('take the keys that sign from a file as well, the new one beside the old', async () => {
    const directory = await dataDirectory();
    const file = `${directory}/log-key.pem`;
    await writeFile(file, Buffer.from(keys.private, 'base64'));
    const { audit } = readRoomConfig({ ...room, SLUSE_LOG_KEY: `${pem('ed25519').private},${file}` });
    expect(audit.keys.map(({ type, asymmetricKeyType }) => [type, asymmetricKeyType])).toEqual([
      ['private', 'ed25519'],
      ['private', 'ed25519'],
    ]);
  });

  it('are asked of the audit room only', () => {
    expect(readRoomConfig({ ...room, SLUSE_ROOM: 'smdb', SLUSE_LOG_KEY: undefined }).audit.keys).toEqual([]);
  });
});

describe('the documents', () => {
  const settingsPage = readFileSync('docs/settings.md', 'utf8');
  const errorsPage = readFileSync('docs/errors.md', 'utf8');
  /** The cells of each row of the table in this page that begins with this line. */
  const table = (page: string, head: string): string[][] => {
    const [, rest] = page.split(`\n${head}\n|---`);
    const rows = rest!.split('\n').slice(1);
    return rows.slice(0, rows.indexOf('')).map((row) => row.split(/ ?\| ?/).slice(1, -1));
  };
  const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);

  it.each<[string, string, Readonly<Record<string, z.ZodType>>, Readonly<Record<string, string>>]>([
    // Where it listens depends on the mode, which the table says in brackets.
    [
      'the gateway',
      '| gateway | default | |',
      gatewaySettings,
      {
        HOST: readConfig({}).host,
        SLUSE_DEMO_SHIELDED: String(readConfig({}).demoShielded),
        SLUSE_DEMO_IDP_PORT: String(readConfig({}).demoIdpPort),
        SLUSE_APOLLO_SANDBOX: String(readConfig({}).apolloSandbox),
      },
    ],
    ['a room', '| room (server mode) | default | |', roomSettings, {}],
  ])('lists every setting of %s, once, with its default', (_of, head, settings, also) => {
    const told = table(settingsPage, head).flatMap(([names, defaults]) => {
      const values = quoted(defaults!.replace(/\(.*\)/, ''));
      const none = defaults!.startsWith('required') ? defaults! : '–';
      expect([names, [0, quoted(names!).length]]).toEqual([names, expect.arrayContaining([values.length])]);
      return quoted(names!).map((name, place) => [name, values[place] ?? none] as const);
    });
    const meant = Object.entries(settings).map(([name, setting]) => {
      const { success, data } = setting.safeParse(undefined);
      return [name, success ? String(data ?? also[name] ?? '–') : 'required'] as const;
    });
    // It may be left out where the room is another.
    const plain = told.map(([name, value]) => [name, value === 'required by the audit room' ? '–' : value]);
    expect(plain.sort()).toEqual(meant.sort());
  });

  it('tells of no code that callers never get, nor of another status', () => {
    const [, section] = errorsPage.split('\n## What a caller gets\n');
    const rows = table(errorsPage, '| | HTTP | code |');
    expect(section!.startsWith('\n| | HTTP | code |\n')).toBe(true);
    const told = rows.flatMap(([, status, codes]) =>
      quoted(codes!)
        .filter((code) => /^[A-Z_]+$/.test(code))
        .map((code) => [code, Number(status)]),
    );
    expect(told.length).toBeGreaterThan(15);
    const statuses = new Map<string, number>(Object.entries(faults).map(([code, { status }]) => [code, status]));
    expect(told).toEqual(told.map(([code]) => [code, statuses.get(code as string)]));
  });
});

describe('a process with a wrong setting', () => {
  it.each([
    [
      'src/main.js',
      { SLUSE_IDLE_MINUTES: '60' },
      'Sluse could not start.\nSLUSE_IDLE_MINUTES: expected whole minutes from 15 to 20.\n',
    ],
    [
      'subgraphs/main.js',
      { ...room, SLUSE_ROOM: 'attic' },
      'Sluse could not start this room.\nSLUSE_ROOM: expected identity, cases, smdb or audit.\n',
    ],
    [
      'src/main.js',
      { ...server, SLUSE_SUPERGRAPH: '/nowhere' },
      'Sluse could not start.\nSLUSE_SUPERGRAPH: /nowhere cannot be read (ENOENT). Expected a composed supergraph.\n',
    ],
    [
      'src/main.js',
      { SLUSE_DATA_DIR: '/dev/null' },
      'Sluse could not start.\nSLUSE_DATA_DIR: /dev/null cannot be made a directory (EEXIST).\n',
    ],
  ])('%s %j says so and ends with 1', async (file, settings, said) => {
    const directory = await dataDirectory();
    const process = start(file, { SLUSE_DATA_DIR: directory, ...(settings as Record<string, string>) });
    expect(await process.exit).toEqual({ code: 1, signal: null });
    expect(process.output()).toBe(said);
  });
});

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}
