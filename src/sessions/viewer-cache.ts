/**
 * Caches viewers in Redis, so that a gateway that has just started, or that gets a person's next request, need not ask
 * the identity room. A value from Redis is trusted only as far as the number of the last access change allows
 * (`access-revision.ts`). So an outdated value, or a Redis restored from yesterday, revives nothing.
 *
 * Values are encrypted (AES-256-GCM) with a key that only gateways have. Write access to Redis makes nobody a viewer,
 * and read access reveals nothing.
 */
import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/**
 * What the identity room said of a session. `goodFor`: milliseconds of validity. `touchIn`: milliseconds until it must
 * be asked again.
 */
export interface FoundSession {
  /** The viewer as JSON. */
  readonly text: string;
  readonly person: string;
  readonly revision: number;
  readonly goodFor: number;
  readonly touchIn: number;
}

export interface ViewerCache {
  /** Resolves to `null` if there is no readable value, for whatever reason. */
  get(key: string): Promise<FoundSession | null>;
  /** Stores the value for as long as it is valid. Never rejects: it is only a cache. */
  set(key: string, found: FoundSession): Promise<void>;
  close(): void;
}

export interface ViewerCacheOptions {
  readonly url: string;
  /** Separates municipalities and tests that share one Redis. */
  readonly scope: string;
  /** The key that signs viewer tokens, which all gateways have and nobody else. */
  readonly viewerKey: KeyObject;
  readonly log: Logger;
}

export function openViewerCache({ url, scope, viewerKey, log }: ViewerCacheOptions): ViewerCache {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // A cache that is slower than the room is no help.
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
        // The value outlives its own validity, so it was not stored by us like this.
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
          // The error listener has reported it, or Redis was slow. The next gateway asks the room.
        });
    },
    close: () => redis.disconnect(),
  };
}

const [nonceSize, tagSize] = [12, 16];

/** Encrypts a value and binds it to its key: copied to another session's place, it cannot be decrypted. */
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
