/**
 * The browser's routes for signing in and out through the identity provider. `src/saml` decides what a SAML message
 * says; the identity room knows which sign-ins are under way and which messages were seen. These routes combine both,
 * and open or close the session.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Footprint } from '../../subgraphs/edge/footprint.js';
import { writeEntryOrWithhold } from '../../subgraphs/edge/release.js';
import { type RequestRecord, requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { Fault } from '../../subgraphs/protocol/faults.js';
import { pairsIn, utf8In } from '../../subgraphs/protocol/reading.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { ownPath } from '../http/local-redirect.js';
import { rateLimit } from '../http/route-rate.js';
import type { JsonObject } from '../operation/json.js';
import type { DemoPages } from '../pages/index.js';
import { page } from '../pages/page.js';
import { signedOutPage } from '../pages/sign-in.js';
import type { Assertion } from '../saml/assertion.js';
import type { Arrived } from '../saml/logout.js';
import { formsOf } from '../saml/name-id.js';
import type { ServiceProvider } from '../saml/service-provider.js';
import { crossed, crossingCookie, sessionCookieOf } from '../sessions/cookies.js';
import { type Sessions, tokenOf } from '../sessions/sessions.js';
import { type Way, wayCookie, wayOf } from '../sessions/sign-in-way.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';
import { ledCookie, resumePath } from './repeated-answer.js';
import { refuse, type SignInStepOptions, signInStep } from './sign-in-step.js';

export interface LoginOptions extends SignInStepOptions {
  readonly provider: ServiceProvider;
  /** The identity room's internal endpoints. */
  readonly identity: CallRoom;
  readonly municipality: string;
  readonly sessions: Sessions;
  readonly now: () => Date;
  /**
   * Messages per second, per address and in all. About a hundred can be verified per second, and other requests need
   * the processor too.
   */
  readonly rate?: { readonly address: number; readonly all: number };
}

/** Maximum bytes of a form: an assertion with many privileges, encrypted and base64-encoded twice. */
const largestForm = 300_000;
/** A message up to this many characters costs one unit of the rate limit. Most are shorter. */
const usualMessage = 40_000;

const costOf = ({ body }: FastifyRequest): number => {
  const message = body instanceof Map ? (body.get('SAMLResponse') ?? body.get('SAMLRequest') ?? '') : '';
  return 1 + Math.floor(String(message).length / usualMessage);
};

/** Registers the routes. Returns `onward`, which tells where the browser continues when it signs out. */
export function loginRoutes(app: FastifyInstance, options: LoginOptions): Pick<DemoPages, 'onward'> {
  const { provider } = options;
  const withinRate = rateLimit(options.rate ?? { address: 20, all: 80 }, options.workstationOf);
  // A scope of its own, because forms are parsed only here.
  app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'buffer', bodyLimit: largestForm },
      (_request, body, done) => done(null, formOf(body as Buffer)),
    );
    // A message that cannot even be parsed is logged as an attempt too.
    scope.setErrorHandler((error: Error & { code?: string }, request, reply) => {
      if (error instanceof Fault || !request.url.startsWith('/saml/')) throw error;
      const tooLarge = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
      if (tooLarge) reply.header('connection', 'close');
      const reason = tooLarge ? 'SAML_TOO_LARGE' : 'SAML_MALFORMED';
      return signInStep('SamlMessage', request, reply, options, async () => refuse(reason));
    });
    // No HEAD: it would start a sign-in that nobody continues.
    scope.get('/saml/metadata', { exposeHeadRoute: false }, (_request, reply) =>
      reply.type('application/samlmetadata+xml').header('cache-control', 'no-store').send(provider.metadata()),
    );
    scope.get('/login', { exposeHeadRoute: false }, (request, reply) =>
      signInStep('BeginSignIn', request, reply, options, async () => {
        withinRate(request);
        return begin(request, reply, options);
      }),
    );
    scope.post('/saml/acs', (request, reply) =>
      signInStep('SignIn', request, reply, options, async () => {
        withinRate(request, costOf(request));
        return finish(request, reply, options);
      }),
    );
    scope.get(resumePath, { exposeHeadRoute: false }, (request, reply) =>
      signInStep('ResumeSession', request, reply, options, async () => {
        await withinRate(request);
        return resume(request, reply, options);
      }),
    );
    scope.get('/saml/logout', { exposeHeadRoute: false }, (request, reply) =>
      signInStep('SignOut', request, reply, options, async () => {
        withinRate(request);
        const query = request.raw.url?.split(/\?(.*)/s)[1] ?? '';
        return logout({ binding: 'redirect', query }, request, reply, options);
      }),
    );
    scope.post('/saml/logout', (request, reply) =>
      signInStep('SignOut', request, reply, options, async () => {
        withinRate(request, costOf(request));
        return logout({ binding: 'post', form: formIn(request) }, request, reply, options);
      }),
    );
  });
  return { onward: (token) => onwardFrom(token, options) };
}

