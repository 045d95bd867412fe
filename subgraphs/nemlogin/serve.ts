/** Opens the stand-in, on this machine only, and only if the caller says that this is embedded mode. */
import { readFileSync } from 'node:fs';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { StandIn } from './context.js';
import { type Credentials, credentialsFile } from './credentials.js';
import { logoutRoutes } from './logout.js';
import { identityProviderMetadata, readServiceProvider } from './metadata.js';
import { brokenPage, refusedPage, send } from './pages.js';
import type { NemLoginPerson } from './people.js';
import { MessageRefused } from './refused.js';
import { openSsoSessions } from './sessions.js';
import { signOnRoutes } from './sign-on.js';

export interface NemLoginOptions {
  /** The caller must say so. There is no other mode in which anyone may sign in as anyone. */
  readonly embedded: boolean;
  /** 0 for any free port. */
  readonly port: number;
  /** Where key and certificate are kept. */
  readonly keyFile: string;
  readonly people: readonly NemLoginPerson[];
  /**
   * Metadata of the service provider. Called for each message, because the provider's URLs are known only once it listens, which is
   * later.
   */
  readonly serviceProvider: () => string | Promise<string>;
  readonly log: Logger;
  readonly now?: () => Date;
}

export interface NemLogin {
  readonly url: string;
  readonly entityId: string;
  /** XML. */
  readonly metadata: string;
  /** For assertions that tests make without the pages. */
  readonly credentials: Credentials;
  close(): Promise<void>;
}

/** Trusting this entity id means trusting a demo. It is not an address, and does not change with the port. */
const entityId = 'https://nemlogin.demo.sluse.example';
const host = '127.0.0.1';

export async function startNemLogin(options: NemLoginOptions): Promise<NemLogin> {
  if (options.embedded !== true)
    throw new Error('The stand-in of NemLog-in runs in embedded mode only: at it anyone may sign in as anyone.');
  const now = options.now ?? (() => new Date());
  const credentials = await credentialsFile(options.keyFile, 'NemLog-in (stand-in)', now());
  const app = Fastify({ bodyLimit: 10_000, forceCloseConnections: true });
  let origin = '';
  const standIn: StandIn = {
    entityId,
    get origin() {
      return origin;
    },
    people: options.people,
    credentials,
    sessions: openSsoSessions(now),
    serviceProvider: async () => readServiceProvider(await options.serviceProvider()),
    now,
  };
  readForms(app);
  app.setErrorHandler((error, _request, reply) => failed(error, reply, options.log));
  app.get('/metadata', (_request, reply) =>
    reply
      .type('application/samlmetadata+xml')
      .send(identityProviderMetadata(entityId, origin, credentials.certificate)),
  );
  signOnRoutes(app, standIn);
  logoutRoutes(app, standIn);
  assets(app);
  origin = await app.listen({ host, port: options.port });
  const metadata = identityProviderMetadata(entityId, origin, credentials.certificate);
  return { url: origin, entityId, metadata, credentials, close: () => app.close() };
}

function failed(error: unknown, reply: FastifyReply, log: Logger) {
  if (error instanceof MessageRefused) return send(reply.status(400), refusedPage(error.message));
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status >= 500) log.error({ err: error }, 'the stand-in of NemLog-in failed');
  return send(reply.status(status), brokenPage);
}

/** Accepts form bodies only, because its pages send nothing else. */
function readForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
}

function assets(app: FastifyInstance): void {
  for (const [name, type] of [
    ['send.js', 'text/javascript'],
    ['nemlogin.css', 'text/css'],
  ] as const) {
    const text = readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');
    app.get(`/assets/${name}`, (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).header('x-content-type-options', 'nosniff').send(text),
    );
  }
}
