/**
 * Text that is spelled, encoded or made up so that a rule looks at other characters than were meant. It is read once, at the edge, in
 * one form, or it is refused there; never changed in silence.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attributes } from '../../src/saml/names.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { isLine, isProse, lineOf } from '../../subgraphs/protocol/lines.js';
import { checkAddress, headerText, jsonIn, pairsIn, queryIn } from '../../subgraphs/protocol/reading.js';
import { drawToken, newKey, postToken, registered } from '../support/client.js';
import { drawn, linesOf } from '../support/export.js';
import { employee } from '../support/saml.js';
import { openSamlGateway, type SamlGateway } from '../support/saml-gateway.js';
import { type SignInMemory, signInMemory } from '../support/sign-in-memory.js';
import { openWorld, type World } from '../support/world.js';
import { expectRefused, fixedCitizen, raw } from './attack.js';

const now = () => new Date();
const key = newKey('ES256');
let world: World;
let token: string;
beforeAll(async () => {
  world = await openWorld({ shielded: true, now, trustedProxies: ['127.0.0.1'] });
  await registered(world, { keys: [key.jwk] });
  token = await drawToken(world, key, now());
});
afterAll(() => world?.close());

/** As bytes of UTF-8; `fetch` sends each of these characters as one byte. */
const bytesOf = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

interface Kept {
  readonly purpose: string | null;
  readonly transactionId: string | null;
  readonly requestId: string | null;
  readonly onBehalfOf: string | null;
  readonly criterion: any;
}
/** The entries of an operation, as the leaves hold them. */
const kept = async (operation: string): Promise<Kept[]> =>
  (
    await world.database.sql<{ leaf: string }>(
      'SELECT leaf FROM audit.entry WHERE operation_name = $1 ORDER BY at, seq',
      [operation],
    )
  ).map(({ leaf }) => JSON.parse(leaf));