async function begin(request: FastifyRequest, reply: FastifyReply, options: LoginOptions): Promise<FastifyReply> {
  const { provider, identity, municipality, secureCookie, sessions } = options;
  const query = request.query as Record<string, unknown>;
  const returnTo = query.return === undefined ? '/sandbox' : ownPath(query.return);
  if (returnTo === null)
    throw new Fault('BAD_USER_INPUT', '"return": expected a path of this server, such as /sandbox.');
  const before = tokenOf({ cookie: request.headers.cookie }, secureCookie);
  const viewer = before === null ? null : await sessions.viewerOf(before, 'polling');
  const way = wayFor(query, viewer, wayOf(request.headers, secureCookie));
  const requested = {
    // After an idle time-out the person must authenticate again, whatever session the identity provider still has
    // (Datasikkerhed i borgerservicecentre §1.3).
    forceAuthn: query.again === '1' || (before !== null && viewer === null),
    kind: way === 'citizen' ? 'person' : 'professional',
  } as const;
  const made = await provider.authnRequest(requested, options.now()).catch((error: Error) => {
    options.log.error({ reason: error.message }, 'no AuthnRequest can be made');
    throw new Fault('SIGN_IN_UNAVAILABLE');
  });
  // All tabs share one secret, so that a second sign-in does not break the first.
  const browser = crossed('login', request.headers, secureCookie) ?? randomBytes(32).toString('base64url');
  await asked(identity, 'begin-sign-in', {
    ...{ municipality, request: made.id, browser, returnTo },
    ...{ forceAuthn: requested.forceAuthn, contexts: made.contexts },
  });
  return onward(reply, made.url, [
    crossingCookie('login', browser, secureCookie),
    crossingCookie('continues', before, secureCookie),
    wayCookie(way, secureCookie),
  ]);
}

/** Chooses the kind of sign-in: the one asked for, or for a fresh sign-in that of the current session. */
function wayFor(query: Record<string, unknown>, viewer: Viewer | null, before: Way | null): Way {
  if (query.as === 'citizen') return 'citizen';
  if (query.as !== undefined || query.again !== '1') return 'employee';
  if (viewer) return viewer.actor.kind === 'Citizen' ? 'citizen' : 'employee';
  return before ?? 'employee';
}

/** The second request after a repeated answer: a browser with a valid session continues where its sign-in led. */
async function resume(request: FastifyRequest, reply: FastifyReply, options: LoginOptions): Promise<FastifyReply> {
  const token = tokenOf({ cookie: request.headers.cookie }, options.secureCookie);
  const viewer = token === null ? null : await options.sessions.viewerOf(token, 'polling');
  if (!viewer) return refuse('SESSION_OVER');
  const { return: returnTo } = request.query as Record<string, unknown>;
  return onward(reply, ownPath(returnTo) ?? '/sandbox', []);
}

async function finish(request: FastifyRequest, reply: FastifyReply, options: LoginOptions): Promise<FastifyReply> {
  const { sessions, secureCookie } = options;
  const response = formIn(request).get('SAMLResponse');
  if (response === undefined) return refuse('SAML_MALFORMED');
  // Checked before anything is parsed: a browser that started no sign-in here cannot finish one, whatever it brings.
  const browser = crossed('login', request.headers, secureCookie);
  if (!browser) return refuse('SIGN_IN_OTHER_BROWSER');
  const outcome = await options.provider.readResponse(response, options.now());
  if ('refused' in outcome) return refuse(outcome.refused);
  const before = [
    crossed('continues', request.headers, secureCookie),
    tokenOf({ cookie: request.headers.cookie }, secureCookie),
  ];
  const continues = before.find((token) => token !== null) ?? null;
  const answer = await asked(
    options.identity,
    'finish-sign-in',
    finishing(outcome.ok, browser, continues, request, options),
  );
  if (typeof answer.refused === 'string') return refuse(answer.refused);
  if (typeof answer.token !== 'string') throw new Fault('SIGN_IN_UNAVAILABLE');
  // These are URIs of privileges, not of persons. An operator may want to map them to rights.
  if (Array.isArray(answer.unknown) && answer.unknown.length > 0)
    options.log.warn({ privileges: answer.unknown.slice(0, 20) }, 'privileges that no right is configured for');
  // A session from before the sign-in never continues.
  for (const token of new Set(before)) if (token !== null && token !== answer.token) await sessions.close(token);
  await logSignedIn(answer.token, request, options);
  const returnTo = ownPath(answer.returnTo) ?? '/sandbox';
  return onward(reply, answer.link === true ? `/first-sign-in?return=${encodeURIComponent(returnTo)}` : returnTo, [
    sessionCookieOf(answer.token, secureCookie),
    crossingCookie('continues', null, secureCookie),
    ledCookie(returnTo, secureCookie),
  ]);
}

/** Logs who signed in and from where. If the entry cannot be written, the session is closed again. */
async function logSignedIn(token: string, request: FastifyRequest, options: LoginOptions): Promise<void> {
  const { sessions, workstationOf } = options;
  const record: RequestRecord = {
    ...requestRecordOf(request.raw, workstationOf(request.raw)),
    viewer: await sessions.viewerOf(token),
    operationName: 'SignIn',
    disclosed: { footprint: signedIn, criterion: () => [], named: new Map(), hasData: false },
  };
  const unlogged = await writeEntryOrWithhold(record, options);
  if (!unlogged) return;
  await sessions.close(token);
  throw new Fault(unlogged);
}

