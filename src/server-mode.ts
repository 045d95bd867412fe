/** Server mode: the gateway alone, in front of rooms that run elsewhere. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { serverPages } from './pages/index.js';
import { openReader } from './saml/reader.js';
import { openServiceProvider } from './saml/service-provider.js';
import { loginRoutes } from './sign-in/login.js';
import { gatewayOf, type Running, readerFile } from './wire-gateway.js';

export async function serverMode(config: Config, log: Logger): Promise<Running> {
  const provider =
    config.saml && (await openServiceProvider({ ...config.saml, log, reader: openReader(readerFile, log) }));
  const { municipality, secureCookie, publicUrl, viewerKeys } = config;
  // An assertion names whom it is for, and a token by whom it was drawn: without a name of its own the gateway draws none.
  if (publicUrl === null) log.warn('case systems cannot draw access tokens: set SLUSE_PUBLIC_URL to serve them');
  const gateway = await gatewayOf(config, log, config.subgraphs, {
    viewerKeys: [viewerKeys[0]!, ...viewerKeys.slice(1)],
    access: publicUrl === null ? null : { keys: viewerKeys, publicUrl },
    closedSchema: true,
    pages: (app, sessions, inside) =>
      serverPages(app, {
        ...{ sessions, secureCookie, apolloSandbox: config.apolloSandbox, workstationOf: inside.workstationOf },
        ...(provider &&
          loginRoutes(app, {
            ...{ ...inside, provider, municipality, sessions, secureCookie, log },
            newReference: randomUUID,
          })),
      }),
  });
  return {
    gateway,
    async close() {
      provider?.close();
      await gateway.close();
    },
  };
}
