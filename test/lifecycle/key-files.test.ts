/** A key file that is damaged: the start ends and says which file, what was expected there and what to do; it never quotes the key. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openServiceProvider } from '../../src/saml/service-provider.js';
import { readRoomConfig } from '../../subgraphs/config.js';
import { credentialsFile } from '../../subgraphs/nemlogin/credentials.js';
import { clientKeyFile, keyFile } from '../../subgraphs/protocol/key-file.js';
import { selfSigned } from '../support/certificate.js';
import { dataDirectory, endAll, postmaster, start } from '../support/processes.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluse-keys-'));
});
afterAll(async () => {
  await endAll();
  await rm(folder, { recursive: true });
});

const exported = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }) =>
  String(key.export({ type: 'pkcs8', format: 'pem' }));
const ed25519 = exported(generateKeyPairSync('ed25519').privateKey);
const x25519 = exported(generateKeyPairSync('x25519').privateKey);
const publicKey = String(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' });
const rsa = selfSigned('somebody');
const other = selfSigned('somebody else');

interface Kind {
  readonly open: (path: string) => Promise<unknown>;
  readonly expected: string;
  readonly damages: Readonly<Record<string, string>>;
}
const everywhere = {
  empty: '',
  'blank lines only': '\n\n',
  'no key at all': 'a key\0',
  'zeros, as after a power cut': '\0'.repeat(119),
};
const kinds: Readonly<Record<string, Kind>> = {
  'log-key.pem': {
    open: keyFile,
    expected: 'an Ed25519 private key in PEM',
    damages: {
      ...everywhere,
      'cut off': ed25519.slice(0, 60),
      'another kind of key': x25519,
      'an RSA key': rsa.privatePem,
      'the public half': publicKey,
      'a certificate': rsa.certificatePem,
      'a JWK': JSON.stringify(p256),
    },
  },
  'case-system.jwk.json': {
    open: clientKeyFile,
    expected: 'a P-256 private key as a JWK with a kid',
    damages: {
      ...everywhere,
      'cut off': JSON.stringify({ ...p256, kid: 'one' }).slice(0, 70),
      null: 'null',
      'a list': '[]',
      'without its name': JSON.stringify(p256),
      'of another curve': JSON.stringify({ ...p384, kid: 'one' }),
      'the public half': JSON.stringify({ ...p256, d: undefined, kid: 'one' }),
      'a key in PEM': ed25519,
      'a certificate': rsa.certificatePem,
    },
  },
  'saml-key.pem': {
    open: (path) => credentialsFile(path, 'Sluse', new Date()),
    expected: 'an RSA private key and its certificate in PEM',
    damages: {
      ...everywhere,
      'cut off': `${rsa.privatePem}${rsa.certificatePem}`.slice(0, 900),
      'cut off in its certificate': `${rsa.privatePem}${rsa.certificatePem.slice(0, 200)}`,
      'the key alone': rsa.privatePem,
      'the certificate alone': rsa.certificatePem,
      "somebody else's certificate": `${rsa.privatePem}${other.certificatePem}`,
      'another kind of key': `${ed25519}${rsa.certificatePem}`,
    },
  },
};
const advice = 'Put the file back from a backup, or move it away: then a new key is made at the next start.';

describe.each(Object.entries(kinds))('%s', (name, { open, expected, damages }) => {
  it.each(Object.entries(damages))('that is %s is refused by its name, and stays as it is', async (_what, text) => {
    const path = join(folder, name);
    await writeFile(path, text);
    await expect(open(path)).rejects.toThrow(new Error(`${path}: expected ${expected}. ${advice}`));
    expect(await readFile(path, 'utf8')).toBe(text);
    await rm(path);
  });

  it('that cannot be read is refused by its name, and no new key is made in its place', async () => {
    const path = join(folder, name);
    await mkdir(path);
    await expect(open(path)).rejects.toThrow(
      new Error(`${path}: the key file cannot be read (EISDIR). Expected a file that this user may read.`),
    );
    await rm(path, { recursive: true });
  });

  it('that is whole, or not there yet, is used', async () => {
    const path = join(folder, name);
    const made = await open(path);
    const text = await readFile(path, 'utf8');
    expect(made).toBeTruthy();
    await open(path);
    expect(await readFile(path, 'utf8')).toBe(text);
    await rm(path);
  });
});

describe('a file that a setting names', () => {
  it('is told of the keys of the log, where one of several is damaged', async () => {
    const [good, bad] = [join(folder, 'good.pem'), join(folder, 'bad.pem')];
    await writeFile(good, ed25519);
    await writeFile(bad, ed25519.slice(0, 40));
    const room = {
      SLUSE_ROOM: 'audit',
      DATABASE_URL: 'postgres://x@127.0.0.1/x',
      SLUSE_SECRET: 'x'.repeat(32),
      SLUSE_VIEWER_PUBLIC_KEY: Buffer.from(publicKey).toString('base64'),
    };
    for (const path of [bad, '/nowhere', folder])
      expect(() => readRoomConfig({ ...room, SLUSE_LOG_KEY: `${good},${path}` })).toThrow(
        new RegExp(`^SLUSE_LOG_KEY: ${path}: expected Ed25519 private keys in PEM`),
      );
  });

  it('is told of the keys for SAML', async () => {
    const keys = join(folder, 'keys.pem');
    for (const [text, problem] of [
      ['', 'it holds no private key'],
      [rsa.privatePem, 'it holds a private key without its certificate'],
      [rsa.privatePem.replace(/.{200}(?=-----END)/s, ''), 'it holds a private key that cannot be read'],
      [ed25519, 'it holds a key that is not RSA of 2048 bits or more'],
    ] as const) {
      await writeFile(keys, text);
      const opening = openServiceProvider({
        ...{ publicUrl: 'https://sluse.example', identityProvider: '/nowhere.xml', keys },
        log: pino({ level: 'silent' }),
      });
      await expect(opening).rejects.toThrow(new Error(`SLUSE_SAML_KEYS: ${keys}: ${problem}.`));
    }
  });
});

it('a start of the whole says it, key or no key in the message, and leaves no PostgreSQL behind', async () => {
  const directory = await dataDirectory();
  for (const name of ['log-key.pem', 'case-system.jwk.json', 'nemlogin-key.pem', 'saml-key.pem']) {
    const file = join(directory, name);
    await writeFile(file, ed25519.slice(0, 70));
    const started = start('src/main.js', { SLUSE_DATA_DIR: directory, PORT: '0' });
    expect(await started.exit).toEqual({ code: 1, signal: null });
    expect(started.output()).toMatch(
      new RegExp(
        `^(?:(?:Database|Rooms|Demo): [^\n]+\n)*Sluse could not start\\.\n${file}: expected [^\n]+ ${advice}\n$`,
      ),
    );
    expect(started.output()).not.toContain(ed25519.slice(30, 60));
    expect(await postmaster(directory)).toBeNull();
    await rm(file);
  }
});
