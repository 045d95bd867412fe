/**
 * Connects to PostgreSQL as the URL says, and in no other way. The driver would take missing values from environment variables
 * (`PGSSLMODE`, `PGOPTIONS`) and from `~/.pgpass`, and a server may have defaults for a database or a role (`ALTER ROLE … SET
 * datestyle`). Every such value is set here, so that no outside default applies.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';

/** Settings that our statements, and the parsing of their results, rely on. */
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

/** `url`: in the form that `postgresUrl` in process/urls.ts accepts. */
export function connectionOf(url: string): pg.ClientConfig {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const user = decodeURIComponent(username) || 'postgres';
  return {
    host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ''),
    port: port ? Number(port) : 5432,
    user,
    // A function even without a password: the driver would look elsewhere for a missing value.
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
