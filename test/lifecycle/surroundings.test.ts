import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { readiness } from '../../subgraphs/edge/readiness.js';
import {
  dataDirectory,
  endAll,
  ownerUrl,
  postmaster,
  type RunningSluse,
  startSluse,
  until,
} from '../support/processes.js';

/** What a shell may hold: each of these changes what some package does, or led the start astray before. */
const hostile = {
  PGSSLMODE: 'require',
  PGOPTIONS: '-c datestyle=SQL,DMY -c default_transaction_read_only=on',
  PGHOST: '192.0.2.1',
  PGPORT: '1',
  PGUSER: 'nobody',
  PGPASSWORD: 'wrong',
  PGDATABASE: 'nothing',
  PGTZ: 'Asia/Tokyo',
  PGDATESTYLE: 'German',
  PGDATA: '/nowhere',
  PGCLIENTENCODING: 'LATIN1',
  PGAPPNAME: 'x'.repeat(100),
  PGSSLNEGOTIATION: 'direct',
  NODE_PG_FORCE_NATIVE: '1',
  TZ: 'Pacific/Kiritimati',
  LC_ALL: 'tr_TR.UTF-8',
  LANG: 'tr_TR.UTF-8',
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
  HTTP_PROXY: 'http://192.0.2.1:1',
  HTTPS_PROXY: 'http://192.0.2.1:1',
  APOLLO_DISABLE_SECURITY_RECURSIVE_SELECTIONS_CHECK: '1',
  APOLLO_SCHEMA_REPORTING: 'true',
  APOLLO_KEY: 'service:none:none',
  APOLLO_FEDERATION_DEBUG: '1',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://192.0.2.1:1',
  DEBUG: '*',
};

let sluse: RunningSluse;
let directory: string;

beforeAll(async () => {
  directory = await dataDirectory();
  sluse = await startSluse({ ...hostile, SLUSE_DATA_DIR: directory, SLUSE_LOG_LEVEL: 'warn' });
}, 60_000);
afterAll(endAll);

