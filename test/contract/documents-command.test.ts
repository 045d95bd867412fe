/** `npx sluse documents`: manifests are checked before they lie where the gateway reads, and lie there at once. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const [who, named] = ['query Who { viewer { __typename } }', 'query Named($cpr: CPR!) { citizen(cpr: $cpr) { name } }'];

let directory: string;
let folder: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluse-manifests-'));
  folder = join(directory, 'trusted');
  await mkdir(folder);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}
const documents = (args: string[], environment: Record<string, string> = {}): Promise<Said> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH!, ...environment };
    execFile(process.execPath, ['dist/subgraphs/sluse.js', 'documents', ...args], { env }, (failed, out, error) =>
      resolve({ code: failed ? Number(failed.code) : 0, out, error }),
    );
  });
const write = async (name: string, texts: readonly string[]): Promise<string> => {
  const file = join(directory, name);
  await writeFile(file, JSON.stringify(Object.fromEntries(texts.map((text) => [idOf(text), text]))));
  return file;
};

it('adds, lists and removes, by the manifest’s name and by an id', async () => {
  const file = await write('app.json', [who, named]);
  const at = ['--folder', folder];
  expect(await documents(['add', file, '--schema', 'schema/api.graphql', ...at])).toEqual({
    ...{ code: 0, out: '2 documents are trusted now.\n', error: '' },
  });
  expect(await readFile(join(folder, 'app.json'), 'utf8')).toBe(await readFile(file, 'utf8'));
  await documents(['add', await write('other.json', [who]), ...at]);
  expect((await documents(['list'], { SLUSE_TRUSTED_DOCUMENTS: folder })).out.split('\n').sort()).toEqual(
    [
      '',
      `${idOf(who)}\tquery Who\tapp.json`,
      `${idOf(named)}\tquery Named\tapp.json`,
      `${idOf(who)}\tquery Who\tother.json`,
    ].sort(),
  );
  expect((await documents(['remove', idOf(who), ...at])).out).toBe('2 documents are trusted no longer.\n');
  expect(await readdir(folder)).toEqual(['app.json']);
  expect(JSON.parse(await readFile(join(folder, 'app.json'), 'utf8'))).toEqual({ [idOf(named)]: named });
  expect((await documents(['remove', 'app.json', ...at])).code).toBe(0);
  expect(await readdir(folder)).toEqual([]);
  const gone = await documents(['remove', 'app.json', ...at]);
  expect([gone.code, gone.error]).toEqual([
    ...[2, `app.json: ${folder} has no manifest of this name and no document of this id.\n`],
  ]);
}, 60_000);

it('refuses what the gateway would refuse, by file and document, and leaves the folder as it is', async () => {
  const at = ['--folder', folder];
  const wrong = join(directory, 'wrong.json');
  await writeFile(wrong, JSON.stringify({ [idOf(who)]: named }));
  const half = join(directory, 'half.json');
  await writeFile(half, '{"');
  const unfit = await write('unfit.json', ['{ nothingOfTheKind }']);
  const broken = await write('broken.json', ['query {']);
  const cases: [string[], string][] = [
    [['add', wrong], `${wrong}: ${idOf(who)}: expected the SHA-256 of its text; the text is another.`],
    [['add', half], `${half}: expected JSON: an object from hashes to texts.`],
    [['add', broken], `${broken}: ${idOf('query {')}: The operation is no valid GraphQL (line 1, column 8).`],
    [
      ['add', unfit, '--schema', 'schema/api.graphql'],
      `${unfit}: ${idOf('{ nothingOfTheKind }')}: Cannot query field "nothingOfTheKind" on type "Query".`,
    ],
  ];
  for (const [args, said] of cases) {
    const { code, error } = await documents([...args, ...at]);
    expect([args[1], code, error]).toEqual([args[1], 2, `${said}\n`]);
  }
  expect(await readdir(folder)).toEqual([]);
}, 60_000);

it('says what it needs', async () => {
  for (const [args, said] of [
    [['list'], 'Give --folder, or set SLUSE_TRUSTED_DOCUMENTS.'],
    [['add', '--folder', folder], 'Say add with a file, list, or remove with a name or an id.'],
    [['trust', 'x.json', '--folder', folder], 'Say add with a file, list, or remove with a name or an id.'],
  ] as [string[], string][]) {
    const { code, error } = await documents(args);
    expect([args, code, error.split('\n')[0]]).toEqual([args, 2, said]);
  }
}, 60_000);
