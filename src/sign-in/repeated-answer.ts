/**
 * Going back, or loading again, after signing in: the browser posts an answer of the identity provider that was used. It is refused and logged
 * like any other. But whose session is good is led on to where that sign-in led, and not told that signing in failed.
 *
 * The post comes from another site, so that the session's own cookie stays at home. A cookie beside it says where the sign-in led; the session
 * is looked at in a second hop, to which the browser brings it.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { ownPath } from '../http/local-redirect.js';

/** The path of the second hop. */
export const resumePath = '/saml/resume';

/** Reasons that a good answer is refused for when it comes again, or too late. */
const reasons: ReadonlySet<string> = new Set([
  'USED_REQUEST',
  'EXPIRED_REQUEST',
  'SAML_EXPIRED',
  'SIGN_IN_OTHER_BROWSER',
]);

const nameOf = (secure: boolean): string => `${secure ? '__Secure-' : ''}sluse_led`;
const longest = 1_000;

/** `returnTo`: where a sign-in led. Of no use to anybody else: it is a path of this server, and opens nothing. */
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

/** Where a browser goes on that is refused for `reason`; `null` unless it signed in here before, and the reason is one of going back. */
export function onwardAfter(reason: string, headers: IncomingHttpHeaders, secure: boolean): string | null {
  if (!reasons.has(reason)) return null;
  const led = ownPath(headers.cookie ? parseCookie(headers.cookie)[nameOf(secure)] : undefined);
  return led && `${resumePath}?return=${encodeURIComponent(led)}`;
}