describe('a header', () => {
  const look = (name: string) => `query ${name} { citizen(cpr: "${fixedCitizen}") { id } }`;
  const asked = async (name: string, headers: Record<string, string>) => {
    expect((await world.ask('guidance-worker', look(name), undefined, headers)).status).toBe(200);
    const [entry, ...more] = await kept(name);
    expect(more).toEqual([]);
    return entry!;
  };

  it.each([
    ['Utf8', bytesOf('Rådgivning af Šimić')],
    ['Utf8Decomposed', bytesOf('Rådgivning af Šimić'.normalize('NFD'))],
    ['Latin1', 'Rådgivning'],
  ])('in %s is kept as it was meant, in every view', async (name, purpose) => {
    const meant = name === 'Latin1' ? 'Rådgivning' : 'Rådgivning af Šimić';
    expect(await asked(name, { 'x-purpose': purpose })).toMatchObject({ purpose: meant });
    const { body } = await world.ask(
      'security-officer',
      `{ auditEntries(filter: { operation: "${name}" }) { nodes { purpose } } }`,
    );
    expect(body.data.auditEntries.nodes).toEqual([{ purpose: meant }]);
    const { text } = await drawn(world, 'security-officer', 'NDJSON', { operation: name });
    expect(linesOf(text).find((line) => line.operation?.name === name)).toMatchObject({ purpose: meant });
  });

  it('of the citizen’s own view too', async () => {
    await asked('SeenByCitizen', { 'x-purpose': bytesOf('Ønsket af Åse') });
    const { body } = await world.ask(
      'citizen',
      `{ citizen(cpr: "${fixedCitizen}") { accessLog(first: 500) { nodes { purpose } } } }`,
    );
    expect(body.data.citizen.accessLog.nodes).toContainEqual({ purpose: 'Ønsket af Åse' });
  });

  it('holds one line: what breaks it, hides in it or turns it round is gone', async () => {
    expect(
      await asked('Cleaned', {
        'x-purpose': bytesOf('a\u2028b\u0085c\u202ed\u200be\u00adf'),
        'x-transaktionsid': bytesOf('\u200b\u2060'),
        'x-requestid': bytesOf('A\u030a'),
        'x-onbehalfofuser': bytesOf('\u2067x\u2069'),
      }),
    ).toMatchObject({ purpose: 'a b cdef', transactionId: null, requestId: 'Å', onBehalfOf: 'x' });
  });

  it('is read alike by a room that is called directly', async () => {
    const response = await fetch(`${world.origins.get('cases')}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'x-purpose': bytesOf('Rådgivning'.normalize('NFD')),
      },
      body: JSON.stringify({ query: 'query Directly { cases(first: 1) { nodes { kle } } }' }),
    });
    expect(response.status).toBe(200);
    const rows = await world.database.sql<{ leaf: string }>(
      `SELECT leaf FROM audit.entry WHERE operation_name = 'Directly'
       UNION ALL SELECT leaf FROM audit.sealed_entry WHERE operation_name = 'Directly'`,
    );
    expect(rows.map(({ leaf }) => JSON.parse(leaf).purpose)).toEqual(['Rådgivning']);
  });
});

describe('bytes that are no UTF-8', () => {
  const broken = (before: string, after: string) =>
    Buffer.concat([Buffer.from(before), Buffer.from([0xc3, 0x28]), Buffer.from(after)]);
  const operation = broken('{"query":"query Broken { viewer { actingIn { code } } } #', '"}');
  const message = 'Expected a request body in valid UTF-8.';

  it('are refused at the gateway, and the attempt is in the log', async () => {
    const before = Number((await world.database.sql('SELECT count(*) AS n FROM audit.entry'))[0]!.n);
    expectRefused(await raw(world, 'manager', operation), 'MALFORMED_REQUEST', message);
    // An overlong form, a surrogate, and the end of a character that never came.
    for (const bytes of [
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xe2, 0x82],
    ])
      expectRefused(
        await raw(
          world,
          'manager',
          Buffer.concat([
            Buffer.from('{"query":"{ viewer { actingIn { code } } } #'),
            Buffer.from(bytes),
            Buffer.from('"}'),
          ]),
        ),
        'MALFORMED_REQUEST',
        message,
      );
    expect(Number((await world.database.sql('SELECT count(*) AS n FROM audit.entry'))[0]!.n)).toBe(before + 4);
  });

  it('are refused by a room that is called directly, and by one that the gateway calls', async () => {
    const internal = await world.signer.sign(
      (await world.gateway.sessions.viewerOf(await world.tokenOf('manager')))!,
      'cases',
    );
    for (const [bearer, detail] of [
      [token, message],
      [internal, undefined],
    ] as const) {
      const response = await fetch(`${world.origins.get('cases')}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: new Uint8Array(operation),
      });
      expect(response.status).toBe(400);
      if (detail) expect(await response.json()).toMatchObject({ errors: [{ message: detail }] });
    }
  });

  it('are refused at the token endpoint, plain and percent-encoded', async () => {
    for (const form of ['grant_type=client_credentials&scope=%C3%28', 'grant_type=%FF&scope=x'])
      expect(await postToken(world, form)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', error_description: 'Expected parameters in valid UTF-8.' },
      });
    const response = await fetch(`${world.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': '10.9.9.9' },
      body: new Uint8Array(broken('grant_type=client_credentials&scope=', '')),
    });
    expect([response.status, ((await response.json()) as any).error]).toEqual([400, 'invalid_request']);
  });

  it('are refused in the path and the query of a page', async () => {
    for (const path of ['/log/export/%C3%28', '/login?return=%FF', '/health/live?x=%ED%A0%80']) {
      const response = await fetch(`${world.url}${path}`, { redirect: 'manual' });
      expect([path, response.status]).toEqual([path, 400]);
    }
    const form = await fetch(`${world.url}/demo/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array(operation),
    });
    expect([form.status, ((await form.json()) as any).errors[0].message]).toEqual([400, message]);
    expect((await fetch(`${world.url}/health/live?x=%C3%A5&100%`)).status).toBe(200);
    expect(() => checkAddress('/%E5')).toThrow('Expected an address in valid UTF-8.');
  });
});

