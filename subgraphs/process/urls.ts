/**
 * URLs in settings. A part that nobody would honour (a path under an origin, an option of a driver) is refused: whoever
 * wrote it down would take it for done.
 */
import { z } from 'zod';

/** `http://host:port` and nothing behind it but a slash; read as the origin, without the slash. */
export const origin = z
  .string()
  .refine((text) => originOf(text) !== null)
  .transform((text) => originOf(text)!);

/** The origin that a text is, or `null` where it is none, or more than that. */
export function originOf(text: string): string | null {
  const url = parsed(text, ['http:', 'https:']);
  if (!url?.hostname || url.username || url.password) return null;
  return url.pathname === '/' && !/[?#]/.test(text) ? url.origin : null;
}

/** Parameters that a URL of PostgreSQL may carry. */
const postgresParameters: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert']);
/** `require` and `verify-full` both verify the certificate and the name. */
const sslModes: ReadonlySet<string> = new Set(['disable', 'require', 'verify-full']);

/** `postgres://user:password@host:5432/database?sslmode=verify-full&sslrootcert=/path/of/ca.pem`. */
export const postgresUrl = z.string().refine((text) => {
  const url = parsed(text, ['postgres:', 'postgresql:']);
  if (!url?.hostname || url.hash || !isOneName(url.pathname)) return false;
  const names = [...url.searchParams.keys()];
  if (new Set(names).size < names.length || names.some((name) => !postgresParameters.has(name))) return false;
  const mode = url.searchParams.get('sslmode');
  const certificate = url.searchParams.get('sslrootcert');
  // A certificate that nothing is verified with would be one of those parts that nobody honours.
  return (mode === null || sslModes.has(mode)) && (certificate === null || (mode !== null && mode !== 'disable'));
});

/** `redis://user:password@host:6379/0`; `rediss://` over TLS. */
export const redisUrl = z.string().refine((text) => {
  const url = parsed(text, ['redis:', 'rediss:']);
  return Boolean(url?.hostname) && /^\/?\d{0,5}$/.test(url!.pathname) && !/[?#]/.test(text);
});

/** `/name`, `/` or nothing. */
const isOneName = (path: string): boolean => /^(\/[^/]*)?$/.test(path);

function parsed(text: string, protocols: readonly string[]): URL | null {
  if (/\s/.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  return protocols.includes(url.protocol) ? url : null;
}
