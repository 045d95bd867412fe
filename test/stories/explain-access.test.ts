/**
 * Why somebody gets at something or does not, told to who may ask: what decides, and who could change it; and what it never tells.
 * That it says what people are really answered: explain-access-true.test.ts.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { askedWhy, changersOf, ofCase, stepOf, stepsIn, why } from '../support/explain.js';
import { compartment, grantIn, type Team, team, verbs } from '../support/grants.js';
import { administratorsOf, done, hire, powerIn, type Somebody, signIn, signInAs, steps } from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const housing = { compartment: compartment('HOUSING_BENEFIT') };
const unknown = '00000000-0000-4000-8000-00000000dead';
/** A malformed argument refuses the operation as a whole. */
const malformed = (message: string) => ({ data: null, faults: [{ path: '', code: 'BAD_USER_INPUT', message }] });
const fault = (code: keyof typeof faults, message: string = faults[code].message) => ({
  data: { explainAccess: null },
  faults: [{ path: 'explainAccess', code, message }],
});

let world: World;
let family: Team;
let officer: Somebody;
let director: Somebody;
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  family = await team(world, 'family');
  officer = await signInAs(world, 'security-officer');
  director = await signInAs(world, 'director');
});
afterAll(() => world.close());

/** A colleague in the family unit, with a grant if one is asked for. */
async function colleague(rights = ['CASEWORKER'], grant?: object) {
  const holder = await signIn(world, await hire(world.database, 'family', rights), rights[0]);
  return { holder, grant: grant ? await grantIn('given', { ...family, holder }, grant) : null };
}

