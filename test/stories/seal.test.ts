/**
 * Under what an entry of the log lies. Whoever reads the ordinary log and is not cleared must not learn from it which shielded cases
 * there are: not from what was denied, from a text, from a grant that has lapsed, or from a grant for one single case.
 */
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { idFor } from '../../subgraphs/demo/random.js';
import { entryOf, requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { mayHoldNumber, mayNameCase, says, sealedBy, type Unsealed } from '../../subgraphs/edge/seal.js';
import { aViewer } from '../support/room.js';
import { grant } from '../support/single-case.js';
import { openWorld, type World } from '../support/world.js';

let world: World;
let hidden: { id: string; number: string };
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  const [row] = await world.database.sql<{ id: string; number: string }>(
    `SELECT id, number FROM cases.shielded_case WHERE compartment = '0999.MUNICIPALITY.CHILD_CONCERN' ORDER BY id LIMIT 1`,
  );
  hidden = row!;
});
afterAll(() => world.close());

const cpr = '0201609996';
const placement = idFor('employee/placement-secretary');
const housing = idFor('employee/housing-caseworker');

/** Leaves of an operation, by whether they lie in the ordinary log. */
async function logged(operation: string): Promise<{ ordinary: string[]; sealed: string[] }> {
  const leaves = async (table: string) =>
    (
      await world.database.sql<{ leaf: string }>(
        `SELECT leaf FROM audit.${table} WHERE operation_name = $1 ORDER BY at, id`,
        [operation],
      )
    ).map(({ leaf }) => leaf);
  return { ordinary: await leaves('entry'), sealed: await leaves('sealed_entry') };
}

/** So many entries, and nothing of them in the ordinary log: neither under the operation's name nor with the id that was asked for. */
async function expectSealed(operation: string, count: number): Promise<void> {
  const { ordinary, sealed } = await logged(operation);
  expect([operation, ordinary, sealed.length]).toEqual([operation, [], count]);
  const { body } = await world.ask(
    'security-officer',
    `{ auditEntries(filter: { operation: "${operation}" }) { totalCount } }`,
  );
  expect(body.data).toEqual({ auditEntries: { totalCount: 0 } });
  const [told] = await world.database.sql<{ n: number }>(
    `SELECT (SELECT count(*) FROM audit.entry WHERE leaf LIKE $1) + (SELECT count(*) FROM audit.operation WHERE definition LIKE $1) AS n`,
    [`%${hidden.id}%`],
  );
  expect(Number(told!.n)).toBe(0);
}

