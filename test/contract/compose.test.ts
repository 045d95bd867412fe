/** `npx sluse compose`: what a vendor's subgraph may not do, said in plain words, and refused by the gateway too. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { composeWithRooms } from '../../schema/compose.js';
import { readSubgraph } from '../../schema/read-subgraph.js';
import { readSupergraph } from '../../src/supergraph/rules.js';
import { ownRooms } from '../../src/supergraph/vendors.js';
import { type Handler, type Impostor, json, listen } from '../abuse/impostor.js';
import { composeWith, federationHeader } from '../abuse/vendor.js';

const header = federationHeader.replace(']', ', "@tag", "@cost", "@listSize", "@policy", "@context", "@fromContext"]');
const sized = '@listSize(assumedSize: 10)';
const stub = 'type Case @key(fields: "id") { id: ID! }';

const good = `${header}
  type Query { letters: [Letter!] ${sized} @requiresScopes(scopes: [["case:read"]])  hours: [Hour!] ${sized}  page: PageInfo }
  type Mutation { writeLetter(case: ID!, text: String!): Letter @tag(name: "use-enter") @authenticated }
  type Letter { title: String  case: Case @tag(name: "audited") }
  type Hour @tag(name: "no-person") { opens: String }
  type PageInfo @shareable { hasNextPage: Boolean!  hasPreviousPage: Boolean!  startCursor: String  endCursor: String }
  scalar DateTime
  type Case @key(fields: "id") { id: ID!  title: String @external  letters: [Letter!] ${sized}  headline: String @requires(fields: "title")  sentAt: DateTime }
  type Citizen @key(fields: "id") { id: ID!  letterBox: LetterBox }
  type LetterBox { letters: [Letter!]! ${sized} }`;

/** What is wrong by itself; where; what is said. `compose`: composition refuses it already, so no gateway ever meets it. */
const wrong: [what: string, sdl: string, coordinate: string, said: RegExp, by: 'gateway' | 'compose'][] = [
  [
    'rules on our type',
    `type Query { v: Case } type Case @key(fields: "id") @requiresScopes(scopes: [["x"]]) { id: ID! }`,
    'Case',
    /who may have it is changed/,
    'gateway',
  ],
  [
    'rules on our key',
    `type Query { v: Case } type Case @key(fields: "id") { id: ID! @authenticated }`,
    'Case.id',
    /who may have it is changed/,
    'gateway',
  ],
  [
    'rules on all of Query',
    `type Query @authenticated { v: String }`,
    'Query',
    /who may have it is changed/,
    'gateway',
  ],
  [
    'a price on our type',
    `type Query { v: Case } type Case @key(fields: "id") @cost(weight: 900) { id: ID! }`,
    'Case',
    /its @cost is changed/,
    'gateway',
  ],
  [
    'a field taken over',
    `type Query { v: Case } type Case @key(fields: "id") { id: ID! title: String @override(from: "cases") }`,
    'Case.title',
    /taken over from our room cases/,
    'gateway',
  ],
  [
    'a root field taken over',
    `type Query { case(id: ID!): Case @override(from: "cases") } ${stub}`,
    'Query.case',
    /taken over from our room cases/,
    'gateway',
  ],
  [
    'the vouching field taken over',
    `type Query { v: Case } type Case @key(fields: "id") { id: ID! clearance: CaseLevel! @override(from: "cases") } enum CaseLevel { EXISTENCE METADATA DOCUMENTS }`,
    'Case.clearance',
    /vouches for a shielded type/,
    'gateway',
  ],
  [
    'a field again',
    `type Query { v: Case } type Case @key(fields: "id") { id: ID! title: String }`,
    'Case.title',
    /resolved by more than one/,
    'compose',
  ],
  [
    'a field of ours as shared',
    `type Query { v: Case } type Case @key(fields: "id") { id: ID! title: String @shareable }`,
    'Case.title',
    /resolved by more than one/,
    'compose',
  ],
  [
    'a root field of our name',
    `type Query { case(id: ID!): Case } ${stub}`,
    'Query.case',
    /resolved by more than one/,
    'compose',
  ],
  [
    'a stub without our key',
    `type Query { v: Case } type Case @key(fields: "vendorNumber") { vendorNumber: String }`,
    'Case',
    /has no key "vendorNumber"/,
    'gateway',
  ],
  [
    'a stub without a key',
    `type Query { v: Case } type Case { id: ID! @shareable }`,
    'Case',
    /without its key/,
    'gateway',
  ],
  [
    'an input type of ours',
    `type Query { v(f: CaseFilter): String } input CaseFilter { number: String }`,
    'CaseFilter',
    /an input type of ours/,
    'gateway',
  ],
  [
    'an enum of ours',
    `type Query { v: CaseLevel } enum CaseLevel { EXISTENCE METADATA DOCUMENTS }`,
    'CaseLevel',
    /an enum of ours/,
    'gateway',
  ],
  [
    'an enum of ours with other values',
    `type Query { v: CaseProgress } enum CaseProgress { MINE }`,
    'CaseProgress',
    /with other values/,
    'compose',
  ],
  [
    'a union of ours',
    `type Query { v: Person @authenticated } union Person = Citizen | Mine type Citizen @key(fields: "id") { id: ID! } type Mine { citizen: Citizen @tag(name: "audited") }`,
    'Person',
    /a union of ours/,
    'gateway',
  ],
  ['a promised case', `type Query { v: Case! } ${stub}`, 'Query.v', /must be nullable: it leads to Case/, 'gateway'],
  [
    'a promised case on a type',
    `type Query { v: Mine } type Mine { case: Case! @tag(name: "audited") } ${stub}`,
    'Mine.case',
    /must be nullable: it leads to Case/,
    'gateway',
  ],
  [
    'a promised interface',
    `type Query { v: Kept! } interface Kept { id: ID! } type Case implements Kept @key(fields: "id") { id: ID! }`,
    'Query.v',
    /must be nullable: it leads to Kept/,
    'gateway',
  ],
  [
    'a promised union',
    `type Query { v: Thing! } union Thing = Case | Citizen ${stub} type Citizen @key(fields: "id") { id: ID! }`,
    'Query.v',
    /must be nullable: it leads to Thing/,
    'gateway',
  ],
  [
    'data of nobody that is named',
    `type Query { v: Letter } type Letter { title: String }`,
    'Letter',
    /without the log naming/,
    'gateway',
  ],
  [
    'such data in a page',
    `type Query { v: LetterConnection } type LetterConnection { nodes: [Letter!] ${sized} totalCount: Int } type Letter { title: String }`,
    'Letter',
    /without the log naming/,
    'gateway',
  ],
  [
    'such data behind an interface',
    `type Query { v: Paper } interface Paper { title: String } type Letter implements Paper { title: String }`,
    'Letter',
    /without the log naming/,
    'gateway',
  ],
  [
    'such data on a type of ours that is not named',
    `type Query { w: Int } type Employee @key(fields: "id") { id: ID! letter: Letter } type Letter { title: String }`,
    'Letter',
    /without the log naming/,
    'gateway',
  ],
  [
    'the tag on a field that leads to nobody',
    `type Query { v: Letter } type Letter { title: String other: Letter @tag(name: "audited") }`,
    'Letter',
    /without the log naming/,
    'gateway',
  ],
  [
    'the tag on a type that no log names',
    `type Query { v: Letter } type Letter @tag(name: "audited") { title: String }`,
    'supergraph',
    /an entry of the log can name Citizen and Case only/,
    'gateway',
  ],
  [
    'an unknown type of use',
    `type Query { v: String @tag(name: "use-steal") }`,
    'supergraph',
    /expected one of use-/,
    'gateway',
  ],
  [
    'a change that is logged as reading',
    `type Query { w: Int } type Mutation { change: Int }`,
    'Mutation.change',
    /logged as reading/,
    'gateway',
  ],
  [
    "a change of the caller's session",
    `type Query { w: Int } type Mutation { change: Int @tag(name: "use-change") @tag(name: "own-session") }`,
    'Mutation.change',
    /own-session/,
    'gateway',
  ],
  [
    'a subscription',
    `type Query { w: Int } type Subscription { v: String }`,
    'Subscription',
    /no subscriptions/,
    'gateway',
  ],
  [
    'a field that asks less than what it requires',
    `type Query { v: Case } type Case @key(fields: "id") { id: ID! loggedParty: Citizen @external w: String @requires(fields: "loggedParty { id }") } type Citizen @key(fields: "id") { id: ID! }`,
    'Case.w',
    /without asking as much itself/,
    'compose',
  ],
  [
    'a field of ours with another type',
    `type Query { v: Case } type Case @key(fields: "id") { id: ID! title: Int @external w: String @requires(fields: "title") }`,
    'Case.title',
    /another type than its owner/,
    'compose',
  ],
];

