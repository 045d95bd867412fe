/**
 * Grants in SQL, as the identity room's own login role: the tables refuse what is not somebody's step and show what somebody may know,
 * whatever the code above them asks for. Each policy is taken down once, to see that something else comes through then.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { denied, openPolicyBench, type PolicyBench, type Settings, type Statement } from '../support/policy-bench.js';

const [holder, colleague, boss, outsider] = Array.from({ length: 4 }, (): string => randomUUID());
const unit = organisationId('family');
const code = `0999.CASE.${randomUUID()}`;

let bench: PolicyBench;
let database: PolicyBench['database'];
const outcome: PolicyBench['outcome'] = (...statements) => bench.outcome(...statements);
const matters: PolicyBench['matters'] = (...asked) => bench.matters(...asked);
beforeAll(async () => {
  bench = await openPolicyBench('identity');
  database = bench.database;
  for (const [id, place] of [
    [holder, 'family'],
    [colleague, 'family'],
    [boss, 'family'],
    [outsider, 'housing'],
  ] as const)
    await database.sql(
      `INSERT INTO identity.employee (municipality, id, name, organisation) VALUES ('0999', $1, 'Vikar', $2)`,
      [id, organisationId(place)],
    );
  await database.sql(`INSERT INTO identity.right_assignment VALUES ('0999', $1, 'MANAGER', $2, 'LOCAL', now())`, [
    boss,
    unit,
  ]);
  await database.sql('UPDATE identity.organisation SET manager = $1 WHERE id = $2', [boss, unit]);
});
afterAll(() => bench.close());

const as = (person: string, scopes: string, over: Settings = {}): Settings => ({
  ...{ municipality: '0999', person, person_kind: 'Employee', organisation: unit, scopes: `{employee:read,${scopes}}` },
  ...{ right: '', sees: '{}', enters: '{}', deletes: '{}', task: '' },
  ...over,
});
const asks = as(colleague!, 'grant:request');
const leads = as(boss!, 'grant:request,grant:decide');
const holds = as(holder!, 'grant:request');
const admin = as(employeeId('administrator'), 'admin', { organisation: organisationId('it') });
const stranger = as(outsider!, 'grant:request,grant:decide', { organisation: organisationId('housing') });

const id = randomUUID();
const request = (
  by: Settings,
  over: { holder?: string; by?: string; unit?: string; compartment?: string; status?: string; agreement?: string } = {},
): Statement => [
  by,
  `INSERT INTO clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status, requested_by, valid_from,
                                confirm_by, unit, agreement)
   VALUES ('0999', $1, $2, $3, 'METADATA', '{SEARCH}', true, 'test', $4, $5, now(), now(), $6, $7)`,
  [
    ...[id, over.holder ?? holder, over.compartment ?? '0999.MUNICIPALITY.PLACEMENT', over.status ?? 'REQUESTED'],
    ...[over.by ?? by.person, over.unit ?? unit, over.agreement ?? null],
  ],
];
const step = (by: Settings, what: string, over: { by?: string; number?: number } = {}): Statement => [
  by,
  `INSERT INTO grant_step VALUES ('0999', $1, coalesce($2, next_grant_step('0999', $1)), $3, $4, now(), 'a reason')`,
  [id, over.number ?? null, what, over.by ?? by.person],
];
const asked = request(asks);
const given = step(leads, 'GIVEN');
const seen = (by: Settings): Statement => [by, 'SELECT FROM clearance_grant WHERE id = $1', [id]];

describe('a grant', () => {
  it('is requested by a colleague or who leads the unit, in the own name, for somebody else, and never in force', async () => {
    expect(await outcome(asked)).toBe(1);
    expect(await outcome(request(leads))).toBe(1);
    for (const wrong of [
      request(stranger),
      request(asks, { by: boss! }),
      request(asks, { holder: colleague! }),
      request(asks, { status: 'IN_FORCE' }),
      request(asks, { holder: outsider! }),
      request(asks, { holder: outsider!, unit: organisationId('housing') }),
      request({ ...asks, person_kind: 'SystemClient' }),
      request({ ...asks, scopes: '{employee:read}' }),
      request({ ...asks, municipality: '0101' }),
    ])
      expect(await outcome(wrong)).toBe(denied);
  });

  it('into another authority’s compartment takes its secretariat, or its agreement for the holder’s unit', async () => {
    const board = { compartment: '0999.RENT_BOARD.BOARD_MATTER' };
    expect(await outcome(request(asks, board))).toBe(denied);
    const [agreement] = await database.sql<{ id: string }>(
      `SELECT id FROM identity.disclosure_agreement WHERE authority = 'RENT_BOARD'`,
    );
    // An agreement with another unit.
    expect(await outcome(request(asks, { ...board, agreement: agreement!.id }))).toBe(denied);
    await database.sql('UPDATE identity.disclosure_agreement SET receiver = $1 WHERE id = $2', [unit, agreement!.id]);
    expect(await outcome(request(asks, { ...board, agreement: agreement!.id }))).toBe(1);
    const other = { compartment: '0999.FENCE_INSPECTION.BOARD_MATTER', agreement: agreement!.id };
    expect(await outcome(request(asks, other))).toBe(denied);
    // No agreement lets anybody into the municipality's own.
    expect(await outcome(request(asks, { agreement: agreement!.id }))).toBe(denied);
  });

  it('is decided by the manager of the unit, once; confirmed while in force; withdrawn until its end', async () => {
    expect(await outcome(asked, given)).toBe(1);
    for (const by of [
      asks,
      holds,
      admin,
      stranger,
      { ...leads, scopes: '{employee:read}' },
      { ...leads, person_kind: 'SystemClient' },
    ])
      expect(await outcome(asked, step(by, 'GIVEN'))).toBe(denied);
    expect(await outcome(asked, step(leads, 'GIVEN', { by: colleague! }))).toBe(denied);
    expect(await outcome(asked, step(leads, 'GIVEN', { number: 2 }))).toBe(denied);
    expect(await outcome(request(leads), given)).toBe(denied);
    expect(await outcome(asked, given, step(leads, 'REFUSED'))).toBe(denied);
    expect(await outcome(asked, step(leads, 'CONFIRMED'))).toBe(denied);
    expect(await outcome(asked, given, step(leads, 'CONFIRMED'))).toBe(1);
    for (const by of [asks, holds, admin]) expect(await outcome(asked, given, step(by, 'CONFIRMED'))).toBe(denied);
    for (const by of [leads, holds, admin]) expect(await outcome(asked, given, step(by, 'WITHDRAWN'))).toBe(1);
    for (const by of [asks, stranger]) expect(await outcome(asked, given, step(by, 'WITHDRAWN'))).toBe(denied);
    expect(await outcome(asked, given, step(leads, 'WITHDRAWN'), step(leads, 'WITHDRAWN'))).toBe(denied);
    expect(await outcome(asked, step(leads, 'REFUSED'), step(leads, 'WITHDRAWN'))).toBe(denied);
    // What the register does, nobody says of oneself.
    expect(await outcome(asked, step(leads, 'MOVED'))).toBe(denied);
  });

  it('says what its last step says, and cannot be made to say anything else', async () => {
    const says = (what: string): Statement => [leads, `UPDATE clearance_grant SET ${what} WHERE id = $1`, [id]];
    for (const what of [`status = 'IN_FORCE'`, `status = 'IN_FORCE', decided_by = requested_by`])
      expect(await outcome(asked, says(what))).toBe(denied);
    for (const what of [
      `confirm_by = now() + interval '7 months'`,
      `status = 'WITHDRAWN'`,
      'decided_by = requested_by',
    ])
      expect(await outcome(asked, given, says(what))).toBe(denied);
    for (const what of ['holder = requested_by', `level = 'DOCUMENTS'`, `compartment = 'x'`, 'valid_to = now()'])
      expect(await outcome(asked, given, says(what))).toBe(denied);
    expect(await outcome([leads, 'DELETE FROM grant_step'])).toBe(denied);
    expect(await outcome([leads, 'DELETE FROM clearance_grant'])).toBe(denied);
  });

  it('is seen by its holder, whoever asked, who leads the unit and administrators, each by a policy that matters', async () => {
    for (const by of [stranger, { ...leads, scopes: '{employee:read}' }, { ...admin, person_kind: 'SystemClient' }])
      expect(await outcome(asked, seen(by))).toBe(0);
    await matters('clearance_grant', 'ones_own', [asked, seen(holds)], 1);
    await matters('clearance_grant', 'those_who_lead', [asked, seen(leads)], 1);
    await matters('clearance_grant', 'administrators', [asked, seen(admin)], 1);
    await matters('clearance_grant', 'requested', [asked], 1);
    await matters('grant_step', 'decided', [asked, given], 1);
    await matters('grant_step', 'confirmed', [asked, given, step(leads, 'CONFIRMED')], 1);
    await matters('grant_step', 'withdrawn', [asked, given, step(holds, 'WITHDRAWN')], 1);
    await matters(
      'grant_step',
      'with_the_grant',
      [asked, given, [holds, 'SELECT FROM grant_step WHERE grant_id = $1', [id]]],
      1,
    );
  });
});

describe('a right', () => {
  const assign = (
    by: Settings,
    over: { code?: string; source?: string; employee?: string; by?: string } = {},
  ): Statement => [
    by,
    `INSERT INTO right_assignment (municipality, employee, code, organisation, source, assigned_at, assigned_by)
     VALUES ('0999', $1, $2, $3, $4, now(), $5)`,
    [over.employee ?? holder, over.code ?? 'CASEWORKER', unit, over.source ?? 'LOCAL', over.by ?? by.person],
  ];
  const withdraw = (by: Settings, employee = boss!): Statement => [
    by,
    'DELETE FROM right_assignment WHERE employee = $1',
    [employee],
  ];

  it('of the municipality is assigned and withdrawn by an administrator, for others', async () => {
    await matters('right_assignment', 'administrators_assign', [assign(admin)], 1);
    await matters('right_assignment', 'administrators_withdraw', [withdraw(admin)], 1);
    for (const wrong of [
      assign(leads),
      assign(admin, { code: 'SMDB_LEADER' }),
      assign(admin, { source: 'NEMLOGIN' }),
      assign(admin, { employee: admin.person! }),
      assign(admin, { by: boss! }),
      assign({ ...admin, person_kind: 'SystemClient' }),
    ])
      expect(await outcome(wrong)).toBe(denied);
    expect(await outcome(withdraw(leads))).toBe(0);
    expect(await outcome(withdraw(admin, admin.person))).toBe(0);
    expect(await outcome(withdraw(admin, employeeId('smdb-reporter')))).toBe(0);
  });
});

describe('an agreement and a course', () => {
  const member = as(employeeId('licensing-secretary'), 'disclosure:agree', {
    organisation: organisationId('licensing'),
  });
  const agreement = randomUUID();
  const agree = (by: Settings, authority = 'LICENSING_BOARD', agreedBy = by.person): Statement => [
    by,
    `INSERT INTO disclosure_agreement (municipality, id, authority, receiver, kind, basis, valid_from, agreed_by, agreed_at)
     VALUES ('0999', $1, $2, $3, 'DISCLOSURE', 'a section', '2026-01-01', $4, now())`,
    [agreement, authority, unit, agreedBy],
  ];
  const end = (by: Settings): Statement => [
    by,
    `UPDATE disclosure_agreement SET ended_by = $2, ended_at = now(), end_reason = 'a reason' WHERE id = $1`,
    [agreement, by.person],
  ];
  const pass = (by: Settings, employee = holder!, recordedBy = by.person): Statement => [
    by,
    `INSERT INTO course_record (municipality, id, employee, kind, passed_on, evidence, recorded_by, recorded_at)
     VALUES ('0999', $1, $2, 'DATA_SECURITY', '2026-01-01', 'a certificate', $3, now())`,
    [randomUUID(), employee, recordedBy],
  ];
  const courses = (by: Settings): Statement => [by, 'SELECT FROM course_record WHERE employee = $1', [holder]];

  it('are the secretariat’s to make and end, and the leader’s to record', async () => {
    await matters('disclosure_agreement', 'made_by_the_secretariat', [agree(member)], 1);
    await matters('disclosure_agreement', 'ended_by_the_secretariat', [agree(member), end(member)], 1);
    for (const wrong of [
      agree(member, 'RENT_BOARD'),
      agree(member, 'LICENSING_BOARD', boss!),
      agree({ ...member, scopes: '{employee:read}' }),
      agree(leads),
    ])
      expect(await outcome(wrong)).toBe(denied);
    expect(await outcome(agree(member), end(leads))).toBe(0);
    expect(await outcome(agree(member), end(member), end(member))).toBe(0);
    await matters('course_record', 'recorded', [pass(leads)], 1);
    expect(await outcome(pass(admin))).toBe(1);
    for (const wrong of [
      pass(asks),
      pass(leads, outsider!),
      pass(leads, holder!, colleague!),
      pass({ ...leads, person_kind: 'Citizen' }),
    ])
      expect(await outcome(wrong)).toBe(denied);
    expect(await outcome(pass(leads, boss!))).toBe('23514');
    await matters('course_record', 'ones_own', [pass(leads), courses(holds)], 1);
    await matters('course_record', 'those_who_lead', [pass(leads), courses(leads)], 1);
    await matters('course_record', 'administrators', [pass(leads), courses(admin)], 1);
    await matters('course_record', 'with_the_grant', [asked, pass(leads), courses(asks)], 1);
    expect(await outcome(pass(leads), courses(stranger))).toBe(0);
    // Once recorded it stays.
    expect(await outcome([leads, `UPDATE course_record SET passed_on = '2026-02-01'`])).toBe(denied);
  });
});

describe('a single case’s compartment', () => {
  const fraud = '0999.MUNICIPALITY.SOCIAL_FRAUD';
  const opens = as(colleague!, 'grant:request', { enters: `{${fraud}}` });
  const knows = as(boss!, 'grant:request', { sees: `{${code}}` });
  const outside = as(outsider!, 'admin,grant:decide,grant:request', { sees: `{${fraud}}`, enters: `{${fraud}}` });
  const at = '2026-11-02T08:00:00.000Z';
  const open = (by: Settings, openedBy = by.person): Statement => [
    by,
    `INSERT INTO single_case_compartment VALUES ('0999', $1, 'MUNICIPALITY', 'SOCIAL_FRAUD', 'a reason', $2, $3, $4)`,
    [code, openedBy, boss, at],
  ];
  const grant = (
    by: Settings,
    over: { holder?: string; status?: string; decidedBy?: string | null; id?: string; requestedAt?: string } = {},
  ): Statement => [
    by,
    `INSERT INTO single_case_grant (municipality, id, holder, compartment, level, operations, reason, status, requested_by, decided_by,
                                    valid_from, confirm_by, requested_at, unit, opening)
     VALUES ('0999', $1, $2, $3, 'DOCUMENTS', '{SEARCH}', 'test', $4, $5, $6, now(), six_months_after($7), $7, $8, $6::uuid IS NOT NULL)`,
    [
      ...[over.id ?? id, over.holder ?? holder, code, over.status ?? 'REQUESTED', by.person, over.decidedBy ?? null],
      ...[over.requestedAt ?? at, unit],
    ],
  ];
  const first = grant(opens, { holder: colleague!, status: 'IN_FORCE', decidedBy: boss!, id: randomUUID() });
  const step = (by: Settings, what: string): Statement => [
    by,
    `INSERT INTO single_case_step VALUES ('0999', $1, $2, next_single_case_step('0999', $1, $2), $3, $4, now(), 'a reason')`,
    [code, id, what, by.person],
  ];
  const holdsIt = { ...opens, sees: `{${code}}` };

  it('is opened by somebody who may enter there, who gives to the two who open it, once', async () => {
    await matters('single_case_compartment', 'opened', [open(opens)], 1);
    expect(await outcome(open(opens, boss!))).toBe(denied);
    expect(await outcome(open({ ...opens, enters: '{}' }))).toBe(denied);
    await matters('single_case_grant', 'opened', [open(opens), first], 1);
    await matters('single_case_compartment', 'those_who_opened_it', [open(opens), first], 1);
    expect(
      await outcome(
        open(opens),
        first,
        grant(opens, { holder: colleague!, status: 'IN_FORCE', decidedBy: boss!, id: randomUUID() }),
      ),
    ).toBe('23505');
    for (const wrong of [
      grant(opens, { holder: holder!, status: 'IN_FORCE', decidedBy: boss! }),
      grant(opens, { holder: colleague!, status: 'IN_FORCE', decidedBy: colleague! }),
      grant(opens, {
        holder: colleague!,
        status: 'IN_FORCE',
        decidedBy: boss!,
        requestedAt: '2026-11-02T08:00:00.001Z',
      }),
      grant(outside, { status: 'IN_FORCE', decidedBy: boss! }),
      grant(outside),
    ])
      expect(await outcome(open(opens), wrong)).toBe(denied);
  });

  it('is there for those who hold it, and for nobody else: no leader, no administrator, no reader of its kind', async () => {
    const started = [open(opens), first, grant(holdsIt)];
    for (const table of ['single_case_compartment', 'single_case_grant', 'single_case_step']) {
      const rows: Statement = [outside, `SELECT FROM ${table} WHERE compartment = $1`, [code]];
      expect([table, await outcome(...started, step(knows, 'GIVEN'), rows)]).toEqual([table, 0]);
      const held: Statement = [knows, rows[1], [code]];
      await matters(
        table,
        'those_who_hold_it',
        [...started, step(knows, 'GIVEN'), held],
        table === 'single_case_grant' ? 2 : 1,
      );
    }
    await matters('single_case_grant', 'requested', started, 1);
    await matters('single_case_grant', 'as_stepped', [...started, step(knows, 'GIVEN')], 1);
    await matters('single_case_step', 'taken', [...started, step(knows, 'GIVEN')], 1);
    // A citizen holds no compartment, whatever the settings say.
    expect(await outcome(...started, [{ ...knows, person_kind: 'Citizen' }, 'SELECT FROM single_case_grant'])).toBe(0);
    expect(await outcome(...started, step(holdsIt, 'GIVEN'))).toBe(denied);
    expect(await outcome(...started, step(outside, 'GIVEN'))).toBe(denied);
    expect(await outcome(...started, step(knows, 'CONFIRMED'))).toBe(denied);
    expect(await outcome(...started, step(knows, 'GIVEN'), step(holdsIt, 'CONFIRMED'))).toBe(1);
    expect(await outcome(...started, step(knows, 'GIVEN'), step(holdsIt, 'WITHDRAWN'))).toBe(1);
  });
});

describe('what an explanation of access reads', () => {
  const bare = (by: Settings): Settings => ({ ...by, scopes: '{}' });
  const officer = as(employeeId('security-officer'), 'audit:read', { organisation: organisationId('security') });
  const blocks = (by: Settings): Statement => [by, 'SELECT FROM access_block WHERE key = $1', [holder]];
  const block = (kind: string, key: string, person: string | null) =>
    database.sql(
      `INSERT INTO identity.access_block (municipality, id, kind, key, person, blocked_at) VALUES ('0999', $1, $2, $3, $4, now())`,
      [randomUUID(), kind, key, person],
    );

  it('is whether somebody is locked out: for themselves, who leads the unit and readers of the log', async () => {
    await block('PERSON', holder!, holder!);
    await block('WORKSTATION', '10.0.0.1', null);
    await matters('access_block', 'oneself', [blocks(bare(holds))], 1);
    await matters('access_block', 'those_who_lead', [blocks(leads)], 1);
    await matters('access_block', 'readers_of_the_log', [blocks(officer)], 1);
    for (const by of [
      ...[asks, stranger, { ...leads, scopes: '{employee:read}' }, { ...holds, person_kind: 'Citizen' }],
      ...[
        { ...officer, organisation: organisationId('centre') },
        { ...officer, person_kind: 'SystemClient' },
      ],
      { ...officer, municipality: '0101' },
    ])
      expect(await outcome(blocks(by))).toBe(0);
    // Which workstations are, administrators and readers of the log alone see.
    const stations = `SELECT FROM access_block WHERE kind = 'WORKSTATION'`;
    for (const by of [leads, holds]) expect(await outcome([by, stations])).toBe(0);
    for (const by of [admin, officer]) expect(await outcome([by, stations])).toBe(1);
  });

  it('is every standing grant, for readers of the log who work for the municipality', async () => {
    expect(await outcome(asked, seen(officer))).toBe(1);
    for (const by of [
      { ...officer, organisation: organisationId('centre') },
      { ...officer, person_kind: 'SystemClient' },
      { ...officer, municipality: '0101' },
    ])
      expect(await outcome(asked, seen(by))).toBe(0);
    await matters('clearance_grant', 'readers_of_the_log', [asked, seen(officer)], 1);
  });

  it('is what one’s own grants stand under, also in a right that opens nothing', async () => {
    const [agreement] = await database.sql<{ id: string }>(
      `SELECT id FROM identity.disclosure_agreement WHERE authority = 'FENCE_INSPECTION'`,
    );
    await database.sql(
      `INSERT INTO identity.clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status,
         requested_by, valid_from, confirm_by, unit, agreement)
       VALUES ('0999', $1, $2, '0999.FENCE_INSPECTION.BOARD_MATTER', 'METADATA', '{SEARCH}', true, 'test', 'REQUESTED', $3, now(), now(), $4, $5)`,
      [randomUUID(), holder, colleague, unit, agreement!.id],
    );
    const agreements = (by: Settings): Statement => [
      by,
      'SELECT FROM disclosure_agreement WHERE id = $1',
      [agreement!.id],
    ];
    await matters('disclosure_agreement', 'ones_own', [agreements(bare(holds))], 1);
    for (const by of [bare(asks), bare(stranger), { ...bare(holds), person_kind: 'SystemClient' }])
      expect(await outcome(agreements(by))).toBe(0);
    const member = as(employeeId('licensing-secretary'), '', { organisation: organisationId('licensing') });
    const secretariats = (by: Settings): Statement => [by, 'SELECT FROM secretariat'];
    await matters('secretariat', 'ones_own_unit', [secretariats(bare(member))], 1);
    for (const by of [bare(holds), { ...bare(member), person_kind: 'Citizen' }])
      expect(await outcome(secretariats(by))).toBe(0);
  });
});
