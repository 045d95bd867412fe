/** The faults: how each is brought about, what must hold while it lasts, and how it ends. */
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../support/processes.js';
import { bookOf } from './book.js';
import { wrongs } from './checker.js';
import { type Crowd, isAnswered } from './load.js';
import { onCopy, type Part, type System } from './system.js';

export interface Fault {
  /** What is promised of it. */
  readonly name: string;
  /** Whether it is tried in every run of the tests, and not in the full form only. */
  readonly always?: boolean;
  /** The parts that end with it: every other one is the same process afterwards. */
  readonly ends?: readonly Part[];
  /** Throws where the fault did not come about, or where something did not hold while it lasted. */
  strike(system: System, crowd: Crowd): Promise<void>;
}

export const faults: readonly Fault[] = [
  {
    name: 'kill -9 of the gateway',
    ends: ['gateway'],
    async strike(system, crowd) {
      await system.kill('gateway');
      await crowd.nobodyIsAnswered(() => wait(1_000));
      await system.start('gateway');
    },
  },
  {
    name: 'kill -9 of the audit room',
    always: true,
    ends: ['audit'],
    async strike(system, crowd) {
      await system.kill('audit');
      await crowd.nobodyIsAnswered(() => wait(1_000));
      expectRefusals(crowd, 'AUDIT_UNAVAILABLE');
      await system.start('audit');
    },
  },
  {
    name: 'kill -9 of PostgreSQL with all its children',
    always: true,
    async strike({ database }, crowd) {
      await database.kill();
      await crowd.nobodyIsAnswered(() => wait(1_000));
      await database.start();
    },
  },
  {
    name: 'kill -9 of the process of PostgreSQL that writes entries',
    async strike({ database }) {
      const [postmaster] = database.pids();
      const said = database.said();
      await until('one of them writes', async () => {
        const [pid] = await database.as(async (owner) => (await owner.query(writers)).rows.map((row) => row.pid));
        if (pid) process.kill(pid, 'SIGKILL');
        return pid;
      });
      await until('PostgreSQL noticed', () => database.said() !== said);
      if (database.pids()[0] !== postmaster) throw new Error('PostgreSQL as a whole has ended');
    },
  },
  {
    name: 'the audit room halted for 3 s',
    async strike({ processes }, crowd) {
      const room = processes.get('audit')!;
      await halted(room.kill, () => crowd.nobodyIsAnswered(() => wait(3_000)));
    },
  },
  {
    name: 'the audit room halted until everybody has been told that it does not answer',
    async strike({ processes }, crowd) {
      await halted(processes.get('audit')!.kill, () => crowd.nobodyIsAnswered(crowd.everyAnswerHasCome));
      expectRefusals(crowd, 'AUDIT_UNAVAILABLE');
    },
  },
  {
    name: 'PostgreSQL halted for 3 s',
    async strike({ database }, crowd) {
      await halted(database.signal, () => crowd.nobodyIsAnswered(() => wait(3_000)));
    },
  },
  {
    name: 'PostgreSQL halted until everybody has been told that it does not answer',
    async strike({ database }, crowd) {
      await halted(database.signal, () => crowd.nobodyIsAnswered(crowd.everyAnswerHasCome));
      expectRefusals(crowd, 'AUDIT_UNAVAILABLE');
    },
  },
  {
    name: 'the audit room’s connections ended by PostgreSQL again and again',
    async strike({ database }) {
      let ended = 0;
      for (const end = performance.now() + 3_000; performance.now() < end; await wait(20))
        ended += await database.as(async (owner) => (await owner.query(terminate)).rowCount ?? 0);
      if (ended < 20) throw new Error(`only ${ended} connections were ended`);
    },
  },
  {
    name: 'connections cut at any moment, above all when the answer to a COMMIT is due',
    always: true,
    async strike({ cutter, database }, crowd) {
      const from = performance.now();
      cutter.cutting(0.2);
      try {
        await until('20 answers were lost', () => cutter.cuts.answer >= 20, 20_000);
        await wait(1_000);
      } finally {
        cutter.cutting(0);
      }
      await crowd.everyAnswerHasCome();
      const { entries } = await database.as(bookOf);
      const logged = new Set(entries.map(({ transactionId }) => transactionId));
      const ambiguous = crowd.asked.filter(
        ({ id, sentAt, status }) => sentAt > from && status === 503 && logged.has(id),
      );
      if (ambiguous.length === 0) throw new Error('no COMMIT was cut off from its answer');
    },
  },
  {
    name: 'a full disk',
    async strike({ disk, database }, crowd) {
      const from = performance.now();
      const lift = disk.real ? fill(disk) : database.forbidGrowth();
      try {
        await until('answers are withheld', () => refused(crowd, from) > 20, 30_000);
        await wait(2_000);
      } finally {
        lift();
      }
      if (!/No space left|File too large/.test(database.said())) throw new Error('the disk was not full');
      // Where there was no room for its journal it ended itself; somebody who has made room starts it again.
      await until('PostgreSQL answers', async () => {
        if (database.pids().length === 0) await database.start();
        return database.as((owner) => owner.query('SELECT')).catch(() => null);
      });
    },
  },
  {
    name: 'a disk that takes 100 ms to flush',
    async strike({ database }, crowd) {
      const set = (...statements: string[]) =>
        database.as(async (owner) => {
          for (const statement of [...statements, 'SELECT pg_reload_conf()']) await owner.query(statement);
        });
      // Before it flushes, PostgreSQL itself waits: no device that is slow is needed, and the flush is still a real one.
      await set('ALTER SYSTEM SET commit_delay = 100000', 'ALTER SYSTEM SET commit_siblings = 0');
      await wait(500);
      const from = performance.now();
      await wait(4_000);
      await set('ALTER SYSTEM RESET commit_delay', 'ALTER SYSTEM RESET commit_siblings');
      const times = crowd.asked
        .filter((one) => one.sentAt >= from && isAnswered(one))
        .map(({ sentAt, endedAt }) => endedAt! - sentAt)
        .sort((one, other) => one - other);
      const fastest = times[Math.floor(times.length / 20)] ?? 0;
      if (fastest < 100) throw new Error(`of ${times.length} answers one in twenty came within ${fastest} ms`);
    },
  },
  {
    name: 'a power cut: what was flushed, and no more of it, is on the disk',
    async strike(system, crowd) {
      if (crowd.answered() < 50) throw new Error('hardly anything had been answered');
      const found = await afterPowerCut(system, crowd);
      if (found.length > 0) throw new Error(found.slice(0, 20).join('\n'));
    },
  },
];

