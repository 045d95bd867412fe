/** The cookie by which the stand-in knows a browser again. Not `Secure`: it is spoken to over HTTP on one machine. */
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

// Cookies do not tell ports apart: the gateway's own must be called something else.
const name = 'nemlogin_session';

export const cookieOf = (request: FastifyRequest): string | undefined =>
  parseCookie(request.headers.cookie ?? '')[name];

/** `null` takes it back. */
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
