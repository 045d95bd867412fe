import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { settings as gatewaySettings, readConfig } from '../../src/config.js';
import { readRoomConfig, settings as roomSettings } from '../../subgraphs/config.js';

/** There is no Docker where this runs: what the file says is read line by line, and given to what reads the settings. */
const compose = readFileSync('docker-compose.yml', 'utf8');
const rooms = ['identity', 'cases', 'smdb', 'audit'];

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const fromEnvFile: Record<string, string> = {
  SLUSE_VIEWER_KEY: base64(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  SLUSE_VIEWER_PUBLIC_KEY: base64(publicKey.export({ type: 'spki', format: 'pem' })),
  SLUSE_LOG_KEY: base64(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  SLUSE_SECRET: 'x'.repeat(43),
};

/** What stands between two lines. */
function between(first: string, last: string): string {
  const [, rest] = compose.split(`\n${first}`);
  const [text, after] = (rest ?? '').split(`\n${last}`);
  if (!text || after === undefined) throw new Error(`docker-compose.yml has no part from "${first}" to "${last}"`);
  return text;
}

/** `NAME: value` lines, with the variables of the `.env` file and their defaults filled in. */
const settingsIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^ +([A-Z_]+): (.+?)(?: # .*)?$/gm)].map(([, name, value]) => [
      name,
      value!.replace(
        /\$\{(\w+)(?::\?[^}]*|:-([^}]*))?\}/g,
        (_all, variable, standard) => fromEnvFile[variable] ?? standard,
      ),
    ]),
  );

const gateway = settingsIn(between('  gateway:', '  identity:'));
const common = settingsIn(between('x-room-settings: &room-settings', 'services:'));
const ledger = settingsIn(between('  audit:', '  postgres:'));
const settingsOf = (room: string) => {
  if (room === 'audit') return { ...common, ...ledger };
  const pattern = `^ {2}${room}:\\n {4}<<: \\*room\\n {4}environment: \\{ <<: \\*room-settings, SLUSE_ROOM: (\\w+) \\}$`;
  return { ...common, SLUSE_ROOM: new RegExp(pattern, 'm').exec(compose)?.[1] ?? 'not found' };
};

describe('docker-compose.yml', () => {
  it('gives the gateway and each room settings that they know, need and accept', () => {
    expect(Object.keys(gatewaySettings)).toEqual(expect.arrayContaining([...Object.keys(gateway), 'SLUSE_VIEWER_KEY']));
    expect(Object.keys(gateway)).toContain('SLUSE_SUBGRAPHS');
    expect([...readConfig(gateway).subgraphs.keys()].sort()).toEqual([...rooms].sort());
    for (const room of rooms) {
      expect(Object.keys(roomSettings)).toEqual(expect.arrayContaining(Object.keys(settingsOf(room))));
      expect(readRoomConfig(settingsOf(room)).room).toBe(room);
    }
  });

  it('reaches each room under the name and the port that it listens on', () => {
    for (const [room, origin] of readConfig(gateway).subgraphs)
      expect(origin).toBe(`http://${room}:${readRoomConfig(settingsOf(room)).port}`);
  });

  it('gives the owner’s connection to the operator alone, and starts no room before the schemas are migrated', () => {
    expect(readRoomConfig(settingsOf('identity')).database).toEqual({ address: 'postgres://postgres:5432/sluse' });
    const operator = settingsIn(between('  operator:', '  gateway:'));
    expect(operator).toMatchObject({
      DATABASE_URL: `postgres://sluse:${fromEnvFile.SLUSE_SECRET}@postgres:5432/sluse`,
      SLUSE_SECRET: fromEnvFile.SLUSE_SECRET,
    });
    expect(between('x-room: &room', 'x-room-settings')).toContain(
      'operator: { condition: service_completed_successfully }',
    );
    expect(between('  operator:', '  gateway:')).toContain('command: [migrate]');
    expect(compose.match(/^ +DATABASE_URL: postgres:\/\/sluse/gm)).toHaveLength(1);
  });

  it('leads to an identity provider with both settings of SAML', () => {
    const given = { SLUSE_SAML_IDP_METADATA: '/saml/idp.xml', SLUSE_SAML_KEYS: '/saml/keys.pem' };
    expect(Object.keys(gateway)).toEqual(expect.arrayContaining(Object.keys(given)));
    expect(readConfig(gateway).saml).toBeNull();
    expect(readConfig({ ...gateway, ...given }).saml).toMatchObject({ keys: '/saml/keys.pem' });
  });

  it('opens the gateway alone, on loopback', () => {
    expect(compose.match(/^ +ports:.*$/gm)).toEqual(['    ports: ["127.0.0.1:4000:4000"]']);
  });

  it('starts files that the build makes', () => {
    const files = [...compose.matchAll(/(?:command|entrypoint): \[node, --enable-source-maps, (\S+)\]/g)].map(
      ([, file]) => file!,
    );
    expect(files.sort()).toEqual(['dist/src/main.js', 'dist/subgraphs/main.js', 'dist/subgraphs/sluse.js']);
    for (const file of files) expect([file, existsSync(file)]).toEqual([file, true]);
  });
});
