/**
 * Changes under way while their gateway or their room is killed: what the log says of each in the end is what the database holds, and
 * what was told before is one of the three things that may be told. `SLUSE_FAULTS=full` tries every mutation.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { changesOf, type ReadyChange } from '../support/changes.js';
import type { Anywhere } from '../support/powers.js';
import { until } from '../support/processes.js';
import { endSystem, openSystem, type Part, type System } from './system.js';

const full = process.env.SLUSE_FAULTS === 'full';
const group = process.platform === 'linux' ? describe : describe.skip;
const tables = ['identity', 'cases', 'smdb'].flatMap((room) => [`${room}.change_made`, `${room}.shielded_change_made`]);

let system: System;
let owner: pg.Client;
let makers: Awaited<ReturnType<typeof changesOf>>;
const sql = async <Row>(text: string, values: unknown[] = []) => (await owner.query(text, values)).rows as Row[];

beforeAll(async () => {
  if (process.platform !== 'linux') return;
  system = await openSystem();
  owner = new pg.Client({ connectionString: system.database.url() });
  owner.on('error', () => {});
  await owner.connect();
  const anywhere: Anywhere = {
    database: { sql },
    rooms: { get: (room) => ({ internal: (name, body) => system.internal(room, name, body) }) },
    post: (path, body, headers = {}) =>
      fetch(`${system.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
  };
  makers = await changesOf(anywhere);
}, 120_000);
afterAll(async () => {
  await owner?.end();
  await endSystem();
}, 60_000);

interface Sent extends ReadyChange {
  readonly name: string;
  readonly transaction: string;
  /** Codes of what was told; `null` for no answer. */
  readonly told: Promise<{ readonly codes: string[]; readonly entry: string | null } | null>;
}

const names = () => (full ? Object.keys(makers) : ['enterCase', 'deleteCase', 'acknowledgeNotice', 'reportForm']);

/** A part that was just started may be missed by a call or two. */
async function readied(name: string): Promise<ReadyChange> {
  for (let tries = 1; ; tries += 1)
    try {
      return await makers[name]!();
    } catch (error) {
      if (tries === 40 || !/_UNAVAILABLE/.test(String(error))) throw error;
      await wait(250);
    }
}

const readyAll = () => Promise.all(names().map(async (name) => ({ ...(await readied(name)), name })));

function sendAll(ready: Awaited<ReturnType<typeof readyAll>>): Sent[] {
  return ready.map((change) => {
    const transaction = `killed ${randomUUID()}`;
    const told = fetch(`${system.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${change.token}`,
        'x-transaktionsid': transaction,
      },
      body: JSON.stringify({ query: change.query, variables: change.variables }),
    }).then(
      async (response) => {
        const { errors = [] } = (await response.json()) as any;
        return {
          codes: errors.map(({ extensions }: any) => extensions.code),
          entry: errors[0]?.extensions.entry ?? null,
        };
      },
      () => null,
    );
    return { ...change, transaction, told };
  });
}

async function entriesOf({ transaction }: Sent) {
  const rows = await sql<{ leaf: string }>(
    `SELECT leaf FROM audit.entry WHERE leaf LIKE $1 UNION ALL SELECT leaf FROM audit.sealed_entry WHERE leaf LIKE $1`,
    [`%"transactionId":"${transaction}"%`],
  );
  return rows.map(({ leaf }) => JSON.parse(leaf) as { id: string; follows: string | null; outcome: string });
}

/** No room gets on with a change until what this answers is called. */
async function holdChanges(): Promise<() => Promise<void>> {
  const holder = new pg.Client({ connectionString: system.database.url() });
  holder.on('error', () => {});
  await holder.connect();
  await holder.query(`BEGIN; LOCK TABLE ${tables.join(', ')} IN EXCLUSIVE MODE`);
  return () => holder.end();
}

const restart = async (part: Part) => {
  await system.kill(part);
  await system.start(part);
};

/** Once every change has an end, log, database and what was told agree. */
async function expectTruth(sent: readonly Sent[]) {
  await until(
    'every change that was begun has an end in the log',
    async () => {
      await wait(500);
      for (const change of sent) {
        const entries = await entriesOf(change);
        if (entries.some(({ outcome }) => outcome === 'BEGUN') && !entries.some(({ follows }) => follows)) return false;
      }
      return true;
    },
    75_000,
  );
  const outcomes: string[] = [];
  for (const change of sent) {
    const entries = await entriesOf(change);
    const begun = entries.filter(({ outcome }) => outcome === 'BEGUN');
    const ends = entries.filter(({ follows }) => follows !== null);
    const made = await change.made();
    const told = await change.told;
    const about = `${change.name}: made ${made}, told ${JSON.stringify(told)}, logged ${ends.map(({ outcome }) => outcome)}`;
    expect([about, begun.length <= 1, ends.length]).toEqual([about, true, begun.length]);
    const stands = ends.some(({ outcome }) => ['ANSWERED', 'PARTLY_DENIED', 'MADE'].includes(outcome));
    expect([about, made]).toEqual([about, stands ? 1 : 0]);
    // Told without an error: made. Told as one that may stand: by its entry. Told otherwise: not made.
    if (told?.codes.length === 0) expect([about, made]).toEqual([about, 1]);
    else if (told?.codes[0] === 'CHANGE_MAY_STAND') expect(told.entry).toBe(begun[0]!.id);
    else if (told) expect([about, made]).toEqual([about, 0]);
    outcomes.push(...ends.map(({ outcome }) => outcome));
  }
  return outcomes;
}

const begunOf = async (sent: readonly Sent[]) => {
  const entries = await Promise.all(sent.map(entriesOf));
  return entries.every((found) => found.some(({ outcome }) => outcome === 'BEGUN'));
};

group('a change under way', () => {
  it('while its gateway or its room is killed is in the log as what became of it, within a minute', async () => {
    // The gateway is killed while the rooms are at it: they go on, and nobody is told.
    let ready = await readyAll();
    let release = await holdChanges();
    const byGateway = sendAll(ready);
    await until('they are begun', () => begunOf(byGateway), 30_000);
    await system.kill('gateway');
    await release();
    await system.start('gateway');

    // The rooms are killed while they are at it.
    ready = await readyAll();
    release = await holdChanges();
    const byRoom = sendAll(ready);
    await until('they are begun', () => begunOf(byRoom), 30_000);
    await Promise.all((['identity', 'cases', 'smdb'] as const).map((room) => system.kill(room)));
    await release();
    await Promise.all(byRoom.map(({ told }) => told));
    await Promise.all((['identity', 'cases', 'smdb'] as const).map((room) => system.start(room)));

    // And each at some moment.
    const anyhow: Sent[] = [];
    for (const part of ['gateway', 'cases', 'identity', 'audit'] as const) {
      const sent = sendAll(await readyAll());
      anyhow.push(...sent);
      await wait(Math.random() * 60);
      await restart(part);
      await Promise.all(sent.map(({ told }) => told));
    }

    // Nobody but the log itself could tell; and no change outlives the room that is at it.
    for (const outcome of await expectTruth(byGateway)) expect(['MADE', 'NOT_MADE']).toContain(outcome);
    for (const outcome of await expectTruth(byRoom)) expect(['NOT_MADE', 'FAILED']).toContain(outcome);
    await expectTruth(anyhow);
  }, 240_000);
});
