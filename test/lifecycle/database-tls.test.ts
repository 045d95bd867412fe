/** PostgreSQL over TLS, played by a small server: what is tried is whom the driver believes, before anything is said to it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { credentialsFile } from '../../subgraphs/nemlogin/credentials.js';
import { connectionOf } from '../../subgraphs/postgres/connection-options.js';
import { originOf, postgresUrl, redisUrl } from '../../subgraphs/process/urls.js';

let folder: string;
let server: Server;
let port: number;
/** What came in the clear beyond the question whether TLS is spoken, and the user names that came over TLS. */
let clear: number;
let users: string[];
let speaksTls = true;

const sslRequest = 80_877_103;

/** A certificate for `localhost` that vouches for itself, and another one. */
const certificates = () =>
  Promise.all(['ours', 'other'].map((name) => credentialsFile(join(folder, `${name}.pem`), 'localhost', new Date())));

function greet(socket: Socket) {
  socket.once('data', (first: Buffer) => {
    if (first.length !== 8 || first.readInt32BE(4) !== sslRequest) {
      clear += first.length;
      return socket.destroy();
    }
    if (!speaksTls) return socket.end('N');
    socket.write('S');
    const secured = new TLSSocket(socket, {
      isServer: true,
      key: readFileSync(join(folder, 'ours.pem')),
      cert: readFileSync(join(folder, 'ours.pem')),
    });
    secured.on('error', () => {});
    secured.once('data', (start: Buffer) => {
      users.push(/user\0([^\0]+)/.exec(start.toString('latin1'))?.[1] ?? '');
      secured.destroy();
    });
  });
  socket.on('error', () => {});
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluse-tls-'));
  await certificates();
  server = createServer(greet);
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  port = (server.address() as { port: number }).port;
});
afterAll(async () => {
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true, force: true });
});

async function connect(host: string, query: string): Promise<string> {
  clear = 0;
  users = [];
  const client = new pg.Client(connectionOf(`postgres://room:secret@${host}:${port}/d${query}`));
  client.on('error', () => {});
  try {
    await client.connect();
    return 'connected';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end().catch(() => {});
  }
}

describe('sslmode', () => {
  const ca = () => `&sslrootcert=${encodeURIComponent(join(folder, 'ours.pem'))}`;

  it.each(['require', 'verify-full'])(
    '%s believes the certificate that is named, and speaks only then',
    async (mode) => {
      await connect('localhost', `?sslmode=${mode}${ca()}`);
      expect([users, clear]).toEqual([['room'], 0]);
    },
  );

  it.each<[string, string, () => string]>([
    ['a certificate that nobody named', 'localhost', () => '?sslmode=require'],
    [
      'another authority',
      'localhost',
      () => `?sslmode=require&sslrootcert=${encodeURIComponent(join(folder, 'other.pem'))}`,
    ],
    ['another name than the certificate has', '127.0.0.1', () => `?sslmode=verify-full${ca()}`],
  ])('tells nothing, not even its name, to a server with %s', async (_what, host, query) => {
    expect(await connect(host, query())).toMatch(/certificate|altnames/i);
    expect([users, clear]).toEqual([[], 0]);
  });

  it('does not fall back to a connection in the clear', async () => {
    speaksTls = false;
    try {
      expect(await connect('localhost', `?sslmode=require${ca()}`)).toMatch(/does not support SSL/);
      expect(clear).toBe(0);
    } finally {
      speaksTls = true;
    }
  });

  it('names the certificate file that is missing', () => {
    expect(() => connectionOf('postgres://x@h/d?sslmode=require&sslrootcert=/nowhere.pem')).toThrow(
      'DATABASE_URL: /nowhere.pem cannot be read (ENOENT). Expected `sslrootcert` to be the path of a PEM file.',
    );
  });
});

describe('a connection', () => {
  it('says everything that the driver would look for elsewhere', () => {
    const { password, options, ...said } = connectionOf('postgres://a%40b:p%2Fq@[::1]');
    expect(said).toMatchObject({
      host: '::1',
      port: 5432,
      user: 'a@b',
      database: 'a@b',
      ssl: false,
      sslnegotiation: 'postgres',
      client_encoding: 'UTF8',
    });
    expect((password as () => string)()).toBe('p/q');
    expect(options!.split(/ ?-c /).slice(1)).toEqual(
      expect.arrayContaining([
        ...['datestyle=ISO,YMD', 'intervalstyle=postgres', 'timezone=UTC', 'bytea_output=hex', 'extra_float_digits=1'],
        ...['standard_conforming_strings=on', 'default_transaction_isolation=read\\ committed'],
        ...['default_transaction_read_only=off', 'row_security=on'],
      ]),
    );
  });

  it.each([
    ['postgres://h', true],
    ['postgres://u@h/d?sslmode=verify-full', true],
    ['postgres://u@h/d?sslmode=verify-ca', false],
    ['postgres://u@h/d?sslcert=x', false],
    ['postgres:///d', false],
  ])('to %s: %s', (url, fits) => expect(postgresUrl.safeParse(url).success).toBe(fits));

  it('of Redis and origins have no part that is not honoured', () => {
    expect([redisUrl.safeParse('redis://h/3').success, redisUrl.safeParse('redis://h/3?db=4').success]).toEqual([
      true,
      false,
    ]);
    expect(['http://h/', 'http://h/a', 'http://h?', 'ftp://h', 'http://u@h'].map(originOf)).toEqual([
      'http://h',
      ...[null, null, null, null],
    ]);
  });
});
