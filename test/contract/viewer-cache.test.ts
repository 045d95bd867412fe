/** Viewers in Redis: a cache that can be lost, late or lied to, and never says more than the identity room did. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { FoundSession } from '../../src/sessions/viewer-cache.js';
import { openViewerCache, type ViewerCache } from '../../src/sessions/viewer-cache.js';
import { until } from '../support/processes.js';
import { aViewer } from '../support/room.js';

const log = pino({ level: 'silent' });
const { privateKey: viewerKey } = generateKeyPairSync('ed25519');
const found: FoundSession = {
  text: JSON.stringify(aViewer({ authenticatedAt: 1 })),
  ...{ person: aViewer().actor.id, revision: 7, goodFor: 30_000, touchIn: 10_000 },
};

describe('without a Redis that answers', () => {
  it('nothing is found, nothing fails, and nobody waits', async () => {
    const cache = openViewerCache({ url: 'redis://127.0.0.1:1', scope: 'nowhere', viewerKey, log });
    // As long as Redis is given to connect. That timer is older than any that the cache could wait for.
    const connecting = new Promise((resolve) => setTimeout(() => resolve('waited'), 1_000));
    const asked = (async () => [await cache.get('a'), await cache.set('a', found)])();
    expect(await Promise.race([connecting, asked])).toEqual([null, undefined]);
    cache.close();
  });
});

const url = process.env.REDIS_URL;
if (!url) process.stdout.write('viewer-cache: what needs a Redis is run with REDIS_URL only.\n');
(url ? describe : describe.skip)('with Redis', () => {
  const scope = `sluse_test_${randomUUID().slice(0, 8)}`;
  let redis: Redis;
  let cache: ViewerCache;
  beforeAll(async () => {
    redis = new Redis(url!);
    cache = openViewerCache({ url: url!, scope, viewerKey, log });
    await until('the cache answers', async () => {
      await cache.set('ready', found);
      return (await cache.get('ready')) !== null;
    });
  });
  afterAll(async () => {
    for (const key of await redis.keys(`sluse:${scope}:*`)) await redis.del(key);
    redis.disconnect();
    cache.close();
  });
  const place = (key: string) => `sluse:${scope}:viewer:${key}`;

  it('finds what another gateway put there, that much older', async () => {
    await cache.set('a', found);
    const other = openViewerCache({ url: url!, scope, viewerKey, log });
    let seen: FoundSession | null = null;
    await until('it is found', async () => {
      seen = await other.get('a');
      return seen !== null;
    });
    other.close();
    expect(seen).toMatchObject({ text: found.text, person: found.person, revision: 7 });
    expect(seen!.goodFor).toBeLessThanOrEqual(30_000);
    expect(seen!.touchIn).toBe(10_000 - (30_000 - seen!.goodFor));
  });

  it('holds nothing that can be read there: no name, no right, no id', async () => {
    await cache.set('a', found);
    const stored = (await redis.getBuffer(place('a')))!.toString('latin1');
    for (const part of ['CASEWORKER', found.person, 'municipality']) expect(stored).not.toContain(part);
  });

  it('never takes a value that is in another session’s place, of another key, changed, cut short or plain', async () => {
    await cache.set('a', found);
    const stored = (await redis.getBuffer(place('a')))!;
    const flipped = Buffer.from(stored);
    flipped[20]! ^= 1;
    const { privateKey: anotherKey } = generateKeyPairSync('ed25519');
    const stranger = openViewerCache({ url: url!, scope, viewerKey: anotherKey, log });
    await until('it is stored', async () => {
      await stranger.set('c', found);
      return (await redis.exists(place('c'))) > 0;
    });
    stranger.close();
    expect(await cache.get('c')).toBeNull();
    for (const value of [
      stored,
      flipped,
      stored.subarray(0, 30),
      Buffer.from(JSON.stringify(found)),
      Buffer.alloc(0),
    ]) {
      await redis.set(place('b'), value, 'PX', 30_000);
      expect(await cache.get('b')).toBeNull();
    }
  });

  it('never takes a value that somebody made to last', async () => {
    await cache.set('a', found);
    await redis.persist(place('a'));
    expect(await cache.get('a')).toBeNull();
    await redis.pexpire(place('a'), 3_600_000);
    expect(await cache.get('a')).toBeNull();
  });
});
