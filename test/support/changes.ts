/** Every mutation of the supergraph, ready to be made once: by whom, with what, and how the database tells that it was made. */
import { createHash, randomUUID } from 'node:crypto';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { demoNow, employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { caseSystem, newKey } from './client.js';
import { answersTo, asked, compartment, grantIn, systemVerbs, team, verbs } from './grants.js';
import { type Anywhere, administratorsOf, hire, powerIn, type Sides, signIn } from './powers.js';

export interface ReadyChange {
  readonly token: string;
  /** Signs in again as the same person: for changes that end the session. */
  again(): Promise<string>;
  readonly query: string;
  readonly variables: object;
  /** How often it was made. */
  made(): Promise<number>;
  /** Whom its entry must name. */
  readonly about?: { readonly cases?: () => Promise<string[]>; readonly citizens?: readonly string[] };
}

type Maker = () => Promise<ReadyChange>;

export async function changesOf(world: Anywhere): Promise<Readonly<Record<string, Maker>>> {
  const { sql } = world.database;
  const count = async (text: string, values: unknown[]) =>
    (await sql<{ n: number }>(`SELECT count(*)::int AS n FROM ${text}`, values))[0]!.n;
  const somebody = async (id: string, right?: string, kind = 'Employee') => {
    const open = async () => (await signIn(world, id, right, kind)).token;
    return { token: await open(), again: open };
  };
  const named = (key: string, right?: string) => {
    const { id, kind } = demoPeople.find((person) => person.key === key)!;
    return somebody(id, right, kind);
  };
  const send = async (token: string, query: string, variables: object) => {
    const response = await world.post('/graphql', { query, variables }, { authorization: `Bearer ${token}` });
    const body = (await response.json()) as any;
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  };

  /** Citizens who are in no treatment, and of whom nothing else in the test is about. */
  const healthy = await sql<{ id: string }>(
    'SELECT id FROM identity.citizen WHERE id NOT IN (SELECT citizen FROM smdb.course) ORDER BY id',
  );
  const aCitizen = () => healthy.pop()!.id;

  // ── cases ──
  const enter = 'mutation Enter($input: EnterCaseInput!) { enterCase(input: $input) { id title } }';
  const aCase = (citizen: string, title: string) => ({
    input: { category: 'HOUSING_BENEFIT', kle: '32.03.12', title, parties: [{ citizen, role: 'PRIMARY' }] },
  });
  /** A case system of its own: the grants of the demo's are changed by other changes here, and an answer waits for nobody's access. */
  const anotherSystem = async () => {
    const id = randomUUID();
    await sql(
      `INSERT INTO identity.system_client
       SELECT (jsonb_populate_record(c, jsonb_build_object('id', $1::text))).* FROM identity.system_client c WHERE c.id = $2`,
      [id, caseSystem],
    );
    await sql(
      `INSERT INTO identity.clearance_grant
       SELECT (jsonb_populate_record(g, jsonb_build_object('id', $1::text, 'holder', $2::text))).*
         FROM identity.clearance_grant g WHERE g.holder = $3 AND g.compartment = $4`,
      [randomUUID(), id, caseSystem, compartment('HOUSING_BENEFIT')],
    );
    return somebody(id, undefined, 'SystemClient');
  };
  const caseTitled = async (title: string) =>
    (await sql<{ id: string }>('SELECT id FROM cases.ordinary_case WHERE title = $1', [title])).map(({ id }) => id);
  const entered = async (token: string, citizen: string): Promise<string> =>
    (await send(token, enter, aCase(citizen, `A case ${randomUUID()}`))).enterCase.id;

  // ── powers of attorney ──
  const people = await administratorsOf(world);
  const sides: Sides = {
    giver: 'municipality',
    receiver: 'centre',
    gives: people.municipality,
    receives: people.centre,
  };
  const rights = ['SMDB_DELEGATED_REPORTER'];
  const power = async (state: Parameters<typeof powerIn>[0], employee: string) =>
    powerIn(state, sides, rights, employee);
  const centreEmployee = () => hire(world.database, 'centre', rights);
  const stepsOf = (id: string, step: string) => () =>
    count('identity.power_step WHERE power = $1 AND step = $2', [id, step]);
  const giver = () => named('administrator');
  const centre = (right: string) => somebody(employeeId('centre-administrator'), right);

  // ── grants, rights, agreements ──
  const unit = await team(world, 'family');
  const colleague = () => hire(world.database, 'family', ['CASEWORKER']);
  const manager = () => somebody(unit.manager.id, 'MANAGER');
  const grant = async (state: 'requested' | 'given') =>
    grantIn(state, { ...unit, holder: { ...unit.holder, id: await colleague() } });
  const grantStep = (id: string, step: string) => () =>
    count('identity.grant_step WHERE grant_id = $1 AND step = $2', [id, step]);
  const systemGrant = (reason: string) => ({
    input: {
      ...{ client: caseSystem, compartment: compartment('CASH_BENEFIT'), level: 'METADATA', operations: ['SEARCH'] },
      reason,
    },
  });
  const anAdministrator = async () => somebody(await hire(world.database, 'it', ['ADMINISTRATOR']), 'ADMINISTRATOR');
  const systemGrantAsked = async (): Promise<string> => {
    const { token } = await named('administrator');
    return (await send(token, systemVerbs.request, systemGrant(`Fagsystem ${randomUUID()}`))).requestSystemClientGrant
      .id;
  };
  const rightsOf = (id: string) => () =>
    count(`identity.right_assignment WHERE employee = $1 AND code = 'MANAGER' AND source = 'LOCAL'`, [id]);
  const secretary = () => named('board-secretary');
  const agreement = (basis: string) => ({
    input: {
      ...{ authority: 'CHILDREN_AND_YOUTH_COMMITTEE', kind: 'DISCLOSURE', basis },
      receiver: organisationId('family'),
    },
  });
  const agreementsOn =
    (basis: string, condition = 'true') =>
    () =>
      count(`identity.disclosure_agreement WHERE basis = $1 AND ${condition}`, [basis]);

  // ── the first sign-in ──
  const withOldAccount = async () => {
    const id = await hire(world.database, 'drug-treatment', ['SMDB_REPORTER']);
    const userName = `rus-${randomUUID()}`;
    await sql(
      `INSERT INTO identity.legacy_account (municipality, user_name, cvr, password_hash)
       SELECT municipality, $1, cvr, password_hash FROM identity.legacy_account WHERE user_name = 'rus01'`,
      [userName],
    );
    return { id, userName, who: await somebody(id, 'SMDB_REPORTER') };
  };

  /** Of the session that a token opens. */
  const sessionOf = (token: string, condition: string, values: unknown[] = []) =>
    count(`identity.session WHERE token_hash = $1 AND ${condition}`, [
      createHash('sha256').update(token).digest(),
      ...values,
    ]);
  const openSessions = (id: string) => count('identity.session WHERE person = $1 AND closed_at IS NULL', [id]);

  return {
    async enterCase() {
      const title = `Entered ${randomUUID()}`;
      const citizen = aCitizen();
      return {
        ...(await named('housing-caseworker')),
        query: enter,
        variables: aCase(citizen, title),
        made: async () => (await caseTitled(title)).length,
        about: { cases: () => caseTitled(title), citizens: [citizen] },
      };
    },
    async importCases() {
      const title = `Imported ${randomUUID()}`;
      const citizen = aCitizen();
      const row = { externalId: { source: 'test', id: title }, sourceVersion: '1', openedOn: '2026-01-02' };
      return {
        ...(await anotherSystem()),
        query:
          'mutation Import($batch: [ImportCaseInput!]!) { importCases(batch: $batch) { outcome problems { path message } } }',
        variables: { batch: [{ ...row, ...aCase(citizen, title).input }] },
        made: async () => (await caseTitled(title)).length,
        about: { cases: () => caseTitled(title), citizens: [citizen] },
      };
    },
    async changeCase() {
      const who = await named('housing-caseworker');
      const citizen = aCitizen();
      const id = await entered(who.token, citizen);
      const title = `Changed ${randomUUID()}`;
      return {
        ...who,
        // Nothing is selected that would name anybody.
        query: 'mutation Change($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { title } }',
        variables: { id, input: { title } },
        made: async () => (await caseTitled(title)).length,
        about: { cases: async () => [id], citizens: [citizen] },
      };
    },
    async moveCase() {
      // Somebody who works with two kinds of cases.
      const mover = await hire(world.database, 'housing', ['CASEWORKER']);
      for (const category of ['HOUSING_BENEFIT', 'CHILD_SUPPORT'])
        await sql(
          `INSERT INTO identity.clearance_grant
           SELECT (jsonb_populate_record(g, jsonb_build_object('id', $1::text, 'holder', $2::text, 'compartment', $3::text))).*
             FROM identity.clearance_grant g WHERE g.holder = $4 AND g.compartment = '0999.MUNICIPALITY.HOUSING_BENEFIT'`,
          [randomUUID(), mover, `0999.MUNICIPALITY.${category}`, employeeId('housing-caseworker')],
        );
      const who = await somebody(mover, 'CASEWORKER');
      const citizen = aCitizen();
      const id = await entered(who.token, citizen);
      const titles = await sql<{ title: string }>('SELECT title FROM cases.ordinary_case WHERE id = $1', [id]);
      const arrived = async () => (await caseTitled(titles[0]!.title)).filter((found) => found !== id);
      return {
        ...who,
        query: 'mutation MoveOne($id: ID!, $input: MoveCaseInput!) { moveCase(id: $id, input: $input) { title } }',
        variables: { id, input: { compartment: '0999.MUNICIPALITY.CHILD_SUPPORT', kle: '32.06.04' } },
        made: async () => (await arrived()).length,
        about: { cases: async () => [id, ...(await arrived())], citizens: [citizen] },
      };
    },
    async deleteCase() {
      const who = await named('housing-caseworker');
      const citizen = aCitizen();
      const id = await entered(who.token, citizen);
      return {
        ...who,
        query: 'mutation Delete($id: ID!) { deleteCase(id: $id) }',
        variables: { id },
        made: async () => 1 - (await count('cases.ordinary_case WHERE id = $1', [id])),
        about: { cases: async () => [id], citizens: [citizen] },
      };
    },
    async requestGrant() {
      const holder = await colleague();
      return {
        ...(await somebody(unit.requester.id, 'CASEWORKER')),
        query: verbs.request,
        variables: asked(holder),
        made: () => count('identity.clearance_grant WHERE holder = $1', [holder]),
      };
    },
    async decideGrant() {
      const id = await grant('requested');
      return { ...(await manager()), query: verbs.decide, variables: { grant: id }, made: grantStep(id, 'GIVEN') };
    },
    async confirmGrant() {
      const id = await grant('given');
      return { ...(await manager()), query: verbs.confirm, variables: { grant: id }, made: grantStep(id, 'CONFIRMED') };
    },
    async withdrawGrant() {
      const id = await grant('given');
      return {
        ...(await manager()),
        query: verbs.withdraw,
        variables: { grant: id },
        made: grantStep(id, 'WITHDRAWN'),
      };
    },
    async requestSystemClientGrant() {
      const reason = `Fagsystem ${randomUUID()}`;
      return {
        ...(await named('administrator')),
        query: systemVerbs.request,
        variables: systemGrant(reason),
        made: () => count('identity.clearance_grant WHERE reason = $1', [reason]),
      };
    },
    async decideSystemClientGrant() {
      const id = await systemGrantAsked();
      const who = await anAdministrator();
      return { ...who, query: systemVerbs.decide, variables: { grant: id }, made: grantStep(id, 'GIVEN') };
    },
    async confirmSystemClientGrant() {
      const id = await systemGrantAsked();
      const who = await anAdministrator();
      await send(who.token, systemVerbs.decide, { grant: id });
      return { ...who, query: systemVerbs.confirm, variables: { grant: id }, made: grantStep(id, 'CONFIRMED') };
    },
    async withdrawSystemClientGrant() {
      const id = await systemGrantAsked();
      const who = await anAdministrator();
      return { ...who, query: systemVerbs.withdraw, variables: { grant: id }, made: grantStep(id, 'WITHDRAWN') };
    },
    async assignRight() {
      const id = await colleague();
      return {
        ...(await named('administrator')),
        query: verbs.assign,
        variables: { employee: id, right: 'MANAGER' },
        made: rightsOf(id),
      };
    },
    async withdrawRight() {
      const who = await named('administrator');
      const id = await colleague();
      await send(who.token, verbs.assign, { employee: id, right: 'MANAGER' });
      return {
        ...who,
        query: verbs.withdrawRight,
        variables: { employee: id, right: 'MANAGER' },
        made: async () => 1 - (await rightsOf(id)()),
      };
    },
    async recordCourse() {
      const employee = await colleague();
      return {
        ...(await manager()),
        query: verbs.course,
        variables: { input: { employee, kind: 'DATA_SECURITY', passedOn: '2026-10-01', evidence: 'Kursusbevis 7' } },
        made: () => count('identity.course_record WHERE employee = $1', [employee]),
      };
    },
    async startCourse() {
      const employee = await colleague();
      return {
        ...(await somebody(employee, 'CASEWORKER')),
        query: verbs.startCourse,
        variables: {},
        made: () => count('identity.course_attempt WHERE employee = $1', [employee]),
      };
    },
    async attemptCourse() {
      const employee = await colleague();
      const who = await somebody(employee, 'CASEWORKER');
      const { startCourse: attempt } = await send(who.token, verbs.startCourse, {});
      return {
        ...who,
        query: verbs.attemptCourse,
        variables: { attempt: attempt.id, answers: answersTo(attempt.questions) },
        made: () => count('identity.course_record WHERE attempt = $1', [attempt.id]),
      };
    },
    async agreeDisclosure() {
      const basis = `Grundlag ${randomUUID()}`;
      return {
        ...(await secretary()),
        query: verbs.agree,
        variables: agreement(basis),
        made: agreementsOn(basis),
      };
    },
    async endDisclosure() {
      const who = await secretary();
      const basis = `Grundlag ${randomUUID()}`;
      const { agreeDisclosure: made } = await send(who.token, verbs.agree, agreement(basis));
      return {
        ...who,
        query: verbs.end,
        variables: { agreement: made.id },
        made: agreementsOn(basis, 'ended_at IS NOT NULL'),
      };
    },
    async openSingleCaseCompartment() {
      const reason = `Sag for sig ${randomUUID()}`;
      const opener = await colleague();
      const other = await colleague();
      // Both may enter placements, where the case would otherwise lie.
      for (const holder of [opener, other])
        await sql(
          `INSERT INTO identity.clearance_grant
           SELECT (jsonb_populate_record(g, jsonb_build_object('id', $1::text, 'holder', $2::text))).*
             FROM identity.clearance_grant g WHERE g.holder = $3 AND g.compartment = $4`,
          [randomUUID(), holder, employeeId('placement-secretary'), compartment('PLACEMENT')],
        );
      return {
        ...(await somebody(opener, 'CASEWORKER')),
        query: verbs.openSingle,
        variables: { input: { authority: 'MUNICIPALITY', category: 'PLACEMENT', colleague: other, reason } },
        made: () => count('identity.single_case_compartment WHERE reason = $1', [reason]),
      };
    },
    async registerSystemClientKey() {
      const key = newKey('ES256');
      return {
        ...(await named('administrator')),
        query:
          'mutation Register($client: ID!, $jwks: JSON) { registerSystemClientKey(client: $client, jwks: $jwks) { id } }',
        variables: { client: caseSystem, jwks: key.jwk },
        made: () => count('identity.system_client_key WHERE kid = $1', [key.kid]),
      };
    },
    async withdrawSystemClientKey() {
      const who = await named('administrator');
      const { kid, jwk } = newKey('ES256');
      await send(
        who.token,
        'mutation Register($client: ID!, $jwks: JSON) { registerSystemClientKey(client: $client, jwks: $jwks) { id } }',
        { client: caseSystem, jwks: jwk },
      );
      const [row] = await sql<{ id: string }>('SELECT id FROM identity.system_client_key WHERE kid = $1', [kid]);
      return {
        ...who,
        query: 'mutation Withdraw($key: ID!) { withdrawSystemClientKey(key: $key) { id } }',
        variables: { key: row!.id },
        made: () => count('identity.system_client_key WHERE kid = $1 AND withdrawn_at IS NOT NULL', [kid]),
      };
    },
    async unlockAccess() {
      const id = randomUUID();
      await sql(
        `INSERT INTO identity.access_block (municipality, id, kind, key, workstation, blocked_at)
         VALUES ('0999', $1, 'WORKSTATION', $2, $2, $3)`,
        [id, `203.0.113.1 ${id}`, demoNow],
      );
      return {
        ...(await named('administrator')),
        query:
          'mutation Unlock($block: ID!) { unlockAccess(block: $block, clarification: "Forgot the password.") { id } }',
        variables: { block: id },
        made: () => count('identity.access_block WHERE id = $1 AND lifted_at IS NOT NULL', [id]),
      };
    },
    async requestPowerOfAttorney() {
      const id = await hire(world.database, 'centre', ['ADMINISTRATOR']);
      return {
        ...(await somebody(id, 'ADMINISTRATOR')),
        query: `mutation Request($input: RequestPowerOfAttorneyInput!) { requestPowerOfAttorney(input: $input) { id } }`,
        variables: { input: { giver: organisationId('municipality'), receiver: organisationId('centre'), rights } },
        made: () => count('identity.power_of_attorney WHERE requested_by = $1', [id]),
      };
    },
    async decidePowerOfAttorney() {
      const id = await power('requested', await centreEmployee());
      return {
        ...(await giver()),
        query: 'mutation Decide($id: ID!) { decidePowerOfAttorney(id: $id, approve: true) { id } }',
        variables: { id },
        made: stepsOf(id, 'GIVEN'),
      };
    },
    async addToPowerOfAttorney() {
      const employee = await centreEmployee();
      const id = await power('given', employee);
      return {
        ...(await centre('ADMINISTRATOR')),
        query: 'mutation Add($id: ID!, $employee: ID!) { addToPowerOfAttorney(id: $id, employee: $employee) { id } }',
        variables: { id, employee },
        made: stepsOf(id, 'ADDED'),
      };
    },
    async removeFromPowerOfAttorney() {
      const employee = await centreEmployee();
      const id = await power('added', employee);
      return {
        ...(await centre('ADMINISTRATOR')),
        query:
          'mutation Remove($id: ID!, $employee: ID!) { removeFromPowerOfAttorney(id: $id, employee: $employee) { id } }',
        variables: { id, employee },
        made: stepsOf(id, 'REMOVED'),
      };
    },
    async markInSmdb() {
      const employee = await centreEmployee();
      const id = await power('added', employee);
      return {
        ...(await centre('SMDB_ADMINISTRATOR')),
        query:
          'mutation Mark($id: ID!, $employee: ID!) { markInSmdb(powerOfAttorney: $id, employee: $employee) { id } }',
        variables: { id, employee },
        made: stepsOf(id, 'MARKED'),
      };
    },
    async withdrawPowerOfAttorney() {
      const id = await power('given', await centreEmployee());
      return {
        ...(await giver()),
        query: 'mutation WithdrawPower($id: ID!) { withdrawPowerOfAttorney(id: $id) { id } }',
        variables: { id },
        made: stepsOf(id, 'WITHDRAWN'),
      };
    },
    async linkLegacyAccount() {
      const { id, userName, who } = await withOldAccount();
      return {
        ...who,
        query:
          'mutation Link($userName: String!, $password: String!) { linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked } }',
        variables: { userName, password: 'gammelt-kodeord-1' },
        made: () => count('identity.legacy_account WHERE employee = $1', [id]),
      };
    },
    async declineLegacyAccount() {
      const { id, who } = await withOldAccount();
      return {
        ...who,
        query: 'mutation Decline { declineLegacyAccount { legacyAccountAsked } }',
        variables: {},
        made: () => count('identity.legacy_answer WHERE employee = $1', [id]),
      };
    },
    async signOut() {
      const who = await somebody(await hire(world.database, 'housing', ['CASEWORKER']), 'CASEWORKER');
      return {
        ...who,
        query: 'mutation SignOut { signOut }',
        variables: {},
        made: () => sessionOf(who.token, 'closed_at IS NOT NULL'),
      };
    },
    async signOutEverywhere() {
      const id = await hire(world.database, 'housing', ['CASEWORKER']);
      await somebody(id, 'CASEWORKER');
      return {
        ...(await named('administrator')),
        query: 'mutation SignOutEverywhere($person: ID!) { signOutEverywhere(person: $person) }',
        variables: { person: id },
        made: async () => 1 - (await openSessions(id)),
      };
    },
    async actIn() {
      const id = await hire(world.database, 'drug-treatment', ['SMDB_REPORTER', 'SMDB_LEADER']);
      return {
        ...(await somebody(id, 'SMDB_REPORTER')),
        query: 'mutation ActIn { actIn(right: SMDB_LEADER) { actingIn { code } } }',
        variables: {},
        made: () => count("identity.session WHERE person = $1 AND right_code = 'SMDB_LEADER'", [id]),
      };
    },
    async actFor() {
      const employee = await centreEmployee();
      const id = await power('marked', employee);
      const who = await somebody(employee, 'SMDB_DELEGATED_REPORTER');
      await send(who.token, 'mutation { actFor(powerOfAttorney: null) { actingFor { id } } }', {});
      return {
        ...who,
        query: 'mutation ActFor($id: ID!) { actFor(powerOfAttorney: $id) { actingFor { id } } }',
        variables: { id },
        made: () => sessionOf(who.token, 'power_of_attorney = $2', [id]),
      };
    },
    async acknowledgeNotice() {
      const id = await hire(world.database, 'housing', ['CASEWORKER']);
      return {
        ...(await somebody(id, 'CASEWORKER')),
        query: 'mutation Acknowledge { acknowledgeNotice { notice { dueAt } } }',
        variables: {},
        made: () => count('identity.notice_acknowledgement WHERE employee = $1', [id]),
      };
    },
    async reportForm() {
      const citizen = aCitizen();
      return {
        ...(await somebody(employeeId('smdb-reporter'), 'SMDB_REPORTER')),
        query: 'mutation Report($input: ReportFormInput!) { reportForm(input: $input) { id } }',
        variables: { input: { kind: 'REQUEST', citizen, answers: { requestedOn: '2026-10-05' } } },
        made: () => count('smdb.course WHERE citizen = $1 AND opened_on = $2', [citizen, '2026-10-05']),
        about: { citizens: [citizen] },
      };
    },
  };
}