describe('a manager who asks why somebody sees nothing is told', () => {
  it('that there is no grant, and that it is the manager’s own to decide', async () => {
    const { holder } = await colleague();
    const [one, ...others] = await why(family.manager, holder.id, housing);
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      ...{
        right: 'CASEWORKER',
        powerOfAttorney: null,
        coordinate: 'Query.case',
        compartment: { id: housing.compartment },
      },
      ...{ citizen: null, outcome: 'DENIED', level: null, operations: [] },
    });
    expect(stepsIn(one!)).toEqual(['RIGHT true', 'SCOPE true', 'GRANT false']);
    expect(changersOf(stepOf(one!, 'GRANT'))).toEqual({ MANAGER: [family.manager.id] });
    expect(changersOf(stepOf(one!, 'RIGHT'))).toEqual({ RIGHTS_REGISTER: [] });
  });

  it('nothing is missing once the grant is there, and how far it reaches', async () => {
    const { holder, grant } = await colleague(['CASEWORKER'], { operations: ['SEARCH', 'ENTER'] });
    const [one] = await why(family.manager, holder.id, housing);
    expect(one).toMatchObject({ outcome: 'ALLOWED', level: 'METADATA', operations: ['SEARCH', 'ENTER'] });
    expect(stepsIn(one!)).toEqual(['RIGHT true', 'SCOPE true', 'GRANT true', 'LEVEL true']);
    expect(stepOf(one!, 'GRANT').grant).toEqual({ id: grant, status: 'IN_FORCE' });
    // Of a grant that lets nobody find a case, that it does not.
    const { holder: blind } = await colleague(['CASEWORKER'], { operations: ['ENTER'] });
    const [other] = await why(family.manager, blind.id, housing);
    expect(other).toMatchObject({ outcome: 'DENIED', level: null, operations: ['ENTER'] });
    expect(stepsIn(other!)).toEqual(['RIGHT true', 'SCOPE true', 'GRANT true', 'OPERATION false']);
  });

  it('that a grant waits for the course, and who records it', async () => {
    const service = await team(world, 'citizen-service', 'CITIZEN_SERVICE');
    const id = await grantIn('given', service);
    const [before] = await why(service.manager, service.holder.id, housing);
    expect(before!.outcome).toBe('DENIED');
    expect(stepsIn(before!)).toEqual(['RIGHT true', 'SCOPE true', 'GRANT false', 'COURSE false']);
    expect(stepOf(before!, 'GRANT').grant).toEqual({ id, status: 'WAITING_FOR_COURSE' });
    const changers = changersOf(stepOf(before!, 'COURSE'));
    expect(Object.keys(changers)).toEqual(['MANAGER', 'ADMINISTRATOR']);
    expect(changers.MANAGER).toEqual([service.manager.id]);
    expect(changers.ADMINISTRATOR).toContain(employeeId('administrator'));
    await done(service.manager, verbs.course, {
      input: {
        employee: service.holder.id,
        kind: 'DATA_SECURITY',
        passedOn: '2026-10-30',
        evidence: 'Kursusbevis 4711',
      },
    });
    const [after] = await why(service.manager, service.holder.id, housing);
    expect(after).toMatchObject({ outcome: 'ALLOWED', level: 'METADATA', operations: ['SEARCH'] });
    expect(stepOf(after!, 'COURSE')).toMatchObject({ satisfied: true, course: { passedOn: '2026-10-30' } });
  });

  it('that a grant lapsed, because nobody confirmed it or its time ended', async () => {
    for (const [set, sentence] of [
      ['confirm_by', 'A grant lapsed, because nobody confirmed it within six months.'],
      ['valid_to', 'A grant lapsed, because its validity ended.'],
    ]) {
      const { holder, grant } = await colleague(['CASEWORKER'], {});
      await world.database.sql(
        `UPDATE identity.clearance_grant SET valid_from = '2026-01-01Z', ${set} = '2026-10-01Z' WHERE id = $1`,
        [grant],
      );
      const [one] = await why(family.manager, holder.id, housing);
      expect(one!.outcome).toBe('DENIED');
      expect(stepOf(one!, 'GRANT')).toMatchObject({
        satisfied: false,
        grant: { id: grant, status: 'LAPSED' },
        sentence,
      });
    }
  });

  it('that an agreement ended, and which secretariat makes another', async () => {
    const board = { compartment: compartment('BOARD_MATTER', 'CHILDREN_AND_YOUTH_COMMITTEE') };
    const secretary = await signInAs(world, 'board-secretary');
    const { holder } = await colleague();
    const [none] = await why(family.manager, holder.id, board);
    expect(stepsIn(none!)).toEqual(['RIGHT true', 'SCOPE true', 'GRANT false', 'AGREEMENT false']);
    const agreement = await done(secretary, verbs.agree, {
      input: {
        ...{ authority: 'CHILDREN_AND_YOUTH_COMMITTEE', receiver: organisationId('family'), kind: 'DISCLOSURE' },
        basis: 'Retssikkerhedslovens § 43',
      },
    });
    await grantIn('given', { ...family, holder }, board);
    const [during] = await why(family.manager, holder.id, board);
    expect(stepsIn(during!)).toEqual(['RIGHT true', 'SCOPE true', 'GRANT true', 'AGREEMENT true', 'LEVEL true']);
    await done(secretary, verbs.end, { agreement: agreement.id });
    const [after] = await why(family.manager, holder.id, board);
    expect(after!.outcome).toBe('DENIED');
    expect(stepsIn(after!)).toEqual(['RIGHT true', 'SCOPE true', 'GRANT false', 'AGREEMENT false', 'AGREEMENT false']);
    expect(stepOf(after!, 'AGREEMENT').agreement).toEqual({ id: agreement.id });
    expect(changersOf(stepOf(after!, 'AGREEMENT')).SECRETARIAT).toContain(secretary.id);
    // Of the secretariat itself, that it is one.
    const office = await team(world, 'board-secretariat');
    await grantIn('given', office, board);
    const [inside] = await why(office.manager, office.holder.id, board);
    expect(stepsIn(inside!)).toEqual(['RIGHT true', 'SCOPE true', 'GRANT true', 'MEMBERSHIP true', 'LEVEL true']);
  });

  it('that somebody left, or is locked out until an administrator lifts it', async () => {
    const { holder } = await colleague(['CASEWORKER'], {});
    await world.database.sql(
      `INSERT INTO identity.access_block (municipality, id, kind, key, person, blocked_at)
       VALUES ('0999', $1, 'PERSON', $2, $3, now())`,
      [randomUUID(), `guesser:${holder.id}`, holder.id],
    );
    const [locked] = await why(family.manager, holder.id, housing);
    expect(locked).toMatchObject({ outcome: 'DENIED', level: null, operations: [] });
    expect(stepsIn(locked!)).toEqual(['LOCK_OUT false', 'RIGHT true', 'SCOPE true', 'GRANT true', 'LEVEL true']);
    expect(changersOf(stepOf(locked!, 'LOCK_OUT')).ADMINISTRATOR).toContain(employeeId('administrator'));
    const { holder: gone } = await colleague(['CASEWORKER'], {});
    await world.database.sql('UPDATE identity.employee SET left_at = now() WHERE id = $1', [gone.id]);
    const [left] = await why(family.manager, gone.id, housing);
    expect(left!.outcome).toBe('DENIED');
    expect(stepsIn(left!)).toEqual(['LEFT false', 'RIGHT true', 'SCOPE true', 'GRANT false']);
    // Whoever holds no right is told apart from whoever acts in the wrong one.
    const [none, ...others] = await why(family.manager, await hire(world.database, 'family', []), housing);
    expect([none!.right, none!.outcome, stepsIn(none!), others]).toEqual([null, 'DENIED', ['RIGHT false'], []]);
  });

  it('in which right it works, for a session acts in one', async () => {
    const { holder } = await colleague(['CASEWORKER', 'SMDB_REPORTER']);
    const told = await why(family.manager, holder.id, { coordinate: 'Query.smdbForms' });
    expect(told.map(({ right, outcome }) => [right, outcome])).toEqual([
      ['CASEWORKER', 'DENIED'],
      ['SMDB_REPORTER', 'ALLOWED'],
    ]);
    expect(stepOf(told[0]!, 'SCOPE')).toMatchObject({ wall: 'TYPE', satisfied: false });
    expect(stepOf(told[0]!, 'SCOPE').sentence).toContain('smdb:read');
  });

  it('that the level is too low for a field', async () => {
    const { holder } = await colleague(['CASEWORKER'], { level: 'EXISTENCE' });
    for (const about of [{ ...housing, coordinate: 'Case.title' }, { coordinate: 'Case.title' }]) {
      const [one] = await why(family.manager, holder.id, about);
      expect(one!.outcome).toBe('DENIED');
      expect(stepOf(one!, 'LEVEL')).toMatchObject({ wall: 'ROW', satisfied: false });
      expect(stepOf(one!, 'LEVEL').sentence).toContain('The field takes METADATA.');
    }
    const [existence] = await why(family.manager, holder.id, { ...housing, coordinate: 'Case.category' });
    expect(existence).toMatchObject({ outcome: 'ALLOWED', level: 'EXISTENCE' });
  });

  it('that a power of attorney would decide, and no more: who is on one is not the manager’s to know', async () => {
    const delegate = await hire(world.database, 'family', ['SMDB_DELEGATED_REPORTER']);
    const forms = { coordinate: 'Query.smdbForms' };
    const before = await family.manager.ask(explainText, { employee: delegate, ...forms });
    const { municipality, centre } = await administratorsOf(world);
    const sides = { giver: 'centre', receiver: 'family', gives: centre, receives: municipality };
    const power = await powerIn('marked', sides, ['SMDB_DELEGATED_REPORTER'], delegate);
    expect(await family.manager.ask(explainText, { employee: delegate, ...forms })).toEqual(before);
    expect(before.data.explainAccess).toMatchObject([{ outcome: 'UNKNOWN', right: 'SMDB_DELEGATED_REPORTER' }]);
    // To the employee and to a reader of the log it is told.
    const self = await signIn(world, delegate, 'SMDB_DELEGATED_REPORTER');
    for (const who of [self, officer]) {
      const told = await why(who, delegate, forms);
      expect(told.map(({ powerOfAttorney, outcome }) => [powerOfAttorney?.id, outcome])).toEqual([
        [undefined, 'DENIED'],
        [power, 'ALLOWED'],
      ]);
      expect(stepOf(told[1]!, 'POWER_OF_ATTORNEY').powerOfAttorney).toEqual({ id: power });
      const [, under] = await why(who, delegate, housing);
      expect([under!.outcome, stepOf(under!, 'GRANT').satisfied]).toEqual(['DENIED', false]);
    }
    await self.ask(steps.actFor, { power });
  });
});

