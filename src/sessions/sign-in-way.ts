/**
 * Remembers in a cookie how a browser signs in, as an employee or as a citizen, for the pages that lead back to
 * sign-in. A refused message is never consulted about it: a refusal must look the same for every reason.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';

export type Way = 'employee' | 'citizen';

/** `__Host-`, as for the session cookie: no other host of the domain can set it. */
const nameOf = (secure: boolean): string => `${secure ? '__Host-' : ''}sluse_way`;

/** It must be sent with the identity provider's answer, which is a post from another site. */
export const wayCookie = (way: Way, secure: boolean): string =>
  stringifySetCookie({
    name: nameOf(secure),
    value: way,
    httpOnly: true,
    secure,
    sameSite: secure ? 'none' : 'lax',
    path: '/',
    maxAge: 30 * 24 * 3_600,
  });

/** `null` for a browser that never started a sign-in here. */
export function wayOf(headers: IncomingHttpHeaders, secure: boolean): Way | null {
  const value = headers.cookie ? parseCookie(headers.cookie)[nameOf(secure)] : undefined;
  return value === 'citizen' || value === 'employee' ? value : null;
}

/** Path of the sign-in page for this way. */
export const signInPath = (way: Way | null): string => (way === 'citizen' ? '/login?as=citizen' : '/login');
