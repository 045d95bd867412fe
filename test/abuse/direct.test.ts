/**
 * 19: a room that a case system calls directly, with a good token. What the gateway does for everybody else, the room does here: it
 * logs before it answers, keeps the rules by type, and the limits.
 */
import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { audit } from '../../subgraphs/audit/index.js';
import { cases } from '../../subgraphs/cases/index.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { type FaultCode, faultBody, faults } from '../../subgraphs/protocol/faults.js';
import { roomTokens } from '../../subgraphs/protocol/internal.js';
import { caseSystem, drawToken, newKey, part, registered, signed } from '../support/client.js';
import { testSecret } from '../support/database.js';
import { openRoom } from '../support/room.js';
import { openWorld, type World } from '../support/world.js';
import { expectRefused } from './attack.js';

let world: World;
let token: string;
const ahead = 0;
const now = () => new Date(Date.now() + ahead);
const key = newKey('ES256');
/** What happens to an entry before the audit room takes it. */
let gate: () => Promise<void> = async () => {};
const gated = {
  ...audit,
  internal: {
    ...audit.internal,
    append: async (services: any, body: any) => {
      await gate();
      return audit.internal!.append!(services, body);
    },
  },
};

beforeAll(async () => {
  world = await openWorld({ shielded: true, now, trustedProxies: ['127.0.0.1'], rooms: { audit: gated } });
  await registered(world, { keys: [key.jwk] });
  token = await drawToken(world, key, now());
});
afterAll(() => world.close());
afterEach(() => {
  gate = async () => {};
});

