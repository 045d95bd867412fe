/** What the attacks share: a log that can be read, a clock on the server, and the form in which a refusal is expected. */
import { expect } from '@jest/globals';
import { type Logger, pino } from 'pino';
import { type FaultCode, faults } from '../../subgraphs/protocol/faults.js';
import type { World } from '../support/world.js';

/** A logger that keeps every line, of every level. */
export function listening(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  return { log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }), lines };
}

export interface Raw {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly body: any;
}

/** A request exactly as given, signed in as `person`. */
export async function raw(
  world: World,
  person: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Raw> {
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.tokenOf(person)}`, ...headers },
    body: body as string,
  });
  const text = await response.text();
  return { status: response.status, text, headers: response.headers, body: JSON.parse(text) };
}

export const send = (world: World, person: string, query: string, variables?: unknown): Promise<Raw> =>
  raw(world, person, JSON.stringify({ query, variables }));

/** Refused as a whole: the table's status, code and message, no data, and nothing beside it. */
export function expectRefused(
  answer: { status: number; body: any },
  code: FaultCode,
  message: string = faults[code].message,
) {
  expect({ status: answer.status, body: answer.body }).toMatchObject({
    status: faults[code].status,
    body: { errors: [{ message, extensions: { code } }] },
  });
  expect(answer.body.errors).toHaveLength(1);
  expect(answer.body.data ?? null).toBeNull();
}

/**
 * How many times as long `run` takes the server as `ordinary` does, by the medians of runs that alternate, so that what else the
 * machine does meets both. Gateway, rooms and client share this process, so its CPU time is an upper bound of what the server used; the
 * clock is one too.
 */
export async function timesAsLong(
  run: () => Promise<unknown>,
  ordinary: () => Promise<unknown>,
  runs = 7,
): Promise<number> {
  const took: { run: number[]; ordinary: number[] } = { run: [], ordinary: [] };
  for (let index = 0; index < runs; index += 1) {
    took.ordinary.push(await timed(ordinary));
    took.run.push(await timed(run));
  }
  return median(took.run) / median(took.ordinary);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const [cpu, clock] = [process.cpuUsage(), performance.now()];
  await run();
  const used = process.cpuUsage(cpu);
  return Math.min((used.user + used.system) / 1000, performance.now() - clock);
}

/** A small question that two rooms answer, and that is logged. */
export const ordinaryQuestion = (world: World) => () =>
  send(world, 'records-officer', '{ viewer { actingIn { code } } cases(first: 5) { nodes { id } } }');

/** A refusal costs the server no more than a few ordinary questions. */
export async function expectCheap(world: World, run: () => Promise<unknown>, runs = 7): Promise<void> {
  expect(await timesAsLong(run, ordinaryQuestion(world), runs)).toBeLessThan(4);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** The server is still there for the next caller. */
export async function expectAlive(world: World): Promise<void> {
  const answer = await world.ask('records-officer', '{ viewer { actingIn { code } } }');
  expect(answer.text).toBe('{"data":{"viewer":{"actingIn":{"code":"CASEWORKER"}}}}');
}

/** All that the log room holds, as text. */
export async function ledgerText(world: World): Promise<string> {
  const rows = await world.database.sql(
    'SELECT to_json(e)::text AS row FROM audit.entry_details e UNION ALL SELECT to_json(s)::text FROM audit.sealed_entry_details s UNION ALL SELECT to_json(o)::text FROM audit.operation o',
  );
  return rows.map((row) => row.row).join('\n');
}

export const unknownCitizen = '0101010000';
export const fixedCitizen = '0201609995';