const explainText = `query Why($employee: ID!, $coordinate: String, $compartment: ID) {
  explainAccess(employee: $employee, coordinate: $coordinate, compartment: $compartment) { right outcome powerOfAttorney { id } steps { kind satisfied sentence } } }`;

describe('a security officer', () => {
  it('is told of types, and of the grants that decide, but of none into a single case', async () => {
    const { holder } = await colleague();
    const [before] = await why(officer, holder.id, housing);
    expect([before!.outcome, stepsIn(before!)]).toEqual(['DENIED', ['RIGHT true', 'SCOPE true', 'GRANT false']]);
    expect(changersOf(stepOf(before!, 'GRANT'))).toEqual({ MANAGER: [family.manager.id] });
    const grant = await grantIn('given', { ...family, holder }, { level: 'DOCUMENTS' });
    const [after] = await why(officer, holder.id, housing);
    expect(after).toMatchObject({ outcome: 'ALLOWED', level: 'DOCUMENTS' });
    expect(stepOf(after!, 'GRANT').grant).toEqual({ id: grant, status: 'IN_FORCE' });
    const [denied] = await why(officer, holder.id, { coordinate: 'Query.auditEntries' });
    expect(denied).toMatchObject({ outcome: 'DENIED', right: 'CASEWORKER' });
    const [administrator] = await why(officer, employeeId('administrator'), housing);
    expect([administrator!.outcome, stepOf(administrator!, 'SCOPE').satisfied]).toEqual(['DENIED', false]);
    // A grant into a single case's compartment changes nothing, and the code is as one that was made up.
    const about = [{ coordinate: 'Case.title' }, housing];
    const answers = async () =>
      JSON.stringify(await Promise.all(about.map((one) => askedWhy(officer, holder.id, one))));
    const without = await answers();
    const single = `0999.CASE.${randomUUID()}`;
    await world.database.sql(
      `INSERT INTO identity.single_case_grant (municipality, id, holder, compartment, level, operations, reason, status,
         requested_by, decided_by, valid_from, confirm_by)
       VALUES ('0999', $1, $2, $3, 'METADATA', '{SEARCH}', 'test', 'IN_FORCE', $2, $2, '2026-01-01Z', '2027-01-01Z')`,
      [randomUUID(), holder.id, single],
    );
    expect(await answers()).toBe(without);
    expect(await askedWhy(officer, holder.id, { compartment: single })).toEqual(fault('NOT_FOUND'));
  });

  it('is answered about a hidden case as about one that never was', async () => {
    const hidden = await world.database.sql<{ id: string }>('SELECT id FROM cases.shielded_case ORDER BY id LIMIT 3');
    const employee = employeeId('placement-secretary');
    const asked = async (variables: object, query = ofCase) => {
      const { text, status, fetches } = await world.ask('security-officer', query, variables);
      return { text, status, fetches };
    };
    const never = await asked({ case: unknown, employee });
    expect(JSON.parse(never.text)).toEqual({ data: { explainCaseAccess: null } });
    for (const { id } of hidden) expect(await asked({ case: id, employee })).toEqual(never);
    // Whoever is cleared for it is told.
    const secretary = await signInAs(world, 'placement-secretary');
    const [own] = await world.database.sql<{ id: string }>(
      `SELECT id FROM cases.shielded_case WHERE compartment = '0999.MUNICIPALITY.PLACEMENT' ORDER BY id LIMIT 1`,
    );
    const { data, faults: none } = await secretary.ask(ofCase, { case: own!.id, employee });
    expect([none, data.explainCaseAccess.explanations[0].outcome]).toEqual([[], 'ALLOWED']);
  });

  it('is answered about a single case’s code as about one that never was; its holders are told', async () => {
    const control = await team(world, 'fraud-control');
    const investigator = await signInAs(world, 'fraud-investigator');
    await grantIn('given', control, { compartment: compartment('SOCIAL_FRAUD'), operations: ['SEARCH', 'ENTER'] });
    const code = await done(investigator, verbs.openSingle, {
      input: {
        ...{ authority: 'MUNICIPALITY', category: 'SOCIAL_FRAUD', colleague: control.holder.id },
        reason: 'Concerns an employee of the municipality',
      },
    });
    const about = { compartment: code };
    for (const who of [officer, control.manager, director, await signInAs(world, 'cleared-security-officer')]) {
      const told = JSON.stringify(await askedWhy(who, investigator.id, about));
      expect(told).toBe(JSON.stringify(await askedWhy(who, investigator.id, { compartment: `0999.CASE.${unknown}` })));
      expect(JSON.parse(told)).toEqual(fault('NOT_FOUND'));
    }
    // Nor does it show where all grants count: to the manager, the colleague has nothing but the ordinary grant.
    const [all] = await why(control.manager, control.holder.id, { coordinate: 'Case.documents' });
    expect([all!.outcome, JSON.stringify(all).includes(code.slice(10))]).toEqual(['DENIED', false]);
    // Somebody who holds it asks about oneself, and is told who the others are.
    const [one] = await why(investigator, investigator.id, about);
    expect([one!.outcome, stepOf(one!, 'GRANT').satisfied]).toEqual(['ALLOWED', true]);
    expect(changersOf(stepOf(one!, 'GRANT'))).toEqual({ HOLDERS: [control.holder.id] });
  });
});

