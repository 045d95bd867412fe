/**
 * Reads messages in a separate thread, one after the other. A stranger's message can take tens of milliseconds to
 * parse, decrypt and verify, and in the main thread every other request would wait for it.
 */
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Assertion } from './assertion.js';
import type { IdentityProvider } from './identity-provider.js';
import { type Arrived, type Logout, type LogoutReading, readLogout } from './logout.js';
import { type Outcome, outcomeOf } from './reasons.js';
import { type Reading, readResponse } from './response.js';

export interface Reader {
  response(encoded: string, reading: () => Reading): Promise<Outcome<Assertion>>;
  logout(arrived: Arrived, reading: () => LogoutReading): Promise<Outcome<Logout>>;
  close(): void;
}

/** Reads messages in this thread. */
export const readHere: Reader = {
  response: (encoded, reading) => outcomeOf(() => readResponse(encoded, reading())),
  logout: (arrived, reading) => outcomeOf(() => readLogout(arrived, reading())),
  close: () => {},
};

/**
 * A task for the other thread. Functions cannot be sent there, so it contains the identity provider's keys as of now.
 */
export type Task = { readonly id: number } & (
  | { readonly response: string; readonly reading: Omit<Reading, 'provider'> & { readonly provider: ProviderNow } }
  | {
      readonly arrived: Arrived;
      readonly reading: Omit<LogoutReading, 'provider'> & { readonly provider: ProviderNow };
    }
);

export interface ProviderNow extends Omit<IdentityProvider, 'keys' | 'certificates'> {
  readonly keys: ReturnType<IdentityProvider['keys']>;
  readonly certificates: readonly string[];
}

export interface Done {
  readonly id: number;
  readonly outcome: Outcome<unknown>;
}

/** Maximum number of waiting messages, and milliseconds after which a silent thread counts as stuck. */
const mostWaiting = 50;
const patience = 10_000;

interface PendingRead {
  done(outcome: Outcome<unknown>): void;
  failed(error: Error): void;
}

/**
 * `file`: the program of the thread. Reading rejects with `TOO_MANY_REQUESTS` if too many messages wait, and with
 * `SIGN_IN_UNAVAILABLE` if the thread ends.
 */
export function openReader(file: URL, log: Logger): Reader {
  const waiting = new Map<number, PendingRead>();
  let worker: Worker | null = null;
  let stuck: NodeJS.Timeout | undefined;
  let last = 0;
  let underWay = 0;

  const fail = (reason: string) => {
    log.error({ reason }, 'the thread that reads SAML messages has ended; the next message starts another');
    const [failed, lost] = [[...waiting.values()], worker];
    worker = null;
    waiting.clear();
    clearTimeout(stuck);
    void lost?.terminate();
    for (const one of failed) one.failed(new Fault('SIGN_IN_UNAVAILABLE'));
  };
  const watch = () => {
    clearTimeout(stuck);
    if (waiting.size > 0) stuck = setTimeout(() => fail('it did not answer'), patience).unref();
  };
  const start = (): Worker => {
    // Environment and flags are for this thread. The other one needs none.
    const started = new Worker(file, { env: {}, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 256 } });
    started.unref();
    started.on('message', ({ id, outcome }: Done) => {
      waiting.get(id)?.done(outcome);
      waiting.delete(id);
      watch();
    });
    const ended = (reason: string) => {
      if (worker === started) fail(reason);
    };
    started.on('error', (error) => ended(error.message));
    started.on('exit', (code) => ended(`exit ${code}`));
    return started;
  };

  const read = async <Value>(task: () => DistributiveOmit<Task, 'id'>): Promise<Outcome<Value>> => {
    if (underWay >= mostWaiting) throw new Fault('TOO_MANY_REQUESTS');
    underWay += 1;
    try {
      const made = await outcomeOf(task);
      if ('refused' in made) return made;
      worker ??= start();
      last += 1;
      const id = last;
      const answered = new Promise<Outcome<unknown>>((done, failed) => waiting.set(id, { done, failed }));
      worker.postMessage({ ...made.ok, id });
      if (waiting.size === 1) watch();
      return (await answered) as Outcome<Value>;
    } finally {
      underWay -= 1;
    }
  };

  worker = start();
  return {
    response: (response, reading) => read(() => ({ response, reading: portable(reading()) })),
    logout: (arrived, reading) => read(() => ({ arrived, reading: portable(reading()) })),
    close() {
      const open = worker;
      worker = null;
      clearTimeout(stuck);
      void open?.terminate();
    },
  };
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/**
 * Replaces the provider's functions by their current values. Throws if the provider's metadata contains nothing that is
 * valid now.
 */
function portable<R extends Reading | LogoutReading>(reading: R): Omit<R, 'provider'> & { provider: ProviderNow } {
  const { provider, now } = reading;
  const { entityId, signOn, logout, freshFor } = provider;
  return {
    ...reading,
    provider: {
      entityId,
      signOn,
      logout,
      freshFor,
      keys: provider.keys(now),
      certificates: provider.certificates(now),
    },
  };
}
