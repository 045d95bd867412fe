/**
 * Every cache holds what it says and no more, with the worst that callers can put into it. Each is filled in a process of its own
 * (`test/support/held.mjs`), in which nothing else moves the heap.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

interface Measured {
  /** Bytes by which the heap grew. */
  readonly held: number;
  /** Bytes that the cache says it holds, or its bound where it was filled beyond that. */
  readonly declared: number;
  readonly entries: number;
  readonly faulty: string | null;
}

const run = promisify(execFile);
async function measured(kind: string, count: number, more: readonly string[] = [], options: readonly string[] = []) {
  const args = ['--expose-gc', ...options, 'test/support/held.mjs', kind, String(count), ...more];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout) as Measured;
}

/** What moves the heap beside: feedback of the compiler, hidden classes that are shared. */
const noise = 600_000;

describe('what is known of texts holds what it was weighed as', () => {
  it.each([
    ['one fragment under many names', 6],
    ['the same without a fragment', 5],
    ['fragments in fragments', 10],
    ['long names', 5],
    ['many operations', 5],
    ['long arguments', 5],
    ['ordinary ones', 20],
    ['names beyond Latin-1', 15],
    ['conditions', 1],
    ['rights', 5],
  ])(
    '%s',
    async (kind, count) => {
      const { held, declared, entries, faulty } = await measured(kind, count);
      expect([entries, faulty]).toEqual([count, null]);
      expect(held).toBeLessThan(declared + noise);
      // An estimate that is far too high would throw away what there is room for.
      expect(declared).toBeLessThan(4 * (held + noise));
    },
    120_000,
  );
});

describe('a cache that is filled beyond its bound stays within it', () => {
  it.each([
    ['sessions', 1_200, 300],
    ['viewer tokens signed', 400, 300],
    ['viewer tokens signed', 7_000, 0],
    ['viewer tokens verified', 500, 300],
    ['clients', 500, 300],
    ['access tokens', 4_000, 0],
    ['documents of a room', 60, 0],
  ])(
    '%s: %i, each with %i grants',
    async (kind, count, grants) => {
      const { held, declared } = await measured(kind, count, [String(grants)]);
      expect(held).toBeLessThan(declared + noise);
      // It was full, not empty.
      expect(held).toBeGreaterThan(declared / 12);
    },
    120_000,
  );
});

it('more distinct texts than there is room for leave the heap within the bound', async () => {
  const { held, declared, entries } = await measured('flood', 60, [], ['--max-old-space-size=96']);
  expect(declared).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(held).toBeLessThan(8 * 1024 * 1024 + noise);
  expect(entries).toBeGreaterThan(3);
  expect(entries).toBeLessThan(60);
}, 240_000);

it('a fragment that is asked for under many names is kept once', async () => {
  const [many, whole] = [
    await measured('one fragment under many names', 4),
    await measured('the same without a fragment', 4),
  ];
  // Twenty-eight times a fragment, against twenty times what is in it.
  expect(many.declared / 28).toBeLessThan(whole.declared / 20 / 1.5);
}, 120_000);
