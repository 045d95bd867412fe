/**
 * The cookies that the gateway sets. The session cookie is `Lax`, so another site's page cannot post with it. The
 * identity provider's answer is exactly such a post, so everything needed when it arrives is in separate cookies, which
 * are short-lived and useless elsewhere. These are `None` over HTTPS, and `Lax` on the loopback, where both are one
 * site.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { sessionCookie } from './sessions.js';

/** Returns the `Set-Cookie` header of the session cookie. `null` deletes the cookie. */
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
 * `login`: a secret that binds an answer to the browser that started the sign-in. `continues`: the previous session,
 * for a fresh sign-in. `logout`: id of the LogoutRequest that was sent.
 */
export type Crossing = 'login' | 'continues' | 'logout';

const paths: Readonly<Record<Crossing, string>> = { login: '/', continues: '/saml/acs', logout: '/saml/logout' };

/**
 * Browsers accept `__Host-` cookies only from this host: no other host of the domain can set a secret that it knows.
 */
const nameOf = (crossing: Crossing, secure: boolean): string =>
  `${secure ? (paths[crossing] === '/' ? '__Host-' : '__Secure-') : ''}sluse_${crossing}`;

/** Returns the `Set-Cookie` header. `null` deletes the cookie. */
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

/** Returns the cookie's value. `null` if it is missing or cannot be one of ours. */
export function crossed(crossing: Crossing, headers: IncomingHttpHeaders, secure: boolean): string | null {
  const value = headers.cookie ? parseCookie(headers.cookie)[nameOf(crossing, secure)] : undefined;
  return value && /^[\w-]{20,200}$/.test(value) ? value : null;
}
