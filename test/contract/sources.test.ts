/** The sources: nothing of the machine on which somebody wrote them is left in them, and every room is built in the same way. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const sources = execFileSync('git', ['ls-files', 'src', 'subgraphs', 'schema', 'bin'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => /\.(ts|mjs)$/.test(path));

it('name no path of a machine, and write to none', () => {
  expect(sources.length).toBeGreaterThan(200);
  const found = sources.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, at) => (/['"`]\/(tmp|work|home|root|Users)\b/.test(line) ? [`${path}:${at + 1}`] : [])),
  );
  expect(found).toEqual([]);
});

describe('the rooms', () => {
  const rooms = ['identity', 'cases', 'smdb', 'audit'];
  const ofRooms = sources.filter((path) => rooms.some((room) => path.startsWith(`subgraphs/${room}/`)));
  /** The files in which something stands that belongs elsewhere. */
  const holding = (pattern: RegExp, paths: readonly string[]) =>
    paths.filter((path) => pattern.test(readFileSync(path, 'utf8')));

  it.each(rooms)('have the same files: %s', (room) => {
    const files = ['index', 'context', 'loaders', 'references', 'enums', 'types', 'inputs'];
    expect(sources).toEqual(expect.arrayContaining(files.map((file) => `subgraphs/${room}/${file}.ts`)));
  });

  it('open no transaction in a resolver', () => {
    const resolvers = ofRooms.filter((path) => /(resolvers|references)\.ts$/.test(path));
    expect(resolvers.length).toBeGreaterThan(10);
    expect(holding(/\b(database|asViewer|asTask)\b/, resolvers)).toEqual([]);
  });

  it('make enums and pages with the one helper for each', () => {
    expect(ofRooms.length).toBeGreaterThan(80);
    expect(
      holding(/\b(registerEnumType|pageSize|encodeCursor|decodeCursor|hasNextPage)\b|export enum/, ofRooms),
    ).toEqual([]);
  });
});
