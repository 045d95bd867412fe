/**
 * Viewers in Redis, so that a gateway that just started, or that a person's next request happens to reach, need not ask the
 * identity room. What is read there is believed only as far as the number of the last change of access allows
 * (`access-revision.ts`), so a value that is too old, or a Redis that was put back to yesterday, revives nothing.
 *
 * Values are sealed (AES-256-GCM) with a key that only gateways have: who can write to Redis makes nobody a viewer, and who
 * can read it learns nothing.
 */
import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** What the identity room said of a session: how long it is good for, and after how long it is to be asked again. */
export interface FoundSession {
  /** The viewer as JSON. */
  readonly text: string;
  readonly person: string;
  readonly revision: number;
  readonly goodFor: number;
  readonly touchIn: number;
}

export interface ViewerCache {
  /** `null` where there is none that can be read, for whatever reason. */
  get(key: string): Promise<FoundSession | null>;
  /** Kept for as long as it is good. Never fails: it is a cache. */
  set(key: string, found: FoundSession): Promise<void>;
  close(): void;
}

export interface ViewerCacheOptions {
  readonly url: string;
  /** Keeps municipalities and tests that share one Redis apart. */
  readonly scope: string;
  /** The key that signs viewer tokens: all gateways have it, and nobody else. */
  readonly viewerKey: KeyObject;
  readonly log: Logger;
}

export function openViewerCache({ url, scope, viewerKey, log }: ViewerCacheOptions): ViewerCache {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // A cache that takes longer than the room would is no help.
    commandTimeout: 50,
    connectTimeout: 1_000,
    autoResendUnfulfilledCommands: false,
  });
  redis.on('error', (error) => log.warn({ reason: error.message }, 'redis'));
  const secret = viewerKey.export({ type: 'pkcs8', format: 'der' });
  const sealing = Buffer.from(hkdfSync('sha256', secret, '', `sluse viewer cache ${scope}`, 32));
  const place = (key: string) => `sluse:${scope}:viewer:${key}`;
  return {
    async get(key) {
      try {
        const answers = await redis.multi().getBuffer(place(key)).pttl(place(key)).exec();
        const [value, left] = [answers?.[0]?.[1], answers?.[1]?.[1]];
        if (!Buffer.isBuffer(value) || typeof left !== 'number' || left <= 0) return null;
        const found = JSON.parse(opened(sealing, key, value)) as FoundSession;
        const age = found.goodFor - left;
        // Longer than it was good for: not as it was put there.
        if (age < 0) return null;
        return { ...found, goodFor: left, touchIn: found.touchIn - age };
      } catch {
        return null;
      }
    },
    async set(key, found) {
      if (found.goodFor < 1) return;
      await redis
        .set(place(key), sealed(sealing, key, JSON.stringify(found)), 'PX', Math.floor(found.goodFor))
        .catch(() => {
          // Said by the error listener, or slow: the next one asks the room.
        });
    },
    close: () => redis.disconnect(),
  };
}

const [nonceSize, tagSize] = [12, 16];

/** Bound to its key: a value put in another session's place opens nothing. */
function sealed(secret: Buffer, key: string, text: string): Buffer {
  const nonce = randomBytes(nonceSize);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(key));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function opened(secret: Buffer, key: string, value: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', secret, value.subarray(0, nonceSize), { authTagLength: tagSize })
    .setAAD(Buffer.from(key))
    .setAuthTag(value.subarray(-tagSize));
  return Buffer.concat([decipher.update(value.subarray(nonceSize, -tagSize)), decipher.final()]).toString('utf8');
}
