/** The documents: every link within the repository leads to a file and a heading that are there, and the README stays short. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const pages = ['README.md', 'CHANGELOG.md', ...['docs', 'src', 'subgraphs', 'test'].flatMap(pagesIn)];

function pagesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : pagesIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** Targets of Markdown links, but for those to other servers. */
const linksOf = (page: string): string[] =>
  [...withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));

/** Anchors of the headings of a page, as GitHub makes them. */
const anchorsOf = (page: string): string[] =>
  [
    ...readFileSync(page, 'utf8')
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  );

function leadsNowhere(page: string, link: string): boolean {
  const [path, anchor] = link.split('#');
  const target = path ? join(dirname(page), path) : page;
  if (!existsSync(target)) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

describe('the documents', () => {
  it.each(pages)('%s links to files and headings that exist', (page) => {
    expect(linksOf(page).filter((link) => leadsNowhere(page, link))).toEqual([]);
  });

  it('begin with a README of at most 10,000 bytes', () => {
    expect(statSync('README.md').size).toBeLessThanOrEqual(10_000);
  });
});

describe('docs/architecture.md', () => {
  const architecture = readFileSync('docs/architecture.md', 'utf8');
  /** Which folders of `src/` each may import: as the graph draws it, and as `npm run check:layers` enforces it. */
  const drawn = new Map(
    architecture
      .slice(architecture.indexOf('### src'))
      .split('\n')
      .flatMap((line) => {
        const [, from, to] = /^ {2}([\w-]+) --> ([\w -]+(?: & [\w-]+)*)$/.exec(line) ?? [];
        return from && to ? [[from, to.split(' & ').sort()] as const] : [];
      }),
  );
  const { forbidden } = createRequire(import.meta.url)(resolve('.dependency-cruiser.cjs')) as {
    forbidden: { name: string; comment: string }[];
  };
  const enforced = forbidden.flatMap(({ comment }) => {
    const [, folder, allowed] = /^src\/([\w-]+) may import (.*)npm, and subgraphs\//.exec(comment) ?? [];
    return folder ? [[folder, allowed!.split(', ').filter(Boolean).sort()] as const] : [];
  });

  it.each(enforced)('draws the arrows of src/%s that the layers are checked for', (folder, allowed) => {
    expect(drawn.get(folder) ?? []).toEqual(allowed);
  });

  it('draws every folder, and no other', () => {
    expect(enforced.length).toBeGreaterThan(10);
    expect([...drawn.keys()].filter((one) => one !== 'gateway').sort()).toEqual(
      enforced.flatMap(([folder, allowed]) => (allowed.length > 0 ? [folder] : [])).sort(),
    );
  });
});
