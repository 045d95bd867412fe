/** Signing in: a request comes with the browser, a person is picked, and an answer goes back with the browser. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { StandIn } from './context.js';
import { cookieOf, setCookie } from './cookie.js';
import type { KnownServiceProvider } from './metadata.js';
import { status } from './names.js';
import { pickPage, send, sendingPage } from './pages.js';
import { readRedirect } from './redirect.js';
import { MessageRefused } from './refused.js';
import { type AuthnRequest, meets, readAuthnRequest } from './requests.js';
import { decline, issue } from './response.js';
import type { SsoSession } from './sessions.js';

/** A request that waits for a person to be picked. */
interface PendingSignOn {
  readonly request: AuthnRequest;
  readonly relayState: string | null;
  readonly until: number;
}

const patience = 10 * 60_000; // milliseconds
const mostWaiting = 1_000;

export function signOnRoutes(app: FastifyInstance, standIn: StandIn): void {
  const waiting = new Map<string, PendingSignOn>();

  app.get('/sso', async (request, reply) => {
    const from = await standIn.serviceProvider();
    const { xml, relayState } = readRedirect(request.raw.url!, 'SAMLRequest', from.signing);
    const now = standIn.now();
    const asked = readAuthnRequest(xml, from, `${standIn.origin}/sso`, now);
    const people = standIn.people.filter((person) => meets(asked, person));
    if (people.length === 0) return refuse(reply, standIn, { request: asked, relayState }, status.noAuthnContext);
    const session = standIn.sessions.of(cookieOf(request));
    const known = session && people.includes(session.person) ? session : null;
    if (known && !asked.forceAuthn) return answer(reply, standIn, from, { request: asked, relayState }, known);
    if (asked.isPassive) return refuse(reply, standIn, { request: asked, relayState }, status.noPassive);
    const transaction = randomBytes(32).toString('base64url');
    for (const [key, { until }] of waiting)
      if (until <= now.getTime() || waiting.size >= mostWaiting) waiting.delete(key);
    waiting.set(transaction, { request: asked, relayState, until: now.getTime() + patience });
    return send(reply, pickPage({ people, service: from.entityId, transaction, confirms: known?.person ?? null }));
  });

  const form = z.object({ transaction: z.string(), person: z.string().optional() });

  app.post('/pick', async (request, reply) => {
    const picked = form.safeParse(request.body).data;
    const found = waiting.get(picked?.transaction ?? '');
    if (!picked || !found || found.until <= standIn.now().getTime())
      throw new MessageRefused('Expected a log-in that was begun within the last 10 minutes and is not answered yet.');
    const person = standIn.people.find((one) => one.key === picked.person && meets(found.request, one));
    if (picked.person !== undefined && !person) throw new MessageRefused('person: expected one of the list.');
    // Answered once: a second assertion for the same request would be refused as a replay anyway.
    waiting.delete(picked.transaction);
    if (!person) return refuse(reply, standIn, found, status.authnFailed);
    const from = await standIn.serviceProvider();
    const { cookie, session } = standIn.sessions.open(cookieOf(request), person);
    return answer(setCookie(reply, cookie), standIn, from, found, session);
  });
}

type SignOnRequest = Pick<PendingSignOn, 'request' | 'relayState'>;

async function answer(
  reply: FastifyReply,
  { credentials, entityId, now }: StandIn,
  from: KnownServiceProvider,
  { request, relayState }: SignOnRequest,
  { person, index, authnInstant }: SsoSession,
) {
  if (!from.encryption) throw new MessageRefused('Metadata: expected a certificate for encryption.');
  const response = await issue({
    credentials,
    issuer: entityId,
    recipient: request.consumer,
    inResponseTo: request.id,
    audience: from.entityId,
    encryptFor: from.encryption,
    person,
    sessionIndex: index,
    authnInstant,
    now: now(),
  });
  return send(reply, sendingPage(request.consumer, response, relayState), request.consumer);
}

function refuse(
  reply: FastifyReply,
  { credentials, entityId, now }: StandIn,
  { request, relayState }: SignOnRequest,
  why: string,
) {
  const envelope = {
    credentials,
    issuer: entityId,
    recipient: request.consumer,
    inResponseTo: request.id,
    now: now(),
  };
  return send(reply, sendingPage(request.consumer, decline(envelope, why), relayState), request.consumer);
}
