/** The log can be requisitioned at any time, and be understood: by people, by spreadsheets, by FHIR and by security monitoring. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntryFilter } from '../../schema/generated/graphql.js';
import { graphql } from '../../schema/generated/index.js';
import { idFor } from '../../subgraphs/demo/random.js';
import { csvOf, drawn, fetchAs, linesOf, ticketFor } from '../support/export.js';
import { ask, everyPage } from '../support/typed.js';
import { openWorld, type World } from '../support/world.js';

const everything = graphql(`
  query AllThatTheLogSays($filter: AuditEntryFilter, $after: String) {
    auditEntries(filter: $filter, first: 500, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id at use outcome right fields criterion faults purpose workstation transactionId requestId onBehalfOf follows
        operation { name hash text }
        actor { __typename ... on Employee { id name } ... on SystemClient { id name } ... on Citizen { id name } }
        subject { __typename ... on Employee { id name } ... on SystemClient { id name } ... on Citizen { id name } }
        organisation { id name }
        actingFor { id name }
        powerOfAttorney { id }
        citizens { id }
        cases { id }
      }
    }
  }
`);
const strangers = graphql(`
  query StrangersOnly($filter: AuditEntryFilter) {
    rejectedAttempts(strangers: true, filter: $filter, first: 500) { nodes { id at actor { __typename } } }
  }
`);
const lookUp = graphql(
  `query LookUpForExport($cpr: CPR!) { citizen(cpr: $cpr) { id name cases { nodes { id title } } } }`,
);

/** The month that the demo comes with; what tests do is later. */
const month = { to: '2026-11-02T08:00:00.000Z' };
const cpr = '0201609995';

let world: World;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  for (const [person, purpose] of [
    ['guidance-worker', '32.03.12-G01-5-19'],
    ['placement-secretary', 'a report of concern'],
  ] as const)
    await ask(world, person, lookUp, { cpr }, { 'x-purpose': purpose });
  const said = { 'x-transaktionsid': 'of a stranger', 'x-purpose': 'purpose of a stranger' };
  await world.post('/graphql', { query: '{ __typename }' }, said);
});
afterAll(() => world?.close());

const read = async (person: string, filter: AuditEntryFilter | null) =>
  (await everyPage(async (after) => (await ask(world, person, everything, { filter, after })).auditEntries)).nodes;
const readStrangers = async (filter: AuditEntryFilter | null) =>
  (await ask(world, 'security-officer', strangers, { filter })).rejectedAttempts!.nodes;

