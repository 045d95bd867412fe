/**
 * Watches a file and reads it again when it changes. If the new contents cannot be used, that is logged and the old
 * value stays in use.
 */
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';

export interface Watched<Value> {
  current(): Value;
  close(): void;
}

export interface WatchOptions {
  /** What the file is, for log messages. */
  readonly what: string;
  readonly log: Logger;
  /** Milliseconds between two checks. */
  readonly every?: number;
}

/** Rejects if the first reading fails, because there is no old value to use. */
export async function watched<Value>(
  file: string,
  read: (text: string) => Value,
  { what, log, every = 1_000 }: WatchOptions,
): Promise<Watched<Value>> {
  let text = await readFile(file, 'utf8');
  let current = read(text);
  const reload = async () => {
    try {
      const next = await readFile(file, 'utf8');
      if (next === text) return;
      current = read(next);
      text = next;
      log.info(`${what}: a new one is in use`);
    } catch (error) {
      log.error(
        { reason: (error as Error).message },
        `${what}: the changed file is refused, the one before stays in use`,
      );
    }
  };
  const listener = () => void reload();
  watchFile(file, { interval: every, persistent: false }, listener);
  return { current: () => current, close: () => unwatchFile(file, listener) };
}
