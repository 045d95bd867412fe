/**
 * Digital fuldmagt as people live it: requested by the centre, given by the municipality, used by whoever was added and marked, and
 * gone at once when it is withdrawn.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { centrePowerId } from '../../subgraphs/demo/powers.js';
import { faults } from '../../subgraphs/protocol/faults.js';
import { csvOf, drawn, linesOf } from '../support/export.js';
import {
  type Administrators,
  administratorsOf,
  done,
  hire,
  powerIn,
  type Sides,
  type Somebody,
  signIn,
  signInAs,
  steps,
} from '../support/powers.js';
import { openWorld, type World } from '../support/world.js';

const municipality = organisationId('municipality');
const centre = organisationId('centre');
const delegated = 'SMDB_DELEGATED_REPORTER';
const whoAmI = `query WhoAmI { viewer {
  person { ... on Employee { id } } actor { ... on Employee { id } } organisation { id } actingIn { code } actingFor { id }
  powerOfAttorney { id } powersOfAttorney { id } rights { code } } }`;
const fault = (path: string, code: keyof typeof faults, message: string = faults[code].message) => ({
  data: { [path]: null },
  faults: [{ path, code, message }],
});
const reported = { kind: 'REQUEST', answers: { requestedOn: '2026-10-05' } };
const report = 'mutation Report($input: ReportFormInput!) { reportForm(input: $input) { id reportedBy { id } } }';

let world: World;
let people: Record<'municipality' | 'centre', Administrators>;
let toCentre: Sides;
let untreated: string[];
beforeAll(async () => {
  world = await openWorld({ shielded: true });
  people = await administratorsOf(world);
  toCentre = { giver: 'municipality', receiver: 'centre', gives: people.municipality, receives: people.centre };
  untreated = (
    await world.database.sql<{ id: string }>(
      'SELECT id FROM identity.citizen WHERE id NOT IN (SELECT citizen FROM smdb.course) ORDER BY id LIMIT 20',
    )
  ).map(({ id }) => id);
});
afterAll(() => world.close());

const request = { giver: municipality, receiver: centre, rights: [delegated] };

describe('a power of attorney', () => {
  it('goes its way from request to withdrawal, each step by whom it belongs to, and its history says so', async () => {
    const employee = await hire(world.database, 'centre', [delegated]);
    const { administrator, smdb } = people.centre;
    const { id } = await done(administrator, steps.request, request);
    expect(await done(people.municipality.administrator, steps.decide, { id, approve: true })).toEqual({
      ...{ id, status: 'IN_FORCE' },
    });
    expect(await done(administrator, steps.add, { id, employee })).toEqual({ id, employees: [{ id: employee }] });
    expect(await done(smdb, steps.mark, { id, employee })).toEqual({ id, markedInSmdb: [{ id: employee }] });
    expect(await done(administrator, steps.remove, { id, employee })).toEqual({ id, employees: [], markedInSmdb: [] });
    expect(await done(administrator, steps.withdraw, { id })).toEqual({ id, status: 'WITHDRAWN' });
    const { data } = await administrator.ask(
      `query Powers($filter: PowerOfAttorneyFilter) { powersOfAttorney(filter: $filter) { totalCount nodes {
        id giver { name } receiver { name pNumber } rights status requestedBy { id } decidedBy { id } decidedAt withdrawnBy { id } withdrawnAt
        employees { id } history { step by { id } employee { id } at } } } }`,
      { filter: { status: ['WITHDRAWN'], giver: municipality, receiver: centre } },
    );
    const [us, them, marker] = [administrator.id, people.municipality.administrator.id, smdb.id];
    const at = expect.stringMatching(/^2026-11-02T08:00:00/);
    const step = (name: string, by: string, about: string | null = null) => ({
      ...{ step: name, by: { id: by }, employee: about === null ? null : { id: about }, at },
    });
    expect(data.powersOfAttorney).toEqual({
      totalCount: 1,
      nodes: [
        {
          ...{ id, giver: { name: 'Korsbæk Kommune' }, status: 'WITHDRAWN', rights: [delegated], employees: [] },
          receiver: { name: 'Behandlingscenter Åløkke', pNumber: '1000000009' },
          ...{
            requestedBy: { id: us },
            decidedBy: { id: them },
            decidedAt: at,
            withdrawnBy: { id: us },
            withdrawnAt: at,
          },
          history: [
            ...[step('REQUESTED', us), step('GIVEN', them), step('ADDED', us, employee)],
            ...[step('MARKED', marker, employee), step('REMOVED', us, employee), step('WITHDRAWN', us)],
          ],
        },
      ],
    });
  });

  it('is left with the receiver: who comes back is added and marked anew, and nobody is added who has left', async () => {
    const employee = await hire(world.database, 'centre', [delegated]);
    const other = await hire(world.database, 'centre', [delegated]);
    const id = await powerIn('marked', toCentre, [delegated], employee);
    const { administrator, smdb } = people.centre;
    for (const step of [steps.add, steps.mark])
      await done(step === steps.add ? administrator : smdb, step, { id, employee: other });
    const powersUsed = async () =>
      (await done(await signIn(world, employee, delegated), '{ viewer { powersOfAttorney { id } } }', {}))
        .powersOfAttorney;
    expect(await powersUsed()).toEqual([{ id }]);
    // Two at once, as an import does it.
    const left = (time: string | null) =>
      world.database.sql('UPDATE identity.employee SET left_at = $1 WHERE id = ANY ($2)', [time, [employee, other]]);
    await left('2026-11-02T08:00:00Z');
    const gone = fault(
      'addToPowerOfAttorney',
      'CONFLICT',
      'Only employees of the receiver act under a power of attorney.',
    );
    expect(await administrator.ask(steps.add, { id, employee })).toEqual(gone);
    await left(null);
    expect(await powersUsed()).toEqual([]);
    const { data } = await administrator.ask(
      `query { powersOfAttorney(filter: { employee: "${employee}" }) { totalCount } }`,
    );
    expect(data.powersOfAttorney.totalCount).toBe(0);
    expect(await smdb.ask(steps.mark, { id, employee })).toEqual(
      fault('markInSmdb', 'CONFLICT', 'The employee is not on the power of attorney.'),
    );
    const moved = (unit: string) =>
      world.database.sql('UPDATE identity.employee SET organisation = $1 WHERE id = $2', [
        organisationId(unit),
        employee,
      ]);
    await done(administrator, steps.add, { id, employee });
    await moved('drug-treatment');
    await moved('centre');
    await done(administrator, steps.add, { id, employee });
    await done(smdb, steps.mark, { id, employee });
    expect(await powersUsed()).toEqual([{ id }]);
    const { powersOfAttorney: powers } = (
      await administrator.ask(
        '{ powersOfAttorney(first: 1) { nodes { id history { step by { id } employee { id } } } } }',
      )
    ).data;
    const removed = powers.nodes[0].history.filter(({ step }: any) => step === 'REMOVED');
    expect(removed.map(({ by }: any) => by)).toEqual([null, null, null]);
  });

  it('stands when the giver’s administrator has left, and is found for it', async () => {
    const left = await hire(world.database, 'municipality', ['ADMINISTRATOR']);
    const gives = { ...people.municipality, administrator: await signIn(world, left, 'ADMINISTRATOR') };
    const employee = await hire(world.database, 'centre', [delegated]);
    const id = await powerIn('marked', { ...toCentre, gives }, [delegated], employee);
    const found = async (deciderHasLeft: boolean) =>
      (
        await done(
          people.municipality.administrator,
          `query Left($filter: PowerOfAttorneyFilter) { powersOfAttorney(filter: $filter, first: 500) { nodes { id status deciderHasLeft } } }`,
          { filter: { deciderHasLeft } },
        )
      ).nodes;
    expect(await found(true)).toEqual([]);
    await world.database.sql(`UPDATE identity.employee SET left_at = '2026-11-02T08:00:00Z' WHERE id = $1`, [left]);
    expect(await found(true)).toEqual([{ id, status: 'IN_FORCE', deciderHasLeft: true }]);
    expect((await found(false)).map((one: any) => one.id)).not.toContain(id);
    expect((await done(await signIn(world, employee, delegated), whoAmI, {})).actingFor).toEqual({ id: municipality });
  });

  it('is never decided by whoever requested it, nor by the receiver', async () => {
    const { id } = await done(people.centre.administrator, steps.request, request);
    expect(await people.centre.administrator.ask(steps.decide, { id, approve: true })).toEqual(
      fault('decidePowerOfAttorney', 'FORBIDDEN'),
    );
    // Of one company on both sides another administrator has to decide.
    const { administrator } = people.municipality;
    const own = { giver: organisationId('housing'), receiver: organisationId('drug-treatment'), rights: [delegated] };
    const inside = await done(administrator, steps.request, own);
    expect(await administrator.ask(steps.decide, { id: inside.id, approve: true })).toEqual(
      fault('decidePowerOfAttorney', 'FORBIDDEN', 'Whoever requested a power of attorney never decides.'),
    );
    const another = await signIn(world, await hire(world.database, 'it', ['ADMINISTRATOR']), 'ADMINISTRATOR');
    expect(await done(another, steps.decide, { id: inside.id, approve: true })).toMatchObject({ status: 'IN_FORCE' });
    expect(await another.ask(steps.decide, { id: inside.id, approve: false })).toEqual(
      fault('decidePowerOfAttorney', 'CONFLICT', 'The power of attorney is no request any more.'),
    );
  });

  it('is not requested, filled, marked or withdrawn by the wrong people', async () => {
    const employee = await hire(world.database, 'centre', [delegated]);
    const id = await powerIn('given', toCentre, [delegated], employee);
    const ours = people.municipality;
    const theirs = people.centre;
    expect(await ours.administrator.ask(steps.request, request)).toEqual(fault('requestPowerOfAttorney', 'FORBIDDEN'));
    expect(await ours.administrator.ask(steps.add, { id, employee })).toEqual(
      fault('addToPowerOfAttorney', 'FORBIDDEN'),
    );
    expect(await theirs.smdb.ask(steps.mark, { id, employee })).toEqual(
      fault('markInSmdb', 'CONFLICT', 'The employee is not on the power of attorney.'),
    );
    await done(theirs.administrator, steps.add, { id, employee });
    expect(await ours.smdb.ask(steps.mark, { id, employee })).toEqual(fault('markInSmdb', 'FORBIDDEN'));
    // The same person in the other right.
    expect(await theirs.administrator.ask(steps.mark, { id, employee })).toEqual(
      fault('markInSmdb', 'FORBIDDEN_FIELD'),
    );
    expect(await theirs.smdb.ask(steps.withdraw, { id })).toEqual(fault('withdrawPowerOfAttorney', 'FORBIDDEN_FIELD'));
    for (const key of ['smdb-reporter', 'manager', 'security-officer', 'citizen', 'case-system']) {
      const outsider = await signInAs(world, key);
      expect([key, await outsider.ask(steps.withdraw, { id })]).toEqual([
        key,
        fault('withdrawPowerOfAttorney', 'FORBIDDEN_FIELD'),
      ]);
    }
    const vendors = await signIn(world, await hire(world.database, 'vendor', ['ADMINISTRATOR']), 'ADMINISTRATOR');
    for (const unknown of [id, '00000000-0000-4000-8000-000000000000', 'no id'])
      expect(await vendors.ask(steps.withdraw, { id: unknown })).toEqual(fault('withdrawPowerOfAttorney', 'NOT_FOUND'));
  });

  it('holds employees of the receiver only, and nobody lets oneself in', async () => {
    const { administrator, smdb } = people.centre;
    const id = await powerIn('given', toCentre, [delegated], '');
    // Somebody at the giver whom the receiver knows, and somebody whom it does not.
    const giver = await world.database.sql<{ by: string }>(
      `SELECT taken_by AS by FROM identity.power_step WHERE power = $1 AND step = 'GIVEN'`,
      [id],
    );
    expect(await administrator.ask(steps.add, { id, employee: employeeId('smdb-reporter') })).toEqual(
      fault('addToPowerOfAttorney', 'NOT_FOUND'),
    );
    expect(await administrator.ask(steps.add, { id, employee: giver[0]!.by })).toEqual(
      fault('addToPowerOfAttorney', 'CONFLICT', 'Only employees of the receiver act under a power of attorney.'),
    );
    const oneself = 'Nobody lets oneself act under a power of attorney.';
    expect(await administrator.ask(steps.add, { id, employee: administrator.id })).toEqual(
      fault('addToPowerOfAttorney', 'FORBIDDEN', oneself),
    );
    const both = await hire(world.database, 'centre', ['SMDB_ADMINISTRATOR', delegated]);
    await done(administrator, steps.add, { id, employee: both });
    const marking = await signIn(world, both, 'SMDB_ADMINISTRATOR');
    expect(await marking.ask(steps.mark, { id, employee: both })).toEqual(fault('markInSmdb', 'FORBIDDEN', oneself));
    expect(await done(smdb, steps.mark, { id, employee: both })).toMatchObject({ markedInSmdb: [{ id: both }] });
    expect(await administrator.ask(steps.add, { id, employee: '00000000-0000-4000-8000-000000000000' })).toEqual(
      fault('addToPowerOfAttorney', 'NOT_FOUND'),
    );
  });

  it('lends SMDB’s rights to read and report, and no other, from one organisation to another', async () => {
    const { administrator } = people.centre;
    const rights = 'Argument "input.rights": expected one or more of SMDB’s rights to read and report.';
    for (const wanted of [[], ['CASEWORKER'], [delegated, 'ADMINISTRATOR'], ['SMDB_ADMINISTRATOR']])
      expect(await administrator.ask(steps.request, { ...request, rights: wanted })).toEqual(
        fault('requestPowerOfAttorney', 'BAD_USER_INPUT', rights),
      );
    expect(await administrator.ask(steps.request, { ...request, giver: centre })).toEqual(
      fault(
        'requestPowerOfAttorney',
        'BAD_USER_INPUT',
        'Argument "input.giver": expected another organisation than the receiver.',
      ),
    );
    expect(await administrator.ask(steps.request, { ...request, giver: employeeId('manager') })).toEqual(
      fault('requestPowerOfAttorney', 'NOT_FOUND'),
    );
  });

  it('is there for both sides and readers of the log; who is on it, for administrators and oneself', async () => {
    const query = `query Seen($employee: ID) { powersOfAttorney(filter: { employee: $employee }) { nodes { id employees { id } } } }`;
    const seen = async (who: Somebody) =>
      (await who.ask(query)).data.powersOfAttorney.nodes.find(({ id }: { id: string }) => id === centrePowerId) ?? null;
    const all = { id: centrePowerId, employees: [{ id: employeeId('centre-reporter') }] };
    const nobody = { id: centrePowerId, employees: [] };
    expect(await seen(people.centre.administrator)).toEqual(all);
    expect(await seen(people.municipality.administrator)).toEqual(all);
    expect(await seen(people.centre.smdb)).toEqual(all);
    expect(await seen(await signInAs(world, 'security-officer'))).toEqual(all);
    expect(await seen(await signInAs(world, 'centre-reporter'))).toEqual(all);
    expect(await seen(await signIn(world, await hire(world.database, 'centre', [delegated])))).toEqual(nobody);
    expect(await seen(await signInAs(world, 'guidance-worker'))).toEqual(nobody);
    expect(await seen(await signIn(world, await hire(world.database, 'vendor', ['CASEWORKER'])))).toBeNull();
    for (const key of ['citizen', 'case-system'])
      expect([key, await seen(await signInAs(world, key))]).toEqual([key, null]);
  });
});

describe('acting under one', () => {
  it('has the giver’s administrator as subject and oneself as actor', async () => {
    const reporter = await signInAs(world, 'centre-reporter');
    expect(await reporter.ask(whoAmI)).toEqual({
      data: {
        viewer: {
          ...{ person: { id: employeeId('administrator') }, actor: { id: employeeId('centre-reporter') } },
          ...{ organisation: { id: centre }, actingIn: { code: delegated }, actingFor: { id: municipality } },
          ...{ powerOfAttorney: { id: centrePowerId }, powersOfAttorney: [{ id: centrePowerId }] },
          rights: [{ code: delegated }],
        },
      },
      faults: [],
    });
  });

  it('ends with it: at once the viewer holds no right, and nothing takes its place', async () => {
    const employee = await hire(world.database, 'centre', [delegated]);
    const first = await powerIn('marked', toCentre, [delegated], employee);
    const second = await powerIn('marked', toCentre, [delegated], employee);
    const who = await signIn(world, employee);
    // Which of two is meant is the employee's to say.
    const undecided = { actingIn: { code: delegated }, actingFor: null, powerOfAttorney: null };
    expect((await who.ask(whoAmI)).data.viewer).toMatchObject({ ...undecided, person: { id: employee } });
    expect(await who.ask('{ smdbForms { totalCount } }')).toEqual(fault('smdbForms', 'FORBIDDEN_FIELD'));
    await done(who, steps.actFor, { power: first });
    const input = { ...reported, citizen: untreated.pop(), onBehalfOf: municipality };
    expect(await done(who, report, { input })).toMatchObject({ reportedBy: { id: employee } });
    await done(people.municipality.administrator, steps.withdraw, { id: first });
    await withinASecond(async () => {
      const { viewer } = (await who.ask(whoAmI)).data;
      expect(viewer).toMatchObject({ actingIn: null, actingFor: null, powerOfAttorney: null });
      expect(viewer).toMatchObject({ person: { id: employee }, powersOfAttorney: [{ id: second }] });
    });
    expect(await who.ask(report, { input })).toEqual(fault('reportForm', 'FORBIDDEN_FIELD'));
    expect(await who.ask(steps.actFor, { power: first })).toEqual(fault('actFor', 'FORBIDDEN'));
    expect(await done(who, steps.actFor, { power: second })).toEqual({
      ...{ actingFor: { id: municipality }, powerOfAttorney: { id: second }, actingIn: { code: delegated } },
    });
    expect(await done(who, report, { input: { ...input, citizen: untreated.pop() } })).toBeTruthy();
  });

  it.each(['remove', 'mark'] as const)(
    'ends for one who is taken off it or unmarked, and for nobody else: %s',
    async (step) => {
      const [leaving, staying] = [
        await hire(world.database, 'centre', [delegated]),
        await hire(world.database, 'centre', [delegated]),
      ];
      const id = await powerIn('marked', toCentre, [delegated], leaving);
      await done(people.centre.administrator, steps.add, { id, employee: staying });
      await done(people.centre.smdb, steps.mark, { id, employee: staying });
      const [one, other] = [await signIn(world, leaving), await signIn(world, staying)];
      const forms = '{ smdbForms { totalCount } }';
      for (const who of [one, other]) expect((await who.ask(forms)).faults).toEqual([]);
      const taker = step === 'remove' ? people.centre.administrator : people.centre.smdb;
      await done(taker, steps[step], { id, employee: leaving, marked: false });
      await withinASecond(async () => expect(await one.ask(forms)).toEqual(fault('smdbForms', 'FORBIDDEN_FIELD')));
      expect((await other.ask(forms)).faults).toEqual([]);
      if (step === 'mark') {
        expect(await taker.ask(steps.mark, { id, employee: leaving, marked: false })).toEqual(
          fault('markInSmdb', 'CONFLICT', 'The employee is not marked.'),
        );
        return;
      }
      // Whoever comes back is to be marked again.
      await done(people.centre.administrator, steps.add, { id, employee: leaving });
      expect(await one.ask(steps.actFor, { power: id })).toEqual(fault('actFor', 'FORBIDDEN'));
    },
  );

  it('in a delegated right shows what one reported for that giver, and not for another', async () => {
    const employee = await hire(world.database, 'centre', [delegated]);
    const forUnit: Sides = { ...toCentre, giver: 'drug-treatment' };
    const powers = {
      municipality: await powerIn('marked', toCentre, [delegated], employee),
      'drug-treatment': await powerIn('marked', forUnit, [delegated], employee),
    };
    const who = await signIn(world, employee);
    for (const [giver, power] of Object.entries(powers)) {
      await done(who, steps.actFor, { power });
      expect((await who.ask('{ smdbForms { totalCount } }')).data.smdbForms).toEqual({ totalCount: 0 });
      const input = { ...reported, citizen: untreated.pop() };
      const elsewhere = giver === 'municipality' ? organisationId('drug-treatment') : municipality;
      expect(await who.ask(report, { input: { ...input, onBehalfOf: elsewhere } })).toEqual(
        fault('reportForm', 'FORBIDDEN'),
      );
      await done(who, report, { input: { ...input, onBehalfOf: organisationId(giver) } });
      expect((await who.ask('{ smdbForms { totalCount } }')).data.smdbForms).toEqual({ totalCount: 1 });
    }
  });

  it('goes with the right, and back to oneself', async () => {
    const lent = ['SMDB_REPORTER', 'SMDB_HEALTH'];
    const employee = await hire(world.database, 'drug-treatment', [...lent, 'CASEWORKER']);
    const { municipality: ours, centre: theirs } = people;
    const sides: Sides = { giver: 'centre', receiver: 'drug-treatment', gives: theirs, receives: ours };
    const power = await powerIn('marked', sides, lent, employee);
    const who = await signIn(world, employee, 'SMDB_REPORTER');
    const acting = (right: string, forWhom: string | null) => ({
      actingFor: forWhom && { id: forWhom },
      powerOfAttorney: forWhom && { id: power },
      actingIn: { code: right },
    });
    expect((await who.ask(whoAmI)).data.viewer).toMatchObject(acting('SMDB_REPORTER', null));
    expect(await done(who, steps.actFor, { power })).toEqual(acting('SMDB_REPORTER', centre));
    expect(await done(who, steps.actIn, { right: 'SMDB_HEALTH' })).toEqual(acting('SMDB_HEALTH', centre));
    expect(await done(who, steps.actIn, { right: 'CASEWORKER' })).toEqual(acting('CASEWORKER', null));
    expect(await who.ask(steps.actFor, { power })).toEqual(fault('actFor', 'FORBIDDEN'));
    await done(who, steps.actIn, { right: 'SMDB_REPORTER' });
    await done(who, steps.actFor, { power });
    expect(await done(who, steps.actFor, { power: null })).toEqual(acting('SMDB_REPORTER', null));
    expect(await who.ask(steps.actFor, { power: 'no id' })).toEqual(fault('actFor', 'NOT_FOUND'));
  });

  it('leaves one’s own clearance at home: a power lends none', async () => {
    const employee = await hire(world.database, 'drug-treatment', ['SMDB_REPORTER']);
    await world.database.sql(
      `INSERT INTO identity.clearance_grant VALUES ('0999', gen_random_uuid(), $1, '0999.MUNICIPALITY.CHILD_CONCERN', 'DOCUMENTS',
         '{SEARCH}', true, 'test', 'IN_FORCE', $1, $1, '2020-01-01', '2099-01-01')`,
      [employee],
    );
    const sides: Sides = {
      ...{ giver: 'centre', receiver: 'drug-treatment', gives: people.centre, receives: people.municipality },
    };
    const power = await powerIn('marked', sides, ['SMDB_REPORTER'], employee);
    const who = await signIn(world, employee);
    const held = async () =>
      (await who.ask('{ viewer { clearance { compartment { id } } } cases { totalCount } }')).data;
    const own = await held();
    expect(own.viewer.clearance).toEqual([{ compartment: { id: '0999.MUNICIPALITY.CHILD_CONCERN' } }]);
    expect(own.cases.totalCount).toBeGreaterThan(0);
    await done(who, steps.actFor, { power });
    expect(await held()).toEqual({ viewer: { clearance: [] }, cases: { totalCount: 0 } });
  });

  it('works for a right that NemLog-in brought with the giver’s scope, and only under the power', async () => {
    const employee = await hire(world.database, 'centre', ['SMDB_REPORTER'], 'municipality');
    const who = await signIn(world, employee);
    const forms = '{ smdbForms { totalCount } }';
    expect(await who.ask(forms)).toEqual(fault('smdbForms', 'FORBIDDEN_FIELD'));
    const power = await powerIn('marked', toCentre, ['SMDB_REPORTER'], employee);
    await done(who, steps.actFor, { power });
    expect((await who.ask(forms)).data.smdbForms.totalCount).toBeGreaterThan(0);
  });

  it('makes nobody the operator of this system: an administrator of another company has no scope for that', async () => {
    const token = people.centre.administrator.token;
    const viewer = (await world.gateway.sessions.viewerOf(token))!;
    expect(viewer.scopes).toEqual(['employee:read', 'power:administer']);
    const own = (await world.gateway.sessions.viewerOf(people.municipality.administrator.token))!;
    expect(own.scopes).toEqual(['employee:read', 'admin', 'power:administer']);
  });
});

describe('the log of it', () => {
  it('names subject, actor, whom one acted for and the power, and is found and exported by them', async () => {
    const reporter = await signInAs(world, 'centre-reporter');
    const input = { ...reported, citizen: untreated.pop(), onBehalfOf: municipality };
    await done(reporter, report.replace('Report(', 'LoggedReport('), { input });
    const officer = await signInAs(world, 'security-officer');
    const entries = async (filter: object) =>
      (
        await officer.ask(
          `query Entries($filter: AuditEntryFilter) { auditEntries(filter: $filter) { nodes { outcome actor { ... on Employee { id } }
            subject { ... on Employee { id } } organisation { id } actingFor { id name } powerOfAttorney { id status giver { name } } } } }`,
          { filter },
        )
      ).data.auditEntries.nodes;
    const entry = {
      ...{ actor: { id: employeeId('centre-reporter') }, subject: { id: employeeId('administrator') } },
      ...{ organisation: { id: centre }, actingFor: { id: municipality, name: 'Korsbæk Kommune' } },
      powerOfAttorney: { id: centrePowerId, status: 'IN_FORCE', giver: { name: 'Korsbæk Kommune' } },
    };
    const filter = { actingFor: municipality, operation: 'LoggedReport' };
    expect(await entries(filter)).toEqual([
      { outcome: 'ANSWERED', ...entry },
      { outcome: 'BEGUN', ...entry },
    ]);
    expect(await entries({ ...filter, actingFor: centre })).toEqual([]);
    for (const line of linesOf((await drawn(world, 'security-officer', 'NDJSON', filter)).text))
      expect(line).toMatchObject({ actingFor: entry.actingFor, powerOfAttorney: centrePowerId });
    const [head, ...rows] = csvOf((await drawn(world, 'security-officer', 'CSV', filter)).text);
    const from = head!.indexOf('acting_for_id');
    expect(head!.slice(from, from + 3)).toEqual(['acting_for_id', 'acting_for_name', 'power_of_attorney']);
    expect(rows.map((row) => row.slice(from, from + 3))).toEqual(
      [1, 2].map(() => [municipality, 'Korsbæk Kommune', centrePowerId]),
    );
    for (const event of linesOf((await drawn(world, 'security-officer', 'FHIR', filter)).text)) {
      expect(event.agent).toContainEqual(
        expect.objectContaining({ policy: [`urn:sluse:power-of-attorney:${centrePowerId}`], requestor: true }),
      );
      expect(event.agent).toContainEqual(
        expect.objectContaining({
          type: { text: 'acting for' },
          who: expect.objectContaining({ identifier: { system: 'urn:sluse:organisation', value: municipality } }),
        }),
      );
    }
    for (const event of linesOf((await drawn(world, 'security-officer', 'OCSF', filter)).text))
      expect(event.unmapped).toMatchObject({
        ...{ acting_for: { uid: municipality, name: 'Korsbæk Kommune' }, power_of_attorney: centrePowerId },
        subject: { uid: employeeId('administrator') },
      });
  });

  it('says nothing of a power where there was none', async () => {
    await (await signInAs(world, 'guidance-worker')).ask(
      'query Plain { viewer { rights { code } } citizen(cpr: "0201609995") { id } }',
    );
    const officer = await signInAs(world, 'security-officer');
    const { data } = await officer.ask(
      '{ auditEntries(filter: { operation: "Plain" }) { nodes { actingFor { id } powerOfAttorney { id } } } }',
    );
    expect(data.auditEntries.nodes).toEqual([{ actingFor: null, powerOfAttorney: null }]);
    const [row] = await world.database.sql<{ leaf: string }>(
      "SELECT leaf FROM audit.entry WHERE operation_name = 'Plain' LIMIT 1",
    );
    expect(row!.leaf).not.toMatch(/actingFor|powerOfAttorney/);
  });
});

/** What a gateway believes of a session is a second old at most. */
async function withinASecond(holds: () => Promise<void>): Promise<void> {
  const until = Date.now() + 1_500;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((later) => setTimeout(later, 50));
    }
  }
}
