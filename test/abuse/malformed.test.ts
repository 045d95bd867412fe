/**
 * Malformed input: a malformed value is a fault that names its argument; the value itself, which may be somebody's CPR number,
 * stands neither in the answer nor in the server's log.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeCursor, malformedCursor } from '../../subgraphs/protocol/connection.js';
import { openWorld, type World } from '../support/world.js';
import { expectAlive, expectRefused, fixedCitizen, ledgerText, listening, raw, send } from './attack.js';

const { log, lines } = listening();
let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true, log });
  await expectAlive(world);
});
afterAll(() => world.close());

/** Searched for afterwards: as long and as odd as it is, it comes from nowhere else. */
const secret = '0201609995-SECRET';
const who = 'cleared-security-officer';
const forms: Record<string, string> = {
  CPR: '10 digits DDMMYYNNNN without a hyphen',
  KLE: 'a KLE number such as "27.24.00", or where an argument says so a pattern such as "27.24.*"',
  Date: 'a calendar date YYYY-MM-DD',
};

describe('a malformed value is named by its argument and never repeated', () => {
  const places: [
    name: string,
    query: (value: string) => string,
    variable: string | null,
    argument: string,
    scalar: string,
  ][] = [
    ['CPR', (value) => `{ citizen(cpr: ${value}) { name } }`, 'CPR!', 'cpr', 'CPR'],
    [
      'CPR in a filter',
      (value) => `{ citizens(filter: { cpr: ${value} }) { totalCount } }`,
      'CPR',
      'filter.cpr',
      'CPR',
    ],
    ['KLE in a filter', (value) => `{ cases(filter: { kle: ${value} }) { totalCount } }`, 'KLE', 'filter.kle', 'KLE'],
    [
      'date in a filter',
      (value) => `{ cases(filter: { openedFrom: ${value} }) { totalCount } }`,
      'Date',
      'filter.openedFrom',
      'Date',
    ],
    [
      'date in a nested filter',
      (value) => `{ citizen(cpr: "${fixedCitizen}") { cases(filter: { openedTo: ${value} }) { totalCount } } }`,
      'Date',
      'filter.openedTo',
      'Date',
    ],
    [
      'time in a filter',
      (value) => `{ auditEntries(filter: { from: ${value} }) { totalCount } }`,
      'DateTime',
      'filter.from',
      'DateTime',
    ],
    ['cursor', (value) => `{ cases(after: ${value}) { totalCount } }`, 'String', 'after', 'cursor'],
    [
      'nested cursor',
      (value) => `{ citizen(cpr: "${fixedCitizen}") { cases(after: ${value}) { totalCount } } }`,
      'String',
      'after',
      'cursor',
    ],
  ];
  it.each(places)(
    '%s: as a literal, a variable and the default of a variable',
    async (_name, query, type, argument, scalar) => {
      const value = JSON.stringify(secret);
      const answers = [
        await send(world, who, query(value)),
        await send(world, who, `query($v: ${type}) ${query('$v')}`, { v: secret }),
        await send(world, who, `query($v: ${type!.replace('!', '')}! = ${value}) ${query('$v')}`),
      ];
      for (const answer of answers) {
        expect([answer.status, answer.body.errors.map((error: any) => error.extensions.code)]).toEqual([
          400,
          ['BAD_USER_INPUT'],
        ]);
        const [{ message }] = answer.body.errors;
        if (scalar === 'cursor') expect(message).toContain(`Argument "${argument}": expected a cursor`);
        else expect(message).toMatch(new RegExp(`"(${argument.replace('.', '\\.')}|\\$v)"|Expected ${scalar}`));
        expect(answer.body.data ?? null).toBeNull();
        expect(answer.text).not.toContain('SECRET');
        expect(answer.text).not.toContain('0201609995');
      }
    },
  );

  it.each([
    [
      'CPR',
      [
        '',
        ' ',
        '02016099950',
        '020160999',
        '02016-09995',
        '020160--9995',
        '٠٢٠١٦٠٩٩٩٥',
        '0201609995\n',
        '0201609995\u0000',
        '9901609995',
        '0213609995',
        '０２０１６０９９９５',
      ],
    ],
    ['Date', ['2026-02-30', '2026-13-01', '26-01-01', '2026-01-01T00:00:00Z', '+002026-01-01', '0000-01-01', 'today']],
    ['KLE', ['27.24', '27.24.0', '27.24.000', '27.24.00-G01', "27.24.00' OR 1=1", '%']],
  ])('%s: what only looks like one', async (scalar, values) => {
    const filter = scalar === 'CPR' ? 'cpr' : scalar === 'KLE' ? 'kle' : 'openedFrom';
    const list = scalar === 'CPR' ? 'citizens' : 'cases';
    for (const value of values) {
      const answer = await send(
        world,
        who,
        `query($v: ${scalar}) { ${list}(filter: { ${filter}: $v }) { totalCount } }`,
        { v: value },
      );
      expectRefused(answer, 'BAD_USER_INPUT', `Argument "filter.${filter}": expected ${scalar}, ${forms[scalar]}.`);
    }
  });

  it('a number, a list, an object or nothing where a text belongs', async () => {
    for (const v of [201609995, 1e21, true, ['0201609995'], { $ne: null }, null]) {
      const answer = await send(world, who, 'query($v: CPR!) { citizen(cpr: $v) { name } }', { v });
      expect([v, answer.status, answer.body.errors[0].extensions.code]).toEqual([v, 400, 'BAD_USER_INPUT']);
      expect(answer.text).not.toMatch(/20160/);
    }
  });

  it('an enum, a key of an input or a field that does not exist is not met with a proposal (39)', async () => {
    const asked = [
      `{ cases(filter: { categories: [CHILD_CONCER] }) { totalCount } }`,
      `{ cases(filter: { categorie: null }) { totalCount } }`,
      `{ case(id: "x") { titl } }`,
      `{ cas(id: "x") { title } }`,
      `query($v: CaseCategory!) { cases(filter: { categories: [$v] }) { totalCount } }`,
    ];
    for (const query of asked) {
      const answer = await send(world, 'records-officer', query, { v: 'CHILD_CONCER' });
      expect(answer.status).toBe(400);
      expect(answer.text).not.toMatch(/did you mean/i);
      expect(answer.text).not.toMatch(/CHILD_CONCERN/);
    }
  });

  it('and in all that the server said meanwhile, the value does not stand', () => {
    expect(lines.join('\n')).not.toMatch(/SECRET|0201609995|020160/);
  });

  it('nor in the text of an operation that the log keeps, of one that was refused', async () => {
    expect(await ledgerText(world)).not.toMatch(/SECRET/);
  });
});

