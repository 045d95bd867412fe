/**
 * The two ways to an answer: the compiled plan, and the general executor that takes over where something is not as promised.
 * Both must give the same bytes, name the same persons for the log, and ask the subgraphs the same, each once.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DocumentNode, parse } from 'graphql';
import type { Engine } from '../../src/execution/engine.js';
import type { SubgraphAnswer } from '../../src/execution/execute-plan.js';
import type { JsonObject } from '../../src/operation/json.js';
import { aViewer } from '../support/room.js';
import { ourEngine, stockGateway } from './executors.js';
import { operations } from './operations.js';
import { type SubgraphRequest, type TestSubgraphs, testSubgraphs, type World } from './supergraph.js';

type Ask = (service: string, request: SubgraphRequest) => Promise<SubgraphAnswer>;

/** The answer, and the calls that were made for it, whatever their order. */
async function answered(engine: Engine, document: DocumentNode, variables: JsonObject, ask: Ask) {
  const calls: string[] = [];
  const answer = await engine.answer(document, undefined, variables, aViewer(), (service, body) => {
    calls.push(`${service} ${body}`);
    return ask(service, JSON.parse(body));
  });
  return {
    compiled: answer.compiled,
    calls: calls.sort(),
    told: {
      data: JSON.stringify(answer.data),
      errors: answer.errors.map((error) => JSON.stringify(error)).sort(),
      misshapen: answer.misshapen,
      unplanned: answer.unplanned,
      named: [...answer.named].map(([type, ids]) => [type, [...ids].sort()]).sort(),
    },
  };
}

const worlds: readonly [what: string, rates: Omit<World, 'seed' | 'changes'>, compiledAtLeast: number][] = [
  ['all is well', { nulls: 0, faults: 0, lost: 0, down: [] }, 0.35],
  ['values are null', { nulls: 60, faults: 0, lost: 0, down: [] }, 0.2],
  ['fields fail', { nulls: 0, faults: 40, lost: 0, down: [] }, 0],
  ['entities are lost', { nulls: 0, faults: 0, lost: 100, down: [] }, 0],
  ['a subgraph is down', { nulls: 20, faults: 0, lost: 0, down: ['inventory'] }, 0],
];
const runs = Number(process.env.SLUSE_DIFFERENTIAL_RUNS ?? 5_000) / 20;

test(`${runs} random operations, each in ${worlds.length} worlds, are answered the same both ways`, async () => {
  const subgraphs: TestSubgraphs = testSubgraphs();
  const stock = await stockGateway(subgraphs.supergraphSdl, subgraphs.ask);
  const { schema } = stock;
  await stock.stop();
  const compiled = ourEngine(subgraphs.supergraphSdl);
  const general = ourEngine(subgraphs.supergraphSdl, false);
  const carried = new Map(worlds.map(([what]) => [what, 0]));
  await fc.assert(
    fc.asyncProperty(operations(schema), fc.nat(1_000_000), async ({ query: any, variables }, seed) => {
      // Keys that every object answers to are the general executor's; the stock gateway is asked with them.
      const query = any.replace(/\b(__proto__|constructor|toString|hasOwnProperty|valueOf)(?=: )/g, 'k$1');
      const document = parse(query);
      for (const [what, rates] of worlds) {
        const [one, other]: World[] = [
          { seed, ...rates, changes: 0 },
          { seed, ...rates, changes: 0 },
        ];
        const fast = await answered(compiled, document, variables, (service, request) =>
          subgraphs.ask(service, request, one!),
        );
        const slow = await answered(general, document, variables, (service, request) =>
          subgraphs.ask(service, request, other!),
        );
        expect([what, fast.told]).toEqual([what, slow.told]);
        expect([what, fast.calls]).toEqual([what, slow.calls]);
        expect(slow.compiled).toBe(false);
        if (fast.compiled) carried.set(what, carried.get(what)! + 1);
      }
    }),
    { numRuns: runs },
  );
  for (const [what, , least] of worlds) expect([what, carried.get(what)! / runs >= least]).toEqual([what, true]);
}, 600_000);
