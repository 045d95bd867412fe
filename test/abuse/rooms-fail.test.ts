/** Load: a subgraph that is gone, slow, oversized, malformed or lying. The rest is answered, one masked error names the path. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faults } from '../../subgraphs/protocol/faults.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, listening, send } from './attack.js';
import { type Handler, type Impostor, json, leave, listen, text } from './impostor.js';

const who = 'smdb-leader';
const query = '{ compartments { id } smdbForms(first: 1) { totalCount nodes { id } } }';
const { log, lines } = listening();
let world: World;
let port: number;
let impostor: Impostor | undefined;
beforeAll(async () => {
  world = await openWorld({ shielded: true, log });
  await expectAlive(world);
  port = await leave(world, 'smdb');
});
afterAll(async () => {
  await impostor?.close();
  await world.close();
});

async function partly(code: 'SUBGRAPH_UNAVAILABLE' | 'INTERNAL', paths: (string | number)[][] = [['smdbForms']]) {
  const before = (await world.database.sql('SELECT count(*)::int AS n FROM audit.entry_details'))[0]!.n as number;
  const answer = await send(world, who, query);
  expect([answer.status, answer.body.data.compartments.length > 0]).toEqual([200, true]);
  expect(answer.body.data.smdbForms).toBeNull();
  const errors = answer.body.errors.map(({ message, path, extensions }: any) => ({
    message,
    path,
    code: extensions.code,
  }));
  expect(errors).toEqual(paths.map((path) => ({ message: faults[code].message, path, code })));
  const [row] = await world.database.sql(
    "SELECT count(*)::int AS n, max(faults::text) FILTER (WHERE faults <> '{}') AS faults FROM audit.entry_details",
  );
  expect(row!.n).toBe(before + 1);
  expect(answer.text).not.toMatch(/127\.0\.0\.1|smdb\b|ECONN|secret|0201609995/);
}

/** Why calls failed, as the operator is told: by what came, or because time ran out. */
const reasons = (): string[] =>
  lines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'subgraph call failed')
    .map(({ reason }) => reason);
const outOfTime = /Timeout|too long/;

describe('a system behind a field fails, and the caller is told that and no more', () => {
  it('gone', async () => {
    await partly('SUBGRAPH_UNAVAILABLE');
    const [entry] = await world.database.sql(
      'SELECT faults, outcome FROM audit.entry_details ORDER BY at DESC LIMIT 1',
    );
    expect(entry).toEqual({ faults: ['SUBGRAPH_UNAVAILABLE'], outcome: 'FAILED' });
  });

  const malformed: [string, Handler][] = [
    ['a page of HTML', text('<h1>secret</h1>')],
    ['half of a JSON text', text('{"data":{"smdbForms":{"totalCount":1')],
    ['nothing', text('')],
    ['a JSON list', text('[{"data":{}}]')],
    ['JSON that is no GraphQL answer', json({ secret: '0201609995' })],
    ['an error of the gateway in front of it', json({ message: 'secret' }, 502)],
    ...[429, 502, 503, 504].map((status): [string, Handler] => [
      `errors without data, with status ${status}`,
      json({ data: null, errors: [{ message: 'secret' }] }, status),
    ]),
    ['100,000 levels of JSON', text(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
    ['a connection closed before the answer', (_request, response) => void response.socket?.destroy()],
    [
      'a connection closed in the middle of the answer',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
        response.write('{"data":{"smdbForms":{"totalCount":1}}');
        setTimeout(() => response.socket?.destroy(), 50);
      },
    ],
    ['something that is no HTTP', (_request, response) => void response.socket?.end('secret secret secret\r\n\r\n')],
  ];
  it.each(malformed)('it answers with %s', async (_what, handler) => {
    impostor ??= await listen(port);
    impostor.does(handler);
    await partly('SUBGRAPH_UNAVAILABLE');
    // At once, and not when time runs out.
    expect(reasons().at(-1)).not.toMatch(outOfTime);
  });

  it('it does not answer, or stops in the middle, or drips for ever: the rest is answered in bounded time', async () => {
    const silent: Handler = () => {};
    const stopping: Handler = (_request, response) => void response.writeHead(200).write('{"data":');
    const dripping: Handler = (_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 200);
      response.on('close', () => clearInterval(drip));
    };
    const slow = new Map([
      ['Silent', silent],
      ['Stopping', stopping],
      ['Dripping', dripping],
    ]);
    impostor!.does((request, response, body) => {
      const name = [...slow.keys()].find((candidate) => body.includes(candidate));
      slow.get(name!)!(request, response, body);
    });
    const before = reasons().length;
    const all = [...slow.keys()].map(async (name) => {
      const answer = await send(world, who, `query ${name} ${query}`);
      expect(answer.body).toEqual({
        data: { compartments: expect.any(Array), smdbForms: null },
        errors: [
          {
            message: faults.SUBGRAPH_UNAVAILABLE.message,
            path: ['smdbForms'],
            extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
          },
        ],
      });
    });
    // Some seconds without a byte, before the head or after it; some more in all, however many bytes come.
    await Promise.all(all);
    expect(reasons().slice(before).sort()).toEqual(
      [/Body Timeout/, /Headers Timeout/, /the operation took too long/].map((one) => expect.stringMatching(one)),
    );
  }, 60_000);

  it('its answer never ends: it is cut off', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    impostor!.does((_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(megabyte));
      };
      response.on('drain', more);
      more();
    });
    await partly('SUBGRAPH_UNAVAILABLE');
    expect(reasons().at(-1)).toMatch(/size/);
  }, 60_000);

  const lying: [string, Handler][] = [
    ['a text where an object stands in the schema', json({ data: { smdbForms: 'secret' } })],
    [
      'an error of its own making',
      json({ data: null, errors: [{ message: 'secret', path: ['smdbForms'], extensions: { code: 'SECRET' } }] }),
    ],
    [
      'an error of its own making, with status 500',
      json({ data: null, errors: [{ message: 'secret', path: ['smdbForms'] }] }, 500),
    ],
    [
      'an error without a code',
      json({ data: { smdbForms: null }, errors: [{ message: 'row 0201609995', path: ['smdbForms'] }] }),
    ],
  ];
  it.each(lying)('38: it answers with %s, which is masked', async (_what, handler) => {
    impostor!.does(handler);
    await partly('INTERNAL');
  });

  it('14: it answers with keys of the prototype, which reach nobody', async () => {
    impostor!.does(
      text('{"data":{"__proto__":{"polluted":"secret"},"constructor":{"prototype":{"polluted":1}},"smdbForms":null}}'),
    );
    const answer = await send(world, who, query);
    expect(answer.body).toEqual({ data: { compartments: expect.any(Array), smdbForms: null } });
    expect(({} as any).polluted).toBeUndefined();
  });

  it('one error names a path below a list item by the index that the caller sees', async () => {
    impostor!.does(json({ data: { smdbForms: { totalCount: 2, nodes: [{ id: 'a' }, { id: 7.5 }] } } }));
    const answer = await send(world, who, query);
    expect(answer.body.data.smdbForms).toBeNull();
    expect(answer.body.errors).toMatchObject([
      { message: faults.INTERNAL.message, path: ['smdbForms', 'nodes', 1, 'id'] },
    ]);
  });

  it("and what it said stands neither in an answer nor, but for its failing, in the server's log", () => {
    expect(lines.join('\n')).toMatch(/subgraph call failed/);
    expect(lines.join('\n')).not.toMatch(/0201609995|"secret|row 02/);
  });
});
