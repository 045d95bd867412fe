/**
 * What the ledger does by itself: it signs the logs, turns the month, drops what has expired, and reconciles the citizens' view with
 * the leaves. Each round looks at the database to see what is due, so that a restart, a clock that jumps or a second replica changes
 * nothing but when it is done.
 */
import { createHash } from 'node:crypto';
import type { RoomServices } from '../../kit/subgraph.js';
import type { GroupCommit } from '../ingest/group-commit.js';
import { following, monthOf } from '../ingest/log-router.js';
import { DamagedLog, damageIn, each, reasonOf } from '../tree/damage.js';
import { canonicalJson, definitionOf, type StorableEntry } from '../tree/leaf.js';
import {
  allLogs,
  asLedger,
  checkExpired,
  closeLogs,
  dropMonth,
  type Log,
  prepareMonth,
  unreconciled,
} from '../tree/log-store.js';
import type { Notary } from './checkpoint-signer.js';

export interface KeeperOptions {
  readonly ledger: GroupCommit<StorableEntry>;
  readonly notary: Notary;
  /** Whole months for which entries of a municipality are kept after the month in which they were made: 6 to 60. */
  readonly retention: (municipality: string) => number;
}

export interface Keeper {
  /** Whatever is due now, month by month: see above. What fails keeps nothing else from being done; it throws at the end. */
  round(): Promise<void>;
  /**
   * Goes on checking from where the last round ended; answers with how many citizens were told something else than the log says.
   * Each log by itself, as above.
   */
  reconcile(): Promise<number>;
  start(): { stop(): Promise<void> };
}

/** What happened to the ledger itself, as entries of it. */
export type EventKind = 'LOG_CLOSED' | 'LOG_DROPPED' | 'RECONCILIATION_FAILED' | 'LOG_DAMAGED';
const ledgerOperation = 'ledger';

/** Milliseconds between two rounds of signing; a checkpoint is never a second old. */
const signingPause = 300;
const roundPause = 60_000;
const dayAhead = 2 * 86_400_000;
/** Entries that are reconciled in one round: a log of ten million is gone through in eight hours, and then again. */
const patrol = 20_000;

