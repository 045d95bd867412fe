/**
 * Lock-out: after a number of consecutive rejected attempts by the same user or the same workstation, further attempts are not
 * processed until an administrator has recorded why (standard clause of Danish data-processing agreements).
 *
 * An attempt is counted three times: for the workstation, for the name that is tried *at this workstation*, and for the signed-in
 * person who guesses. It is never counted for the name alone, because then any stranger could lock its owner out. Because of the
 * second count, an attacker cannot reset the counter with successes of their own between two guesses.
 *
 * Only the person who fails is locked out, not others at the same workstation. Only guesses are counted, because one of them could be
 * right. An assertion signed by the identity provider is not a guess, nor is a case system's signature: no number of wrong ones locks
 * a workstation, and nobody who proves who they are is refused because of others. For people who prove their identity that way, only
 * their own failures count.
 *
 * An attempt is counted before it is processed, so that parallel attempts never exceed the number that is left; the others wait until
 * those are answered. Whether an attempt is refused depends on the counters alone, never on whether the name exists.
 */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { RoomServices } from '../../kit/room.js';
import type { Transaction } from '../../postgres/database.js';
import { storable } from '../../protocol/text.js';
import * as store from './store.js';

export interface Attempt {
  readonly municipality: string;
  /** The address the attempt comes from. Attempts with `null` (not known) share one count. */
  readonly workstation: string | null;
  /** What is tried, such as `account:<name>`. */
  readonly subject: string;
  /** Id of the signed-in person who makes the attempt. */
  readonly guesser?: string | null;
}

/** `busy`: other attempts of the same user or workstation are still being processed. This one was neither processed nor counted. */
export type Guarded<T> =
  | { readonly outcome: 'accepted'; readonly value: T }
  | { readonly outcome: 'rejected' | 'locked' | 'busy' };

export interface LockOut {
  /** Runs `attempt` unless it is locked out. `attempt` returns `null` for a rejection; a thrown error counts as one too. */
  guarded<T>(services: RoomServices, who: Attempt, attempt: () => Promise<T | null>): Promise<Guarded<T>>;
  /** Whether somebody whose identity is certain must not be signed in. The answer holds until the transaction (`session`) ends. */
  isLocked(tx: Transaction, who: Omit<Identified, 'workstation'>): Promise<boolean>;
  /** Records that such a person was refused, or was signed in after all. */
  settled(services: RoomServices, who: Identified, outcome: 'accepted' | 'rejected'): Promise<void>;
}

/** Somebody whom an identity provider vouches for. */
export interface Identified {
  readonly municipality: string;
  readonly workstation: string | null;
  /** The provider's name of the person. */
  readonly identity: string;
  /** Id in the register; `null` for somebody who is not in it. */
  readonly person: string | null;
}

/** Milliseconds. */
const patience = 2_000;
const pause = 25;

/** `after`: rejected attempts after which it is locked. */
export function makeLockOut(after: number): LockOut {
  const block = async (
    tx: Transaction,
    services: RoomServices,
    counted: readonly store.CountedFor[],
    { municipality, workstation, person }: Pick<Identified, 'municipality' | 'workstation' | 'person'>,
  ) => {
    const at = services.now();
    for (const one of counted) {
      const blocked = one.kind === 'PERSON' ? person : null;
      if (blocked) await store.takeTurns(tx, municipality, blocked);
      await store.insertBlock(tx, { ...one, municipality, id: services.newId(), workstation, person: blocked, at });
      if (blocked) await store.closeSessionsOf(tx, municipality, blocked, at);
    }
  };

  return {
    async guarded(services, who, attempt) {
      const { municipality, workstation } = who;
      const counted = countedFor(who);
      const blamed = { municipality, workstation: workstationOf(workstation), person: who.guesser ?? null };
      const task = <T>(work: (tx: Transaction) => Promise<T>) =>
        services.database.asTask('lock-out', municipality, work);
      const reserve = () =>
        task(async (tx) => {
          if (await store.isBlocked(tx, municipality, counted)) return 'locked';
          const reserved = await store.reserve(tx, municipality, counted, after, services.now());
          if (typeof reserved === 'string') return reserved;
          await block(tx, services, reserved, blamed);
          return 'locked';
        });

      let reserved = await reserve();
      for (let waited = 0; reserved === 'under way' && waited < patience; waited += pause) {
        await wait(pause);
        reserved = await reserve();
      }
      if (reserved === 'locked') return { outcome: 'locked' };
      if (reserved === 'under way') return { outcome: 'busy' };

      const reject = () =>
        task(async (tx) => block(tx, services, await store.rejected(tx, municipality, counted, after), blamed));
      let value: Awaited<ReturnType<typeof attempt>>;
      try {
        value = await attempt();
      } catch (error) {
        await reject();
        throw error;
      }
      if (value === null) {
        await reject();
        return { outcome: 'rejected' };
      }
      await task((tx) => store.accepted(tx, municipality, counted));
      return { outcome: 'accepted', value };
    },

    async isLocked(tx, { municipality, identity, person }) {
      if (person) await store.takeTurns(tx, municipality, person);
      const counted: store.CountedFor[] = [identified(identity)];
      if (person) counted.push({ kind: 'PERSON', key: person });
      return store.isBlocked(tx, municipality, counted);
    },

    async settled(services, who, outcome) {
      const { municipality } = who;
      const counted = [identified(who.identity)];
      await services.database.asTask('lock-out', municipality, async (tx) => {
        if (outcome === 'accepted') return store.accepted(tx, municipality, counted);
        const reserved = await store.reserve(tx, municipality, counted, after, services.now());
        const exhausted =
          typeof reserved === 'string' ? await store.rejected(tx, municipality, counted, after) : reserved;
        await block(tx, services, exhausted, { ...who, workstation: workstationOf(who.workstation) });
      });
    },
  };
}

function countedFor({ workstation, subject, guesser }: Attempt): store.CountedFor[] {
  const counted = [
    atWorkstation(workstation),
    { kind: 'NAME_AT_WORKSTATION', key: digestOf(`${workstationOf(workstation)} ${subject}`) } as const,
  ];
  return guesser ? [...counted, { kind: 'PERSON', key: guesser }] : counted;
}

const atWorkstation = (workstation: string | null): store.CountedFor => ({
  kind: 'WORKSTATION',
  key: workstationOf(workstation),
});

/** Counted separately from guesses: signing in again must not give a guesser new attempts. */
const identified = (identity: string): store.CountedFor => ({
  kind: 'PERSON',
  key: digestOf(`signs in as ${identity}`),
});

const workstationOf = (workstation: string | null): string => (workstation ? storable(workstation, 200) : 'unknown');

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
