import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { dataDirectory, endAll, ownerUrl, type RunningSluse, startSluse, until } from '../support/processes.js';

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
    options: '-c row_security=on',
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
    // Names, and never what stands in them.
    expect(sluse.output()).not.toContain('192.0.2.1');
  });

  it('nor from what the database holds as its defaults', async () => {
    for (const setting of [
      "datestyle = 'German'",
      "timezone = 'Asia/Tokyo'",
      "intervalstyle = 'sql_standard'",
      "bytea_output = 'escape'",
    ])
      await asOwner(`ALTER DATABASE sluse SET ${setting}`);
    await asOwner(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'sluse\\_%'`);
    await until('the rooms have connected again', async () => (await ready()) === 200);
    const before = await asOwner<{ n: number }>('SELECT count(*)::int AS n FROM audit.entry_details');
    expect((await look()).status).toBe(200);
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
