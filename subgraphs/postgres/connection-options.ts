/**
 * How Sluse connects to PostgreSQL: as the URL says, and in no other way. The driver would fill what is missing from variables
 * of the environment (`PGSSLMODE`, `PGOPTIONS`) and from `~/.pgpass`, and a server may have defaults of its own for a database
 * or a role (`ALTER ROLE … SET datestyle`). Each of these is said here, so that none of them reaches in.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** What our statements and what we read of their answers rely on, whatever the server's own defaults are. */
const sessionSettings = {
  datestyle: 'ISO,YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read\\ committed',
  default_transaction_read_only: 'off',
  row_security: 'on',
} as const;

/** `url`: as `postgresUrl` in process/urls.ts takes it. */
export function connectionOf(url: string): pg.ClientConfig {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const user = decodeURIComponent(username) || 'postgres';
  return {
    host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ''),
    port: port ? Number(port) : 5432,
    user,
    // A function is asked even where there is none: a missing value would be looked for elsewhere.
    password: () => decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || user,
    ssl: tlsOf(searchParams.get('sslmode'), searchParams.get('sslrootcert')),
    sslnegotiation: 'postgres',
    client_encoding: 'UTF8',
    application_name: 'sluse',
    options: Object.entries(sessionSettings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    connectionTimeoutMillis: 3_000,
  } as pg.ClientConfig;
}

function tlsOf(mode: string | null, certificate: string | null): pg.ClientConfig['ssl'] {
  if (mode === null || mode === 'disable') return false;
  if (certificate === null) return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: readFileSync(certificate, 'utf8') };
  } catch (error) {
    throw new Error(
      `DATABASE_URL: ${certificate} cannot be read (${(error as NodeJS.ErrnoException).code}). Expected \`sslrootcert\` to be the path of a PEM file.`,
    );
  }
}
