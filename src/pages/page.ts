/** Sends a page with its security headers. */
import type { FastifyReply } from 'fastify';
import { type Allowed, contentSecurityPolicy, type Html } from './html.js';

export function page(reply: FastifyReply, content: Html, allowed: Allowed = {}) {
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy': contentSecurityPolicy(allowed),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .send(`<!doctype html>\n${content.text}`);
}