type RoomName = 'identity' | 'cases' | 'smdb' | 'audit';
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: any;
  readonly headers: Headers;
}
async function post(room: RoomName, body: unknown, headers: Record<string, string> = {}, as = token): Promise<Answer> {
  const response = await fetch(`${world.origins.get(room)}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${as}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, body: text && JSON.parse(text), headers: response.headers };
}
const ask = (room: RoomName, query: string, variables?: object, as = token) => post(room, { query, variables }, {}, as);
const scoped = (scope: string) => drawToken(world, key, now(), { scope });

const count = async (view = 'entry_details') =>
  (await world.database.sql(`SELECT count(*)::int AS n FROM audit.${view}`))[0]!.n as number;
const last = async (view = 'entry_details') =>
  (await world.database.sql<any>(`SELECT * FROM audit.${view} ORDER BY at DESC, seq DESC LIMIT 1`))[0];
const withheld = JSON.stringify(faultBody('AUDIT_UNAVAILABLE'));
const someCases = '{ cases(first: 3) { nodes { title } } }';

describe('the log first', () => {
  it('not a byte leaves before its entry is written', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    gate = () => held;
    const before = await count();
    let answered = false;
    const answer = ask('cases', someCases).finally(() => (answered = true));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect([answered, await count()]).toEqual([false, before]);
    release();
    expect((await answer).status).toBe(200);
    expect(await count()).toBe(before + 1);
  });

  it('an entry that cannot be written withholds the answer, and the next one is answered', async () => {
    gate = async () => {
      throw new Error('the disk is full');
    };
    const answer = await ask('cases', someCases);
    expect([answer.status, answer.text, answer.headers.get('retry-after')]).toEqual([503, withheld, '1']);
    gate = async () => {};
    expect((await ask('cases', someCases)).status).toBe(200);
  });

  const enter = 'mutation Enter($input: EnterCaseInput!) { enterCase(input: $input) { title } }';
  const aCase = async (title: string) => {
    const [row] = await world.database.sql<{ id: string }>('SELECT id FROM identity.citizen ORDER BY id LIMIT 1');
    return {
      input: { category: 'HOUSING_BENEFIT', kle: '32.03.12', title, parties: [{ citizen: row!.id, role: 'PRIMARY' }] },
    };
  };
  const titled = async (title: string) =>
    (await world.database.sql('SELECT FROM cases.ordinary_case WHERE title = $1', [title])).length;

  it('a change whose beginning cannot be written is not made', async () => {
    gate = async () => {
      throw new Error('gone');
    };
    const answer = await ask('cases', enter, await aCase('never made'));
    expect([answer.status, answer.text]).toEqual([503, withheld]);
    expect(await titled('never made')).toBe(0);
  });

  it('a change is logged twice: that it begins, and whom its answer named, though nobody asked for an id', async () => {
    const before = await count();
    const variables = await aCase('entered directly');
    const answer = await ask('cases', enter, variables);
    expect(answer.text).toBe('{"data":{"enterCase":{"title":"entered directly"}}}');
    expect(await count()).toBe(before + 2);
    const [end, begun] = await world.database.sql<any>(
      "SELECT d.*, e.leaf::json ->> 'follows' AS follows FROM audit.entry_details d JOIN audit.entry e USING (municipality, log, seq) ORDER BY d.at DESC, seq DESC LIMIT 2",
    );
    expect(begun).toMatchObject({ outcome: 'BEGUN', use: 'ENTER', operation_name: 'Enter', cases: [] });
    expect(JSON.parse(begun.criterion)).toEqual([{ field: 'enterCase', arguments: variables }]);
    const [entered] = await world.database.sql<any>(
      "SELECT id FROM cases.ordinary_case WHERE title = 'entered directly'",
    );
    expect(end).toMatchObject({
      outcome: 'ANSWERED',
      use: 'ENTER',
      follows: begun.id,
      cases: [entered.id],
      citizens: [variables.input.parties[0]!.citizen],
    });
  });
});

describe('the entry', () => {
  it('names every case and person that an answer is about, however it was asked, and the answer shows none of it', async () => {
    const plain = await ask('cases', '{ cases(first: 40) { nodes { id primaryParty { id } } } }');
    const nodes = plain.body.data.cases.nodes as { id: string; primaryParty: { id: string } | null }[];
    const ids = [...new Set(nodes.map(({ id }) => id))].sort();
    // The client is shown the parties of what it entered above, and the log names all of them all the same.
    const own = await world.database.sql<{ id: string }>(
      'SELECT id FROM cases.ordinary_case WHERE entered_by IS NOT NULL AND id = ANY ($1::uuid[])',
      [ids],
    );
    const shown = nodes.filter(({ primaryParty }) => primaryParty !== null).map(({ id }) => ({ id }));
    expect(shown).toEqual(own);
    expect(shown.length).toBeLessThan(3);
    const primary = await world.database.sql<{ citizen: string }>(
      `SELECT DISTINCT citizen FROM cases.ordinary_party WHERE role = 'PRIMARY' AND case_id = ANY ($1::uuid[])`,
      [ids],
    );
    const people = primary.map(({ citizen }) => citizen).sort();
    expect([ids.length, people.length > 5]).toEqual([40, true]);
    const ways = [
      '{ cases(first: 40) { nodes { title } } }',
      '{ cases(first: 40) { edges { node { category } } } }',
      '{ other: cases(first: 40) { nodes { __typename } } }',
      'query A { ...F } fragment F on Query { cases(first: 40) { nodes { ...N } } } fragment N on Case { id: title }',
      'query A($no: Boolean = false) { cases(first: 40) { nodes { id @include(if: $no) title @skip(if: true) } } }',
    ];
    for (const query of ways) {
      const answer = await ask('cases', query);
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/_[\da-f]{16}_/);
      const entry = await last();
      expect([query, [...entry.cases].sort(), [...entry.citizens].sort()]).toEqual([query, ids, people]);
    }
    expect((await ask('cases', ways[4]!)).body.data.cases.nodes[0]).toEqual({});
  });

  it('says who, from where, what for, by which fields, and what was searched for', async () => {
    const question = 'query Look($kle: KLE) { cases(filter: { kle: $kle }, first: 1) { totalCount } }';
    const answer = await post(
      'cases',
      { query: question, variables: { kle: '32.*' } },
      { 'x-purpose': 'case 27', 'x-TransaktionsId': 't-1', 'x-RequestId': 'r-1', 'x-OnBehalfOfUser': 'somebody' },
    );
    expect(answer.status).toBe(200);
    const entry = await last();
    expect(entry).toMatchObject({
      use: 'SEARCH',
      outcome: 'ANSWERED',
      operation_name: 'Look',
      operation_text: question,
      purpose: 'case 27',
      transaction_id: 't-1',
      actor_kind: 'SystemClient',
      actor_id: caseSystem,
      subject_id: caseSystem,
      acting_right: null,
      session: JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).jti,
    });
    expect(entry.workstation).toMatch(/127\.0\.0\.1/);
    const [leaf] = await world.database.sql<any>('SELECT leaf::json AS leaf FROM audit.entry WHERE id = $1', [
      entry.id,
    ]);
    expect(leaf.leaf).toMatchObject({ requestId: 'r-1', onBehalfOf: 'somebody' });
    expect(entry.fields).toEqual(['CaseConnection.totalCount', 'Query.cases']);
    expect(JSON.parse(entry.criterion)).toEqual([{ field: 'cases', arguments: { filter: { kle: '32.*' }, first: 1 } }]);
  });

  it('of a reference names whom it is about, and what was asked for', async () => {
    const [row] = (await ask('cases', '{ cases(first: 1) { nodes { id } } }')).body.data.cases.nodes;
    const answer = await ask(
      'cases',
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on Case { category } } }',
      {
        r: [
          { __typename: 'Case', id: row.id },
          { __typename: 'Case', id: randomUUID() },
        ],
      },
    );
    expect(answer.status).toBe(200);
    const entry = await last();
    expect(entry.fields).toContain('Query._entities');
    expect(JSON.parse(entry.criterion)[0].arguments.representations[0]).toEqual({ __typename: 'Case', id: row.id });
    expect([answer.body.data._entities[0], entry.cases]).toEqual([{ category: 'HOUSING_BENEFIT' }, [row.id]]);
    expect(answer.body.data._entities[1]).toBeNull();
  });

  it('is sealed once the client is cleared for something shielded, found or not', async () => {
    const compartment = '0999.MUNICIPALITY.CHILD_CONCERN';
    const id = idFor('a grant for a test');
    await world.database.sql(
      `INSERT INTO identity.clearance_grant SELECT municipality, $1, holder, $2, 'METADATA', operations, true, reason, status, requested_by, decided_by, valid_from, confirm_by
       FROM identity.clearance_grant WHERE holder = $3 LIMIT 1`,
      [id, compartment, caseSystem],
    );
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    const [open, sealed] = [await count(), await count('sealed_entry_details')];
    expect(
      (await ask('cases', '{ cases(filter: { categories: [HOUSING_BENEFIT] }, first: 1) { totalCount } }')).status,
    ).toBe(200);
    expect([await count(), await count('sealed_entry_details')]).toEqual([open, sealed + 1]);
    expect((await ask('smdb', '{ treatmentCourse(id: "x") { id } }')).body.errors[0].extensions.code).toBe('FORBIDDEN');
    await world.database.sql('DELETE FROM identity.clearance_grant WHERE id = $1', [id]);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await ask('cases', someCases)).status).toBe(200);
    expect((await last()).outcome).toBe('ANSWERED');
  });
});

describe('wall 1: a denied field refuses the whole operation', () => {
  const hidden = '{ cases(first: 1) { totalCount } }';
  const ways: [string, RoomName, string][] = [
    ['by itself', 'cases', hidden],
    ['beside an allowed one', 'cases', '{ compartments { id } cases(first: 1) { totalCount } }'],
    ['under another name', 'cases', '{ compartments: cases(first: 1) { totalCount } }'],
    ['under a name of the prototype', 'cases', '{ __proto__: cases(first: 1) { totalCount } }'],
    ['in an inline fragment', 'cases', '{ ... on Query { cases(first: 1) { totalCount } } }'],
    ['in an inline fragment without a type', 'cases', '{ ... { cases(first: 1) { totalCount } } }'],
    [
      'in fragments within fragments',
      'cases',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { cases(first: 1) { totalCount } }',
    ],
    [
      'included by a variable',
      'cases',
      'query($a: Boolean = true) { cases(first: 1) @include(if: $a) { totalCount } }',
    ],
    ['for nothing but its type’s name', 'cases', '{ cases(first: 1) { __typename } }'],
    [
      'in the second operation',
      'cases',
      'query Other { compartments { id } } query Asked { cases(first: 1) { totalCount } }',
    ],
    ['a mutation', 'cases', 'mutation { deleteCase(id: "x") }'],
    ['of a type behind a union', 'identity', '{ viewer { person { ... on Citizen { address { street } } } } }'],
    [
      'of an entity',
      'identity',
      '{ _entities(representations: [{ __typename: "Citizen", id: "x" }]) { ... on Citizen { address { street } } } }',
    ],
    ['a search for persons', 'identity', '{ citizen(cpr: "0201609995") { name } }'],
    ['what administrators see', 'identity', '{ systemClients { id } }'],
    [
      'what administrators do',
      'identity',
      `mutation { registerSystemClientKey(client: "${caseSystem}", jwks: {}) { id } }`,
    ],
    ['the log', 'audit', '{ auditEntries(first: 1) { totalCount } }'],
    ['reports on treatment', 'smdb', '{ smdbForms(first: 1) { totalCount } }'],
    ['the SDL', 'cases', '{ _service { sdl } }'],
    ['the SDL under another name', 'identity', '{ viewer { session { idleTimeout } } x: _service { __typename } }'],
  ];
  it.each(ways)('%s', async (_what, room, query) => {
    const before = await count();
    const narrow = await scoped('employee:read');
    const answer = await post(
      room,
      { query, operationName: query.includes('Asked') ? 'Asked' : undefined },
      {},
      narrow,
    );
    expectRefused(answer, 'FORBIDDEN');
    expect(await count()).toBe(before + 1);
    expect(await last()).toMatchObject({ outcome: 'DENIED', faults: ['FORBIDDEN'], cases: [], citizens: [] });
  });

  it('and what was left out by a condition was not asked for', async () => {
    const narrow = await scoped('employee:read');
    const answer = await ask('cases', '{ cases(first: 1) @skip(if: true) { totalCount } }', {}, narrow);
    expect([answer.status, answer.text]).toEqual([200, '{"data":{}}']);
  });

  it('and a token of narrower scope is narrower for the rows too', async () => {
    const answer = await ask(
      'identity',
      '{ viewer { clearance { level } person { ... on SystemClient { scopes } } } }',
      {},
      await scoped('employee:read'),
    );
    expect(answer.body.data.viewer.person).toEqual({
      scopes: ['case:read', 'case:write', 'citizen:match', 'employee:read'],
    });
  });
});

describe('limits and manners', () => {
  const deep = (levels: number) =>
    `{ cases(first: 1) ${'{ nodes { primaryParty { cases(first: 1) '.repeat(levels)}{ totalCount }${' } } }'.repeat(levels)} }`;
  const many = (fields: number, make: (index: number) => string) =>
    `{ ${Array.from({ length: fields }, (_, index) => make(index)).join(' ')} }`;
  const rows: [string, unknown, FaultCode][] = [
    ['a depth over 15', { query: deep(6) }, 'DEPTH_LIMIT'],
    [
      'more than 30 names of one field',
      { query: many(31, (index) => `a${index}: cases(first: 1) { totalCount }`) },
      'ALIAS_LIMIT',
    ],
    ['more than 1,000 fields', { query: many(1_001, () => '__typename') }, 'FIELD_LIMIT'],
    [
      'a bomb of fragments',
      {
        query: `{ ...F0 } ${Array.from({ length: 20 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`).join(' ')} fragment F20 on Query { __typename }`,
      },
      'FIELD_LIMIT',
    ],
    ['more than 12,000 tokens', { query: many(12_001, () => 'a') }, 'TOO_MANY_TOKENS'],
    [
      'deep variables',
      { query: someCases, variables: { a: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) } },
      'VARIABLE_LIMIT',
    ],
    ['a body over 100 kB', { query: someCases, variables: { a: 'x'.repeat(110_000) } }, 'BODY_TOO_LARGE'],
    ['a batch', [{ query: someCases }], 'BATCHING_NOT_ALLOWED'],
    ['no JSON', 'garbage', 'MALFORMED_REQUEST'],
    ['an empty body', '', 'MALFORMED_REQUEST'],
    ['a key that reaches for the prototype', '{"query":"{ __typename }","__proto__":{}}', 'MALFORMED_REQUEST'],
    ['no query', { variables: {} }, 'MALFORMED_REQUEST'],
    ['variables that are a list', { query: someCases, variables: [] }, 'MALFORMED_REQUEST'],
    ['introspection', { query: '{ __schema { types { name } } }' }, 'INTROSPECTION_NOT_ALLOWED'],
    [
      'introspection in a fragment',
      { query: '{ ...F } fragment F on Query { __type(name: "Case") { name } }' },
      'INTROSPECTION_NOT_ALLOWED',
    ],
    ['a page over 500', { query: '{ cases(first: 501) { totalCount } }' }, 'PAGE_LIMIT'],
  ];
  it.each(rows)('%s is refused, and logged', async (_what, body, code) => {
    const before = await count();
    const answer = await post('cases', body);
    expect([answer.status, answer.body.errors[0]?.extensions.code]).toEqual([faults[code].status, code]);
    expect(answer.body.data?.cases ?? null).toBeNull();
    expect(await count()).toBe(before + 1);
    expect((await last()).faults).toEqual([code]);
  });

  it('only JSON is read, and only by POST', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json-seq'])
      expectRefused(
        await post('cases', { query: someCases }, { 'content-type': type }),
        'MALFORMED_REQUEST',
        'Send the body as JSON, with `Content-Type: application/json`.',
      );
    expectRefused(
      await post('cases', { query: someCases }, { 'content-type': 'application/json; charset=utf-16' }),
      'MALFORMED_REQUEST',
      'Send the body in UTF-8: the `charset` in `Content-Type` names another.',
    );
    expectRefused(
      await post('cases', { query: someCases }, { 'content-encoding': 'gzip' }),
      'MALFORMED_REQUEST',
      'Send the body as it is: with a `Content-Encoding` it is not read.',
    );
    const get = await fetch(`${world.origins.get('cases')}/graphql?query=${encodeURIComponent(someCases)}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await get.json()).toEqual(faultBody('METHOD_NOT_ALLOWED'));
  });

  it('what is wrong with an operation is said without a guess at the schema, and without a value', async () => {
    const typo = await ask('cases', '{ case_ cases(first: "0201609995") { totalCoun } }');
    expect(typo.status).toBe(400);
    expect(typo.text).not.toMatch(/Did you mean|totalCount|0201609995/);
    const variable = await ask('identity', 'query($cpr: CPR!) { citizen(cpr: $cpr) { name } }', { cpr: '02016099951' });
    expect([variable.status, variable.body.errors[0].message]).toEqual([
      400,
      'Variable "$cpr": Expected CPR: 10 digits DDMMYYNNNN without a hyphen.',
    ]);
  });
});

describe('whoever is not known', () => {
  it('is refused and logged, and where that cannot be logged is told nothing', async () => {
    const before = await count();
    for (const as of ['', 'garbage', 'a.b.c'])
      expectRefused(await post('cases', { query: someCases }, {}, as), 'UNAUTHENTICATED');
    expect(await count()).toBe(before + 3);
    expect(await last()).toMatchObject({ outcome: 'DENIED', faults: ['UNAUTHENTICATED'] });
    gate = async () => {
      throw new Error('gone');
    };
    expect((await post('cases', { query: someCases }, {}, 'a.b.c')).text).toBe(withheld);
  });

  it('is everybody at a room that was not told where to ask and where to log', async () => {
    const alone = await openRoom(cases);
    const answer = await alone.post('/graphql', { query: someCases }, token);
    expect([answer.status, await answer.json()]).toEqual([401, faultBody('UNAUTHENTICATED')]);
    await alone.close();
  });
});

describe('calls between rooms', () => {
  const between = roomTokens(testSecret);
  const call = async (room: RoomName, name: string, as: string) => {
    const response = await fetch(`${world.origins.get(room)}/internal/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${as}` },
      body: JSON.stringify({
        municipality: '0999',
        person: { kind: 'Employee', id: randomUUID() },
        operations: [],
        entries: [],
      }),
    });
    return response.status;
  };

  it('open what an edge needs and no more', async () => {
    expect(await call('audit', 'append', await between.sign('audit'))).toBe(200);
    expect(await call('identity', 'resolve-client', await between.sign('identity'))).toBe(200);
    for (const name of ['open-session', 'resolve-session', 'close-session', 'use-assertion'])
      expect([name, await call('identity', name, await between.sign('identity'))]).toEqual([name, 401]);
    for (const name of ['export-ticket', 'open-changes', 'settle-change', 'forget-outcomes'])
      expect([name, await call('audit', name, await between.sign('audit'))]).toEqual([name, 401]);
    for (const name of ['close-change', 'forget-changes'])
      expect([name, await call('cases', name, await between.sign('cases'))]).toEqual([name, 401]);
  });

  it('take no token of another kind, of another room, or under another secret', async () => {
    const at = Math.floor(Date.now() / 1000);
    const claims = { iss: 'sluse-room', aud: 'audit', iat: at, exp: at + 60 };
    const head = { alg: 'HS256', typ: 'sluse-room+jwt' };
    const hs = (secret: string | Uint8Array, header: object = head, over: object = {}) => {
      const text = `${part(header)}.${part({ ...claims, ...over })}`;
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    };
    const derived = new Uint8Array(hkdfSync('sha256', testSecret, '', 'sluse calls between rooms', 32));
    expect(await call('audit', 'append', hs(derived))).toBe(200);
    const publicJwk = world.gatewayKey.export({ format: 'jwk' });
    const wrong: [string, string][] = [
      ['for another room', await between.sign('identity')],
      ['under another secret', await roomTokens('another secret, as long as it has to be').sign('audit')],
      ['under the secret as it is', hs(testSecret)],
      ['under the raw public key of the gateway', hs(Buffer.from(publicJwk.x!, 'base64url'))],
      ['called EdDSA', hs(derived, { ...head, alg: 'EdDSA' })],
      ['not signed', `${part({ ...head, alg: 'none' })}.${part(claims)}.`],
      ['by the gateway’s key', signed(world.gatewayKey, 'EdDSA', { ...head, alg: 'EdDSA' }, claims)],
      ['of the gateway’s own kind', hs(derived, { ...head, typ: 'sluse-internal+jwt' }, { iss: 'sluse-gateway' })],
      ['for a list of rooms', hs(derived, head, { aud: ['audit'] })],
      ['that never ends', hs(derived, head, { exp: undefined })],
      ['out of date', hs(derived, head, { iat: at - 120, exp: at - 60 })],
      ['that lives for a year', hs(derived, head, { iat: at - 3_600, exp: at + 31_536_000 })],
      ['that is an access token', token],
      ['that is none', ''],
    ];
    for (const [what, as] of wrong) expect([what, await call('audit', 'append', as)]).toEqual([what, 401]);
  });
});

describe('what is withdrawn', () => {
  const both = async (as: string) => {
    const body = { query: '{ cases(first: 1) { totalCount } }' };
    const direct = await post('cases', body, {}, as);
    const gateway = await world.post('/graphql', body, { authorization: `Bearer ${as}` });
    return { direct, gateway: { status: gateway.status, body: (await gateway.json()) as any } };
  };
  const second = () => new Promise((resolve) => setTimeout(resolve, 1_050));

  it('a key: within a second, at gateway and room, for tokens that were drawn with it and for new ones; others go on', async () => {
    const gone = newKey('EdDSA');
    const { body } = await registered(world, gone.jwk);
    const id = body.data.registerSystemClientKey.keys.find(({ kid }: { kid: string }) => kid === gone.kid).id;
    const drawn = await drawToken(world, gone, now());
    expect(Object.values(await both(drawn)).map(({ status }) => status)).toEqual([200, 200]);
    const { text } = await world.ask('administrator', `mutation { withdrawSystemClientKey(key: "${id}") { id } }`);
    expect(text).toBe(`{"data":{"withdrawSystemClientKey":{"id":"${caseSystem}"}}}`);
    await second();
    const after = await both(drawn);
    expectRefused(after.direct, 'UNAUTHENTICATED');
    expectRefused(after.gateway, 'UNAUTHENTICATED');
    await expect(drawToken(world, gone, now())).rejects.toThrow('invalid_client');
    expect(Object.values(await both(token)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('a scope and a grant: within a second, for tokens that are in force', async () => {
    const total = async () => {
      const { direct, gateway } = await both(token);
      return [direct.body.data?.cases?.totalCount, gateway.body.data?.cases?.totalCount];
    };
    const [before] = await total();
    expect(before).toBeGreaterThan(100);
    await world.database.sql("UPDATE identity.clearance_grant SET status = 'WITHDRAWN' WHERE holder = $1", [
      caseSystem,
    ]);
    await second();
    expect(await total()).toEqual([0, 0]);
    await world.database.sql("UPDATE identity.clearance_grant SET status = 'IN_FORCE' WHERE holder = $1", [caseSystem]);
    await world.database.sql("UPDATE identity.system_client SET scopes = '{employee:read}' WHERE id = $1", [
      caseSystem,
    ]);
    await second();
    const { direct, gateway } = await both(token);
    expectRefused(direct, 'FORBIDDEN');
    expect(gateway.body.errors[0].extensions.code).toBe('FORBIDDEN_FIELD');
    await world.database.sql(
      "UPDATE identity.system_client SET scopes = '{case:read,case:write,citizen:match,employee:read}' WHERE id = $1",
      [caseSystem],
    );
    await second();
    expect(await total()).toEqual([before, before]);
  });

  it('while an answer is made: it is not disclosed any more', async () => {
    const mine = newKey('EdDSA');
    const { body } = await registered(world, mine.jwk);
    const id = body.data.registerSystemClientKey.keys.find(({ kid }: { kid: string }) => kid === mine.kid).id;
    const drawn = await drawToken(world, mine, now());
    const blocker = new pg.Client({ connectionString: world.database.url });
    await blocker.connect();
    try {
      await blocker.query('BEGIN; LOCK cases.ordinary_case IN ACCESS EXCLUSIVE MODE');
      const answer = post('cases', { query: someCases }, {}, drawn);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await world.ask('administrator', `mutation { withdrawSystemClientKey(key: "${id}") { id } }`);
      await second();
      await blocker.query('COMMIT');
      expectRefused(await answer, 'UNAUTHENTICATED');
      expect(await last()).toMatchObject({ faults: ['UNAUTHENTICATED'], cases: [] });
    } finally {
      await blocker.end();
    }
  });

  it('while the entry of an answer is written: it is not disclosed any more, whatever the entry says', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let writing = () => {};
    const isWritten = new Promise<void>((resolve) => (writing = resolve));
    gate = () => {
      writing();
      return held;
    };
    const scopes = (to: string) =>
      world.database.sql('UPDATE identity.system_client SET scopes = $2::text[] WHERE id = $1', [caseSystem, to]);
    const answer = ask('cases', someCases);
    await isWritten;
    await scopes('{case:read,employee:read}');
    await second();
    release();
    expectRefused(await answer, 'ACCESS_CHANGED');
    expect((await answer).status).toBe(409);
    await scopes('{case:read,case:write,citizen:match,employee:read}');
    await second();
    expect((await ask('cases', someCases)).status).toBe(200);
  });

  it('the client itself: within a second, with all that it had', async () => {
    await world.database.sql('DELETE FROM identity.system_client WHERE id = $1', [caseSystem]);
    await second();
    const { direct, gateway } = await both(token);
    expectRefused(direct, 'UNAUTHENTICATED');
    expectRefused(gateway, 'UNAUTHENTICATED');
    await expect(drawToken(world, key, now())).rejects.toThrow('invalid_client');
  });
});
