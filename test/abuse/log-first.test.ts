/** The log first: no answer leaves before its entry is durable, and without an entry none leaves at all. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { audit } from '../../subgraphs/audit/index.js';
import { faultBody, mayStandBody } from '../../subgraphs/protocol/faults.js';
import { ticketFor } from '../support/export.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, fixedCitizen, type Raw, send } from './attack.js';
import { type Impostor, leave, listen, text } from './impostor.js';

const disclosing = `{ citizen(cpr: "${fixedCitizen}") { name } }`;
const withheld = JSON.stringify(faultBody('AUDIT_UNAVAILABLE'));

/** 503, the table's body and not a byte more; nothing of the answer in the headers either. */
function expectWithheld(answer: Raw) {
  expect([answer.status, answer.text]).toEqual([503, withheld]);
  const telling = [
    'cache-control',
    'connection',
    'content-length',
    'content-type',
    'date',
    'keep-alive',
    'retry-after',
  ];
  expect([...answer.headers.keys()].filter((name) => !telling.includes(name))).toEqual([]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** An audit room in which `gate` comes before an entry is taken. */
const gated = (gate: () => Promise<void>) => ({
  ...audit,
  internal: {
    ...audit.internal,
    append: async (services: any, body: any) => {
      await gate();
      return audit.internal!.append!(services, body);
    },
  },
});

describe('while the audit room is slow or fails', () => {
  let world: World;
  /** What happens to an entry before the room takes it. */
  let gate: () => Promise<void> = async () => {};
  beforeAll(async () => {
    world = await openWorld({ shielded: true, rooms: { audit: gated(() => gate()) } });
    await expectAlive(world);
  });
  afterAll(() => world.close());
  afterEach(() => {
    gate = async () => {};
  });
  const entries = async () =>
    (await world.database.sql('SELECT count(*)::int AS n FROM audit.entry_details'))[0]!.n as number;

  it('not a byte of an answer leaves before its entry is written', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    gate = () => held;
    const before = await entries();
    let answered = false;
    const answer = send(world, 'records-officer', disclosing).finally(() => (answered = true));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(answered).toBe(false);
    expect(await entries()).toBe(before);
    release();
    expect((await answer).status).toBe(200);
    expect(await entries()).toBe(before + 1);
  });

  it('an entry that the room fails to store withholds the answer, and the next one is answered and logged', async () => {
    gate = async () => {
      throw new Error('the disk is full of 0201609995');
    };
    const before = await entries();
    expectWithheld(await send(world, 'records-officer', disclosing));
    gate = async () => {};
    expect(await entries()).toBe(before);
    expect((await send(world, 'records-officer', disclosing)).status).toBe(200);
    expect(await entries()).toBe(before + 1);
  });

  const enter = `mutation Enter($input: EnterCaseInput!) { enterCase(input: $input) { id } }`;
  const aCase = async (title: string) => {
    const [row] = await world.database.sql<{ id: string }>('SELECT id FROM identity.citizen LIMIT 1');
    return {
      input: { category: 'HOUSING_BENEFIT', kle: '32.03.12', title, parties: [{ citizen: row!.id, role: 'PRIMARY' }] },
    };
  };
  const titled = async (title: string) =>
    (await world.database.sql('SELECT FROM cases.ordinary_case WHERE title = $1', [title])).length;

  it('a change is not made before its beginning is written: asked the first time or again', async () => {
    for (const title of ['never made', 'never made either']) {
      gate = async () => {
        throw new Error('gone');
      };
      const before = await entries();
      const answer = await world.ask('housing-caseworker', enter, await aCase(title));
      expect([answer.status, answer.text, answer.headers.get('retry-after')]).toEqual([503, withheld, '1']);
      expect([await titled(title), await entries()]).toEqual([0, before]);
      gate = async () => {};
      expect((await world.ask('housing-caseworker', enter, await aCase(`${title}, but then`))).status).toBe(200);
      expect(await titled(`${title}, but then`)).toBe(1);
    }
  });

  it('a change whose end cannot be written is made, and its beginning is in the log: who, and with which arguments', async () => {
    let calls = 0;
    gate = async () => {
      calls += 1;
      if (calls > 1) throw new Error('gone');
    };
    const variables = await aCase('made in the dark');
    const answer = await world.ask('housing-caseworker', enter, variables);
    gate = async () => {};
    const [begun] = await world.database.sql<any>(
      'SELECT * FROM audit.entry_details ORDER BY at DESC, seq DESC LIMIT 1',
    );
    expect(begun).toMatchObject({ outcome: 'BEGUN', use: 'ENTER', operation_name: 'Enter', citizens: [], cases: [] });
    expect(begun.fields).toContain('Mutation.enterCase');
    expect(JSON.parse(begun.criterion)).toMatchObject([{ field: 'enterCase', arguments: variables }]);
    expect([answer.status, answer.headers.get('retry-after'), answer.body]).toEqual([
      200,
      null,
      mayStandBody(begun.id),
    ]);
  });

  it('the end of a change names its beginning', async () => {
    await world.ask('housing-caseworker', enter, await aCase('seen through'));
    const [end, begun] = await world.database.sql<any>(
      "SELECT leaf::json ->> 'id' AS id, leaf::json ->> 'follows' AS follows, outcome FROM audit.entry ORDER BY leaf::json ->> 'at' DESC, seq DESC LIMIT 2",
    );
    expect([begun.outcome, begun.follows, end.outcome, end.follows]).toEqual(['BEGUN', null, 'ANSWERED', begun.id]);
  });

  it('a room that does not answer withholds the answer in bounded time', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    gate = () => held;
    // The room is let go only after the answer has come.
    expectWithheld(await send(world, 'records-officer', disclosing));
    release();
  }, 60_000);

  it('a refusal that cannot be logged is withheld as well: it looks the same as an answer', async () => {
    gate = async () => {
      throw new Error('gone');
    };
    expectWithheld(await send(world, 'administrator', disclosing));
    expectWithheld(await send(world, 'records-officer', '{ nothing }'));
    const stranger = await world.post(
      '/graphql',
      { query: disclosing },
      { authorization: 'Bearer of-no-session-at-all-00000' },
    );
    expect([stranger.status, await stranger.text()]).toEqual([503, withheld]);
  });
});