describe('an employee', () => {
  it('asks about the own access, also in a right that opens nothing, and never about a colleague’s', async () => {
    const { holder, grant } = await colleague(['CASEWORKER'], {});
    const [own] = await why(holder, holder.id, housing);
    expect([own!.outcome, stepOf(own!, 'GRANT').grant?.id]).toEqual(['ALLOWED', grant]);
    const refused = fault('FORBIDDEN', 'Of others, security officers ask, and who leads the unit.');
    expect(await askedWhy(holder, family.holder.id, housing)).toEqual(refused);
    expect(await askedWhy(await signInAs(world, 'administrator'), holder.id, housing)).toEqual(refused);
    // A manager of another unit is a colleague like any other, and so is the manager who acts in another right.
    expect(await askedWhy(await signInAs(world, 'manager'), holder.id, housing)).toEqual(refused);
    await world.database.sql(
      `INSERT INTO identity.right_assignment VALUES ('0999', $1, 'CASEWORKER', $2, 'LOCAL', now())`,
      [family.manager.id, family.unit],
    );
    const otherwise = await signIn(world, family.manager.id, 'CASEWORKER');
    expect(await askedWhy(otherwise, holder.id, housing)).toEqual(refused);
    expect((await why(director, holder.id, housing))[0]!.outcome).toBe('ALLOWED');
  });

  it('of another organisation asks about the own access, and a security officer about theirs', async () => {
    const reporter = await signInAs(world, 'centre-reporter');
    const forms = { coordinate: 'Query.smdbForms' };
    for (const who of [reporter, officer]) {
      const told = await why(who, reporter.id, forms);
      expect(told[0]).toMatchObject({ right: 'SMDB_DELEGATED_REPORTER', powerOfAttorney: null, outcome: 'DENIED' });
      expect(stepOf(told[0]!, 'POWER_OF_ATTORNEY')).toMatchObject({ satisfied: false });
    }
    // Of the municipality's people, the centre's know nobody.
    expect(await askedWhy(reporter, employeeId('guidance-worker'), forms)).toEqual(fault('NOT_FOUND'));
  });
});

