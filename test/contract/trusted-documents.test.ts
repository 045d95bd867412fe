/** Trusted documents: looked up by id, read again when the folder changes, never driven out by others; and who may ask what else. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { type Logger, pino } from 'pino';
import { openDocuments } from '../../src/documents/documents.js';
import { openBudget } from '../../src/documents/policy.js';
import { openTrustedDocuments, type TrustedDocuments } from '../../src/documents/trusted.js';
import type { Engine } from '../../src/execution/engine.js';
import { readManifest } from '../../subgraphs/edge/documents.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import type { PersonKind } from '../../subgraphs/protocol/viewer.js';
import { aViewer } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';
import { ourEngine } from './executors.js';
import { compose } from './supergraph.js';

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const manifestOf = (...texts: string[]): string =>
  JSON.stringify(Object.fromEntries(texts.map((text) => [idOf(text), text])));

const folders: string[] = [];
async function aFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluse-documents-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A log that can be read. */
function listening(): { log: Logger; told: () => { file?: string; reason?: string; msg: string }[] } {
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  return { log, told: () => lines.map((line) => JSON.parse(line)) };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come about in 15 s');
}

const named = 'query Named($cpr: CPR!) { citizen(cpr: $cpr) { name } }';
const who = 'query Who { viewer { person { __typename } } }';
const stranger = '{ viewer { __typename } }';
const cpr = '0201609995';

describe('a gateway with trusted documents', () => {
  let world: World;
  let folder: string;
  beforeAll(async () => {
    folder = await aFolder({ 'app.json': manifestOf(named, who) });
    world = await openWorld({
      shielded: true,
      trustedDocuments: folder,
      documentPolicy: { citizen: 'only', employee: 'first', client: 'any' },
    });
  });
  afterAll(() => world?.close());

  const post = async (person: string, body: object, headers: Record<string, string> = {}) => {
    const response = await world.post('/graphql', body, {
      authorization: `Bearer ${await world.tokenOf(person)}`,
      ...headers,
    });
    return { status: response.status, body: (await response.json()) as any };
  };
  const byId = (id: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: id } } });
  const answer = { status: 200, body: { data: { citizen: { name: 'Victor Damm' } } } };

  it('answers by id as by text, in each of the ways in which clients say an id, and however they want their answer', async () => {
    const variables = { cpr };
    for (const body of [
      byId(idOf(named)),
      { documentId: idOf(named) },
      { documentId: `sha256:${idOf(named)}` },
      { query: named },
    ])
      for (const accept of ['*/*', 'application/json;q=0.9, */*;q=0.1'])
        expect([body, await post('guidance-worker', { ...body, variables }, { accept })]).toEqual([body, answer]);
  });

  it('logs what was asked by id with its text', async () => {
    await post('guidance-worker', { ...byId(idOf(named)), variables: { cpr } });
    const [entry] = await world.database.sql(
      'SELECT operation_name, operation_hash FROM audit.entry_details ORDER BY at DESC LIMIT 1',
    );
    expect(entry).toEqual({ operation_name: 'Named', operation_hash: idOf(named) });
    const officer = await world.ask('security-officer', '{ auditEntries(first: 20) { nodes { operation { text } } } }');
    expect(officer.body.data.auditEntries.nodes.map(({ operation }: any) => operation?.text)).toContain(named);
  });

  it('gives nobody a right by being trusted', async () => {
    const { status, body } = await post('administrator', { ...byId(idOf(named)), variables: { cpr } });
    expect([status, body.data, body.errors.map(({ extensions }: any) => extensions.code)]).toEqual([
      ...[200, { citizen: null }, ['FORBIDDEN_FIELD']],
    ]);
  });

  it('says that an id is unknown, and refuses what is none', async () => {
    for (const id of ['a'.repeat(64), idOf('another'), '__proto__', ''])
      expect([id, await post('guidance-worker', byId(id))]).toEqual([
        id,
        {
          status: 400,
          body: {
            errors: [
              { message: faults.PERSISTED_QUERY_NOT_FOUND.message, extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
            ],
          },
        },
      ]);
    for (const body of [{ extensions: { persistedQuery: { sha256Hash: 7 } } }, { documentId: {} }, { extensions: [] }])
      expect((await post('guidance-worker', body)).body.errors[0].extensions.code).toBe('MALFORMED_REQUEST');
  });

  it('takes no other text from who may ask trusted ones only, and does not read it', async () => {
    expect((await post('citizen', { query: who })).body).toEqual({
      data: { viewer: { person: { __typename: 'Citizen' } } },
    });
    expect((await post('citizen', byId(idOf(who)))).status).toBe(200);
    const refused = {
      status: 403,
      body: {
        errors: [{ message: faults.DOCUMENT_NOT_TRUSTED.message, extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }],
      },
    };
    // A text that is no GraphQL, one that is too deep and one that differs by a blank are answered alike: none was looked at.
    for (const query of [stranger, '{', `{ ${'a { '.repeat(500)}`, `${who} `, ''])
      expect([query, await post('citizen', { query })]).toEqual([query, refused]);
    expect((await post('guidance-worker', { query: stranger })).status).toBe(200);
  });

  it('takes up what is put into the folder and lets go what is taken away, while it runs', async () => {
    const late = 'query Late { viewer { person { __typename ... on Citizen { name } } } }';
    expect((await post('citizen', { query: late })).status).toBe(403);
    await writeFile(join(folder, 'late.json'), manifestOf(late));
    await until(async () => (await post('citizen', byId(idOf(late)))).status === 200);
    await rm(join(folder, 'late.json'));
    await until(async () => (await post('citizen', { query: late })).status === 403);
    expect((await post('citizen', byId(idOf(who)))).status).toBe(200);
  });

  it('has a budget for new texts of who should ask trusted ones first, and says when to come back', async () => {
    const long = (nth: number) => ({ query: `{ viewer { __typename } } # ${nth} ${'x'.repeat(90_000)}` });
    const token = await world.tokenOf('guidance-worker');
    let last: Response | undefined;
    for (let nth = 0; nth < 20 && last?.status !== 429; nth += 1)
      last = await world.post('/graphql', long(nth), { authorization: `Bearer ${token}` });
    expect([last!.status, last!.headers.get('retry-after')]).toEqual([429, '1']);
    expect(((await last!.json()) as any).errors[0].extensions.code).toBe('TOO_MANY_REQUESTS');
    // What is trusted and what is known goes on.
    expect((await post('guidance-worker', { ...byId(idOf(named)), variables: { cpr } })).status).toBe(200);
    expect((await post('guidance-worker', long(0))).status).toBe(200);
  });
});