const ready = async () => (await fetch(`${sluse.url}/health/ready`)).status;
const look = async () => {
  const token = await sluse.signIn('guidance-worker');
  const answer = await sluse.ask(
    token,
    'query Look { citizen(cpr: "0201609995") { name cases { nodes { openedOn changedAt } } } }',
  );
  return { status: answer.status, body: (await answer.json()) as { data?: { citizen: { cases: object } } } };
};
const asOwner = async <Row>(sql: string): Promise<Row[]> => {
  const client = new pg.Client({
    connectionString: await ownerUrl(directory),
    ssl: false,
    options: '-c row_security=on -c default_transaction_read_only=off',
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

describe('a start in surroundings that are not ours', () => {
  it('takes nothing from them, and says which variables it does not read', async () => {
    const { status, body } = await look();
    expect([status, JSON.stringify(body.data?.citizen.cases)]).toEqual([
      200,
      expect.stringMatching(/"\d{4}-\d\d-\d\d".*T[\d:.]+Z/),
    ]);
    const logged = await asOwner<{ at: Date }>(`SELECT at FROM audit.entry_details WHERE operation_name = 'Look'`);
    expect(logged).toHaveLength(1);
    expect(Math.abs(logged[0]!.at.getTime() - Date.now())).toBeLessThan(60_000);
    const told = /"variables":(\[[^\]]*\])/.exec(sluse.output())?.[1];
    expect(JSON.parse(told!)).toEqual(
      expect.arrayContaining(['PGSSLMODE', 'PGOPTIONS', 'NODE_TLS_REJECT_UNAUTHORIZED']),
    );
    expect(sluse.output()).toContain('"msg":"these variables are not read: docs/settings.md lists all settings"');
    // Names, and never what stands in them.
    expect(sluse.output()).not.toContain('192.0.2.1');
  });

  it('keeps of its own environment what it and Node know, and nothing else', async () => {
    const known = { DATABASE_URL: 'postgres://h', REDIS_URL: 'redis://h', PORT: '1', HOST: 'h', TMPDIR: '/tmp' };
    const program = `import('./dist/subgraphs/process/environment.js').then(({ ignoredVariables }) =>
      console.log(JSON.stringify([process.env, ignoredVariables])))`;
    const { PATH = '', HOME = '' } = process.env;
    const env = { ...hostile, ...known, PATH, HOME, SLUSE_LOG_LEVEL: 'warn', NODE_ENV: 'development' };
    const shown = execFileSync(process.execPath, ['--eval', program], { env, encoding: 'utf8' });
    const [kept, told] = JSON.parse(shown) as [Record<string, string>, string[]];
    expect(kept).toEqual({
      ...{ ...known, PATH, HOME, SLUSE_LOG_LEVEL: 'warn' },
      ...{ APOLLO_TELEMETRY_DISABLED: 'true', NODE_ENV: 'production', TZ: 'UTC' },
    });
    // A locale stands in every shell, and nobody waits for it.
    const common = ['TZ', 'LC_ALL', 'LANG', 'DEBUG'];
    expect(told).toEqual(
      Object.keys(hostile)
        .filter((name) => !common.includes(name))
        .sort(),
    );
  });

  it.each(['src/main', 'src/bare', 'subgraphs/main', 'subgraphs/sluse'])(
    'is the first thing that %s sees to: packages read theirs while they are loaded',
    async (program) => {
      const imports = (await readFile(`${program}.ts`, 'utf8')).match(/^import .*$/gm)!;
      expect(imports[0]).toMatch(/^import '.*process\/environment\.js';$/);
    },
  );

  it('hands PostgreSQL nothing of it, no secret either, and says all that matters where no file can say otherwise', async () => {
    const { pid } = (await postmaster(directory))!;
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter(Boolean);
    // PostgreSQL itself adds to it.
    expect(environment.filter((one) => !/^PG(DATA|SYSCONFDIR|LOCALEDIR)=/.test(one)).sort()).toEqual([
      'LC_ALL=C',
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'TZ=UTC',
    ]);
    const said = await asOwner<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE source = 'command line'`,
    );
    expect(Object.fromEntries(said.map(({ name, setting }) => [name, setting]))).toMatchObject({
      ...{ listen_addresses: '127.0.0.1', unix_socket_directories: '' },
      ...{ fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' },
      ...{ log_statement: 'none', log_min_error_statement: 'panic' },
    });
    expect((await stat(`${directory}/owner-password`)).mode & 0o077).toBe(0);
    const stranger = new pg.Client({ connectionString: (await ownerUrl(directory)).replace(/:[^:@]+@/, ':wrong@') });
    await expect(stranger.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('nor from what the database holds as its defaults', async () => {
    const { body } = await look();
    for (const setting of [
      'row_security = off',
      'default_transaction_read_only = on',
      "client_encoding = 'LATIN1'",
      "datestyle = 'German'",
      "timezone = 'Asia/Tokyo'",
      "intervalstyle = 'sql_standard'",
      "bytea_output = 'escape'",
    ])
      await asOwner(`ALTER DATABASE sluse SET ${setting}`);
    await asOwner(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'sluse\\_%'`);
    await until('the rooms have connected again', async () => (await ready()) === 200);
    const before = await asOwner<{ n: number }>('SELECT count(*)::int AS n FROM audit.entry_details');
    expect(await look()).toEqual({ status: 200, body });
    const after = await asOwner<{ n: number }>('SELECT count(*)::int AS n FROM audit.entry_details');
    expect(after[0]!.n).toBeGreaterThan(before[0]!.n);
  });
});

describe('ready means that a query with a log entry would be answered', () => {
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'sluse\\_%'`;

  it.each([
    ['the log’s role may not log in', 'ALTER ROLE sluse_audit NOLOGIN', 'ALTER ROLE sluse_audit LOGIN'],
    ['a room’s role may not log in', 'ALTER ROLE sluse_cases NOLOGIN', 'ALTER ROLE sluse_cases LOGIN'],
    [
      'the log’s tables are not to be reached',
      'REVOKE USAGE ON SCHEMA audit FROM sluse_audit',
      'GRANT USAGE ON SCHEMA audit TO sluse_audit',
    ],
    [
      'a room’s tables are not to be reached',
      'REVOKE USAGE ON SCHEMA cases FROM sluse_cases',
      'GRANT USAGE ON SCHEMA cases TO sluse_cases',
    ],
  ])('%s: not ready, and ready again afterwards', async (_name, harm, heal) => {
    expect(await ready()).toBe(200);
    await asOwner(harm);
    await asOwner(cut);
    try {
      await until('it is told', async () => (await ready()) === 503);
    } finally {
      await asOwner(heal);
    }
    await until('it is ready again', async () => (await ready()) === 200);
    expect((await look()).status).toBe(200);
  });
});

describe('whether a part can do its work', () => {
  it('is looked at once for all who ask within half a second', async () => {
    let looks = 0;
    const ready = readiness(async () => {
      looks += 1;
    });
    expect(await Promise.all(Array.from({ length: 50 }, ready))).toEqual(Array(50).fill(true));
    expect(await ready()).toBe(true);
    expect(looks).toBe(1);
    await wait(600);
    await ready();
    expect(looks).toBe(2);
  });

  it('is denied where the look fails, and where it comes to no end', async () => {
    expect(await readiness(() => Promise.reject(new Error('down')))()).toBe(false);
    expect(await readiness(() => new Promise(() => {}))()).toBe(false);
  });
});