describe('as NDJSON', () => {
  it('it holds what the log holds, newest first, then the attempts of strangers', async () => {
    const expected = await read('security-officer', month);
    const others = await readStrangers(month);
    expect(expected.length).toBeGreaterThan(100);
    expect(others.length).toBeGreaterThan(0);
    const { text, headers } = await drawn(world, 'security-officer', 'NDJSON', month);
    const lines = linesOf(text);
    expect(lines.map(({ id }) => id)).toEqual([...expected, ...others].map(({ id }) => id));
    for (const [index, { actor, subject, right, fields, powerOfAttorney, ...entry }] of expected.entries()) {
      const line = lines[index];
      const { actor: lineActor, subject: lineSubject, right: lineRight, fields: lineFields, ...rest } = line;
      expect(rest).toEqual({ ...entry, counted: null, powerOfAttorney: powerOfAttorney?.id ?? null });
      const person = ({ __typename: kind, ...who }: typeof actor) => ({ kind, ...who });
      expect([lineActor, lineSubject]).toEqual([person(actor), person(subject)]);
      expect(lineRight?.code ?? null).toBe(right);
      expect(lineFields.map(({ name }: { name: string }) => name)).toEqual(fields);
    }
    expect(lines.slice(expected.length).every(({ actor }) => actor === null)).toBe(true);
    expect(headers.get('content-type')).toBe('application/x-ndjson');
    expect(headers.get('content-disposition')).toBe('attachment; filename="log-0999-2026-11-02.ndjson"');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('it is understood without the schema: names, texts and descriptions stand in it', async () => {
    const { text } = await drawn(world, 'security-officer', 'NDJSON', { operation: 'LookUpForExport' });
    const [entry, ...rest] = linesOf(text);
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({
      actor: { kind: 'Employee', id: idFor('employee/guidance-worker'), name: expect.stringMatching(/\S \S/) },
      organisation: { id: idFor('organisation/citizen-service'), name: 'Borgerservice' },
      right: { code: 'CITIZEN_SERVICE', name: 'borgerservice' },
      operation: { name: 'LookUpForExport', text: lookUp.toString() },
      criterion: [{ field: 'citizen', arguments: { cpr } }],
      ...{ use: 'SEARCH', purpose: '32.03.12-G01-5-19', outcome: 'ANSWERED' },
    });
    expect(entry.fields).toContainEqual({ name: 'Citizen.name', description: expect.stringMatching(/^Full name\./) });
    const { text: forms } = await drawn(world, 'security-officer', 'NDJSON', {
      actor: idFor('employee/smdb-reporter'),
    });
    expect(linesOf(forms).map(({ right }) => right)).toContainEqual({
      code: 'SMDB_REPORTER',
      name: 'SMDB - Indberetter',
    });
  });

  it('it follows the filter, and leaves strangers out where the filter is about somebody', async () => {
    const filter = { actor: idFor('employee/guidance-worker') };
    const { text } = await drawn(world, 'security-officer', 'NDJSON', filter);
    expect(linesOf(text).map(({ id }) => id)).toEqual((await read('security-officer', filter)).map(({ id }) => id));
    const { text: denied } = await drawn(world, 'security-officer', 'NDJSON', { outcomes: ['DENIED'] });
    expect(linesOf(denied)).toContainEqual(
      expect.objectContaining({
        ...{ actor: null, transactionId: 'of a stranger', faults: ['UNAUTHENTICATED'] },
        purpose: 'purpose of a stranger',
      }),
    );
    expect((await drawn(world, 'security-officer', 'NDJSON', { operation: 'Never' })).text).toBe('');
  });

  it('a person whom nobody knows any more takes nothing along: the entry is there, without a name', async () => {
    const filter = { to: '2026-10-10T00:00:00.000Z' };
    const before = linesOf((await drawn(world, 'security-officer', 'NDJSON', filter)).text);
    const [{ leaf }] = (await world.database.sql(
      'SELECT leaf FROM audit.entry WHERE actor_id IS NOT NULL AND at < $1 LIMIT 1',
      [filter.to],
    )) as [{ leaf: string }];
    const gone = { ...JSON.parse(leaf), id: idFor('entry/of-nobody'), actor: { kind: 'Employee', id: 'nobody' } };
    const { definition, ...operation } = gone.operation;
    expect(definition).toMatch(/^\w+$/);
    await world.rooms.get('audit')!.internal('append', {
      operations: [{ text: null, fields: [] }],
      entries: [{ ...gone, subject: gone.actor, operation: { ...operation, definition: 0 } }],
    });
    const after = linesOf((await drawn(world, 'security-officer', 'NDJSON', filter)).text);
    expect(after).toHaveLength(before.length + 1);
    expect(after).toContainEqual(
      expect.objectContaining({ id: gone.id, actor: { kind: 'Employee', id: 'nobody', name: null } }),
    );
    expect(after.filter(({ id }) => id !== gone.id)).toEqual(before);
  });
});

describe('as CSV', () => {
  it('it is RFC 4180 with a BOM and a header, a row for each entry', async () => {
    const { text, headers } = await drawn(world, 'security-officer', 'CSV', month);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe('attachment; filename="log-0999-2026-11-02.csv"');
    expect(text.startsWith('\uFEFFid,at,actor_kind,actor_id,actor_name,')).toBe(true);
    const [header, ...rows] = csvOf(text.slice(1));
    const lines = linesOf((await drawn(world, 'security-officer', 'NDJSON', month)).text);
    expect(rows).toHaveLength(lines.length);
    for (const [index, row] of rows.entries()) {
      const line = lines[index];
      expect(row).toHaveLength(header!.length);
      const cells = Object.fromEntries(header!.map((name, at) => [name, row[at]]));
      expect(cells).toMatchObject({
        ...{ id: line.id, at: line.at, use: line.use, outcome: line.outcome },
        actor_name: line.actor?.name ?? '',
        organisation_name: line.organisation?.name ?? '',
        right_name: line.right?.name ?? '',
        operation_text: line.operation.text ?? '',
        fields: line.fields.map(({ name }: { name: string }) => name).join(' '),
        citizens: line.citizens.map(({ id }: { id: string }) => id).join(' '),
        criterion: line.criterion === null ? '' : JSON.stringify(line.criterion),
        faults: line.faults.join(' '),
      });
    }
  });
});

describe('as FHIR', () => {
  it('every line is an AuditEvent; a search about one person is a BALP PatientQuery', async () => {
    const { text, headers } = await drawn(world, 'security-officer', 'FHIR', month);
    expect(headers.get('content-type')).toBe('application/fhir+ndjson');
    const lines = linesOf((await drawn(world, 'security-officer', 'NDJSON', month)).text);
    const events = linesOf(text);
    expect(events.map(({ id }) => id)).toEqual(lines.map(({ id }) => id));
    let patientQueries = 0;
    for (const [index, event] of events.entries()) {
      const line = lines[index];
      expect(event).toMatchObject({
        resourceType: 'AuditEvent',
        type: { code: 'rest' },
        recorded: line.at,
        action: { SEARCH: 'E', EXTRACT: 'E', READ: 'R', ENTER: 'C', CHANGE: 'U', DELETE: 'D' }[line.use as 'READ'],
        outcome: { ANSWERED: '0', PARTLY_DENIED: '4', DENIED: '8', FAILED: '8' }[line.outcome as 'DENIED'],
        source: { observer: { display: 'Sluse' }, site: '0999' },
      });
      expect(event.agent.filter(({ requestor }: { requestor: boolean }) => requestor)).toHaveLength(1);
      const patients = event.entity.filter(({ role }: any) => role?.code === '1');
      expect(patients.map(({ what }: any) => what.reference)).toEqual(
        line.citizens.map(({ id }: { id: string }) => `Patient/${id}`),
      );
      const [query] = event.entity.filter(({ role }: any) => role?.code === '24');
      expect(query.type.code).toBe('2');
      if (line.criterion !== null)
        expect(JSON.parse(Buffer.from(query.query, 'base64').toString())).toEqual(line.criterion);
      if (event.meta?.profile[0].endsWith('/IHE.BasicAudit.PatientQuery')) {
        patientQueries += 1;
        expect(patients).toHaveLength(1);
        expect(query.query).toBeDefined();
        expect(event.subtype[0]).toMatchObject({ system: 'http://hl7.org/fhir/restful-interaction', code: 'search' });
        const roles = event.agent.map(({ type }: any) => type.coding?.[0].code);
        expect(roles).toEqual(expect.arrayContaining(['IRCP', '110153', '110152']));
      }
      // FHIR has no empty arrays, strings or nulls.
      expect(JSON.stringify(event)).not.toMatch(/:(null|""|\[\]|\{\})/);
    }
    expect(patientQueries).toBeGreaterThan(10);
  });
});

describe('as OCSF', () => {
  it('every line is an event of class 6003 with all that the class requires', async () => {
    const { text, headers } = await drawn(world, 'security-officer', 'OCSF', month);
    expect(headers.get('content-disposition')).toMatch(/log-0999-2026-11-02\.ocsf\.ndjson/);
    const lines = linesOf((await drawn(world, 'security-officer', 'NDJSON', month)).text);
    for (const [index, event] of linesOf(text).entries()) {
      const line = lines[index];
      expect(event).toMatchObject({
        ...{ class_uid: 6003, category_uid: 6, type_uid: 600300 + event.activity_id },
        time: Date.parse(line.at),
        metadata: { uid: line.id, version: '1.3.0', product: { name: 'Sluse' } },
        actor: {
          user: line.actor ? { uid: line.actor.id, ...(line.actor.name && { name: line.actor.name }) } : { type_id: 0 },
        },
        api: { operation: line.operation.name ?? line.use },
        src_endpoint: expect.anything(),
      });
      expect([1, 2, 3, 4]).toContain(event.activity_id);
      expect([1, 2]).toContain(event.severity_id);
    }
  });
});

describe('an export', () => {
  it('is in the log as EXTRACT, with what was wanted: the ticket, and every page of it', async () => {
    const filter = { uses: ['CHANGE' as const], ...month };
    await drawn(world, 'security-officer', 'NDJSON', filter);
    const [ticket] = await read('security-officer', { operation: 'Requisition' });
    expect(ticket).toMatchObject({
      use: 'EXTRACT',
      actor: { id: idFor('employee/security-officer') },
      criterion: [{ field: 'auditExport', arguments: { format: 'NDJSON', filter } }],
    });
    const [attempts, entries] = await read('security-officer', { operation: 'ExportLog', uses: ['EXTRACT'] });
    expect(entries).toMatchObject({
      use: 'EXTRACT',
      outcome: 'ANSWERED',
      criterion: [{ field: 'auditEntries', arguments: { filter, first: 500 } }],
    });
    expect(attempts!.criterion).toEqual([
      { field: 'rejectedAttempts', arguments: { filter, first: 500, strangers: true, after: null } },
    ]);
    const named = new Set(entries!.citizens.map(({ id }) => id));
    for (const { citizens } of await read('security-officer', filter))
      for (const { id } of citizens) expect(named).toContain(id);
    expect(named.size).toBeGreaterThan(0);
  });

  it.each([
    ['AfterTheViewer', 'viewer { __typename } auditExport(format: CSV) { path }'],
    ['BesideASearch', 'auditLogs { name } auditExport(format: CSV) { path } viewer { __typename }'],
  ])('is EXTRACT whatever else was asked with it (%s)', async (name, fields) => {
    await world.ask('security-officer', `query ${name} { ${fields} }`);
    expect(await read('security-officer', { operation: name })).toMatchObject([{ use: 'EXTRACT', faults: [] }]);
  });

  it('can be fetched again within its five minutes: a download that broke off is begun anew', async () => {
    const { path, expiresAt } = await ticketFor(world, 'security-officer', 'NDJSON', month);
    expect(expiresAt).toBe('2026-11-02T08:05:00.000Z');
    const texts = [];
    for (let run = 0; run < 2; run += 1) texts.push(await (await fetchAs(world, 'security-officer', path)).text());
    expect(texts[0]).toBe(texts[1]);
  });

  it('by somebody cleared holds the sealed entries, which another officer’s does not', async () => {
    const filter = { operation: 'LookUpForExport' };
    const cleared = linesOf((await drawn(world, 'cleared-security-officer', 'NDJSON', filter)).text);
    expect(cleared.map(({ actor }) => actor.id)).toEqual([
      idFor('employee/placement-secretary'),
      idFor('employee/guidance-worker'),
    ]);
    expect(cleared[0]).toMatchObject({
      operation: { text: lookUp.toString() },
      right: { code: 'CASEWORKER', name: 'sagsbehandler' },
    });
    expect(cleared[0].cases.length).toBeGreaterThan(0);
    const uncleared = linesOf((await drawn(world, 'security-officer', 'NDJSON', filter)).text);
    expect(uncleared.map(({ id }) => id)).toEqual([cleared[1].id]);
    // That somebody cleared drew an export is sealed too.
    const pages = await read('security-officer', { operation: 'ExportLog' });
    expect(pages.some(({ actor }) => actor.id === idFor('employee/cleared-security-officer'))).toBe(false);
  });
});

describe('in the world without shielded cases', () => {
  let here: World;
  let there: World;
  beforeAll(async () => {
    here = await openWorld({ shielded: true });
    there = await openWorld({ shielded: false });
  });
  afterAll(async () => {
    await here?.close();
    await there?.close();
  });

  it('the same people do the same, and the officer who is not cleared is handed the same bytes', async () => {
    const bytes: string[][] = [];
    for (const one of [here, there]) {
      for (const person of ['guidance-worker', 'placement-secretary', 'board-secretary', 'housing-caseworker'])
        await one.ask(person, lookUp.toString(), { cpr });
      await drawn(one, 'cleared-security-officer', 'CSV', month);
      const seen = [];
      for (const format of ['NDJSON', 'CSV', 'FHIR', 'OCSF'] as const) {
        const ticket = await ticketFor(one, 'security-officer', format);
        const response = await fetchAs(one, 'security-officer', ticket.path);
        const headers = [...response.headers].filter(([name]) => name !== 'date');
        seen.push(JSON.stringify([ticket, response.status, headers, await response.text()]));
      }
      bytes.push(seen);
    }
    for (const [index, seen] of bytes[0]!.entries()) {
      expect(seen.length).toBeGreaterThan(100_000);
      expect(seen === bytes[1]![index]).toBe(true);
    }
  });
});