describe('while there is no audit room', () => {
  let world: World;
  let impostor: Impostor | undefined;
  let port: number;
  beforeAll(async () => {
    world = await openWorld({ shielded: true });
    await expectAlive(world);
    port = await leave(world, 'audit');
  });
  afterAll(async () => {
    await impostor?.close();
    await world.close();
  });

  it('nothing is disclosed: not a person, not a case, not an edge of one', async () => {
    expectWithheld(await send(world, 'records-officer', disclosing));
    expectWithheld(await send(world, 'housing-caseworker', '{ cases(first: 5) { totalCount nodes { id title } } }'));
    expectWithheld(
      await send(
        world,
        'records-officer',
        '{ citizens(filter: { nameContains: "nsen" }, first: 5) { edges { cursor } } }',
      ),
    );
    expectWithheld(await send(world, 'citizen', `{ viewer { person { ... on Citizen { cpr } } } }`));
    expectWithheld(await send(world, 'cleared-security-officer', '{ auditEntries(first: 1) { totalCount } }'));
  });

  it('garbage with status 200 from its address is not taken for an entry', async () => {
    impostor = await listen(port);
    for (const garbage of ['<html>', '', 'null', '[]', '"ok"', '{"entries":', '\u0000']) {
      impostor.does(text(garbage));
      expectWithheld(await send(world, 'records-officer', disclosing));
    }
  });

  it('a status other than 200 is not taken for an entry, whatever the body says', async () => {
    for (const status of [201, 204, 301, 400, 401, 500]) {
      impostor!.does(text(status === 204 ? '' : '{"entries":1}', status));
      expectWithheld(await send(world, 'records-officer', disclosing));
    }
  });

  it('a connection that is closed in the middle of the answer is not taken for an entry', async () => {
    impostor!.does((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '20' });
      response.write('{"ok"');
      response.socket?.destroy();
    });
    expectWithheld(await send(world, 'records-officer', disclosing));
  });
});