const signedIn: Footprint = { use: 'READ', fields: [], audited: true, sealing: false, ownSession: true };

const finishing = (
  assertion: Assertion,
  browser: string,
  continues: string | null,
  request: FastifyRequest,
  { municipality, workstationOf }: LoginOptions,
) => ({
  municipality,
  request: assertion.request,
  browser,
  assertion: { id: assertion.id, notOnOrAfter: assertion.notOnOrAfter },
  issuer: assertion.issuer,
  nameId: assertion.nameId,
  sessionIndex: assertion.sessionIndex,
  authnInstant: assertion.authnInstant,
  sessionNotOnOrAfter: assertion.sessionNotOnOrAfter,
  assurance: assertion.assurance,
  attributes: assertion.attributes,
  workstation: workstationOf(request.raw),
  ...(continues !== null && { continues }),
});

async function logout(arrived: Arrived, request: FastifyRequest, reply: FastifyReply, options: LoginOptions) {
  const { provider, municipality, secureCookie, sessions } = options;
  // An answer that this browser did not ask for is not parsed.
  if (isAnswer(arrived) && crossed('logout', request.headers, secureCookie) === null)
    return refuse('SAML_IN_RESPONSE_TO');
  const outcome = await provider.readLogout(arrived, options.now());
  if ('refused' in outcome) return refuse(outcome.refused);
  const message = outcome.ok;
  if (message.kind === 'response') {
    if (crossed('logout', request.headers, secureCookie) !== message.request) return refuse('SAML_IN_RESPONSE_TO');
    reply.header('set-cookie', crossingCookie('logout', null, secureCookie));
    return page(reply, signedOutPage(message.succeeded, wayOf(request.headers, secureCookie)));
  }
  const { nameId, sessionIndex } = message;
  // A log-out link made for somebody else must not sign out this browser.
  const own = tokenOf({ cookie: request.headers.cookie }, secureCookie);
  const isOpen = async () =>
    own !== null && typeof (await asked(options.identity, 'sign-in-of', { token: own })).nameId === 'string';
  const wasOpen = await isOpen();
  const settle = sessions.changing();
  for (const form of formsOf(nameId))
    await asked(options.identity, 'logout-by-name', {
      ...{ municipality, nameId: form },
      ...(sessionIndex !== null && { sessionIndex }),
    });
  await settle();
  const url = await provider.logoutResponse(message.id, message.relayState);
  if (url === null) return page(reply, signedOutPage(true, wayOf(request.headers, secureCookie)));
  return onward(reply, url, wasOpen && !(await isOpen()) ? [sessionCookieOf(null, secureCookie)] : []);
}

/**
 * Whether the message is an answer, by the name of its field. A message with both names or neither is refused before
 * parsing.
 */
function isAnswer(arrived: Arrived): boolean {
  const has = (name: string) =>
    arrived.binding === 'post' ? arrived.form.has(name) : new RegExp(`(?:^|&)${name}=`).test(arrived.query);
  return has('SAMLResponse') && !has('SAMLRequest');
}

/**
 * Returns where the browser continues to sign out at the identity provider too. `null` if the session did not come from
 * there.
 */
async function onwardFrom(
  token: string,
  { identity, provider, secureCookie, log }: LoginOptions,
): Promise<{ url: string; cookie: string } | null> {
  try {
    const { nameId, sessionIndex } = await identity('sign-in-of', { token });
    if (typeof nameId !== 'string') return null;
    const sent = await provider.logoutRequest({
      nameId,
      sessionIndex: typeof sessionIndex === 'string' ? sessionIndex : null,
    });
    return sent && { url: sent.url, cookie: crossingCookie('logout', sent.id, secureCookie) };
  } catch (error) {
    // Signing out here must work whatever else fails.
    log.error({ reason: (error as Error).message }, 'no LogoutRequest can be made');
    return null;
  }
}

const onward = (reply: FastifyReply, url: string, cookies: readonly string[]): FastifyReply =>
  reply
    .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'set-cookie': cookies as string[] })
    .redirect(url, 303);

async function asked(identity: CallRoom, name: string, body: object): Promise<JsonObject> {
  return identity(name, body).catch(() => {
    throw new Fault('SIGN_IN_UNAVAILABLE');
  });
}

/** Parses a form. `null` if it is not UTF-8 or contains a name twice, because then its meaning is not unique. */
function formOf(body: Buffer): ReadonlyMap<string, string> | null {
  try {
    const pairs = pairsIn(utf8In(body));
    const form = new Map(pairs);
    return form.size === pairs.length ? form : null;
  } catch {
    return null;
  }
}

const formIn = ({ body }: FastifyRequest): ReadonlyMap<string, string> =>
  body instanceof Map ? body : refuse('SAML_MALFORMED');
