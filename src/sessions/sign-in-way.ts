/**
 * By which way a browser signs in: as an employee or as a citizen. It keeps that itself, for the pages that lead back to signing in. What a
 * refused message says of it is not believed, and is not asked: a refusal looks the same for all reasons.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';

export type Way = 'employee' | 'citizen';

/** Of the session's name and path for the same reason: no neighbour in the domain can set it. */
const nameOf = (secure: boolean): string => `${secure ? '__Host-' : ''}sluse_way`;

/** It is there when the identity provider's answer comes as a post from another site. */
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

/** `null` of a browser that never began to sign in here. */
export function wayOf(headers: IncomingHttpHeaders, secure: boolean): Way | null {
  const value = headers.cookie ? parseCookie(headers.cookie)[nameOf(secure)] : undefined;
  return value === 'citizen' || value === 'employee' ? value : null;
}

/** Where one signs in by this way. */
export const signInPath = (way: Way | null): string => (way === 'citizen' ? '/login?as=citizen' : '/login');