describe('what somebody cleared asks for lies under seal', () => {
  it('though it is denied: the arguments are logged all the same', async () => {
    const change = (name: string) =>
      `mutation ${name}($id: ID!) { changeCase(id: $id, input: { title: "A title" }) { id } deleteCase(id: $id) }`;
    const denied = await world.ask('cleared-security-officer', change('DeniedChange'), { id: hidden.id });
    expect(denied.body.errors![0]!.extensions.code).toBe('FORBIDDEN_FIELD');
    await expectSealed('DeniedChange', 2);
  });

  it('though a condition leaves it out, or another operation of the text is run', async () => {
    const skipped = `query Skipped { case(id: "${hidden.id}") @skip(if: true) { id } employees(first: 1) { nodes { id } } }`;
    expect((await world.ask('cleared-security-officer', skipped)).status).toBe(200);
    await expectSealed('Skipped', 1);
    const two = `query OneOfTwo { employees(first: 1) { nodes { id } } } query Other { case(id: "${hidden.id}") { id } }`;
    const answer = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await world.tokenOf('cleared-security-officer')}`,
      },
      body: JSON.stringify({ query: two, operationName: 'OneOfTwo' }),
    });
    expect(answer.status).toBe(200);
    await expectSealed('OneOfTwo', 1);
  });

  it('also when its grants have lapsed: the tab that is still open knows the id', async () => {
    const open = `query StillOpen($id: ID!) { case(id: $id) { id } }`;
    const lapse = (when: string) =>
      world.database.sql(
        `UPDATE identity.clearance_grant SET confirm_by = confirm_by + $2::interval WHERE holder = $1`,
        [placement, when],
      );
    const find = async () => (await world.ask('placement-secretary', open, { id: hidden.id })).body.data;
    await lapse('-200 years');
    try {
      expect(await find()).toEqual({ case: null });
    } finally {
      await lapse('200 years');
    }
    await expectSealed('StillOpen', 1);
  });

  it('where the purpose is a case number, because the citizen would read it', async () => {
    const purpose = { 'x-purpose': `Sag ${hidden.number}` };
    const look = (name: string) => `query ${name} { citizen(cpr: "${cpr}") { id } }`;
    await world.ask('cleared-security-officer', look('WithNumber'), undefined, purpose);
    await world.ask('cleared-security-officer', look('WithWords'), undefined, {
      'x-purpose': 'Telefonisk henvendelse',
    });
    expect(await logged('WithNumber')).toEqual({ ordinary: [], sealed: [expect.stringContaining(hidden.number)] });
    expect((await logged('WithWords')).ordinary).toHaveLength(1);
  });
});

/** Ways in which one and the same text can be written, so that it does not look it. */
const spellings: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['in small letters', (text) => text.toLowerCase()],
  [
    'in full-width characters',
    (text) => text.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
  ],
  ['in Arabic digits', (text) => text.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))],
  ['with soft hyphens', (text) => [...text].join('\u00ad')],
  ['with zero-width spaces', (text) => [...text].join('\u200b')],
  ['with runs of what is not seen', (text) => [...text].join('\u200b\u2060\u200d\u00ad\ufeff')],
  ['with runs of marks', (text) => [...text].join('\u0335\u0336\u0337\u0338')],
  ['decomposed', (text) => text.normalize('NFD')],
  ['percent-encoded', (text) => text.replace(/./g, (one) => `%${one.charCodeAt(0).toString(16)}`)],
  ['percent-encoded twice', (text) => text.replace(/./g, (one) => `%25${one.charCodeAt(0).toString(16)}`)],
  ['in escapes', (text) => text.replace(/./g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)],
  ['in entities of HTML', (text) => text.replace(/./g, (one) => `&#${one.charCodeAt(0)};`)],
  ['with other separators', (text) => text.replace(/[.-]/g, '_')],
  ['without separators', (text) => text.replace(/[.-]/g, '')],
  ['with spaces and dashes', (text) => text.replace(/[.-]/g, ' \u2013 ')],
  ['within words', (text) => `om sag${text}, se vedlagt`],
];

describe('one rule for every text of the caller’s', () => {
  const officer = 'cleared-security-officer';
  const bytesOf = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  const look = (name: string) => `query ${name} { citizen(cpr: "${cpr}") { id } }`;
  const texts = (): [string, string][] => [
    ['Number', hidden.number],
    ['Id', hidden.id],
  ];
  /** Sealed, and neither spelling of it in the ordinary log. */
  async function expectHidden(name: string, said: string) {
    expect([name, (await logged(name)).sealed.length]).toEqual([name, 1]);
    const [told] = await world.database.sql<{ n: number }>(
      `SELECT (SELECT count(*) FROM audit.entry WHERE strpos(leaf, $1) > 0)
            + (SELECT count(*) FROM audit.operation WHERE strpos(definition, $1) > 0) AS n`,
      [said],
    );
    expect([name, Number(told!.n)]).toEqual([name, 0]);
    expect([name, (await logged(name)).ordinary]).toEqual([name, []]);
  }

  it.each(['x-purpose', 'x-transaktionsid', 'x-requestid', 'x-onbehalfofuser'])('in the header %s', async (header) => {
    for (const [what, text] of texts()) {
      const name = `Header${header.replaceAll('-', '')}${what}`;
      await world.ask(officer, look(name), undefined, { [header]: text });
      await expectHidden(name, text);
      const wide = [...text].join('\u200b');
      await world.ask(officer, look(`${name}Wide`), undefined, { [header]: bytesOf(`Sag ${wide}`) });
      await expectHidden(`${name}Wide`, text);
    }
  });

  it('in a filter, by variable and by literal, at the root and deeper', async () => {
    for (const [what, text] of texts()) {
      await world.ask(
        officer,
        `query ByVariable${what}($x: String) { employees(filter: { nameContains: $x }) { totalCount } citizen(cpr: "${cpr}") { id } }`,
        { x: text },
      );
      await expectHidden(`ByVariable${what}`, text);
      await world.ask(
        officer,
        `query ByLiteral${what} { employees(filter: { nameContains: "${text}" }) { totalCount } citizen(cpr: "${cpr}") { id } }`,
      );
      await expectHidden(`ByLiteral${what}`, text);
    }
  });

  it('in a comment, an alias, a name of a variable, and the name of the operation', async () => {
    for (const [what, text] of texts()) {
      const word = `x${text.replace(/[.-]/g, '_')}`;
      await world.ask(officer, `# ${text}\n${look(`Comment${what}`)}`);
      await expectHidden(`Comment${what}`, text);
      await world.ask(officer, `query Alias${what} { ${word}: citizen(cpr: "${cpr}") { id } }`);
      await expectHidden(`Alias${what}`, word);
      await world.ask(officer, `query Variable${what}($${word}: CPR!) { citizen(cpr: $${word}) { id } }`, {
        [word]: cpr,
      });
      await expectHidden(`Variable${what}`, word);
      await world.ask(officer, look(word));
      await expectHidden(word, word);
    }
  });

  it('in the name of an operation that is refused', async () => {
    const word = `y${hidden.number.replace(/[.-]/g, '_')}`;
    const { status } = await world.ask(officer, `query ${word} { noSuchField }`);
    expect(status).toBe(400);
    await expectHidden(word, word);
  });

  it('in an argument that asks for the id of something else', async () => {
    const units = `query Units($unit: ID!) { employees(organisation: $unit) { totalCount } citizen(cpr: "${cpr}") { id } }`;
    await world.ask(officer, units, { unit: hidden.id });
    await expectHidden('Units', hidden.id);
    await world.ask(officer, units.replace('Units($unit: ID!)', 'UnitsLiteral').replace('$unit', `"${hidden.id}"`));
    await expectHidden('UnitsLiteral', hidden.id);
  });

  it('not where nothing of it is said: the citizen’s log would miss the look-up', async () => {
    await world.ask(officer, look('OrdinaryWords'), undefined, {
      'x-purpose': 'Opkald 2026-12-01T10:15:30Z',
      'x-requestid': 'req-20261201',
      'x-transaktionsid': '0123456789',
      'x-onbehalfofuser': 'jens@korsbaek.example',
    });
    expect(await logged('OrdinaryWords')).toEqual({ ordinary: [expect.stringContaining(cpr)], sealed: [] });
  });

  it('whatever member of an entry it stands in, however it is spelled', () => {
    const compartment = '0999.MUNICIPALITY.PLACEMENT';
    const viewer = aViewer({
      clearance: [
        { compartment, level: 'DOCUMENTS', operations: ['SEARCH'], shielded: true },
        {
          compartment: '0999.MUNICIPALITY.HOUSING_BENEFIT',
          level: 'DOCUMENTS',
          operations: ['SEARCH'],
          shielded: false,
        },
      ],
    });
    const record = {
      ...requestRecordOf({ headers: {} } as IncomingMessage, '2001:0db8:85a3:0001:0002:8a2e:0370:7334'),
      viewer,
      operationName: 'Op',
      disclosed: {
        footprint: { use: 'READ', fields: ['Citizen.id'], audited: true, sealing: false, ownSession: false } as const,
        criterion: () => [{ field: 'citizens', arguments: { filter: { nameContains: 'x' } } }],
        named: new Map(),
        hasData: true,
      },
    };
    const options = { municipality: '0999', now: () => new Date(), newId: () => idFor('an entry') };
    const { sealedBy: none, ...entry } = entryOf(record, options);
    expect(none).toEqual([]);

    // What we say ourselves, and what was looked up. Whoever adds a member to an entry has it sealed, or puts it here with a reason.
    const ours = [
      'id',
      'follows',
      'at',
      'municipality',
      'session',
      'actor',
      'subject',
      'organisation',
      'right',
      'actingFor',
    ].concat(['powerOfAttorney', 'use', 'outcome', 'fields', 'citizens', 'cases', 'faults']);
    const members = Object.keys(entry).filter((member) => !ours.includes(member));
    expect(members).toEqual(
      expect.arrayContaining(['purpose', 'workstation', 'transactionId', 'requestId', 'onBehalfOf']),
    );
    for (const number of ['27.24.00-G01-5-19', '34.25.00-Å01-123456789-26', idFor('a case')])
      for (const [how, spelled] of spellings) {
        if (how === 'in Arabic digits' && number.length === 36) continue;
        const text = spelled(number);
        expect([how, number, mayNameCase(text), says([text], number)]).toEqual([how, number, true, true]);
        // A text that is escaped may look like an id. What asks for a number must read it.
        if (number.length < 36) expect([how, number, mayHoldNumber(text)]).toEqual([how, number, true]);
        const planted: Unsealed[] = members.map((member) =>
          member === 'operation'
            ? { ...entry, operation: { ...entry.operation, name: text } }
            : { ...entry, [member]: member === 'criterion' ? [{ field: 'x', arguments: { a: [{ b: text }] } }] : text },
        );
        planted.push({ ...entry, criterion: [{ field: 'x', arguments: { [text]: 1 } }] });
        planted.push({ ...entry, ['added later' as 'purpose']: text });
        for (const one of planted)
          expect([how, sealedBy(viewer.seal, one, { sealing: false, text: null, under: [] })]).toEqual([
            how,
            [compartment],
          ]);
      }
  });

  it('ordinary texts are none', () => {
    for (const text of [
      'Telefonisk henvendelse',
      'Møde 2026-12-01T10:15:30+01:00 til 11:00',
      '0201609995 og 010190-1234',
      'tlf. +45 12 34 56 78, CVR 12345678',
      'req-1234567890',
      'KLE 27.24.00',
      'faded facade: a bad cafe, dead beef',
      '',
    ])
      expect([text, mayNameCase(text)]).toEqual([text, false]);
  });
});

describe('a grant for a single case', () => {
  const compartment = () => `0999.CASE.${hidden.id}`;
  beforeAll(async () => {
    await world.database.sql(
      `WITH party AS (UPDATE cases.shielded_party SET compartment = $1 WHERE case_id = $2)
       UPDATE cases.shielded_case SET compartment = $1 WHERE id = $2`,
      [compartment(), hidden.id],
    );
    await grant(world.database, housing, { ...hidden, number: '', title: '', compartment: compartment() });
  });

  it('seals what names that case, in the answer or in the question', async () => {
    const one = `query SingleCase($id: ID!) { case(id: $id) { id title } }`;
    const { body } = await world.ask('housing-caseworker', one, { id: hidden.id });
    expect(body.data.case.id).toBe(hidden.id);
    await expectSealed('SingleCase', 1);
    const denied = `mutation SingleDenied($id: ID!) { deleteCase(id: $id) }`;
    await world.ask('housing-caseworker', denied, { id: hidden.id });
    expect((await logged('SingleDenied')).ordinary).toEqual([]);
    const look = `query SingleSpelled { citizen(cpr: "${cpr}") { id } }`;
    const spelled = hidden.id.replaceAll('-', '').toUpperCase();
    await world.ask('housing-caseworker', look, undefined, { 'x-requestid': spelled });
    expect((await logged('SingleSpelled')).ordinary).toEqual([]);
  });

  it('and no other work of its holder: that it is missing from the log would tell of the grant', async () => {
    const work = `query OtherWork { citizen(cpr: "${cpr}") { id cases { totalCount nodes { id } } } }`;
    expect((await world.ask('housing-caseworker', work)).status).toBe(200);
    expect(await logged('OtherWork')).toEqual({ ordinary: [expect.stringContaining(housing)], sealed: [] });
  });
});