describe('while there is no identity room', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ shielded: true });
    await expectAlive(world);
    await world.tokenOf('housing-caseworker');
  });
  afterAll(() => world.close());

  it('a session is believed for a second and then refused: 503 SESSION_UNAVAILABLE', async () => {
    await world.ask('housing-caseworker', '{ cases(first: 1) { totalCount } }');
    await leave(world, 'identity');
    const believed = await send(world, 'housing-caseworker', '{ cases(first: 1) { totalCount } }');
    expect([200, 503]).toContain(believed.status);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    for (let run = 0; run < 3; run += 1) {
      const answer = await send(world, 'housing-caseworker', '{ cases(first: 1) { totalCount } }');
      expect([answer.status, answer.body]).toEqual([503, faultBody('SESSION_UNAVAILABLE')]);
      expect(answer.headers.get('retry-after')).toBe('1');
    }
  });

  it('a made-up token is refused in the same way: nobody learns which sessions there are', async () => {
    const answer = await world.post(
      '/graphql',
      { query: '{ __typename }' },
      { authorization: `Bearer ${'a'.repeat(43)}` },
    );
    expect([answer.status, await answer.json()]).toEqual([503, faultBody('SESSION_UNAVAILABLE')]);
  });
});

describe('every route', () => {
  let world: World;
  let isLogThere = true;
  const logged = async () => {
    if (!isLogThere) throw new Error('the log is not there');
  };
  beforeAll(async () => {
    world = await openWorld({ shielded: true, rooms: { audit: gated(logged) } });
  });
  afterAll(() => world.close());

  /** Names, CPR numbers and titles of the demo, in whatever answer they stand. */
  const personal = async (): Promise<string[]> => {
    const rows = await world.database.sql(
      'SELECT name AS said FROM identity.citizen UNION SELECT cpr FROM identity.citizen UNION SELECT name FROM identity.employee',
    );
    // The explorer asks for this citizen to begin with, and a bundle of scripts holds many a short word.
    return rows.map(({ said }) => said as string).filter((one) => one.length > 8 && one !== fixedCitizen);
  };
  /** What is sent to a route that answers personal data. */
  const disclosingRoutes: Record<string, () => Promise<{ as: string; path: string; body?: string }>> = {
    'POST /graphql': async () => ({
      as: 'records-officer',
      path: '/graphql',
      body: JSON.stringify({ query: disclosing }),
    }),
    'GET /log/export/:ticket': async () => ({
      as: 'security-officer',
      path: (await ticketFor(world, 'security-officer', 'NDJSON')).path,
    }),
  };
  const asked = async (method: string, { as, path, body }: { as: string; path: string; body?: string }) => {
    const token = await world.tokenOf(as);
    const response = await fetch(`${world.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${token}`,
        cookie: `sluse_session=${token}`,
        'content-type': 'application/json',
      },
      ...(method !== 'GET' && { body: body ?? '{}' }),
    });
    return { status: response.status, text: await response.text() };
  };

  it('that answers personal data withholds it while the log cannot be written, and no other answers any', async () => {
    const said = await personal();
    const names = (text: string) => said.filter((one) => text.includes(one));
    const routes = ['POST /graphql', ...world.routes().filter((route) => route !== 'POST /sign-out')];
    expect(routes.length).toBeGreaterThan(8);
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const sample = disclosingRoutes[route];
      const other = { as: 'records-officer', path: path.replace(/[:*]\w*/g, 'x') };
      const open = await asked(method, sample ? await sample() : other);
      if (sample) expect([route, names(open.text)]).not.toEqual([route, []]);
      else expect([route, names(open.text)]).toEqual([route, []]);
      // A ticket is good for one download.
      const again = sample ? await sample() : other;
      isLogThere = false;
      const answer = await asked(method, again);
      isLogThere = true;
      expect([route, names(answer.text)]).toEqual([route, []]);
      if (sample) expect([route, answer.status]).toEqual([route, 503]);
    }
    for (const route of Object.keys(disclosingRoutes)) expect(routes).toContain(route);
  });
});