describe('a query with an argument that only its field can judge is refused whole, however many rows met it', () => {
  const ofAnotherList = JSON.stringify(encodeCursor(['2026-01-01T00:00:00.000Z', fixedCitizen]));
  const nested = `{ citizens(filter: { nameContains: "nsen" }, first: 300) { nodes { name cases(first: 5) { nodes { documents(first: 1, after: ${ofAnotherList}) { totalCount } } } } } }`;

  it('one error, no data, in the same words as at the root', async () => {
    const answers = [
      await send(world, 'housing-caseworker', nested),
      await send(world, 'housing-caseworker', `{ cases(after: ${ofAnotherList}) { totalCount } }`),
      await send(
        world,
        'housing-caseworker',
        `{ a: cases(after: ${ofAnotherList}) { totalCount } employees(after: ${JSON.stringify(encodeCursor([1, 2]))}) { totalCount } }`,
      ),
    ];
    for (const answer of answers) expectRefused(answer, 'BAD_USER_INPUT', malformedCursor);
  });

  it('the log names nobody, because nobody was shown', async () => {
    await send(world, 'housing-caseworker', nested);
    const [entry] = await world.database.sql(
      'SELECT outcome, faults, citizens, cases FROM audit.entry_details ORDER BY at DESC LIMIT 1',
    );
    expect(entry).toEqual({ outcome: 'FAILED', faults: ['BAD_USER_INPUT'], citizens: [], cases: [] });
  });

  it('57: and who meets it at a shielded case leaves an entry under the same seal as one who does not', async () => {
    const [hidden] = await world.database.sql<{ id: string }>(
      "SELECT id FROM cases.shielded_case WHERE category = 'CHILD_CONCERN' LIMIT 1",
    );
    const open = () => world.database.sql('SELECT FROM audit.entry_details').then((rows) => rows.length);
    const before = await open();
    for (const id of [hidden!.id, '00000000-0000-4000-8000-000000000000'])
      await send(
        world,
        'placement-secretary',
        `{ case(id: "${id}") { documents(after: ${ofAnotherList}) { totalCount } } }`,
      );
    expect(await open()).toBe(before);
    const sealed = await world.database.sql(
      'SELECT outcome, cases, sealed_by FROM audit.sealed_entry_details ORDER BY at DESC LIMIT 2',
    );
    expect(sealed).toEqual([
      { outcome: 'ANSWERED', cases: [], sealed_by: sealed[1]!.sealed_by },
      { outcome: 'FAILED', cases: [], sealed_by: sealed[0]!.sealed_by },
    ]);
  });

  it('a mutation is not: what was changed before it is told', async () => {
    const answer = await send(
      world,
      'housing-caseworker',
      `mutation { a: acknowledgeNotice { __typename } b: changeCase(id: "x", input: { title: "" }) { id } }`,
    );
    expect(answer.body).toMatchObject({
      data: { a: { __typename: 'Viewer' }, b: null },
      errors: [{ path: ['b'], extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});

describe('odd, but no fault: answered, and logged as it was', () => {
  const search = 'query Search($v: String) { citizens(filter: { nameContains: $v }) { totalCount } }';
  const lastEntry = async () =>
    (
      await world.database.sql(
        'SELECT operation_name, outcome, faults, criterion FROM audit.entry_details ORDER BY at DESC LIMIT 1',
      )
    )[0]!;

  it.each([
    ['text from right to left', '\u202etxet'],
    ['an emoji of four bytes', '🏛️ Qqqq'],
    ['what SQL and LIKE read as commands', `%'; DROP TABLE citizen; --_\\`],
  ])('%s in a search: nobody is found, nothing breaks', async (_what, v) => {
    const answer = await send(world, 'records-officer', search, { v });
    expect([answer.status, answer.body]).toEqual([200, { data: { citizens: { totalCount: 0 } } }]);
    expect(await lastEntry()).toMatchObject({ operation_name: 'Search', outcome: 'ANSWERED' });
  });

  it.each([
    ['NUL', '"a\\u0000b"'],
    ['half of a surrogate pair', '"\\ud800"'],
    ['the other half', '"\\udc00 and more"'],
  ])(
    '%s in a search, which no database stores: refused in the same words, and logged all the same',
    async (_what, v) => {
      const answer = await raw(world, 'records-officer', `{"query":${JSON.stringify(search)},"variables":{"v":${v}}}`);
      expectRefused(
        answer,
        'BAD_USER_INPUT',
        'Argument "filter.nameContains": expected text of at most 200 characters.',
      );
      expect(await lastEntry()).toMatchObject({
        operation_name: 'Search',
        outcome: 'FAILED',
        faults: ['BAD_USER_INPUT'],
      });
      expect((await lastEntry()).criterion).toContain('nameContains');
    },
  );

  it('of two JSON keys the last one counts, for what is answered and for what is logged', async () => {
    const body = `{"query":"{ viewer { __typename } }","query":${JSON.stringify(`query Last { citizen(cpr: "${fixedCitizen}") { id } }`)}}`;
    const answer = await raw(world, 'records-officer', body);
    expect(Object.keys(answer.body.data)).toEqual(['citizen']);
    const [entry] = await world.database.sql('SELECT operation_name FROM audit.entry_details ORDER BY at DESC LIMIT 1');
    expect(entry).toEqual({ operation_name: 'Last' });
  });

  it('1e400 is no whole number, nor is 1.5, nor a number beyond 32 bits', async () => {
    for (const number of ['1e400', '-1e400', '1.5', '2147483648']) {
      const answer = await raw(
        world,
        'records-officer',
        `{"query":"query($n: Int) { cases(first: $n) { totalCount } }","variables":{"n":${number}}}`,
      );
      expectRefused(answer, 'BAD_USER_INPUT', 'Variable "$n": expected a value that fits Int.');
      const literal = await send(world, 'records-officer', `{ cases(first: ${number}) { totalCount } }`);
      expect([literal.status, literal.body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
      expect(literal.text).not.toContain(number);
    }
  });

  it.each([
    ['a text for a number', '{ cases(first: "0201609995") { totalCount } }', 'Int cannot represent non-integer value'],
    [
      'a number for a text',
      '{ citizens(filter: { nameContains: 201609995 }) { totalCount } }',
      'String cannot represent a non string value',
    ],
    [
      'no value of an enum',
      '{ citizens(orderBy: A201609995) { totalCount } }',
      'The value does not exist in "CitizenOrder" enum.',
    ],
    [
      'a list for one',
      '{ citizen(cpr: ["0201609995"]) { id } }',
      'Argument "cpr": expected CPR, 10 digits DDMMYYNNNN without a hyphen.',
    ],
    [
      'no CPR number',
      '{ citizen(cpr: "0201609995x") { id } }',
      'Argument "cpr": expected CPR, 10 digits DDMMYYNNNN without a hyphen.',
    ],
    [
      'what no operation begins with',
      '"0201609995" { viewer { id } }',
      'The operation is no valid GraphQL (line 1, column 1).',
    ],
    [
      'what is missing an end',
      '{ citizen(cpr: "0201609995 }',
      'The operation is no valid GraphQL (line 1, column 29).',
    ],
    [
      'a text where a name belongs',
      '{ citizen("0201609995") { id } }',
      'The operation is no valid GraphQL (line 1, column 11).',
    ],
  ])('a literal that is %s is refused, and not repeated', async (_what, query, message) => {
    const answer = await send(world, 'records-officer', query);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].message).toBe(message);
    expect(answer.text).not.toContain('201609995');
  });

  it('14: keys of the prototype as names and aliases are names like any other', async () => {
    const answer = await send(
      world,
      'records-officer',
      '{ constructor: viewer { toString: actingIn { hasOwnProperty: code } } prototype: viewer { __typename } }',
    );
    expect(answer.text).toBe(
      '{"data":{"constructor":{"toString":{"hasOwnProperty":"CASEWORKER"}},"prototype":{"__typename":"Viewer"}}}',
    );
    const proto = await send(world, 'records-officer', '{ __proto__: viewer { __proto__: actingIn { code } } }');
    expect([proto.status, proto.text]).toEqual([200, '{"data":{"__proto__":{"__proto__":{"code":"CASEWORKER"}}}}']);
    expect(({} as any).code ?? ({} as any).actingIn).toBeUndefined();
    await expectAlive(world);
  });

  it('60: an operation that the text does not have is a 400, and its name, which may be anything, is not logged', async () => {
    const real = `query Real { citizen(cpr: "${fixedCitizen}") { id } }`;
    const asked = [
      { query: real, operationName: `Real ${secret}` },
      { query: `${real} query Other { __typename }`, operationName: secret },
      { query: `${real} query Other { __typename }` },
      { query: 'fragment F on Viewer { __typename }' },
      { query: 'subscription { viewer { __typename } }' },
    ];
    for (const body of asked) {
      const answer = await raw(world, 'records-officer', JSON.stringify(body));
      expectRefused(answer, 'MALFORMED_REQUEST', 'Name one query or mutation of the text in `operationName`.');
    }
    expect(await ledgerText(world)).not.toContain('SECRET');
  });
});
