/**
 * One response key in several type conditions of one place may stand for other fields, arguments and selections. Whatever lies above
 * an entity of another subgraph, the answer is the one that the specification gives: that of graphql-js over the same data in one piece.
 * SLUSE_DIFFERENTIAL_RUNS sets how many random operations are tried, SLUSE_SEED repeats a run.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'graphql';
import type { JsonObject } from '../../src/execution/own.js';
import { positions } from './compare.js';
import { ask, ourEngine } from './executors.js';
import { type Estate, openFarm } from './farm.js';
import { clashingOperations } from './operations.js';

const runs = Math.ceil(Number(process.env.SLUSE_DIFFERENTIAL_RUNS ?? 5_000) / 2);
const seed = Number(process.env.SLUSE_SEED ?? Date.now() % 1_000_000);

const farm = openFarm();
const engines = { compiled: ourEngine(farm.supergraphSdl), general: ourEngine(farm.supergraphSdl, false) };

const estates: readonly Omit<Estate, 'seed'>[] = [
  { nulls: 0, faults: 0 },
  { nulls: 60, faults: 0 },
  { nulls: 0, faults: 60 },
];

test(`${runs} random answers are those of graphql-js over the same data in one piece (seed ${seed})`, async () => {
  let clashing = 0;
  await fc.assert(
    fc.asyncProperty(clashingOperations(farm.schema), fc.nat(1_000_000), async ({ query, variables }, of) => {
      const document = parse(query);
      let texts = '';
      for (const [nth, rates] of estates.entries()) {
        const estate = { seed: of, ...rates };
        const expected = await farm.inOnePiece(document, variables, estate);
        const wanted = JSON.parse(JSON.stringify(expected.data ?? null)) as JsonObject | null;
        const engine = nth === 1 ? engines.general : engines.compiled;
        const answer = await ask(
          engine,
          document,
          (service, request) => {
            texts += request.query;
            return farm.ask(service, request, estate);
          },
          { variables },
        );
        const placed = (errors: readonly { readonly path?: readonly (string | number)[] | undefined }[] = []) =>
          positions(
            wanted,
            errors.map(({ path = [] }) => path),
          );
        expect(JSON.stringify(answer.data)).toBe(JSON.stringify(wanted));
        expect(placed(answer.errors)).toEqual(placed(expected.errors));
        expect([answer.misshapen, answer.unplanned]).toEqual([[], []]);
      }
      expect(texts).not.toMatch(/\bsecret\b/);
      if (/\bbranch\d/.test(texts)) clashing += 1;
    }),
    { numRuns: Math.ceil(runs / estates.length), seed, interruptAfterTimeLimit: 300_000, markInterruptAsFailure: true },
  );
  process.stdout.write(`${runs} answers, seed ${seed}, ${clashing} operations with branches\n`);
  expect(clashing).toBeGreaterThan(runs / estates.length / 20);
}, 600_000);
