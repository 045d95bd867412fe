/** The supergraph is replaced under load: a good one answers at once, a bad one is refused, and the old one goes on serving. */
import { rename, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadSupergraph } from '../../src/supergraph/supergraph.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, listening } from './attack.js';
import { type Impostor, json, listen } from './impostor.js';
import { asFile, composeWith, federationHeader } from './vendor.js';

const { log, lines } = listening();
const weather = (field: string) => `${federationHeader} type Query { ${field}: String }`;
const good = composeWith(weather('weather'), 'weather').supergraph!;
let world: World;
let room: Impostor;
let file: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  room = await listen();
  room.does(json({ data: { weather: 'rain' } }));
  ({ file, remove } = await asFile(good));
  world = await openWorld({ shielded: true, supergraph: file, subgraphs: new Map([['weather', room.url]]), log });
  await expectAlive(world);
});
afterAll(async () => {
  await world.close();
  await room.close();
  await remove();
});
beforeEach(() => {
  lines.length = 0;
});

/** As a deployment would do it: the watcher never meets half a file. */
const put = async (text: string) => {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
};
const supergraphIs = async (text: string) => {
  await put(text);
  return world.gateway.supergraph.reload();
};
const rain = async (field = 'weather') => (await world.ask('manager', `{ ${field} }`)).body;

it('a good one: its new field answers, its old field is gone, requests under way end on the one they began with', async () => {
  expect(await rain()).toEqual({ data: { weather: 'rain' } });
  let release = () => {};
  room.does((request, response, body) => {
    release = () => json({ data: { weather: 'snow' } })(request, response, body);
  });
  const underWay = rain();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(world.gateway.pipeline.documents.texts.any.size).toBeGreaterThan(0);
  expect(await supergraphIs(composeWith(weather('forecast'), 'weather').supergraph!)).toBe(true);
  // A text that is kept of the old one would keep all of the old one.
  expect(world.gateway.pipeline.documents.texts.any.size).toBe(0);
  release();
  expect(await underWay).toEqual({ data: { weather: 'snow' } });
  expect(world.gateway.pipeline.documents.texts.any.size).toBe(0);
  room.does(json({ data: { forecast: 'sun' } }));
  expect(await rain('forecast')).toEqual({ data: { forecast: 'sun' } });
  expect((await rain('weather')).errors![0]!.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await supergraphIs(good)).toBe(true);
  expect(lines.join()).toContain('supergraph swapped');
});

it('a good one is noticed without being told of: the file is watched', async () => {
  await put(composeWith(weather('tide'), 'weather').supergraph!);
  room.does(json({ data: { tide: 'low' } }));
  let answer = await rain('tide');
  for (let tries = 0; tries < 60 && !answer.data; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = await rain('tide');
  }
  expect(answer).toEqual({ data: { tide: 'low' } });
  await supergraphIs(good);
});

const nonNull = /(type TreatmentCourse[^}]*?\n {2}case: Case)/;
const bad: [string, (sdl: string) => string, RegExp][] = [
  ['no SDL', () => 'garbage {', /Syntax Error/],
  ['nothing', () => '', /Syntax Error/],
  ['half of a file', (sdl) => sdl.slice(0, sdl.length / 2), /Syntax Error|Expected|Unknown/],
  ['no supergraph', () => 'type Query { weather: String }', /./],
  [
    'a security feature that nobody here enforces',
    (sdl) =>
      sdl.replace(/^schema\n/m, 'schema\n  @link(url: "https://specs.example.com/row-guard/v1.0", for: SECURITY)\n'),
    /asks for the security feature https:\/\/specs\.example\.com\/row-guard\/v1\.0/,
  ],
  [
    'a newer version of a security feature',
    (sdl) => sdl.replace('requiresScopes/v0.1', 'requiresScopes/v0.2'),
    /asks for the security feature .*requiresScopes\/v0\.2/,
  ],
  ['a newer @shielded', (sdl) => sdl.replace('shielded/v1.0', 'shielded/v2.0'), /this gateway knows v1/],
  [
    'a shielded case where a value is promised',
    (sdl) => sdl.replace(nonNull, '$1!'),
    /TreatmentCourse\.case must be nullable/,
  ],
  [
    '@shielded by a field that is not there',
    (sdl) => sdl.replace('@shielded(by: "clearance")', '@shielded(by: "level")'),
    /names no field/,
  ],
  [
    'a second subgraph that vouches',
    (sdl) =>
      sdl.replace(
        /(\n {2}clearance: CaseLevel!) @join__field\(graph: CASES\)/,
        '$1 @join__field(graph: CASES) @join__field(graph: SMDB)',
      ),
    /exactly one subgraph/,
  ],
  [
    '10: a subgraph that took the vouching field over',
    (sdl) =>
      sdl.replace(
        /(\n {2}clearance: CaseLevel!) @join__field\(graph: CASES\)/,
        '$1 @join__field(graph: SMDB, override: "cases")',
      ),
    /no subgraph may take it over/,
  ],
  [
    'a subgraph of which nobody knows where it is',
    (sdl) => sdl.replace(/(name: ")weather(", url: ")[^"]*/, '$1unheard-of$2'),
    /has no URL/,
  ],
];
describe('one that is refused leaves the old one serving, and the log says why', () => {
  it.each(bad)('%s', async (_what, spoil, reason) => {
    const spoilt = spoil(good);
    expect(spoilt).not.toBe(good);
    expect(await supergraphIs(spoilt)).toBe(false);
    room.does(json({ data: { weather: 'rain' } }));
    expect(await rain()).toEqual({ data: { weather: 'rain' } });
    await expectAlive(world);
    const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.includes('the old one goes on'));
    expect(told.length).toBeGreaterThan(0);
    expect(told[0]).toMatchObject({ level: 50, file, reason: expect.stringMatching(reason) });
    expect(await supergraphIs(good)).toBe(true);
  });

  it.each(bad)('and a gateway does not start with it: %s', async (_what, spoil, reason) => {
    const spoilt = await asFile(spoil(good));
    const loading = loadSupergraph({ file: spoilt.file, urls: world.origins, log });
    await expect(loading).rejects.toThrow(reason);
    await spoilt.remove();
  });
});