/** What is wrong on a copy of the disk, of all that had been received when it was taken. */
export async function afterPowerCut({ disk, database }: System, { asked, kept }: Crowd): Promise<string[]> {
  let moment = 0;
  const copy = await halted(database.signal, () => {
    moment = performance.now();
    return disk.copy();
  });
  const book = await onCopy(copy, (second) => second.as(bookOf));
  const sent = asked.filter(({ sentAt }) => sentAt < moment);
  return wrongs(
    // What came later is as if it had never come.
    sent.map((one) =>
      one.endedAt !== null && one.endedAt < moment ? one : { ...one, named: { citizens: [], cases: [] } },
    ),
    kept.filter(({ at }) => at < moment),
    book,
  );
}

const writers = `SELECT pid FROM pg_stat_activity
  WHERE usename = 'sluse_audit' AND state = 'active' AND query LIKE 'SELECT append%' LIMIT 1`;
const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sluse_audit'`;

const refused = ({ asked }: Crowd, from: number, code = ''): number =>
  asked.filter(({ sentAt, status, codes }) => sentAt >= from && status === 503 && codes.join().includes(code)).length;

async function halted<T>(send: (signal: NodeJS.Signals) => void, work: () => Promise<T>): Promise<T> {
  send('SIGSTOP');
  try {
    await wait(50); // until it has come to rest
    return await work();
  } finally {
    send('SIGCONT');
  }
}

/** Among what was asked in the last twenty seconds. */
function expectRefusals(crowd: Crowd, code: string) {
  if (refused(crowd, performance.now() - 20_000, code) === 0) throw new Error(`nobody was told ${code}`);
}

function fill(disk: System['disk']): () => void {
  disk.fill();
  return () => disk.clear();
}
