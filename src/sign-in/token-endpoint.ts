/**
 * The token endpoint for case systems: OAuth 2.0 client credentials (RFC 6749 §4.4) with a signed assertion instead of
 * a password (RFC 7523), and the metadata by which a client finds it (RFC 8414). The identity room knows the clients.
 *
 * Errors in the request itself are explained. An unknown client, a wrong, withdrawn or locked key, and a reused
 * assertion all get one answer: nobody learns here which clients exist.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { accessLifetime, accessVerifier, signAccess } from '../../subgraphs/edge/access-token.js';
import { type Clients, openClients } from '../../subgraphs/edge/clients.js';
import { openFairLimit, type Rate } from '../../subgraphs/edge/fair-limit.js';
import type { LogClient } from '../../subgraphs/edge/log-client.js';
import { writeEntryOrWithhold } from '../../subgraphs/edge/release.js';
import { requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { sourceOf } from '../../subgraphs/edge/source.js';
import { assertionAlgorithms } from '../../subgraphs/protocol/client-assertion.js';
import { type FaultCode, retryableStatuses } from '../../subgraphs/protocol/faults.js';
import { pairsIn, utf8In } from '../../subgraphs/protocol/reading.js';
import type { WorkstationOf } from '../http/client-address.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';

export interface OAuthOptions {
  /** Private keys. The first one signs; the others are still accepted. */
  readonly keys: readonly KeyObject[];
  /** Known once the gateway listens. */
  readonly issuer: () => string;
  readonly municipality: string;
  readonly identity: CallRoom;
  readonly logClient: LogClient;
  readonly workstationOf: WorkstationOf;
  readonly rate?: Rate;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly log: Logger;
}

/** Assertions that are looked up and verified per second. */
export const assertionRate: Rate = { source: 50, all: 200 };
/** Maximum number of remembered clients that have authenticated, by address. */
const mostProven = 5_000;

export interface OAuth {
  readonly clients: Clients;
  routes(app: FastifyInstance): Promise<void>;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const longestBody = 16 * 1024;

/** Opens the token endpoint. `clients` resolves the access tokens that it issues. */
export function openOAuth(options: OAuthOptions): OAuth {
  const publicKeys = options.keys.map((key) => createPublicKey(key));
  const endpoint = () => `${options.issuer()}/oauth/token`;
  const admission = openAdmission(options);
  return {
    clients: openClients(accessVerifier(publicKeys, options.issuer), options.identity, options.now),
    async routes(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'buffer', bodyLimit: longestBody },
        (_request, body, done) => done(null, body),
      );
      app.setErrorHandler((error: Error, request, reply) => refuse(error, request, reply, options));
      app.post('/oauth/token', async (request, reply) => {
        const granted = await grant(request, endpoint(), admission, options);
        return noStore(reply).send(granted);
      });
      app.get('/.well-known/oauth-authorization-server', async () => ({
        issuer: options.issuer(),
        token_endpoint: endpoint(),
        jwks_uri: `${options.issuer()}/.well-known/jwks.json`,
        grant_types_supported: ['client_credentials'],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
      }));
    },
  };
}

type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'temporarily_unavailable'
  | 'server_error';

const statuses: Readonly<Record<OAuthError, number>> = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_scope: 400,
  unsupported_grant_type: 400,
  temporarily_unavailable: 503,
  server_error: 500,
};

/** An OAuth error (RFC 6749 §5.2). The description says what was expected, never what was sent. */
class TokenRefused extends Error {
  constructor(
    readonly error: OAuthError,
    readonly expected: string,
    readonly status: number = statuses[error],
  ) {
    super(expected);
  }
}

interface Admission {
  /** Throws if this source has sent too many assertions. */
  admit(request: FastifyRequest, assertion: string): void;
  proved(request: FastifyRequest, client: string): void;
}

/**
 * Limits assertions, because each takes a look-up and a signature check and anybody may send one. A client that has
 * authenticated from an address gets its own share there, which other senders at that address cannot use up.
 */
function openAdmission({ workstationOf, rate = assertionRate }: OAuthOptions): Admission {
  const limit = openFairLimit(rate);
  const proven = new LRUCache<string, true>({ max: mostProven, ttl: 24 * 3_600_000 });
  const from = (request: FastifyRequest) => sourceOf(workstationOf(request.raw));
  return {
    admit(request, assertion) {
      const own = `${from(request)} ${clientNamed(assertion)}`;
      if (!limit.take(proven.has(own) ? own : from(request)))
        throw new TokenRefused('temporarily_unavailable', 'Too many attempts. Wait before you try again.', 429);
    },
    proved: (request, client) => void proven.set(`${from(request)} ${client}`, true),
  };
}

/** Returns the client that an assertion claims to be from, before any check. */
function clientNamed(assertion: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString());
    return String((claims as { sub?: unknown } | null)?.sub).toLowerCase();
  } catch {
    return '';
  }
}