describe('manifests', () => {
  const schema = buildSchema('type Query { a: Int b(of: Int): Int } type Subscription { s: Int }');
  const [a, b] = ['query A { a }', 'query B { b(of: 1) }'];
  const opened: TrustedDocuments[] = [];
  afterAll(() => {
    for (const one of opened) one.stop();
  });
  const open = async (folder: string, log: Logger, of = () => schema) => {
    const trusted = await openTrustedDocuments({ folder, schema: of, log, interval: 3_600_000 });
    opened.push(trusted);
    return trusted;
  };

  it.each([
    [
      'a hash of another text',
      JSON.stringify({ [idOf(a)]: b }),
      `${idOf(a)}: expected the SHA-256 of its text; the text is another.`,
    ],
    [
      'a hash that is none',
      JSON.stringify({ abc: a }),
      'abc: expected the SHA-256 of the text, as 64 hexadecimal digits.',
    ],
    ['a text that is none', JSON.stringify({ [idOf(a)]: 7 }), `${idOf(a)}: expected the text of an operation.`],
    ['JSON that is cut off', manifestOf(a).slice(0, -1), 'expected JSON: an object from hashes to texts.'],
    ['a key that reaches for the prototype', '{"__proto__":{}}', 'expected JSON: an object from hashes to texts.'],
    ['a list', '[]', 'expected a JSON object from hashes to texts.'],
    ['no GraphQL', manifestOf('query {'), `${idOf('query {')}: The operation is no valid GraphQL (line 1, column 8).`],
    ['a field that there is not', manifestOf('{ c }'), `${idOf('{ c }')}: Cannot query field "c" on type "Query".`],
    [
      'a value that does not fit',
      manifestOf('{ b(of: "0201609995") }'),
      `${idOf('{ b(of: "0201609995") }')}: Int cannot represent non-integer value`,
    ],
    [
      'a subscription',
      manifestOf('subscription { s }'),
      `${idOf('subscription { s }')}: expected queries or mutations.`,
    ],
    [
      'a fragment alone',
      manifestOf('fragment F on Query { a }'),
      `${idOf('fragment F on Query { a }')}: expected queries or mutations.`,
    ],
  ])('with %s are refused by name; the good ones stay in force', async (_what, text, reason) => {
    const { log, told } = listening();
    const folder = await aFolder({ 'good.json': manifestOf(a), 'other.json': manifestOf(b) });
    const trusted = await open(folder, log);
    expect(told()).toEqual([]);
    // In place of one that was good, and beside the good ones.
    for (const name of ['other.json', 'new.json']) {
      await writeFile(join(folder, name), text);
      expect(await trusted.reload()).toBe(false);
      const [said] = told().slice(-1);
      expect([said!.file, said!.reason]).toEqual([join(folder, name), reason]);
      expect([trusted.textOf(idOf(a)), trusted.textOf(idOf(b)), trusted.has(a), trusted.has(b)]).toEqual([
        a,
        b,
        true,
        true,
      ]);
      await writeFile(join(folder, name), '{}');
      expect(await trusted.reload()).toBe(true);
      await writeFile(join(folder, 'other.json'), manifestOf(b));
      expect(await trusted.reload()).toBe(true);
    }
  });

  it('that are bad at the start are refused, and the others are in force', async () => {
    const { log, told } = listening();
    const trusted = await open(
      await aFolder({ 'bad.json': '{', 'good.json': manifestOf(a), 'notes.txt': 'none', 'x.json.half': '{' }),
      log,
    );
    expect(told().map(({ file }) => file?.split('/').at(-1))).toEqual(['bad.json']);
    expect(trusted.textOf(idOf(a))).toBe(a);
  });

  it('are what the client preset writes, with `sha256:` before each hash: those of this project fit its schema', async () => {
    const { log, told } = listening();
    const written = await readFile('schema/generated/persisted-documents.json', 'utf8');
    const api = buildSchema(await readFile('schema/api.graphql', 'utf8'));
    const trusted = await open(await aFolder({ 'persisted-documents.json': written }), log, () => api);
    const documents = Object.entries(JSON.parse(written) as Record<string, string>);
    expect([documents.length > 20, told()]).toEqual([true, []]);
    for (const [key, text] of documents) expect([key, trusted.textOf(key.replace('sha256:', ''))]).toEqual([key, text]);
  });

  it('that are more than there is room for are refused', () => {
    expect(() => readManifest(' '.repeat(24_000_001))).toThrow('expected a manifest of at most 24,000,000 characters.');
  });

  it('lose what no longer fits the schema, and get it back with the schema', async () => {
    const { log, told } = listening();
    let current = schema;
    const trusted = await open(await aFolder({ 'app.json': manifestOf(a, b) }), log, () => current);
    current = buildSchema('type Query { a: Int }');
    trusted.revise();
    expect([trusted.textOf(idOf(a)), trusted.textOf(idOf(b)), trusted.has(b)]).toEqual([a, undefined, false]);
    expect(told().map(({ file }) => file)).toEqual(['app.json']);
    current = schema;
    trusted.revise();
    expect(trusted.textOf(idOf(b))).toBe(b);
  });

  it('want a folder that is there', async () => {
    await expect(open('/nowhere', listening().log)).rejects.toThrow(
      'SLUSE_TRUSTED_DOCUMENTS: /nowhere cannot be read (ENOENT). Expected a folder with manifests of trusted documents.',
    );
  });
});

