import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { audit, checkDurability } from '../../subgraphs/audit/index.js';
import { openRoom } from '../../subgraphs/kit/start-room.js';
import { viewerVerifier } from '../../subgraphs/protocol/viewer.js';
import { freshDatabase, type TestDatabase, testSecret } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const open = () =>
  openRoom(audit, {
    on: { ownerUrl: database.url },
    secret: testSecret,
    verifier: viewerVerifier(generateKeyPairSync('ed25519').publicKey),
    host: '127.0.0.1',
    port: 0,
    log: pino({ level: 'silent' }),
  });

describe('the audit room', () => {
  it('opens where a committed entry is on disk', async () => {
    const room = await open();
    expect((await fetch(`${room.url}/health`)).status).toBe(200);
    await room.close();
  });

  it.each([
    ['the database', () => `ALTER DATABASE ${database.name}`],
    ['its own login role', () => `ALTER ROLE ${database.name}_audit`],
  ])(
    'refuses to open where synchronous_commit is off for %s, and opens once it is on again',
    async (_whose, target) => {
      await database.sql(`${target()} SET synchronous_commit = off`);
      await expect(open()).rejects.toThrow(
        'PostgreSQL setting synchronous_commit = off: expected on. An entry of the log would not survive a power cut.',
      );
      const left = await database.sql(`SELECT FROM pg_stat_activity WHERE usename = '${database.name}_audit'`);
      expect(left).toEqual([]);
      await database.sql(`${target()} RESET synchronous_commit`);
      await (await open()).close();
    },
  );

  it('names every one of the three settings that is off', async () => {
    // fsync and full_page_writes belong to the whole server, which other tests share: their values are played.
    const values: Record<string, string> = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'local' };
    const rows = Object.entries(values).map(([name, value]) => ({ name, value }));
    expect(await checkDurability({ rows: async () => rows as never })).toEqual([
      'fsync = off',
      'full_page_writes = off',
    ]);
  });
});
