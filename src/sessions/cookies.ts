/**
 * The cookies that the gateway sets. The session's own is `Lax`: another site's page cannot post with it. The identity provider's
 * answer comes as just such a post, so what has to be there when it arrives travels in cookies of its own, short-lived and of no
 * use anywhere else; over HTTPS these are `None`, on the loopback (where both are one site) `Lax`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { sessionCookie } from './sessions.js';

/** The session's cookie, or with `null` the one that takes it back. */
export const sessionCookieOf = (token: string | null, secure: boolean): string =>
  stringifySetCookie({
    name: sessionCookie(secure),
    value: token ?? '',
    httpOnly: true,
    secure,
    sameSite: 'lax',
    path: '/',
    ...(token === null && { expires: new Date(0) }),
  });

/**
 * `login`: a secret that binds an answer to the browser that asked. `continues`: the session from before, for a sign-in anew.
 * `logout`: id of the LogoutRequest that was sent.
 */
export type Crossing = 'login' | 'continues' | 'logout';

const paths: Readonly<Record<Crossing, string>> = { login: '/', continues: '/saml/acs', logout: '/saml/logout' };

/** Browsers take `__Host-` from this very host only: no neighbour in the domain can plant a secret that it knows. */
const nameOf = (crossing: Crossing, secure: boolean): string =>
  `${secure ? (paths[crossing] === '/' ? '__Host-' : '__Secure-') : ''}sluse_${crossing}`;

/** `null` takes it back. */
export const crossingCookie = (crossing: Crossing, value: string | null, secure: boolean): string =>
  stringifySetCookie({
    name: nameOf(crossing, secure),
    value: value ?? '',
    httpOnly: true,
    secure,
    sameSite: secure ? 'none' : 'lax',
    path: paths[crossing],
    ...(value === null ? { expires: new Date(0) } : { maxAge: 600 }),
  });

/** `null` if it is not there, or could not be one of ours. */
export function crossed(crossing: Crossing, headers: IncomingHttpHeaders, secure: boolean): string | null {
  const value = headers.cookie ? parseCookie(headers.cookie)[nameOf(crossing, secure)] : undefined;
  return value && /^[\w-]{20,200}$/.test(value) ? value : null;
}