describe('what is kept of texts', () => {
  const sdl = compose({
    one: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Query { a: Int b: String }`,
  });
  const trustedText = 'query Trusted { a }';
  let engine: Engine;
  let revised: () => void;
  let isTrusted: boolean;
  beforeEach(() => {
    engine = ourEngine(sdl);
    isTrusted = true;
  });
  const trusted: TrustedDocuments = {
    has: (text) => isTrusted && text === trustedText,
    textOf: () => undefined,
    reload: async () => true,
    revise() {},
    onChange: (listener) => {
      revised = listener;
    },
    stop() {},
  };
  const small = { trusted: 200_000, any: 200_000, first: 100_000, firstPerMinute: 60_000 };
  const by = (kind: PersonKind) => aViewer({ actor: { kind, id: 'x' }, subject: { kind, id: 'x' } });
  const keepFor = (documents: ReturnType<typeof openDocuments>, kind: PersonKind, text: string) => {
    const { texts, admit } = documents.placeFor(text, by(kind));
    if (texts.find(text, engine)) return;
    admit(text);
    texts.keep(text, engine);
  };

  it('is three parts: strangers drive out strangers, never a trusted document nor each other’s', () => {
    const documents = openDocuments({
      trusted,
      policy: { citizen: 'any', employee: 'first', client: 'only' },
      limits: { ...small, firstPerMinute: 1e9 },
    });
    keepFor(documents, 'Citizen', trustedText);
    keepFor(documents, 'Citizen', 'query Mine { a }');
    for (let nth = 0; nth < 500; nth += 1) keepFor(documents, 'Employee', `query Other${nth} { a b }`);
    expect(documents.texts.first.size).toBeLessThan(500);
    expect(documents.texts.any.find('query Mine { a }', engine)).toBeDefined();
    for (let nth = 0; nth < 500; nth += 1) keepFor(documents, 'Citizen', `query Another${nth} { a b }`);
    expect(documents.texts.any.find('query Mine { a }', engine)).toBeUndefined();
    expect(documents.texts.trusted.find(trustedText, engine)).toBeDefined();
    for (const name of ['trusted', 'any', 'first'] as const)
      expect(documents.texts[name].bytes).toBeLessThanOrEqual(small[name]);
  });

  it('goes with the trust', () => {
    const documents = openDocuments({ trusted, limits: small });
    keepFor(documents, 'Citizen', trustedText);
    isTrusted = false;
    revised();
    expect(documents.texts.trusted.size).toBe(0);
  });

  it('is made within a budget for who asks trusted documents first, whoever of them spends it', () => {
    const documents = openDocuments({
      trusted,
      policy: { citizen: 'first', employee: 'first', client: 'any' },
      limits: small,
    });
    let made = 0;
    const flood = () => {
      for (; made < 1_000; made += 1) keepFor(documents, 'Citizen', `query Other${made} { a b }`);
    };
    expect(flood).toThrow('Too many new texts. Wait before you try again, or ask trusted documents.');
    expect(made).toBeGreaterThan(3);
    expect(() => keepFor(documents, 'Employee', 'query Next { a }')).toThrow('Too many new texts.');
    // What is known is asked on, and so is what is trusted, and other kinds of callers know nothing of it.
    expect(() => keepFor(documents, 'Citizen', `query Other${made - 1} { a b }`)).not.toThrow();
    expect(() => keepFor(documents, 'Citizen', trustedText)).not.toThrow();
    expect(() => keepFor(documents, 'SystemClient', 'query Next { a }')).not.toThrow();
  });

  it('has a budget that comes back with the time, and no more than a minute of it', () => {
    let now = 0;
    const { demand, spend } = openBudget(6_000, () => now);
    spend(6_000);
    expect(demand).toThrow('Too many new texts.');
    now += 10;
    expect(demand).not.toThrow();
    spend(3_001);
    now += 29_999;
    expect(demand).toThrow();
    now += 3_600_000;
    spend(5_999);
    expect(demand).not.toThrow();
    spend(1);
    expect(demand).toThrow();
  });

  it('of one text is at most a quarter of its part: it is planned anew rather than drive out the others', () => {
    const documents = openDocuments({ trusted: null, limits: small });
    keepFor(documents, 'Citizen', 'query Mine { a }');
    keepFor(documents, 'Citizen', `query Large { ${Array.from({ length: 200 }, (_, at) => `a${at}: a`).join(' ')} }`);
    expect(documents.texts.any.size).toBe(1);
    expect(documents.texts.any.find('query Mine { a }', engine)).toBeDefined();
  });
});