describe('a vendor may not bring', () => {
  it.each(wrong)('%s', (_what, sdl, coordinate, said, by) => {
    const { supergraph, findings } = composeWithRooms([
      { name: 'vendor', url: 'http://v.example/', sdl: header + sdl },
    ]);
    expect(supergraph).toBeNull();
    const grave = findings.filter(({ isTolerated }) => !isTolerated);
    expect(grave.map((one) => one.coordinate.split('.').slice(0, coordinate.split('.').length).join('.'))).toContain(
      coordinate,
    );
    expect(grave.map(({ problem }) => problem).join('\n')).toMatch(said);
    for (const { remedy } of findings) expect(remedy).toMatch(/\.$/);
    if (by === 'compose') return;
    // Composed elsewhere, it is refused at start and reload.
    const elsewhere = composeWith(header + sdl).supergraph;
    if (elsewhere) expect(() => readSupergraph(elsewhere, ownRooms)).toThrow(said);
    else expect(grave[0]!.problem).not.toMatch(/does not compose/);
  });

  it('security directives that it defines itself: composition drops them without a word', () => {
    const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      directive @authenticated on FIELD_DEFINITION  type Query { v: String @authenticated }`;
    const { findings } = composeWithRooms([{ name: 'vendor', url: '', sdl }]);
    expect(findings).toMatchObject([{ coordinate: 'Query.v', problem: expect.stringContaining('composition drops') }]);
  });

  it('Federation 1', () => {
    const sdl = 'type Query { v: Case } extend type Case @key(fields: "id") { id: ID! @external  w: String }';
    const { supergraph, findings } = composeWithRooms([{ name: 'vendor', url: '', sdl }]);
    expect(supergraph).toBeNull();
    expect(findings).toMatchObject([{ coordinate: 'vendor', problem: expect.stringContaining('Federation 1') }]);
  });
});

it('a vendor that keeps the rules has no finding, and the gateway takes it', () => {
  const { supergraph, findings } = composeWithRooms([{ name: 'vendor', url: 'http://v.example/', sdl: good }]);
  expect(findings).toEqual([]);
  const { rules } = readSupergraph(supergraph!, ownRooms);
  expect(rules.requirements.get('Query.letters')?.scopes).toEqual([['case:read']]);
  expect(rules.requirements.get('Mutation.writeLetter')?.authenticated).toBe(true);
});

it('what should be mended is served', () => {
  const sdl = `${header} type Query { v: [Case!]! } ${stub}`;
  const { supergraph, findings } = composeWithRooms([{ name: 'vendor', url: 'http://v.example/', sdl }]);
  expect(findings.map(({ coordinate, isTolerated }) => [coordinate, isTolerated])).toEqual([
    ['Query.v', true],
    ['Query.v', true],
  ]);
  expect(() => readSupergraph(supergraph!, ownRooms)).not.toThrow();
});

it('a supergraph that lost @shielded elsewhere is refused: what we ship decides, not what the file says', () => {
  const withVendor = composeWith(`${header} type Query { v: Case } ${stub}`).supergraph!;
  const bare = withVendor.replace('  @shielded(by: "clearance")\n', '');
  expect(bare).not.toBe(withVendor);
  expect(() => readSupergraph(bare, ownRooms)).toThrow('Case is ours, and its @shielded is changed.');
});

describe('a subgraph is read', () => {
  let server: Impostor;
  let folder: string;
  beforeAll(async () => {
    server = await listen();
    folder = await mkdtemp(join(tmpdir(), 'sluse-compose-'));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });
  const file = async (text: string | Buffer) => {
    const path = join(folder, 'vendor.graphql');
    await writeFile(path, text);
    return path;
  };

  it('from the subgraph itself, or a file', async () => {
    server.does((request, response, asked) => {
      expect(JSON.parse(asked)).toEqual({ query: '{ _service { sdl } }' });
      json({ data: { _service: { sdl: good } } })(request, response, asked);
    });
    expect(await readSubgraph(server.url)).toBe(good);
    expect(await readSubgraph(await file(good))).toBe(good);
  });

  const endless: Handler = (_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024, 'a');
    let sent = 0;
    const more = () => {
      while (sent < 100 && !response.destroyed) {
        sent += 1;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  };
  it.each<[string, Handler, RegExp]>([
    [
      'that answers HTML',
      (_q, response) => response.setHeader('content-type', 'text/html').end('<html>'),
      /answered something else/,
    ],
    ['that answers errors', json({ errors: [{ message: 'secret' }] }, 401), /answered something else \(401\)/],
    ['that answers 100 MB', endless, /answered more than 16 MB/],
    ['that answers no SDL', json({ data: { _service: { sdl: 'not { sdl' } } }), /is no SDL \(line 1, column 1\)/],
    ['that leads elsewhere', (_q, response) => response.writeHead(302, { location: '/' }).end(), /cannot be reached/],
    ['that does not answer', () => {}, /did not answer within 0\.3 seconds/],
    [
      'that stops in the middle',
      (_q, response) => void response.write('{"data":'),
      /did not answer within 0\.3 seconds/,
    ],
    ['that hangs up', (request) => request.socket.destroy(), /cannot be reached/],
  ])('and not from one %s', async (_what, handler, said) => {
    server.does(handler);
    const failed = readSubgraph(server.url, handler === endless ? 10_000 : 300);
    await expect(failed).rejects.toThrow(said);
    await expect(failed).rejects.not.toThrow('secret');
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['no SDL', '<html></html>', /is no SDL \(line 1, column 1\)/],
    ['nothing', '', /is no SDL/],
    ['bytes', Buffer.from([0xff, 0xfe, 0x00]), /vendor\.graphql: /],
    ['17 MB', Buffer.alloc(17 * 1024 * 1024, ' '), /at most 16 MB/],
  ])('and not from a file of %s', async (_what, text, said) => {
    await expect(readSubgraph(await file(text))).rejects.toThrow(said);
  });

  const compose = (...args: string[]): Promise<{ code: number; out: string; error: string }> =>
    new Promise((resolve) => {
      const options = { env: { PATH: process.env.PATH! }, maxBuffer: 16 * 1024 * 1024 };
      execFile(process.execPath, ['dist/subgraphs/sluse.js', 'compose', ...args], options, (failed, out, error) =>
        resolve({ code: failed ? Number(failed.code) : 0, out, error }),
      );
    });

  it('0: all is well, and the supergraph is in one piece where it was asked for', async () => {
    const path = await file(good);
    const out = join(folder, 'supergraph.graphql');
    expect(await compose('--add', `vendor=${path}`, '--out', out)).toEqual({ code: 0, out: '', error: '' });
    const written = await readFile(out, 'utf8');
    expect((await compose('--add', `vendor=${path}`)).out).toBe(written);
    expect(written).toBe(composeWithRooms([{ name: 'vendor', url: '', sdl: good }]).supergraph);
    expect((await readdir(folder)).sort()).toEqual(['supergraph.graphql', 'vendor.graphql']);
  });

  it('0: several vendors', async () => {
    const path = await file(`${header} type Query { weather: String }`);
    const other = join(folder, 'other.graphql');
    await writeFile(other, good);
    expect((await compose('--add', `weather=${path}`, '--add', `letters=${other}`)).code).toBe(0);
  });

  it('1: a finding says where, what and what to do, and nothing is written', async () => {
    const path = await file(`${header} type Query { v: Case! } ${stub}`);
    const out = join(folder, 'refused.graphql');
    const said = await compose('--add', `vendor=${path}`, '--out', out);
    expect([said.code, said.out]).toEqual([1, '']);
    expect(said.error).toContain(
      'refused  Query.v must be nullable: it leads to Case, whose existence may be secret.\n    Leave out the exclamation mark',
    );
    await expect(readFile(out)).rejects.toThrow('ENOENT');
  });

  it.each<[string, () => string[], RegExp]>([
    ['no subgraph', () => [], /Say with --add/],
    ['a name without a source', () => ['--add', 'vendor'], /expected name=URL/],
    ['a name that is none', () => ['--add', 'my-vendor=x'], /expected name=URL/],
    ['the name of a room', () => ['--add', 'cases=x'], /a subgraph of this name is there already/],
    ['the name of a room in capitals', () => ['--add', 'CASES=x'], /a subgraph of this name is there already/],
    ['a name twice', () => ['--add', 'vendor=x', '--add', 'vendor=y'], /a subgraph of this name is there already/],
    ['a file that is not there', () => ['--add', `vendor=${folder}/nowhere`], /cannot be read \(ENOENT\)/],
    ['an address where nobody listens', () => ['--add', 'vendor=http://127.0.0.1:1/'], /cannot be reached/],
  ])('2: %s', async (_what, args, said) => {
    const { code, out, error } = await compose(...args());
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(said);
  });
});