describe('signing in', () => {
  let memory: SignInMemory;
  let gateway: SamlGateway;
  beforeAll(async () => {
    memory = signInMemory();
    gateway = await openSamlGateway({ identity: memory.internal });
  });
  afterAll(() => gateway?.close());

  it('refuses a form that is no UTF-8, and says so in the log', async () => {
    const post = (body: string | Uint8Array) =>
      fetch(`${gateway.url}/saml/acs`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body as string,
      });
    for (const body of ['SAMLResponse=%FF%FE', new Uint8Array([...Buffer.from('SAMLResponse=AAAA&x='), 0xff])]) {
      gateway.logged();
      expect((await post(body)).status).toBe(403);
      expect(gateway.logged().map(({ faults }) => faults)).toEqual([['SIGN_IN_REFUSED', 'SAML_MALFORMED']]);
    }
  });

  it('reads the attributes of an assertion in one form', async () => {
    const browser = gateway.browser();
    const { request } = await browser.begin();
    const spelled = 'Åse Šimić'.normalize('NFD');
    const answer = await gateway.idp.respond(gateway.service, request, {
      said: { attributes: { ...employee, [attributes.fullName]: spelled } },
    });
    expect((await browser.acs(answer)).status).toBe(303);
    expect(memory.asked('finish-sign-in').at(-1).attributes[attributes.fullName]).toBe('Åse Šimić');
  });
});

describe('what is decomposed or escaped', () => {
  const find = (name: string, literal: string) =>
    `query ${name} { employees(filter: { nameContains: ${literal} }) { totalCount } citizens(filter: { nameContains: ${literal} }, first: 1) { totalCount } }`;

  it.each([
    ['in a literal', 'Literal', find('Literal', '"SA\u030aby"'), undefined],
    ['in an escape', 'Escaped', find('Escaped', '"\\u0053\\u0041\\u030Aby"'), undefined],
    [
      'in a variable',
      'InVariable',
      'query InVariable($x: String) { citizens(filter: { nameContains: $x }, first: 1) { totalCount } }',
      { x: 'SA\u030aby' },
    ],
  ])('%s is read composed, by both ways through the gateway', async (_, name, query, variables) => {
    // The first time the text goes through Apollo's pipeline, the second time past it.
    for (let time = 0; time < 2; time += 1)
      expect((await world.ask('guidance-worker', query, variables)).status).toBe(200);
    const entries = await kept(name);
    expect(entries).toHaveLength(2);
    for (const { criterion } of entries)
      for (const { arguments: given } of criterion) expect(given.filter.nameContains).toBe('SÅby');
  });

  it('in the text of the operation, a comment and a name of JSON is composed too', () => {
    const read = jsonIn(
      JSON.stringify({
        query: '# a\u030a\n{ a(b: "e\u0301\\u0301", c: """o\u0308""") }',
        variables: { 'u\u0308': ['A\u030a'] },
      }),
    );
    expect(read).toEqual({ query: '# å\n{ a(b: "é\\u0301", c: """ö""") }', variables: { ü: ['Å'] } });
    expect(jsonIn('{"query":"{ a(b: \\"e\\\\u0301\\") }"}')).toEqual({ query: '{ a(b: "é") }' });
    // What is no GraphQL is left to the parser, which says so.
    expect(jsonIn('{"query":"{ \\"\\\\u03 }"}')).toEqual({ query: '{ "\\u03 }' });
  });

  it('two names that are one are refused', () => {
    expect(() => jsonIn('{"variables":{"å":1,"a\u030a":2}}')).toThrow('Expected each name once');
    expect(() => jsonIn('{"variables":{"\\u00e5":1,"a\\u030a":2}}')).toThrow('Expected each name once');
  });

  it('and a value nested without end is refused, not the process ended', () => {
    const nested = `{"query":"å\u030a","variables":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`;
    expect(() => jsonIn(nested)).toThrow(expect.objectContaining({ code: 'VARIABLE_LIMIT' }));
  });

  it('forms and queries are read by the same rule', () => {
    expect(pairsIn('a=A%CC%8A+b&%C3%A5=1&c&=d&100%=%zz')).toEqual([
      ['a', 'Å b'],
      ['å', '1'],
      ['c', ''],
      ['', 'd'],
      ['100%', '%zz'],
    ]);
    expect({ ...queryIn('a=1&a=2&b=3') }).toEqual({ a: ['1', '2'], b: '3' });
    expect(headerText('e\xcc\x81')).toBe('é');
    expect(headerText('\xe9')).toBe('é');
  });
});