it('about a case it is said of its compartment, and logged with case, citizen and employee', async () => {
  const self = await signInAs(world, 'manager');
  const [found] = await world.database.sql<{ id: string; citizen: string }>(
    `SELECT c.id, p.citizen FROM cases.ordinary_case c JOIN cases.ordinary_party p ON p.case_id = c.id AND p.role = 'PRIMARY'
     WHERE c.compartment = $1 ORDER BY c.id LIMIT 1`,
    [housing.compartment],
  );
  const { data } = await self.ask(ofCase, { case: found!.id, employee: self.id, coordinate: 'Case.documents' });
  expect(data.explainCaseAccess.explanations).toMatchObject([
    { compartment: { id: housing.compartment }, outcome: 'DENIED', level: 'EXISTENCE', operations: ['SEARCH'] },
  ]);
  const brief = `query BriefCase($case: ID!, $employee: ID!) { explainCaseAccess(case: $case, employee: $employee) { explanations { outcome } } }`;
  expect(await self.ask(brief, { case: found!.id, employee: self.id })).toEqual({
    data: { explainCaseAccess: { explanations: [{ outcome: 'ALLOWED' }] } },
    faults: [],
  });
  const { auditEntries } = (
    await officer.ask(
      '{ auditEntries(first: 1, filter: { operation: "BriefCase" }) { nodes { cases { id } citizens { id } criterion } } }',
    )
  ).data;
  expect(auditEntries.nodes).toMatchObject([{ cases: [{ id: found!.id }], citizens: [{ id: found!.citizen }] }]);
  expect(JSON.stringify(auditEntries.nodes[0].criterion)).toContain(self.id);
  // What is wrong with the employee is said where the case is there, and nothing where it is not.
  const told = await self.ask(brief, { case: found!.id, employee: unknown });
  expect([told.data.explainCaseAccess, told.faults[0]!.code]).toEqual([{ explanations: null }, 'NOT_FOUND']);
  expect((await self.ask(brief, { case: unknown, employee: unknown })).data).toEqual({ explainCaseAccess: null });
});

