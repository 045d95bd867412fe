/** Malformed requests: a 400 of the table and quickly so, never the end of the server; and POST is the only way to ask. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faultBody } from '../../subgraphs/protocol/faults.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, expectCheap, expectRefused, fixedCitizen, raw, send } from './attack.js';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  await expectAlive(world);
});
afterAll(() => world.close());

describe('a malformed request is a 400', () => {
  const query = JSON.stringify({ query: '{ viewer { actingIn { code } } }' });
  const bytes = (text: string, encoding: BufferEncoding) => new Uint8Array(Buffer.from(text, encoding));
  const [type, charset, encoding, notUtf8] = [
    'Send the body as JSON, with `Content-Type: application/json`.',
    'Send the body in UTF-8: the `charset` in `Content-Type` names another.',
    'Send the body as it is: with a `Content-Encoding` it is not read.',
    'Expected a request body in valid UTF-8.',
  ];
  const rows: [string, string | Uint8Array, Record<string, string>, message?: string][] = [
    ['nothing', '', {}],
    ['no JSON', '{', {}],
    ['JSON that is no object', '"{ __typename }"', {}],
    ['null', 'null', {}],
    ['no query', '{}', {}],
    ['a query that is no text', '{"query":["{ __typename }"]}', {}],
    [
      'a name that is no text',
      '{"query":"{ __typename }","operationName":{}}',
      {},
      'Send `operationName` as text, or leave it out.',
    ],
    [
      'variables that are text',
      '{"query":"{ __typename }","variables":"{}"}',
      {},
      'Send `variables` as a JSON object, or leave it out.',
    ],
    [
      'extensions that are a list',
      '{"query":"{ __typename }","extensions":[]}',
      {},
      'Send `extensions` as a JSON object, or leave it out.',
    ],
    ['59: plain text', query, { 'content-type': 'text/plain' }, type],
    [
      '59: a form',
      `query=${encodeURIComponent('{ __typename }')}`,
      { 'content-type': 'application/x-www-form-urlencoded' },
      type,
    ],
    ['59: JSON said to be a form', query, { 'content-type': 'application/x-www-form-urlencoded' }, type],
    [
      '59: multipart',
      '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--',
      { 'content-type': 'multipart/form-data; boundary=x' },
      type,
    ],
    ['59: JSON of another kind', query, { 'content-type': 'application/csp-report' }, type],
    ['59: two types at once', query, { 'content-type': 'text/plain, application/json' }, type],
    ['compressed', new Uint8Array(gzipSync(query)), { 'content-encoding': 'gzip' }, encoding],
    [
      'compressed, and said so in capitals',
      new Uint8Array(gzipSync(query)),
      { 'content-encoding': 'BR, GZIP' },
      encoding,
    ],
    ['UTF-16', bytes(query, 'utf16le'), { 'content-type': 'application/json; charset=utf-16le' }, charset],
    ['two charsets', query, { 'content-type': 'application/json; charset=utf-8; charset=latin1' }, charset],
    [
      'a charset that makes the body longer (CVE-2026-23897)',
      bytes(query, 'utf16le'),
      { 'content-type': 'application/json; charset=utf-7' },
      charset,
    ],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), {}, notUtf8],
    ['a byte order mark of another encoding', bytes('\ufeff{}', 'utf16le'), {}, notUtf8],
    ['keys of the prototype', '{"query":"{ __typename }","__proto__":{"admin":true}}', {}],
    [
      'keys of the prototype in its variables',
      '{"query":"{ __typename }","variables":{"__proto__":{"admin":true}}}',
      {},
    ],
    [
      'a constructor in its variables',
      '{"query":"{ __typename }","variables":{"constructor":{"prototype":{"admin":true}}}}',
      {},
    ],
    ['NUL', `${query}\u0000`, {}],
  ];
  it.each(rows)('%s', async (_what, body, headers, ...[message]) => {
    const ask = () => raw(world, 'manager', body, headers);
    expectRefused(await ask(), 'MALFORMED_REQUEST', message);
    await expectCheap(world, ask, 5);
    expect(({} as any).admin).toBeUndefined();
    await expectAlive(world);
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '48, 59: %s is not a way to ask: 405, and nothing is done',
    async (method) => {
      const token = await world.tokenOf('manager');
      const url = `${world.url}/graphql?query=${encodeURIComponent('mutation { signOut }')}`;
      const response = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${token}`, cookie: `sluse_session=${token}` },
      });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      const answer = await response.text();
      if (method !== 'HEAD') expect(JSON.parse(answer)).toEqual(faultBody('METHOD_NOT_ALLOWED'));
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      await expectAlive(world);
    },
  );

  it.each(['gateway', 'identity'])('an address that cannot be read, at the %s, is not repeated', async (at) => {
    const { hostname, port } = new URL(at === 'gateway' ? world.url : world.origins.get(at)!);
    const socket = connect(Number(port), hostname);
    socket.end(`GET /%zz"<script> HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n\r\n`);
    const [head, body] = (await text(socket)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 [\s\S]*cache-control: no-store/);
    expect(JSON.parse(body!)).toEqual(faultBody('MALFORMED_REQUEST', 'The address of the request cannot be read.'));
  });

  it('a route that a room does not have is not repeated', async () => {
    const response = await fetch(`${world.origins.get('identity')}/no/such/0201609995`);
    expect([response.status, await response.json()]).toEqual([404, faultBody('NOT_FOUND', 'There is no such route.')]);
  });

  it('with 3,000 lines in its head is answered as who it says: none of them is left out', async () => {
    const { hostname, port } = new URL(world.url);
    const body = JSON.stringify({ query: '{ viewer { actingIn { code } } }' });
    const head = [
      ...['POST /graphql HTTP/1.1', `host: ${hostname}`, 'connection: close', 'content-type: application/json'],
      ...[`content-length: ${body.length}`, ...Array<string>(3_000).fill('a:')],
      `authorization: Bearer ${await world.tokenOf('manager')}`,
    ];
    const socket = connect(Number(port), hostname);
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    expect(await text(socket)).toContain('{"data":{"viewer":{"actingIn":{"code":"MANAGER"}}}}');
  });

  it('text that is no GraphQL is told by its place, not by its words', async () => {
    const answer = await send(world, 'manager', `{ citizen(cpr: "${fixedCitizen}" { name } }`);
    expectRefused(answer, 'MALFORMED_REQUEST', 'The operation is no valid GraphQL (line 1, column 29).');
  });
});
