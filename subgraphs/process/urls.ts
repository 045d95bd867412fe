/**
 * URLs in settings. A part that would be ignored (a path under an origin, a driver option) is refused: whoever wrote it would believe
 * that it has an effect.
 */
import { z } from 'zod';

/** `http://host:port`, optionally with a final slash. Read as the origin, without the slash. */
export const origin = z
  .string()
  .refine((text) => originOf(text) !== null)
  .transform((text) => originOf(text)!);

/** The origin that a text states, or `null` if it is not a URL or says more than an origin. */
export function originOf(text: string): string | null {
  const url = parsed(text, ['http:', 'https:']);
  if (!url?.hostname || url.username || url.password) return null;
  return url.pathname === '/' && !/[?#]/.test(text) ? url.origin : null;
}

/** Parameters that a PostgreSQL URL may carry. */
const postgresParameters: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert']);
/** `require` and `verify-full` both verify the certificate and the host name. */
const sslModes: ReadonlySet<string> = new Set(['disable', 'require', 'verify-full']);

/** `postgres://user:password@host:5432/database?sslmode=verify-full&sslrootcert=/path/of/ca.pem`. */
export const postgresUrl = z.string().refine((text) => {
  const url = parsed(text, ['postgres:', 'postgresql:']);
  if (!url?.hostname || url.hash || !isOneName(url.pathname)) return false;
  const names = [...url.searchParams.keys()];
  if (new Set(names).size < names.length || names.some((name) => !postgresParameters.has(name))) return false;
  const mode = url.searchParams.get('sslmode');
  const certificate = url.searchParams.get('sslrootcert');
  // A certificate that verifies nothing would be ignored, so it is refused.
  return (mode === null || sslModes.has(mode)) && (certificate === null || (mode !== null && mode !== 'disable'));
});

/** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
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