export function openKeeper(services: RoomServices, { ledger, notary, retention }: KeeperOptions): Keeper {
  const { database, now, log: journal } = services;
  /** How far each log has been reconciled, and by how much at once where the whole of a patrol takes too long. */
  const reconciled = new Map<string, number>();
  const strides = new Map<string, number>();

  /** Ids of the events that this process has written: a second time they would be found to be there, at some cost. */
  const told = new Set<string>();
  const note = async (event: EventKind, about: Log, detail: object) => {
    const entry = eventOf(event, about, detail, now());
    if (told.has(entry.id)) return;
    await ledger.append([entry]);
    told.add(entry.id);
  };

  /** Logs of which this process has raised the alarm, and those of them of which the ledger does not tell yet. */
  const alarmed = new Set<string>();
  const untold = new Map<string, { log: Log; reason: string; isSigned: boolean }>();
  const suspect = (log: Log, error: unknown) => {
    const reason = damageIn(error);
    if (reason === null || alarmed.has(log.name)) return;
    alarmed.add(log.name);
    untold.set(log.name, { log, reason, isSigned: !(error instanceof DamagedLog) });
    journal.error({ log: log.name, reason }, 'ALARM: a log cannot be signed or compared');
  };
  /** One that is not signed is told of in the log after it: an entry more might make it as long as it was signed, and sign what it has become. */
  const tell = async (logs: readonly Log[]) => {
    const open = new Set(logs.filter(({ closedAt }) => closedAt === null).map(({ name }) => name));
    await each([...untold.values()], async ({ log, reason, isSigned }) => {
      if (!isSigned && open.has(log.name)) return;
      await note('LOG_DAMAGED', log, { reason });
      untold.delete(log.name);
    });
  };

  const turn = async (logs: readonly Log[]) => {
    const month = monthOf(now());
    const coming = monthOf(new Date(now().getTime() + dayAhead));
    await each(new Set(logs.map((log) => log.municipality)), async (municipality) => {
      const own = logs.filter((log) => log.municipality === municipality);
      if (own.some((log) => log.closedAt === null && log.month < month))
        await closeLogs(database, municipality, month, now());
      // Made ahead, so that nobody waits for it at midnight.
      if (coming > month) await prepareMonth(database, municipality, coming);
    });
  };

  /** A log that was closed is told of in the one after it, with its last checkpoint: no month can be taken away in silence. */
  const chain = (logs: readonly Log[]) =>
    each(
      logs.filter(({ closedAt }) => closedAt === null),
      async (open) => {
        const before = logs.filter((log) => isSameLane(log, open) && log.month < open.month).at(-1);
        if (before)
          await note('LOG_CLOSED', before, { size: before.size, checkpoint: await notary.checkpointOf(before) });
      },
    );

  /** A month with a log in it that cannot be signed stays: it is evidence. */
  const expire = async (logs: readonly Log[]) => {
    const expired = logs.filter((log) => log.droppedAt === null && isExpired(log, retention(log.municipality), now()));
    await each(new Set(expired.map(({ municipality, month }) => `${municipality} ${month}`)), async (key) => {
      const [municipality, month] = key.split(' ') as [string, string];
      // What the log says was dropped must not stay for a clock that is ahead.
      await checkExpired(database, municipality, month);
      const dropped: { log: Log; checkpoint: string }[] = [];
      for (const log of expired.filter((one) => one.municipality === municipality && one.month === month))
        dropped.push({ log, checkpoint: await notary.checkpointOf(log) });
      for (const { log, checkpoint } of dropped) await note('LOG_DROPPED', log, { size: log.size, checkpoint });
      await dropMonth(database, municipality, month);
      journal.info({ municipality, month }, 'the log of a month has expired and was dropped');
    });
  };

  /** Compares the next part of a log; answers with how many citizens it does not agree about. */
  const compare = async (log: Log): Promise<number> => {
    const from = reconciled.get(log.name) ?? 0;
    const to = Math.min(log.size, from + (strides.get(log.name) ?? patrol));
    const passed = () => {
      reconciled.set(log.name, to === log.size ? 0 : to);
      if (to === log.size) strides.delete(log.name);
    };
    let found: readonly object[];
    try {
      found = await asLedger(database, log, (tx) => unreconciled(tx, log, from, to));
    } catch (error) {
      // Entries that name thousands take longer: half of them the next time, and in the end each by itself.
      if (isTooLong(error) && to - from > 1) {
        strides.set(log.name, Math.ceil((to - from) / 2));
        return 0;
      }
      // A part that cannot be read is an alarm by itself: what comes after it is compared all the same.
      if (damageIn(error) !== null) passed();
      suspect(log, error);
      throw error;
    }
    passed();
    if (found.length === 0) return 0;
    journal.error(
      { log: log.name, from, to, citizens: found.length },
      'ALARM: the citizens’ view does not agree with the log',
    );
    await note('RECONCILIATION_FAILED', log, { from, to, citizens: found.length });
    return found.length;
  };

  const keeper: Keeper = {
    round: () =>
      each(
        [
          async () => turn(await allLogs(database)),
          async () => chain(await allLogs(database)),
          async () => expire(await allLogs(database)),
          () => notary.round(suspect),
          async () => tell(await allLogs(database)),
        ],
        (step) => step(),
      ),

    async reconcile() {
      let wrong = 0;
      const logs = (await allLogs(database)).filter(({ droppedAt }) => droppedAt === null);
      const compareAll = () =>
        each(logs, async (log) => {
          wrong += await compare(log);
        });
      await each([compareAll, async () => tell(logs)], (step) => step());
      return wrong;
    },

    start() {
      const signing = every(
        signingPause,
        () => notary.round(suspect),
        (error) => journal.error({ reason: reasonOf(error) }, 'logs could not be signed'),
      );
      const rounds = every(
        roundPause,
        () => each([keeper.round, keeper.reconcile], (step) => step()),
        (error) => journal.error({ reason: reasonOf(error) }, 'the ledger’s round failed; the next one tries again'),
      );
      return {
        async stop() {
          await Promise.all([signing.stop(), rounds.stop()]);
        },
      };
    },
  };
  return keeper;
}

/** Entries of a month have expired when `months` whole months have passed since it ended. */
export function isExpired(log: Pick<Log, 'month'>, months: number, time: Date): boolean {
  let last = log.month;
  for (let passed = 0; passed < months; passed += 1) last = following(last);
  return monthOf(time) > last;
}

const isSameLane = (one: Log, other: Log): boolean =>
  one.municipality === other.municipality && one.sealedBy.join() === other.sealedBy.join();

/** The same event of the same log is one entry, however often a round comes by; each alarm is one of its own. */
function eventOf(event: EventKind, about: Log, detail: object, at: Date): StorableEntry {
  return {
    id: idOf(event, about.name, isAlarm(event) ? [detail, at] : null),
    at: at.toISOString(),
    municipality: about.municipality,
    session: null,
    actor: null,
    subject: null,
    organisation: null,
    right: null,
    use: event === 'LOG_DROPPED' ? 'DELETE' : 'CHANGE',
    outcome: 'ANSWERED',
    operation: { hash: '', name: ledgerOperation, definition: definitionOf({ text: null, fields: [] }) },
    citizens: [],
    cases: [],
    criterion: canonicalJson({ event, log: about.name, ...detail }),
    searched: [],
    faults: [],
    purpose: null,
    workstation: null,
    transactionId: null,
    requestId: null,
    onBehalfOf: null,
    sealedBy: about.sealedBy,
  };
}

const isAlarm = (event: EventKind): boolean => event === 'RECONCILIATION_FAILED' || event === 'LOG_DAMAGED';

function idOf(...parts: unknown[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Whether a statement was stopped at its time limit. */
const isTooLong = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '57014';

/** Does `work` now and then again `pause` milliseconds after it ended, until it is stopped. */
function every(pause: number, work: () => Promise<void>, failed: (error: Error) => void) {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const turn = async (): Promise<void> => {
    await work().catch((error: Error) => {
      if (!stopped) failed(error);
    });
    if (stopped) return;
    timer = setTimeout(() => {
      running = turn();
    }, pause);
    timer.unref();
  };
  let running = turn();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
