/** The sources: nothing of the machine on which somebody wrote them is left in them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

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
