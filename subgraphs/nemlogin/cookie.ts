/**
 * The cookie by which the stand-in recognises a browser. It is not `Secure`, because the stand-in is reached over HTTP on one
 * machine.
 */
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

// Cookies do not distinguish ports, so the name must differ from the gateway's own cookie.
const name = 'nemlogin_session';

export const cookieOf = (request: FastifyRequest): string | undefined =>
  parseCookie(request.headers.cookie ?? '')[name];

/** `null` deletes the cookie. */
export const setCookie = (reply: FastifyReply, value: string | null): FastifyReply =>
  reply.header(
    'set-cookie',
    stringifySetCookie({
      name,
      value: value ?? '',
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      ...(value === null && { expires: new Date(0) }),
    }),
  );
