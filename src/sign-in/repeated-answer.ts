/**
 * Handles going back or reloading after a sign-in, when the browser posts an answer of the identity provider that was
 * already used. The answer is refused and logged like any other. But a browser with a valid session continues where
 * that sign-in led, instead of being told that signing in failed.
 *
 * The post comes from another site, so the browser does not send the session cookie. A second cookie says where the
 * sign-in led, and the session is checked in a second request, which does carry the session cookie.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { ownPath } from '../http/local-redirect.js';

/** Path of the second request. */
export const resumePath = '/saml/resume';

/** Reasons for which a genuine answer is refused when it is repeated or late. */
const reasons: ReadonlySet<string> = new Set([
  'USED_REQUEST',
  'EXPIRED_REQUEST',
  'SAML_EXPIRED',
  'SIGN_IN_OTHER_BROWSER',
]);

const nameOf = (secure: boolean): string => `${secure ? '__Secure-' : ''}sluse_led`;
const longest = 1_000;

/** `returnTo`: where a sign-in led. It is useless to anybody else: it is a path of this server and grants no access. */
export const ledCookie = (returnTo: string, secure: boolean): string =>
  stringifySetCookie({
    name: nameOf(secure),
    value: returnTo.length <= longest ? returnTo : '/',
    httpOnly: true,
    secure,
    sameSite: secure ? 'none' : 'lax',
    path: '/saml/acs',
    maxAge: 24 * 3_600,
  });

/**
 * Returns where a refused browser continues. `null` unless it signed in here before and the reason is typical of going
 * back.
 */
export function onwardAfter(reason: string, headers: IncomingHttpHeaders, secure: boolean): string | null {
  if (!reasons.has(reason)) return null;
  const led = ownPath(headers.cookie ? parseCookie(headers.cookie)[nameOf(secure)] : undefined);
  return led && `${resumePath}?return=${encodeURIComponent(led)}`;
}
