/**
 * The log's own maintenance: it signs the logs, opens new months, drops what has expired, and compares the citizens' view with the
 * leaves. Each round reads from the database what is due, so that a restart, a clock that jumps or a second replica only changes when
 * the work is done.
 */
import { createHash } from 'node:crypto';
import type { RoomServices } from '../../kit/room.js';
import { isStopped } from '../../postgres/unavailable.js';
import type { GroupCommit } from '../ingest/group-commit.js';
import { following, monthOf } from '../ingest/log-router.js';
import { DamagedLog, damageIn, each, reasonOf } from '../tree/damage.js';
import { canonicalJson, definitionOf, type StorableEntry } from '../tree/leaf.js';
import { allLogs, asLogTask, checkExpired, closeLogs, dropMonth, type Log, prepareMonth } from '../tree/log-store.js';
import type { CheckpointSigner } from './checkpoint-signer.js';
import { unreconciled } from './store.js';

export interface MaintenanceOptions {
  readonly writer: GroupCommit<StorableEntry>;
  readonly signer: CheckpointSigner;
  /** Whole months for which entries of a municipality are kept after the month in which they were made: 6 to 60. */
  readonly retention: (municipality: string) => number;
}

export interface Maintenance {
  /** Does everything that is due now, month by month. One failure does not stop the rest; the round throws at its end. */
  round(): Promise<void>;
  /**
   * Continues the comparison from where the last round ended. Returns the number of citizens whose view differs from the log. Each
   * log is compared independently; failures are thrown at the end.
   */
  reconcile(): Promise<number>;
  start(): { stop(): Promise<void> };
}

/** Events of the log itself, which are written as entries. */
export type EventKind = 'LOG_CLOSED' | 'LOG_DROPPED' | 'RECONCILIATION_FAILED' | 'LOG_DAMAGED';
const maintenanceOperation = 'ledger';

/** Milliseconds between two rounds of signing. A checkpoint is never as much as a second old. */
const signingPause = 300;
const roundPause = 60_000;
const dayAhead = 2 * 86_400_000;
/** Entries compared in one round. A log of ten million entries takes eight hours; then the comparison starts again. */
const patrol = 20_000;

export function openMaintenance(
  services: RoomServices,
  { writer, signer, retention }: MaintenanceOptions,
): Maintenance {
  const { database, now, log: journal } = services;
  /** How far each log has been compared, and the step size where a full batch takes too long. */
  const reconciled = new Map<string, number>();
  const strides = new Map<string, number>();

  /** Ids of events that this process has written. Writing one again would do no harm, but costs a look-up. */
  const written = new Set<string>();
  const note = async (event: EventKind, about: Log, detail: object) => {
    const entry = eventOf(event, about, detail, now());
    if (written.has(entry.id)) return;
    await writer.append([entry]);
    written.add(entry.id);
  };

  /** Logs for which this process has raised the alarm, and those of them whose event is not in the log yet. */
  const alarmed = new Set<string>();
  const untold = new Map<string, { log: Log; reason: string; isSigned: boolean }>();
  const suspect = (log: Log, error: unknown) => {
    const reason = damageIn(error);
    if (reason === null || alarmed.has(log.name)) return;
    alarmed.add(log.name);
    untold.set(log.name, { log, reason, isSigned: !(error instanceof DamagedLog) });
    journal.error({ log: log.name, reason }, 'ALARM: a log cannot be signed or compared');
  };
  /**
   * Writes the alarm about a log that cannot be signed into the next log. One more entry in the damaged log might bring it back to
   * its signed size, so that its changed contents would be signed.
   */
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
      // Prepared in advance, so that nobody waits for it at midnight.
      if (coming > month) await prepareMonth(database, municipality, coming);
    });
  };

  /** Records the end of a closed log in the next one, with its last checkpoint, so that no month can be removed unnoticed. */
  const chain = (logs: readonly Log[]) =>
    each(
      logs.filter(({ closedAt }) => closedAt === null),
      async (open) => {
        const before = logs.filter((log) => isSameLane(log, open) && log.month < open.month).at(-1);
        if (before)
          await note('LOG_CLOSED', before, { size: before.size, checkpoint: await signer.checkpointOf(before) });
      },
    );

  /** Drops expired months. A month with a log that cannot be signed stays, because it is evidence. */
  const expire = async (logs: readonly Log[]) => {
    const expired = logs.filter((log) => log.droppedAt === null && isExpired(log, retention(log.municipality), now()));
    await each(new Set(expired.map(({ municipality, month }) => `${municipality} ${month}`)), async (key) => {
      const [municipality, month] = key.split(' ') as [string, string];
      // Checked first: a clock that is ahead must not record a month as dropped that then stays.
      await checkExpired(database, municipality, month);
      const dropped: { log: Log; checkpoint: string }[] = [];
      for (const log of expired.filter((one) => one.municipality === municipality && one.month === month))
        dropped.push({ log, checkpoint: await signer.checkpointOf(log) });
      for (const { log, checkpoint } of dropped) await note('LOG_DROPPED', log, { size: log.size, checkpoint });
      await dropMonth(database, municipality, month);
      journal.info({ municipality, month }, 'the log of a month has expired and was dropped');
    });
  };

  /** Compares the next part of a log. Returns the number of citizens for whom it does not match. */
  const compare = async (log: Log): Promise<number> => {
    const from = reconciled.get(log.name) ?? 0;
    const to = Math.min(log.size, from + (strides.get(log.name) ?? patrol));
    const passed = () => {
      reconciled.set(log.name, to === log.size ? 0 : to);
      if (to === log.size) strides.delete(log.name);
    };
    let found: readonly object[];
    try {
      found = await asLogTask(database, log, (tx) => unreconciled(tx, log, from, to));
    } catch (error) {
      // Entries that name thousands of citizens take longer: the next batch is half as large, down to a single entry.
      if (isStopped(error) && to - from > 1) {
        strides.set(log.name, Math.ceil((to - from) / 2));
        return 0;
      }
      // A part that cannot be read raises an alarm of its own. The comparison continues after it.
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

  const maintenance: Maintenance = {
    round: () =>
      each(
        [
          async () => turn(await allLogs(database)),
          async () => chain(await allLogs(database)),
          async () => expire(await allLogs(database)),
          () => signer.round(suspect),
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
        () => signer.round(suspect),
        (error) => journal.error({ reason: reasonOf(error) }, 'logs could not be signed'),
      );
      const rounds = every(
        roundPause,
        () => each([maintenance.round, maintenance.reconcile], (step) => step()),
        (error) => journal.error({ reason: reasonOf(error) }, 'the ledger’s round failed; the next one tries again'),
      );
      return {
        async stop() {
          await Promise.all([signing.stop(), rounds.stop()]);
        },
      };
    },
  };
  return maintenance;
}

/** Whether the entries of a month have expired: `months` whole months have passed since it ended. */
export function isExpired(log: Pick<Log, 'month'>, months: number, time: Date): boolean {
  let last = log.month;
  for (let passed = 0; passed < months; passed += 1) last = following(last);
  return monthOf(time) > last;
}

const isSameLane = (one: Log, other: Log): boolean =>
  one.municipality === other.municipality && one.sealedBy.join() === other.sealedBy.join();

/** The entry of an event. Each event of a log has one entry, however often a round meets it; each alarm has its own. */
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
    operation: { hash: '', name: maintenanceOperation, definition: definitionOf({ text: null, fields: [] }) },
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

/** Does `work` now, and again `pause` milliseconds after each end, until it is stopped. */
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
