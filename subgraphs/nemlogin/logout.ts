/** Single log-out, begun at the service provider or here. The session here ends before anybody else is told. */
import type { FastifyInstance } from 'fastify';
import type { StandIn } from './context.js';
import { cookieOf, setCookie } from './cookie.js';
import { markup } from './markup.js';
import type { KnownServiceProvider } from './metadata.js';
import { format, ns, status } from './names.js';
import { homePage, loggedOutPage, send } from './pages.js';
import { nameIdOf } from './people.js';
import { readRedirect, redirectTo } from './redirect.js';
import { MessageRefused } from './refused.js';
import { readLogoutRequest, readLogoutResponse } from './requests.js';
import { newId } from './response.js';
import type { SsoSession } from './sessions.js';

export function logoutRoutes(app: FastifyInstance, standIn: StandIn): void {
  const { credentials, sessions } = standIn;
  /** Ids of requests that the service provider has not answered yet. */
  const asked = new Set<string>();

  app.get('/', async (request, reply) => {
    const { logout } = await standIn.serviceProvider();
    // Browsers apply a form's policy to redirects too.
    return send(reply, homePage(sessions.of(cookieOf(request))?.person ?? null), logout?.location);
  });

  app.post('/logout', async (request, reply) => {
    const { logout } = await standIn.serviceProvider();
    const session = sessions.close(cookieOf(request));
    setCookie(reply, null);
    if (!session || !logout) return send(reply, loggedOutPage(true));
    const id = newId();
    asked.add(id);
    const xml = logoutRequest(standIn, id, logout.location, session);
    return reply
      .header('cache-control', 'no-store')
      .redirect(redirectTo(logout.location, 'SAMLRequest', { xml, relayState: null }, credentials.privateKey), 303);
  });

  app.get('/slo', async (request, reply) => {
    const from = await standIn.serviceProvider();
    const url = request.raw.url!;
    const here = `${standIn.origin}/slo`;
    if (/[?&]SAMLResponse=/.test(url)) {
      const { xml } = readRedirect(url, 'SAMLResponse', from.signing);
      const { inResponseTo, success } = readLogoutResponse(xml, from, here, standIn.now());
      if (!asked.delete(inResponseTo))
        throw new MessageRefused('InResponseTo: expected a log-out that was begun here.');
      return send(reply, loggedOutPage(success));
    }
    const { xml, relayState } = readRedirect(url, 'SAMLRequest', from.signing);
    const { id, nameId, sessionIndexes } = readLogoutRequest(xml, from, here, standIn.now());
    sessions.closeNamed(nameId, sessionIndexes);
    if (!sessions.of(cookieOf(request))) setCookie(reply, null);
    const response = { xml: logoutResponse(standIn, id, answerTo(from)), relayState };
    return reply
      .header('cache-control', 'no-store')
      .redirect(redirectTo(answerTo(from), 'SAMLResponse', response, credentials.privateKey), 303);
  });
}

function answerTo({ logout }: KnownServiceProvider): string {
  if (!logout) throw new MessageRefused('Metadata: expected a SingleLogoutService for HTTP-Redirect.');
  return logout.responseLocation;
}

const logoutRequest = (
  { entityId, now }: StandIn,
  id: string,
  destination: string,
  { person, index }: SsoSession,
): string =>
  markup`<samlp:LogoutRequest xmlns:samlp="${ns.protocol}" xmlns:saml="${ns.assertion}" ID="${id}" Version="2.0" IssueInstant="${now().toISOString()}" Destination="${destination}" NotOnOrAfter="${new Date(now().getTime() + 5 * 60_000).toISOString()}"><saml:Issuer>${entityId}</saml:Issuer><saml:NameID Format="${format.persistent}">${nameIdOf(person)}</saml:NameID><samlp:SessionIndex>${index}</samlp:SessionIndex></samlp:LogoutRequest>`
    .text;

const logoutResponse = ({ entityId, now }: StandIn, inResponseTo: string, destination: string): string =>
  markup`<samlp:LogoutResponse xmlns:samlp="${ns.protocol}" xmlns:saml="${ns.assertion}" ID="${newId()}" Version="2.0" IssueInstant="${now().toISOString()}" Destination="${destination}" InResponseTo="${inResponseTo}"><saml:Issuer>${entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${status.success}"/></samlp:Status></samlp:LogoutResponse>`
    .text;
