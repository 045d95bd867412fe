/**
 * Tells the other gateways at once that somebody's access has changed. Redis carries only the signal, not whose access
 * it was, and a gateway that misses it still asks the identity room before its lease ends (`access-revision.ts`). So if
 * Redis is gone, flushed or evicting, that can neither lock anybody out nor let anybody back in.
 */
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

export interface Revocations {
  announce(): void;
  onRevoked(listener: () => void): void;
  close(): Promise<void>;
}

/** `scope` separates municipalities and tests that share one Redis. */
export async function openRevocations(url: string, scope: string, log: Logger): Promise<Revocations> {
  // By default a command waits for over a minute when Redis is gone. Here it fails at once and is not repeated.
  const quick = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 500,
    connectTimeout: 1_000,
    autoResendUnfulfilledCommands: false,
    lazyConnect: true,
  };
  const publisher = new Redis(url, quick);
  const subscriber = new Redis(url, { ...quick, commandTimeout: 2_000 });
  const channel = `sluse:${scope}:revoked`;
  for (const client of [publisher, subscriber])
    client.on('error', (error) => log.warn({ reason: error.message }, 'redis'));
  const listeners: (() => void)[] = [];
  subscriber.on('message', () => {
    for (const listener of listeners) listener();
  });
  subscriber.on(
    'ready',
    () =>
      void subscriber
        .subscribe(channel)
        .catch((error: Error) => log.warn({ reason: error.message }, 'redis subscribe')),
  );
  await Promise.all([publisher.connect(), subscriber.connect()]).catch(() => {
    // The error listener has reported it, and the client reconnects by itself. Until then other gateways learn of a
    // change when their lease ends.
  });
  return {
    announce: () =>
      void publisher.publish(channel, '').catch((error: Error) => log.warn({ reason: error.message }, 'redis publish')),
    onRevoked: (listener) => void listeners.push(listener),
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
