/**
 * Every cache holds what it says and no more, with the worst that callers can put into it. They are filled in a process of their own
 * (`test/support/held.mjs`), in which nothing else moves the heap.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { sessionCacheBytes } from '../../src/sessions/sessions.js';
import { accessCacheBytes } from '../../subgraphs/edge/access-token.js';
import { clientCacheBytes } from '../../subgraphs/edge/clients.js';
import { roomDocumentBytes } from '../../subgraphs/edge/document-store.js';
import { tokenCacheBytes } from '../../subgraphs/protocol/viewer.js';

interface Measured {
  /** Bytes by which the heap grew. */
  readonly held: number;
  /** Bytes that the cache says it holds. */
  readonly declared: number;
  readonly entries: number;
}

const run = promisify(execFile);
async function measured(of: 'texts' | 'others', ...asked: readonly string[]): Promise<Measured[]> {
  const { stdout } = await run(process.execPath, ['--expose-gc', 'test/support/held.mjs', of, ...asked]);
  return JSON.parse(stdout);
}

/** What moves the heap beside: feedback of the compiler, hidden classes that are shared. */
const noise = 600_000;

describe('what is known of texts holds what it was weighed as', () => {
  const kinds: [string, number][] = [
    ['one fragment under many names', 5],
    ['the same without a fragment', 4],
    ['fragments in fragments', 8],
    ['long names', 5],
    ['many operations', 4],
    ['long arguments', 4],
    ['ordinary ones', 20],
    ['names beyond Latin-1', 12],
    ['conditions', 1],
    ['rights', 4],
  ];
  /** More than there is room for: of 8 MB. */
  const bound = 8 * 1024 * 1024;
  let found: Measured[];
  beforeAll(async () => {
    const flood = `one fragment under many names=45/${bound}`;
    found = await measured('texts', ...kinds.map(([kind, count]) => `${kind}=${count}`), flood);
  }, 240_000);

  it.each(kinds.map(([kind, count], index) => [kind, count, index] as const))('%s', (_kind, count, index) => {
    const { held, declared, entries } = found[index]!;
    expect(entries).toBe(count);
    expect(held).toBeLessThan(declared + noise);
    // An estimate that is far too high would throw away what there is room for.
    expect(declared).toBeLessThan(4 * (held + noise));
  });

  it('and beyond its bound the texts of longest ago go', () => {
    const { held, declared, entries } = found.at(-1)!;
    expect(declared).toBeLessThanOrEqual(bound);
    expect(held).toBeLessThan(bound + noise);
    expect([entries > 3, entries < 45]).toEqual([true, true]);
  });

  it('and a fragment that is asked for under many names is kept once', () => {
    const { declared, entries } = found[0]!;
    expect(declared / entries).toBeLessThan(500_000);
  });
});

describe('a cache that is filled beyond its bound stays within it', () => {
  const kinds: [string, number, number, number][] = [
    ['sessions', sessionCacheBytes, 900, 300],
    ['viewer tokens signed', tokenCacheBytes, 300, 300],
    ['viewer tokens signed', tokenCacheBytes, 6_000, 0],
    ['viewer tokens verified', tokenCacheBytes, 400, 300],
    ['clients', clientCacheBytes, 400, 300],
    ['access tokens', accessCacheBytes, 3_000, 0],
    ['documents of a room', roomDocumentBytes, 60, 0],
  ];
  let found: Measured[];
  beforeAll(async () => {
    found = await measured('others', ...kinds.map(([kind, , count, grants]) => `${kind}=${count}/${grants}`));
  }, 240_000);

  it.each(kinds.map(([kind, bound, count, grants], index) => [kind, bound, count, grants, index] as const))(
    '%s: %i bytes, %i entries with %i grants each',
    (_kind, bound, _count, _grants, index) => {
      const { held } = found[index]!;
      expect(held).toBeLessThan(bound + noise);
      // It was full, not empty.
      expect(held).toBeGreaterThan(bound / 12);
    },
  );
});
