/**
 * Tells the other gateways at once that a session is over. Redis only carries the news: a gateway that misses it still
 * learns from the identity room within the second for which it believes an answer. So a Redis that is gone, flushed or
 * evicting can neither lock anybody out nor let anybody back in.
 */
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

export interface Revocations {
  announce(session: string): void;
  onRevoked(listener: (session: string) => void): void;
  close(): Promise<void>;
}

/** `scope` keeps municipalities and tests that share one Redis apart. */
export async function openRevocations(url: string, scope: string, log: Logger): Promise<Revocations> {
  // By default a command waits for over a minute when Redis is gone; here it fails at once and is not repeated.
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
  const listeners: ((session: string) => void)[] = [];
  subscriber.on('message', (_channel, session) => {
    for (const listener of listeners) listener(session);
  });
  subscriber.on(
    'ready',
    () =>
      void subscriber
        .subscribe(channel)
        .catch((error: Error) => log.warn({ reason: error.message }, 'redis subscribe')),
  );
  await Promise.all([publisher.connect(), subscriber.connect()]).catch(() => {
    // Said by the error listener. It reconnects by itself; until then revocation takes up to a second.
  });
  return {
    announce: (session) =>
      void publisher
        .publish(channel, session)
        .catch((error: Error) => log.warn({ reason: error.message }, 'redis publish')),
    onRevoked: (listener) => void listeners.push(listener),
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
