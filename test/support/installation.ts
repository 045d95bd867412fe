/**
 * A server-mode installation from nothing, as an operator makes it: `npx sluse` with the owner's connection, four rooms without it,
 * a gateway, and a test identity provider that plays NemLog-in. Each is a process of its own, and nothing of the demo is loaded.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from './certificate.js';
import { freshDatabase, type TestDatabase } from './database.js';
import { endAll, type RunningSluse, type Started, start, startSluse } from './processes.js';
import { cprOf, employeeUuid } from './register.js';
import { citizen, EvilProvider, employee } from './saml.js';
import { Browser } from './saml-gateway.js';

const eid = 'https://data.gov.dk/model/core/eid/';
export const publicUrl = 'https://sluse.example';
const roomNames = ['identity', 'cases', 'smdb', 'audit'];

export class Installation {
  /** The gateway knows its metadata and nothing else of it. */
  private readonly nemLogin = new EvilProvider();
  private readonly ourKey = selfSigned('the service provider');
  private entityId = publicUrl;
  /** The gateway, once it is started. */
  sluse!: RunningSluse;

  private constructor(
    readonly database: TestDatabase,
    readonly keys: Readonly<Record<string, string>>,
    readonly folder: string,
  ) {}

  static async open(): Promise<Installation> {
    const lines = execFileSync(process.execPath, ['dist/subgraphs/protocol/keys.js'], { encoding: 'utf8' });
    const keys = Object.fromEntries(lines.split('\n').map((line) => line.split(/=(.*)/).slice(0, 2)));
    return new Installation(await freshDatabase(), keys, await mkdtemp(join(tmpdir(), 'sluse-municipality-')));
  }

  async close(): Promise<void> {
    await endAll();
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs `npx sluse` with the owner's connection; resolves to its exit code and what it said. */
  async command(...args: string[]): Promise<{ code: number | null; said: string }> {
    const settings = {
      DATABASE_URL: this.database.url,
      SLUSE_SECRET: this.keys.SLUSE_SECRET!,
      SLUSE_MUNICIPALITY: '0999',
    };
    const running = start('subgraphs/sluse.js', settings, args);
    const { code } = await running.exit;
    return { code, said: running.output() };
  }

  /** Imports files, by name, from a folder that holds nothing else. */
  async import(files: Readonly<Record<string, string>>, ...args: string[]) {
    const path = await mkdtemp(join(this.folder, 'files-'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
    return this.command('import', path, ...args);
  }

  /** Starts a room that does not know the owner. */
  startRoom(room: string, identity?: string): Started {
    const address = new URL(this.database.url);
    address.username = '';
    address.password = '';
    return start('subgraphs/main.js', {
      SLUSE_ROOM: room,
      SLUSE_DATABASE: address.toString(),
      SLUSE_SECRET: this.keys.SLUSE_SECRET!,
      SLUSE_VIEWER_PUBLIC_KEY: this.keys.SLUSE_VIEWER_PUBLIC_KEY!,
      ...(identity !== undefined && { SLUSE_IDENTITY_URL: identity }),
      ...(room === 'audit' && { SLUSE_LOG_KEY: this.keys.SLUSE_LOG_KEY! }),
      SLUSE_LOG_LEVEL: 'info',
      HOST: '127.0.0.1',
      PORT: '0',
    });
  }

  /** Starts all rooms, and the gateway with the identity provider. */
  async start(): Promise<void> {
    const originOf = async (room: Started) => (await room.says(/"url":"(http[^"]+)"/))[1]!;
    const identity = originOf(this.startRoom('identity'));
    // The cases room asks the identity room who the parties of a case are.
    const origins = await Promise.all(
      roomNames.map(async (name) => {
        if (name === 'identity') return `identity=${await identity}`;
        return `${name}=${await originOf(this.startRoom(name, name === 'cases' ? await identity : undefined))}`;
      }),
    );
    const [metadata, samlKeys] = [join(this.folder, 'idp.xml'), join(this.folder, 'saml-keys.pem')];
    await writeFile(metadata, this.nemLogin.metadata());
    await writeFile(samlKeys, this.ourKey.privatePem + this.ourKey.certificatePem);
    this.sluse = await startSluse({
      DATABASE_URL: 'postgres://the-gateway/opens-no-database',
      SLUSE_SUBGRAPHS: origins.join(),
      SLUSE_VIEWER_KEY: this.keys.SLUSE_VIEWER_KEY!,
      SLUSE_PUBLIC_URL: publicUrl,
      SLUSE_SAML_IDP_METADATA: metadata,
      SLUSE_SAML_KEYS: samlKeys,
    });
    const published = await (await fetch(`${this.sluse.url}/saml/metadata`)).text();
    this.entityId = /entityID="([^"]+)"/.exec(published)![1]!;
  }

  /** Signs in at the identity provider. Resolves to the session's token, or `null` if nobody was signed in. */
  private async signIn(attributes: Readonly<Record<string, string>>, nameId: string): Promise<string | null> {
    const browser = new Browser(this.sluse.url);
    const { request } = await browser.begin(attributes[`${eid}cprNumber`] ? '?as=citizen' : '');
    const service = {
      entityId: this.entityId,
      acs: `${publicUrl}/saml/acs`,
      logout: `${publicUrl}/saml/logout`,
      key: this.ourKey,
    };
    const answer = await browser.acs(await this.nemLogin.respond(service, request, { said: { attributes, nameId } }));
    return answer.status === 303 ? (browser.cookies.get('__Host-sluse_session') ?? null) : null;
  }

  employeeAt(n: number): Promise<string | null> {
    const uuid = employeeUuid(n);
    const attributes = { [`${eid}professional/uuid/persistent`]: uuid, [`${eid}fullName`]: `Medarbejder ${n}` };
    return this.signIn({ ...employee, ...attributes }, `${eid}professional/uuid/${uuid}`);
  }

  citizenAt(n: number): Promise<string | null> {
    const uuid = employeeUuid(500_000 + n);
    const attributes = { [`${eid}cprNumber`]: cprOf(n), [`${eid}cprUuid`]: uuid };
    return this.signIn({ ...citizen, ...attributes }, `${eid}person/uuid/${uuid}`);
  }

  /** Asks the gateway. Throws if the answer is not JSON. */
  async ask(token: string, query: string, variables: object = {}): Promise<any> {
    return (await this.sluse.ask(token, query, variables)).json();
  }

  /** The audit room's key, as a file. */
  async logKey(): Promise<string> {
    const path = join(this.folder, 'log-key.pem');
    await writeFile(path, Buffer.from(this.keys.SLUSE_LOG_KEY!, 'base64'));
    return path;
  }
}
