/**
 * Overviews, lock-outs and grants of case systems in SQL, as the rooms' own login roles. Each policy is taken down once, to see that
 * something else comes through then.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClientId } from '../../subgraphs/demo/identity.js';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import { denied, openPolicyBench, type PolicyBench, type Settings, type Statement } from '../support/policy-bench.js';

const [holder, boss, outsider, second] = Array.from({ length: 4 }, (): string => randomUUID()) as [
  string,
  string,
  string,
  string,
];
const unit = organisationId('family');
const client = systemClientId('case-system');
const as = (person: string, scopes: string, over: Settings = {}): Settings => ({
  ...{ municipality: '0999', person, person_kind: 'Employee', organisation: unit, scopes: `{employee:read,${scopes}}` },
  ...{ right: '', sees: '{}', enters: '{}', deletes: '{}', task: '', clarifies_person: '', clarifies_workstation: '' },
  ...over,
});
const mine = as(holder, 'grant:request');
const leads = as(boss, 'grant:request,grant:decide');
const admin = as(employeeId('administrator'), 'admin', { organisation: organisationId('it') });
const otherAdmin = as(second, 'admin', { organisation: organisationId('it') });
const stranger = as(outsider, 'grant:request,grant:decide', { organisation: organisationId('housing') });
const officer = as(employeeId('security-officer'), 'audit:read');
const room: Settings = { ...as('', ''), person_kind: '', scopes: '{}', task: 'session' };

describe('the identity room', () => {
  let bench: PolicyBench;
  const power = randomUUID();
  beforeAll(async () => {
    bench = await openPolicyBench('identity');
    const { sql } = bench.database;
    for (const [id, place] of [
      [holder, 'family'],
      [boss, 'family'],
      [outsider, 'housing'],
      [second, 'it'],
    ] as const)
      await sql(
        `INSERT INTO identity.employee (municipality, id, name, organisation) VALUES ('0999', $1, 'Vikar', $2)`,
        [id, organisationId(place)],
      );
    await sql(`UPDATE identity.organisation SET manager = $1 WHERE id = ANY ($2)`, [
      boss,
      [unit, organisationId('vendor')],
    ]);
    await sql(`INSERT INTO identity.last_use VALUES ('0999', $1, now(), now())`, [holder]);
    await sql(
      `INSERT INTO identity.access_block (municipality, id, kind, key, person, blocked_at) VALUES ('0999', $1, 'PERSON', $2, $3, now())`,
      [randomUUID(), holder, holder],
    );
    await sql(`INSERT INTO identity.power_of_attorney VALUES ('0999', $1, $2, $3, '{SMDB_REPORTER}', $4, now())`, [
      power,
      organisationId('centre'),
      organisationId('municipality'),
      employeeId('administrator'),
    ]);
    await sql(`INSERT INTO identity.power_step VALUES ('0999', $1, 1, $2, $3, 'ADDED', $4, $5, now())`, [
      ...[power, organisationId('centre'), organisationId('municipality')],
      ...[holder, employeeId('administrator')],
    ]);
  });
  afterAll(() => bench.close());

  const used = (by: Settings): Statement => [by, 'SELECT FROM last_use WHERE employee = $1', [holder]];
  it('shows last use to oneself, who leads the unit and administrators, and lets the room alone write it', async () => {
    for (const by of [mine, leads, admin, room]) expect(await bench.outcome(used(by))).toBe(1);
    for (const by of [
      ...[stranger, officer, { ...admin, person_kind: 'SystemClient' }, { ...admin, municipality: '0101' }],
      ...[
        { ...leads, scopes: '{employee:read}' },
        { ...mine, person_kind: 'Citizen' },
      ],
    ])
      expect(await bench.outcome(used(by))).toBe(0);
    const write = `UPDATE last_use SET used_at = now() WHERE employee = $1`;
    for (const by of [mine, leads, admin]) expect(await bench.outcome([by, write, [holder]])).toBe(0);
    const insert = `INSERT INTO last_use VALUES ('0999', $1, now(), now())`;
    for (const by of [mine, admin]) expect(await bench.outcome([by, insert, [outsider]])).toBe(denied);
    await bench.matters('last_use', 'ones_own', [used(mine)], 1);
    await bench.matters('last_use', 'those_who_lead', [used(leads)], 1);
    await bench.matters('last_use', 'administrators', [used(admin)], 1);
    await bench.matters('last_use', 'signing_in', [[room, write, [holder]]], 1);
  });

  it('shows who is locked out to readers of the log, who lift nothing', async () => {
    const seen: Statement = [officer, 'SELECT FROM access_block WHERE person = $1', [holder]];
    const lift: Statement = [
      officer,
      `UPDATE access_block SET lifted_at = now(), lifted_by = $2, clarification = 'because' WHERE person = $1`,
      [holder, officer.person],
    ];
    const sees = (by: Settings): Statement => [by, seen[1], [holder]];
    for (const by of [stranger, { ...mine, person_kind: 'Citizen' }]) expect(await bench.outcome(sees(by))).toBe(0);
    for (const by of [mine, leads]) expect(await bench.outcome([by, lift[1], [holder, officer.person]])).toBe(0);
    expect(await bench.outcome(lift)).toBe(0);
    await bench.matters('access_block', 'readers_of_the_log', [seen], 1);
  });

  it('shows on which power an employee is to who leads the unit', async () => {
    const seen = (by: Settings): Statement => [by, 'SELECT FROM power_step WHERE employee = $1', [holder]];
    expect(await bench.outcome(seen(mine))).toBe(1);
    for (const by of [stranger, { ...leads, scopes: '{employee:read}' }]) expect(await bench.outcome(seen(by))).toBe(0);
    await bench.matters('power_step', 'those_who_lead', [seen(leads)], 1);
  });

  const id = randomUUID();
  const request = (
    by: Settings,
    over: { holder?: string; compartment?: string; status?: string; by?: string; agreement?: string } = {},
  ): Statement => [
    by,
    `INSERT INTO clearance_grant (municipality, id, holder, compartment, level, operations, shielded, reason, status, requested_by,
                                  valid_from, confirm_by, agreement)
     VALUES ('0999', $1, $2, $3, 'METADATA', '{SEARCH}', true, 'test', $4, $5, now(), now(), $6)`,
    [
      ...[id, over.holder ?? client, over.compartment ?? '0999.MUNICIPALITY.PLACEMENT', over.status ?? 'REQUESTED'],
      ...[over.by ?? by.person, over.agreement ?? null],
    ],
  ];
  const step = (by: Settings, what: string, taker = by.person): Statement => [
    by,
    `INSERT INTO grant_step VALUES ('0999', $1, next_grant_step('0999', $1), $2, $3, now(), 'a reason')`,
    [id, what, taker],
  ];
  const asked = request(admin);
  const given = step(otherAdmin, 'GIVEN');

  it('lets an administrator request a grant of a system, in the own name, of an ordinary compartment, never in force', async () => {
    for (const wrong of [
      request(leads),
      request(mine),
      request({ ...admin, person: client, person_kind: 'SystemClient' }),
      request({ ...admin, municipality: '0101' }),
      request(admin, { by: second }),
      request(admin, { holder }),
      request(admin, { holder: randomUUID() }),
      request(admin, { status: 'IN_FORCE' }),
      // Of another authority: without its agreement with the organisation, and with one of somebody else's.
      request(admin, { compartment: '0999.RENT_BOARD.BOARD_MATTER' }),
    ])
      expect(await bench.outcome(wrong)).toBe(denied);
    const single = `0999.CASE.${randomUUID()}`;
    expect(await bench.outcome(request(admin, { compartment: single }))).toBe(denied);
    expect(
      await bench.outcome([
        { ...admin, sees: `{${single}}`, enters: `{${single}}` },
        `INSERT INTO single_case_grant (municipality, id, holder, compartment, level, operations, reason, status, requested_by, valid_from, confirm_by)
         VALUES ('0999', $1, $2, $3, 'METADATA', '{SEARCH}', 'test', 'REQUESTED', $4, now(), now())`,
        [id, client, single, admin.person],
      ]),
    ).toBe(denied);
    await bench.matters('clearance_grant', 'requested_for_a_system', [asked], 1);
  });

  it('lets another administrator or who leads its organisation decide, confirm and withdraw, and nobody else', async () => {
    expect(await bench.outcome(asked, step(leads, 'GIVEN'))).toBe(1);
    expect(await bench.outcome(asked, step(admin, 'WITHDRAWN'))).toBe(1);
    for (const wrong of [
      [asked, step(admin, 'GIVEN')],
      [asked, step(admin, 'REFUSED')],
      [asked, step(otherAdmin, 'CONFIRMED')],
      [asked, step(mine, 'GIVEN')],
      [asked, step(stranger, 'GIVEN')],
      [asked, step(stranger, 'WITHDRAWN')],
      [asked, step(otherAdmin, 'GIVEN', admin.person!)],
      [asked, step({ ...otherAdmin, person: client, person_kind: 'SystemClient' }, 'GIVEN')],
      [asked, given, step(otherAdmin, 'GIVEN')],
      [asked, given, step(stranger, 'CONFIRMED')],
    ])
      expect(await bench.outcome(...wrong)).toBe(denied);
    const seen = (by: Settings): Statement => [by, 'SELECT FROM clearance_grant WHERE id = $1', [id]];
    for (const by of [mine, stranger]) expect(await bench.outcome(asked, seen(by))).toBe(0);
    await bench.matters('clearance_grant', 'those_who_lead_the_runner', [asked, seen(leads)], 1);
    await bench.matters('grant_step', 'decided_for_a_system', [asked, given], 1);
    await bench.matters('grant_step', 'confirmed_for_a_system', [asked, given, step(leads, 'CONFIRMED')], 1);
    await bench.matters('grant_step', 'withdrawn_for_a_system', [asked, given, step(leads, 'WITHDRAWN')], 1);
  });
});

describe('the audit room', () => {
  let bench: PolicyBench;
  beforeAll(async () => {
    bench = await openPolicyBench('audit');
  });
  afterAll(() => bench.close());

  it('shows an administrator the rejected attempts of the person whom the room names, in the ordinary log only', async () => {
    const [rejected] = await bench.database.sql<{ actor: string; n: number }>(
      `SELECT actor_id AS actor, count(*)::int AS n FROM audit.entry WHERE municipality = '0999' AND actor_id IS NOT NULL
         AND outcome IN ('DENIED', 'FAILED') GROUP BY 1 ORDER BY 2 DESC LIMIT 1`,
    );
    const { actor, n } = rejected!;
    const entries = (by: Settings): Statement => [by, 'SELECT FROM entry'];
    const clarifying = { ...admin, clarifies_person: actor };
    for (const by of [
      ...[admin, { ...leads, clarifies_person: actor }, { ...clarifying, person_kind: 'SystemClient' }],
      ...[
        { ...clarifying, municipality: '0101' },
        { ...admin, clarifies_person: randomUUID() },
      ],
    ])
      expect(await bench.outcome(entries(by))).toBe(0);
    expect(await bench.outcome([clarifying, 'SELECT FROM sealed_entry'])).toBe(0);
    expect(await bench.outcome([clarifying, 'SELECT FROM operation'])).toBe(0);
    await bench.matters('entry', 'clarifying', [entries(clarifying)], n);
  });
});
