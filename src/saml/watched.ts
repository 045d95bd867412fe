/**
 * Watches a file and reads it again when it changes. If the new contents cannot be used, that is logged and the old
 * value stays in use.
 */
import { unwatchFile, watchFile } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Logger } from 'pino';

export interface Watched<Value> {
  current(): Value;
  close(): void;
}

export interface WatchOptions<Value> {
  /** What the file is, for messages. */
  readonly what: string;
  readonly log: Logger;
  /** Milliseconds between two checks. */
  readonly every?: number;
  /** Milliseconds after which a new file is wanted, by what this one says of itself. Nothing but a warning comes of it. */
  readonly freshFor?: (value: Value) => number;
}

const minute = 60_000;
const day = 86_400_000;

/** Throws where the first reading fails: there is nothing to go on with. */
export async function watched<Value>(
  file: string,
  read: (text: string) => Value,
  { what, log, every = 1_000, freshFor = () => Number.POSITIVE_INFINITY }: WatchOptions<Value>,
): Promise<Watched<Value>> {
  let written = await writtenAt(file);
  let text = await readFile(file, 'utf8');
  let current = read(text);
  let isClosed = false;
  let reminder: NodeJS.Timeout | undefined;
  const remind = () => {
    clearTimeout(reminder);
    const limit = freshFor(current);
    if (isClosed || limit === Number.POSITIVE_INFINITY) return;
    const age = Date.now() - written;
    if (age >= limit) log.warn({ age }, `${what}: the file is older than its cacheDuration, a new one is wanted`);
    const next = age >= limit ? Math.max(limit, minute) : limit - age;
    reminder = setTimeout(remind, Math.min(next, day)).unref();
  };
  remind();
  const reload = async () => {
    try {
      const at = await writtenAt(file);
      const next = await readFile(file, 'utf8');
      const value = next === text ? current : read(next);
      if (value !== current) log.info(`${what}: a new one is in use`);
      // The same once more was fetched anew all the same.
      [current, text, written] = [value, next, at];
      remind();
    } catch (error) {
      log.error(
        { reason: (error as Error).message },
        `${what}: the changed file is refused, the one before stays in use`,
      );
    }
  };
  const listener = () => void reload();
  watchFile(file, { interval: every, persistent: false }, listener);
  return {
    current: () => current,
    close() {
      isClosed = true;
      clearTimeout(reminder);
      unwatchFile(file, listener);
    },
  };
}

const writtenAt = async (file: string): Promise<number> => (await stat(file)).mtimeMs;