describe('what cannot be asked gets its own error', () => {
  it('for who asks, whom and what about', async () => {
    const { id } = family.holder;
    for (const key of ['citizen', 'case-system'])
      expect([key, await askedWhy(await signInAs(world, key), id, housing)]).toEqual([key, fault('FORBIDDEN')]);
    const system = demoPeople.find(({ key }) => key === 'case-system')!.id;
    for (const one of [unknown, system, 'no id', ''])
      expect([one, await askedWhy(officer, one, housing)]).toEqual([one, fault('NOT_FOUND')]);
    for (const one of ['none', '', '0101.MUNICIPALITY.HOUSING_BENEFIT', '0999.CASE.', '\u0000'])
      expect([one, (await askedWhy(officer, id, { compartment: one })).faults[0]?.code]).toEqual([
        one,
        expect.stringMatching(/^(NOT_FOUND|BAD_USER_INPUT)$/),
      ]);
    for (const citizen of [unknown, 'no id'])
      expect(await askedWhy(officer, id, { citizen })).toEqual(fault('NOT_FOUND'));
    const field =
      'Argument "coordinate": expected a field of the schema, such as "Case.title" or "Query.auditEntries".';
    for (const coordinate of [
      'Case',
      'case.title',
      'Case.none',
      'Case.title.x',
      '',
      'Case.__proto__',
      'Query.constructor',
    ])
      expect([coordinate, await askedWhy(officer, id, { coordinate })]).toEqual([coordinate, malformed(field)]);
    expect(await askedWhy(officer, id, { ...housing, coordinate: 'Query.auditEntries' })).toEqual(
      malformed(
        'Argument "coordinate": expected a field of a case, such as "Case.title", because a compartment is asked about.',
      ),
    );
    expect(await askedWhy(officer, id, {})).toEqual(
      malformed('Expected one of the arguments "compartment", "citizen" and "coordinate".'),
    );
    expect(await askedWhy(officer, id, { ...housing, citizen: unknown })).toEqual(
      malformed('Expected one of the arguments "compartment" and "citizen", not both.'),
    );
  });
});

describe('about a citizen', () => {
  it('it is said by rule, alike for everybody in the register, and logged with citizen and employee', async () => {
    const citizens = await world.database.sql<{ id: string }>(
      `(SELECT id FROM identity.citizen WHERE cpr = '0201609995') UNION ALL
       (SELECT id FROM identity.citizen WHERE address_protected AND NOT name_protected ORDER BY id LIMIT 1) UNION ALL
       (SELECT party.citizen FROM cases.shielded_party party JOIN identity.citizen c ON c.id = party.citizen ORDER BY 1 LIMIT 1)`,
    );
    expect(new Set(citizens.map(({ id }) => id)).size).toBe(3);
    const service = director;
    const employee = employeeId('guidance-worker');
    const told = await Promise.all(citizens.map(async ({ id }) => why(service, employee, { citizen: id })));
    const alike = told.map((one, nth) => JSON.stringify(one).replaceAll(citizens[nth]!.id, 'the citizen'));
    expect(new Set(alike).size).toBe(1);
    expect(
      told[0]!.map(({ coordinate, compartment: of, outcome, level }) => [of?.id ?? coordinate, outcome, level]),
    ).toEqual([
      ['Query.citizen', 'ALLOWED', null],
      ['Citizen.address', 'ALLOWED', null],
      ['Query.smdbForms', 'DENIED', null],
      [compartment('HOUSING_BENEFIT'), 'ALLOWED', 'EXISTENCE'],
      [compartment('CHILD_SUPPORT'), 'ALLOWED', 'EXISTENCE'],
      [compartment('DAY_CARE_SUBSIDY'), 'ALLOWED', 'EXISTENCE'],
      [compartment('RELOCATION'), 'ALLOWED', 'EXISTENCE'],
      [compartment('CASH_BENEFIT'), 'ALLOWED', 'EXISTENCE'],
      [compartment('DRUG_TREATMENT'), 'DENIED', null],
    ]);
    expect(stepOf(told[0]![1]!, 'PROTECTION')).toMatchObject({ wall: 'ROW', satisfied: null });
    // Whatever is selected: the log names the citizen.
    const asked = `query Brief($employee: ID!, $citizen: ID!) { explainAccess(employee: $employee, citizen: $citizen) { outcome } }`;
    await done(service, asked, { employee, citizen: citizens[1]!.id });
    const { auditEntries } = (
      await officer.ask(
        '{ auditEntries(first: 1, filter: { operation: "Brief" }) { nodes { use citizens { id } criterion } } }',
      )
    ).data ?? { auditEntries: null };
    expect(auditEntries?.nodes).toMatchObject([{ use: 'READ', citizens: [{ id: citizens[1]!.id }] }]);
    expect(JSON.stringify(auditEntries.nodes[0].criterion)).toContain(employee);
  });
});