async function grant(request: FastifyRequest, endpoint: string, admission: Admission, options: OAuthOptions) {
  const form = parametersIn(request.body);
  if (form.has('client_secret') || request.headers.authorization !== undefined)
    throw new TokenRefused('invalid_client', 'Expected private_key_jwt: a client_assertion, and no secret beside it.');
  const grantType = form.get('grant_type');
  if (grantType === undefined) throw new TokenRefused('invalid_request', 'Expected grant_type=client_credentials.');
  if (grantType !== 'client_credentials')
    throw new TokenRefused('unsupported_grant_type', 'Expected grant_type=client_credentials.');
  const assertion = form.get('client_assertion');
  if (form.get('client_assertion_type') !== assertionType || assertion === undefined)
    throw new TokenRefused('invalid_client', `Expected client_assertion, and client_assertion_type=${assertionType}.`);

  admission.admit(request, assertion);
  const used = await useAssertion(assertion, endpoint, options);
  admission.proved(request, used.client);
  const named = form.get('client_id');
  if (named !== undefined && named.toLowerCase() !== used.client) throw new TokenRefused('invalid_client', unproven);
  const scopes = narrowed(form.get('scope'), used.scopes);
  const { client, key } = used;
  const token = await signAccess(
    options.keys[0]!,
    options.issuer(),
    { municipality: options.municipality, client, key, scopes },
    { now: options.now(), id: options.newId() },
  );
  return { access_token: token, token_type: 'Bearer', expires_in: accessLifetime, scope: scopes.join(' ') };
}

/** Parses the parameters by RFC 6749 §3.2: none may occur twice, and one without a value counts as absent. */
function parametersIn(body: unknown): Map<string, string> {
  if (!Buffer.isBuffer(body))
    throw new TokenRefused('invalid_request', 'Expected Content-Type: application/x-www-form-urlencoded.');
  const form = new Map<string, string>();
  for (const [name, value] of fieldsIn(body)) {
    if (form.has(name)) throw new TokenRefused('invalid_request', 'Expected each parameter once.');
    form.set(name, value);
  }
  return new Map([...form].filter(([, value]) => value !== ''));
}

function fieldsIn(body: Buffer): [string, string][] {
  try {
    return pairsIn(utf8In(body));
  } catch {
    throw new TokenRefused('invalid_request', 'Expected parameters in valid UTF-8.');
  }
}

const unproven = 'The client could not be authenticated.';

interface Proven {
  readonly client: string;
  readonly key: string;
  readonly scopes: readonly string[];
}

async function useAssertion(
  assertion: string,
  endpoint: string,
  { identity, municipality, issuer, log }: OAuthOptions,
): Promise<Proven> {
  const audiences = [endpoint, issuer()];
  const answer = await identity('use-assertion', { municipality, assertion, audiences }).catch((error: Error) => {
    log.error({ err: error }, 'the identity room did not say whether an assertion is good');
    throw new TokenRefused(
      'temporarily_unavailable',
      'Clients cannot be authenticated at the moment. Try again later.',
    );
  });
  if (typeof answer.client === 'string' && typeof answer.key === 'string' && Array.isArray(answer.scopes))
    return answer as unknown as Proven;
  throw new TokenRefused(
    'invalid_client',
    typeof answer.expected === 'string' ? `client_assertion: expected ${answer.expected}.` : unproven,
  );
}

/** Returns all scopes the client may have, or those it asks for. Throws if it asks for one that it may not have. */
function narrowed(asked: string | undefined, held: readonly string[]): readonly string[] {
  if (asked === undefined) return held;
  const scopes = [...new Set(asked.split(' '))];
  if (!scopes.every((scope) => held.includes(scope)))
    throw new TokenRefused('invalid_scope', 'Expected scopes that the client may use, each separated by one space.');
  return scopes;
}

/** Logs a refused attempt before it is answered. */
async function refuse(error: Error, request: FastifyRequest, reply: FastifyReply, options: OAuthOptions) {
  let refused = error instanceof TokenRefused ? error : refusedBy(error, options.log);
  const code = refused.status === 429 ? ('TOO_MANY_REQUESTS' as const) : codes[refused.error];
  if (code && request.url.startsWith('/oauth/')) {
    const record = {
      ...requestRecordOf(request.raw, options.workstationOf(request.raw)),
      operationName: 'POST /oauth/token',
      faults: [code],
    };
    if (await writeEntryOrWithhold(record, options))
      refused = new TokenRefused('temporarily_unavailable', 'The attempt could not be logged. Try again later.');
  }
  const { status } = refused;
  if (retryableStatuses.has(status)) reply.header('retry-after', '1');
  // RFC 6749 §5.2: a client that used this header is told the scheme.
  if (status === 401 && request.headers.authorization !== undefined)
    reply.header('www-authenticate', 'private_key_jwt');
  return noStore(reply).status(status).send({ error: refused.error, error_description: refused.expected });
}

const codes: Partial<Record<OAuthError, FaultCode>> = {
  invalid_request: 'MALFORMED_REQUEST',
  invalid_client: 'UNAUTHENTICATED',
  invalid_scope: 'FORBIDDEN',
  unsupported_grant_type: 'MALFORMED_REQUEST',
};

/** Converts what Fastify refuses before the handler runs: another content type, or a body that is too large. */
function refusedBy(error: Error & { statusCode?: number }, log: Logger): TokenRefused {
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new TokenRefused('invalid_request', 'Expected application/x-www-form-urlencoded, of at most 16 kB.');
  log.error({ err: error }, 'the token endpoint failed');
  return new TokenRefused('server_error', 'Something went wrong on our side.');
}

const noStore = (reply: FastifyReply): FastifyReply =>
  reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
