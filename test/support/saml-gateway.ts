/** The gateway's routes for signing in, on a server of their own, with a browser's cookies and a log that can be read. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { pino } from 'pino';
import { workstations } from '../../src/http/client-address.js';
import { createServer } from '../../src/http/server.js';
import { serverPages } from '../../src/pages/index.js';
import type { Reader } from '../../src/saml/reader.js';
import { openServiceProvider, type ServiceProvider } from '../../src/saml/service-provider.js';
import { openSessions } from '../../src/sessions/sessions.js';
import { loginRoutes } from '../../src/sign-in/login.js';
import type { CallRoom } from '../../src/subgraph-client/internal-calls.js';
import { openLogClient } from '../../subgraphs/edge/log-client.js';
import type { AppendedEntry } from '../../subgraphs/protocol/log-entry.js';
import { type Certified, selfSigned } from './certificate.js';
import { EvilProvider, type Service } from './saml.js';

export interface SamlGateway {
  readonly url: string;
  readonly provider: ServiceProvider;
  readonly idp: EvilProvider;
  readonly service: Service;
  /** Paths of the files that it watches. */
  readonly files: { readonly metadata: string; readonly keys: string };
  /** What the gateway told its operator. */
  readonly said: readonly { readonly msg: string; readonly reason?: string; readonly privileges?: string[] }[];
  /** Entries of the log since this was last asked, but for those of sign-ins that succeeded. */
  logged(): AppendedEntry[];
  /** Entries of sign-ins that succeeded, of those that `logged` left out. */
  signedIn(): AppendedEntry[];
  /** While set, the log cannot be written. */
  logDown: boolean;
  /** Added to the time that the gateway goes by. */
  later: number;
  browser(): Browser;
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** The identity room: in this process, or the real one's internal endpoints. */
  readonly identity: CallRoom;
  readonly idp?: EvilProvider;
  readonly key?: Certified;
  readonly publicUrl?: string;
  readonly rate?: { readonly address: number; readonly all: number };
  readonly refusalTakes?: number;
  /** Where messages are read; by default in this thread. */
  readonly reader?: Reader;
  /** Whose `X-Forwarded-For` says where a request came from. */
  readonly trustedProxies?: readonly string[];
}

/** Made once: a key takes longer to make than most tests. */
export const ourKey = selfSigned('the service provider');
export const theirs = new EvilProvider();

export async function openSamlGateway(options: GatewayOptions): Promise<SamlGateway> {
  const { publicUrl = 'https://sluse.example', key = ourKey, idp = theirs } = options;
  const folder = await mkdtemp(join(tmpdir(), 'sluse-saml-'));
  const files = { metadata: join(folder, 'idp.xml'), keys: join(folder, 'keys.pem') };
  await writeFile(files.metadata, idp.metadata());
  await writeFile(files.keys, key.privatePem + key.certificatePem);
  const said: { msg: string; reason?: string; privileges?: string[] }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line)) });
  const provider = await openServiceProvider({
    ...{ publicUrl, log, every: 20 },
    identityProvider: files.metadata,
    keys: files.keys,
    ...(options.reader && { reader: options.reader }),
  });
  const entries: AppendedEntry[] = [];
  const signIns: AppendedEntry[] = [];
  const now = () => new Date(Date.now() + gateway.later);
  const logClient = openLogClient(
    async (_name, body) => {
      if (gateway.logDown) throw new Error('the log is down');
      const appended = (body as { entries: AppendedEntry[] }).entries;
      entries.push(...appended);
      return { appended: appended.length, refused: [] };
    },
    // Each refusal is looked at by itself: what is counted is tried in log-flood.test.ts.
    { municipality: '0999', now, newId: randomUUID, interval: 0 },
  );
  const sessions = openSessions(options.identity, { municipality: '0999', revocations: null, cache: null });
  const workstationOf = workstations(options.trustedProxies ?? []);
  const secureCookie = publicUrl.startsWith('https:');
  const server = createServer({
    identify: () => null,
    stillHolds: () => 'same',
    workstationOf,
    answer: async () => ({ status: 404, body: '' }),
    ...{ logClient, log },
    ready: async () => true,
    pages: (app) =>
      serverPages(app, {
        ...{ sessions, secureCookie, apolloSandbox: false },
        ...loginRoutes(app, {
          ...{ provider, sessions, logClient, secureCookie, log, now, workstationOf },
          identity: options.identity,
          municipality: '0999',
          rate: options.rate ?? { address: 10_000, all: 10_000 },
          refusalTakes: options.refusalTakes ?? 0,
        }),
      }),
  });
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const gateway: SamlGateway = {
    ...{ url, provider, idp, files, said, logDown: false, later: 0 },
    service: { ...provider.addresses, key },
    logged() {
      const all = entries.splice(0);
      signIns.push(...all.filter(isSignIn));
      return all.filter((entry) => !isSignIn(entry));
    },
    signedIn: () => signIns.splice(0),
    browser: () => new Browser(url),
    async close() {
      provider.close();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
  return gateway;
}

const isSignIn = ({ operation, outcome }: AppendedEntry): boolean =>
  operation.name === 'SignIn' && outcome === 'ANSWERED';

export interface Begun {
  readonly request: string;
  readonly location: URL;
  readonly xml: string;
}

/** Keeps cookies as a browser does (all of them for every path: what is not sent is no promise of ours). */
export class Browser {
  readonly cookies = new Map<string, string>();
  constructor(private readonly url: string) {}

  async get(path: string): Promise<Response> {
    return this.keep(await fetch(`${this.url}${path}`, { headers: this.headers(), redirect: 'manual' }));
  }

  async post(path: string, form: Record<string, string> | string, type?: string): Promise<Response> {
    return this.keep(
      await fetch(`${this.url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { ...this.headers(), 'content-type': type ?? 'application/x-www-form-urlencoded' },
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      }),
    );
  }

  /** Goes to `/login` and reads where it is sent. */
  async begin(query = ''): Promise<Begun> {
    const response = await this.get(`/login${query}`);
    const location = new URL(response.headers.get('location') ?? 'none:');
    const xml = inflateRawSync(Buffer.from(location.searchParams.get('SAMLRequest')!, 'base64')).toString();
    return { request: / ID="([^"]+)"/.exec(xml)![1]!, location, xml };
  }

  acs(response: string, more: Record<string, string> = {}): Promise<Response> {
    return this.post('/saml/acs', { SAMLResponse: response, ...more });
  }

  private headers(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return cookie ? { cookie } : {};
  }

  private keep(response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}
