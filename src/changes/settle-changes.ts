/**
 * Finds out the outcome of changes that have no end entry in the log, because their gateway was killed, a room did not
 * answer or the end could not be written. The audit room lists them, the rooms say what they made, and the outcome is
 * logged. Every gateway does this; if two find the same outcome, it is written once.
 */
import type { Logger } from 'pino';
import type { Made } from '../../subgraphs/protocol/change.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';
import type { CloseChange } from './follow-change.js';

export interface SettleOptions {
  readonly municipality: string;
  readonly audit: CallRoom;
  readonly close: CloseChange;
  /** Makes a room remove data about changes that nobody can ask for any more. */
  readonly forget: (room: string) => Promise<unknown>;
  /** Names of the subgraphs that have a root field of `Mutation`. Empty if the supergraph does not have the field. */
  readonly subgraphsOf: (field: string) => readonly string[];
  /** Rooms that can be asked. */
  readonly rooms: ReadonlySet<string>;
  readonly log: Logger;
  /** Milliseconds between two rounds. */
  readonly every?: number;
  /** Milliseconds after which a change without an end is examined: longer than any operation takes. */
  readonly after?: number;
}

export interface Settling {
  /** Settles the changes that are open now. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

const hour = 3_600_000;
/** Changes that are settled at the same time. */
const atOnce = 10;

/** Starts the rounds. The first one begins after `every` milliseconds. */
export function openSettling(options: SettleOptions): Settling {
  const { municipality, audit, close, rooms, log, every = 5_000, after = 30_000 } = options;
  let stopped = false;
  let forgotten = Date.now();

  const settle = async ({ entry, fields }: OpenChange): Promise<void> => {
    const known = new Set(fields.flatMap((field) => options.subgraphsOf(field)));
    const asked = known.size > 0 ? [...known] : [...rooms];
    // A foreign subgraph cannot be asked. The change stays open, and is reported as one that may stand.
    if (!asked.every((room) => rooms.has(room))) return;
    const found: Made[] = await Promise.all(asked.map((room) => close(room, municipality, entry)));
    await audit('settle-change', {
      municipality,
      entry,
      made: found.some(({ parts }) => parts.length > 0),
      cases: found.flatMap(({ cases }) => cases),
      citizens: found.flatMap(({ citizens }) => citizens),
      compartments: found.flatMap(({ compartments }) => compartments),
    });
  };

  const round = async (): Promise<void> => {
    const { changes } = (await audit('open-changes', { municipality, after })) as unknown as { changes: OpenChange[] };
    // A room that hangs delays one batch of changes, and not all.
    while (changes.length > 0)
      await Promise.all(
        changes
          .splice(0, atOnce)
          .map((open) =>
            settle(open).catch((error: Error) =>
              log.warn({ entry: open.entry, reason: error.message }, 'what became of a change is not known yet'),
            ),
          ),
      );
    if (Date.now() - forgotten < hour) return;
    forgotten = Date.now();
    await audit('forget-outcomes', { municipality });
    await Promise.all([...rooms].map((room) => options.forget(room)));
  };

  let timer: NodeJS.Timeout;
  let running: Promise<void> = Promise.resolve();
  const next = () => {
    timer = setTimeout(() => {
      running = round()
        .catch((error: Error) => {
          if (!stopped) log.warn({ reason: error.message }, 'open changes could not be looked at');
        })
        .then(() => {
          if (!stopped) next();
        });
    }, every);
    timer.unref();
  };
  next();
  return {
    round,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

interface OpenChange {
  readonly entry: string;
  readonly fields: readonly string[];
}