describe('a line of text', () => {
  it.each([
    ['only what is not seen', '\u200b\u00ad\u2060'],
    ['a filler that is a letter', '\u3164'],
    ['an empty Braille pattern', '\u2800'],
    ['a line separator', 'a\u2028b'],
    ['a paragraph separator', 'a\u2029b'],
    ['a next line', 'a\u0085b'],
    ['an override of direction', 'a\u202eb'],
    ['an isolate', '\u2066a'],
    ['a non-character', 'a\ufffe'],
    ['a control', 'a\u0007b'],
  ])('is not %s', async (_, title) => {
    expect([isLine(title, 300), isProse(title, 300)]).toEqual([false, false]);
    const answer = await world.ask(
      'housing-caseworker',
      'mutation ($input: EnterCaseInput!) { enterCase(input: $input) { id } }',
      {
        input: {
          category: 'HOUSING_BENEFIT',
          kle: '32.03.12',
          title,
          parties: [{ citizen: idFor('nobody'), role: 'PRIMARY' }],
        },
      },
    );
    expect(answer.body.errors).toMatchObject([
      {
        message: 'Argument "input.title": expected one line of 1 to 300 characters.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  });

  it('may hold what people write', () => {
    for (const title of ['Ål & Æble', 'João', 'א ב', '👩‍👧', 'می‌خواهم', 'x\u00ady', '²'])
      expect([title, isLine(title, 300)]).toEqual([title, true]);
    expect([isLine('a\nb', 9), isProse('a\n\tb', 9), isLine('', 9), isProse(' ', 9), isLine('ab', 1)]).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
    // No half of a character at the end of what is cut.
    expect(lineOf('ab\u{1f600}', 3)).toBe('ab');
  });
});

describe('a number as people write it', () => {
  it.each(['020160-9995', '020160 9995', ' 0201609995 '])('%s is read as it is meant', async (cpr) => {
    const name = `Cpr${Buffer.from(cpr).toString('hex')}`;
    const text = `query ${name}($cpr: CPR!) { citizen(cpr: $cpr) { cpr } again: citizen(cpr: "${cpr}") { cpr } citizens(filter: { cpr: "${cpr}" }) { totalCount } }`;
    const { body } = await world.ask('guidance-worker', text, { cpr });
    expect(body).toEqual({
      data: { citizen: { cpr: fixedCitizen }, again: { cpr: fixedCitizen }, citizens: { totalCount: 1 } },
    });
    // The log is searched by the number as it is kept.
    expect((await kept(name)).map(({ criterion }) => criterion)).toEqual([
      [
        { field: 'citizen', arguments: { cpr: fixedCitizen } },
        { field: 'citizen', arguments: { cpr: fixedCitizen } },
        { field: 'citizens', arguments: { filter: { cpr: fixedCitizen } } },
      ],
    ]);
  });

  it.each(['02016-09995', '020160--9995', '0201609995x', '020160-999'])('%s is none', async (cpr) => {
    const { body, status } = await world.ask('guidance-worker', 'query ($cpr: CPR!) { citizen(cpr: $cpr) { id } }', {
      cpr,
    });
    expect([status, body.errors![0]!.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  });
});

describe('on the command line', () => {
  it('a file of accounts that is no UTF-8 is refused as a whole, and the message says what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluse-text-'));
    const file = join(folder, 'accounts.csv');
    await writeFile(file, Buffer.from('user_name;hash\nJørgen;x\n', 'latin1'));
    try {
      await expect(
        promisify(execFile)(
          process.execPath,
          ['dist/subgraphs/sluse.js', 'import-accounts', '--municipality', '0999', file],
          {
            env: { PATH: process.env.PATH, DATABASE_URL: world.database.url },
          },
        ),
      ).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('Expected a CSV file in valid UTF-8.') });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
