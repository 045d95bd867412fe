/** A data directory that was there before the first start, made by somebody for themselves alone. */
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startEmbedded } from '../../subgraphs/postgres/embedded.js';

let above: string;
beforeEach(async () => {
  above = await mkdtemp(join(tmpdir(), 'sluse-directory-'));
  await chmod(above, 0o755);
});
afterEach(() => rm(above, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
const isRoot = userInfo().uid === 0;

async function answers(directory: string): Promise<unknown> {
  const database = await startEmbedded(directory);
  const client = new pg.Client({ connectionString: database.url });
  try {
    await client.connect();
    return (await client.query('SELECT 1 AS one')).rows[0];
  } finally {
    await client.end();
    await database.stop();
  }
}

describe('a data directory with mode 0700', () => {
  it('works, at first and again, and stays closed to everybody but its owner and PostgreSQL', async () => {
    const directory = join(above, 'data');
    await mkdir(directory, { mode: 0o700 });
    expect(await answers(directory)).toEqual({ one: 1 });
    // PostgreSQL refuses to run as root and runs as a user of its own, whose group may pass through and read nothing.
    expect(await modeOf(directory)).toBe(isRoot ? 0o710 : 0o700);
    expect(await modeOf(join(directory, 'owner-password'))).toBe(0o600);
    expect(await answers(directory)).toEqual({ one: 1 });
  }, 60_000);

  it('in another one that is not ours to open is refused by naming that one, and nothing is made', async () => {
    const directory = join(above, 'closed', 'data');
    await mkdir(directory, { recursive: true });
    await chmod(join(above, 'closed'), 0o700);
    const started = answers(directory);
    if (!isRoot) return void expect(await started).toEqual({ one: 1 });
    await expect(started).rejects.toThrow(
      `SLUSE_DATA_DIR: under root, PostgreSQL runs as the system user "postgres", who may not pass through ${above}/closed. Allow it with \`chmod o+x ${above}/closed\`, or set SLUSE_DATA_DIR to another directory.`,
    );
    expect(await modeOf(join(above, 'closed'))).toBe(0o700);
    expect(await modeOf(directory)).toBe(0o755);
  }, 60_000);
});
