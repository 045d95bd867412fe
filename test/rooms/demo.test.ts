/** The demo, as somebody who knows the work would read it: counted on its rows, in both worlds. */
import { describe, expect, it } from '@jest/globals';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { makeDemo, makeDemoLog } from '../../subgraphs/demo/index.js';
import {
  citizenId,
  demoNow,
  employeeId,
  makeCitizens,
  makeEmployees,
  organisations,
  secretariats,
  unitManagers,
} from '../../subgraphs/demo/people.js';
import { authorityCodes, type CaseCategory, kleOf } from '../../subgraphs/protocol/compartments.js';
import type { LogEntry } from '../../subgraphs/protocol/log-entry.js';

interface Case {
  readonly id: string;
  readonly compartment: string;
  readonly authority: (typeof authorityCodes)[number];
  readonly category: CaseCategory;
  readonly number: string;
  readonly kle: string;
  readonly progress: string;
  readonly opened_on: string;
  readonly closed_on: string | null;
  readonly changed_at: string;
  readonly handler: string;
}
interface Party {
  readonly case_id: string;
  readonly citizen: string;
  readonly role: string;
}
interface Document {
  readonly case_id: string;
  readonly title: string;
  readonly recorded_at: string;
}
interface Grant {
  readonly id: string;
  readonly holder: string;
  readonly compartment: string;
  readonly operations: readonly string[];
  readonly shielded: boolean;
  readonly status: string;
  readonly requested_by: string;
  readonly decided_by: string | null;
  readonly unit: string | null;
  readonly agreement: string | null;
  readonly valid_from: string;
  readonly confirm_by: string;
}

const worlds = { shielded: makeDemo({ shielded: true }), plain: makeDemo({ shielded: false }) };
const logs = { shielded: makeDemoLog({ shielded: true }), plain: makeDemoLog({ shielded: false }) };
const citizens = new Map(makeCitizens().map((citizen) => [citizen.id, citizen]));
const employees = new Map(makeEmployees().map((employee) => [employee.id, employee]));
const units = new Map(organisations.map((unit) => [unit.id, unit.key]));
const today = demoNow.toISOString().slice(0, 10);

/** Rows of one table. */
const rows = <Row>(world: keyof typeof worlds, room: string, table: string): readonly Row[] =>
  worlds[world][room]![table] as readonly Row[];

function grouped<Row, Key>(all: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of all) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

const isChildOn = (citizen: string, day: string): boolean => {
  const { bornOn } = citizens.get(citizen)!;
  return `${Number(bornOn.slice(0, 4)) + 18}${bornOn.slice(4)}` > day;
};

const ofChildren = ['CHILD_CONCERN', 'PLACEMENT', 'SSP'];
const ofParents = ['CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'FAMILY_RESIDENCE'];
const isAboutChild = ({ category, authority }: Case): boolean =>
  ofChildren.includes(category) || authority === 'CHILDREN_AND_YOUTH_COMMITTEE';

describe.each([
  ['with shielded cases', 'shielded', ['ordinary', 'shielded'], 8_000],
  ['without them', 'plain', ['ordinary', 'shielded'], 7_520],
] as const)('the world %s', (_name, world, kinds, count) => {
  const cases = kinds.flatMap((kind) => rows<Case>(world, 'cases', `${kind}_case`));
  const parties = grouped(
    kinds.flatMap((kind) => rows<Party>(world, 'cases', `${kind}_party`)),
    (party) => party.case_id,
  );
  const documents = kinds.flatMap((kind) => rows<Document>(world, 'cases', `${kind}_document`));
  const grants = rows<Grant>(world, 'identity', 'clearance_grant');
  const primaryOf = ({ id }: Case): string => parties.get(id)!.find(({ role }) => role === 'PRIMARY')!.citizen;
  const others = (one: Case, role: string): string[] =>
    parties
      .get(one.id)!
      .filter((party) => party.role === role)
      .map(({ citizen }) => citizen);
  const some = (what: readonly unknown[], least: number) => expect(what.length).toBeGreaterThanOrEqual(least);

  it('has every case once, with one primary party and nobody as a party twice', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(count);
    for (const { id } of cases) {
      const its = parties.get(id)!;
      expect(its.filter(({ role }) => role === 'PRIMARY')).toHaveLength(1);
      expect(new Set(its.map(({ citizen }) => citizen)).size).toBe(its.length);
    }
  });

  it('has no child as the primary party of what only adults have: but for one move, which a parent sees', () => {
    const adults = cases.filter((one) => !isAboutChild(one));
    some(adults, 7_000);
    for (const day of [({ opened_on }: Case) => opened_on, () => today])
      expect(
        adults.filter((one) => isChildOn(primaryOf(one), day(one))).map((one) => [one.category, primaryOf(one)]),
      ).toEqual([['RELOCATION', citizenId(600)]]);
  });

  it('has the parent as the primary party of benefits and stays for a child, and the child as a party', () => {
    const benefits = cases.filter(({ category }) => ofParents.includes(category));
    some(benefits, 2_500);
    for (const one of benefits) {
      const children = others(one, 'CHILD');
      expect(children).not.toEqual([]);
      for (const child of children) {
        expect(isChildOn(child, one.opened_on)).toBe(true);
        expect(citizens.get(child)!.family).toBe(citizens.get(primaryOf(one))!.family);
      }
    }
  });

  it('has cases about a child: the child is the primary party, and a parent is secondary', () => {
    const about = cases.filter(isAboutChild);
    if (world === 'shielded') some(about, 220);
    for (const one of about) {
      const child = primaryOf(one);
      expect([one.category, isChildOn(child, today)]).toEqual([one.category, true]);
      const parents = others(one, 'SECONDARY');
      expect(parents).not.toEqual([]);
      for (const parent of parents) {
        expect(citizens.get(parent)).toMatchObject({ role: 'PARENT', family: citizens.get(child)!.family });
      }
    }
    const oldEnough = about.filter(({ category }) => category === 'SSP');
    for (const one of oldEnough) {
      expect(
        Number(one.opened_on.slice(0, 4)) - Number(citizens.get(primaryOf(one))!.bornOn.slice(0, 4)),
      ).toBeGreaterThan(9);
    }
  });

  it('has no party who was not born yet', () => {
    for (const one of cases)
      for (const { citizen } of parties.get(one.id)!) expect(citizens.get(citizen)!.bornOn <= one.opened_on).toBe(true);
  });

  it('has KLE numbers of their time', () => {
    let older = 0;
    for (const one of cases) {
      const newer = kleOf(one.authority, one.category);
      const isOfChildsAct = newer.some((kle) => kle.startsWith('34.'));
      const before = isOfChildsAct && one.opened_on < '2024-01-01';
      if (before) older += 1;
      if (before) expect(one.kle).toMatch(/^27\.24\.\d\d$/);
      else expect(newer).toContain(one.kle);
      expect(one.number.startsWith(`${one.kle}-G01-`)).toBe(true);
      expect(one.number.slice(-2)).toBe(one.opened_on.slice(2, 4));
    }
    if (world === 'shielded') expect(older).toBeGreaterThan(50);
    const kles = cases.filter(({ category }) => category === 'DRUG_TREATMENT').map(({ kle }) => kle);
    expect(new Set(kles)).toEqual(new Set(['27.51.04', '29.24.08']));
  });

  it('has dates that agree with progress', () => {
    for (const one of cases) {
      expect(one.closed_on !== null).toBe(one.progress === 'AFSLUTTET');
      const changedOn = one.changed_at.slice(0, 10);
      expect(one.opened_on <= changedOn && changedOn < today).toBe(true);
      if (one.closed_on) expect([one.closed_on > one.opened_on, one.closed_on]).toEqual([true, changedOn]);
      const age = (Date.parse(today) - Date.parse(one.opened_on)) / 86_400_000;
      if (one.progress === 'OPSTAAET') expect(age).toBeLessThan(60);
      if (one.progress === 'OPLYST') expect(age).toBeLessThan(240);
    }
    const byId = new Map(cases.map((one) => [one.id, one]));
    for (const { case_id, title, recorded_at } of documents) {
      const of = byId.get(case_id)!;
      expect(recorded_at >= of.opened_on && recorded_at <= of.changed_at).toBe(true);
      if (title === 'Afgørelse') expect(['OPSTAAET', 'OPLYST']).not.toContain(of.progress);
    }
    some(
      documents.filter(({ title }) => title === 'Afgørelse'),
      1_000,
    );
  });

  it('has each case with a handler who works here and holds a grant to enter in its compartment', () => {
    const held = new Set(
      grants
        .filter(({ status, operations }) => status === 'IN_FORCE' && operations.includes('ENTER'))
        .map(({ holder, compartment }) => `${holder} ${compartment}`),
    );
    for (const { handler, compartment } of cases) {
      expect(held).toContain(`${handler} ${compartment}`);
      expect(employees.get(handler)!.leftOn).toBeNull();
    }
  });

  it('gives shielded compartments to those who work with them only, and to no manager', () => {
    const shielded = grants.filter((grant) => grant.shielded);
    const by = grouped(shielded, ({ holder }) => units.get(employees.get(holder)!.organisation)!);
    expect([...by.keys()].sort()).toEqual(
      ['family', 'fraud-control', 'security', 'ssp', ...secretariats.values()].sort(),
    );
    expect(new Set(by.get('security')!.map(({ holder }) => holder))).toEqual(
      new Set([employeeId('cleared-security-officer')]),
    );
    for (const [authority, unit] of secretariats)
      expect(new Set(by.get(unit)!.map(({ compartment }) => compartment))).toEqual(
        new Set([`0999.${authority}.BOARD_MATTER`]),
      );
    const managers = [...unitManagers.values()].map(employeeId);
    expect(shielded.filter(({ holder }) => managers.includes(holder))).toEqual([]);
  });

  it('has a manager for every unit, who works here and decides, never about oneself', () => {
    const led = organisations.filter(({ kind }) => kind !== 'VENDOR').map(({ key }) => key);
    expect([...unitManagers.keys()].sort()).toEqual([...led].sort());
    const leaders = [...unitManagers.values()].map((key) => employees.get(employeeId(key))!);
    for (const leader of leaders) expect(leader.leftOn).toBeNull();
    const municipal = leaders.filter(({ organisation }) => units.get(organisation) !== 'centre');
    const assigned = rows<{ employee: string; code: string }>(world, 'identity', 'right_assignment');
    for (const { id } of municipal)
      expect(assigned).toContainEqual(expect.objectContaining({ employee: id, code: 'MANAGER' }));
    for (const { holder, requested_by, decided_by, status } of grants) {
      expect(requested_by).not.toBe(holder);
      if (status === 'REQUESTED') expect(decided_by).toBeNull();
      else expect(municipal.map(({ id }) => id)).toContain(decided_by);
      expect([holder, requested_by]).not.toContain(decided_by);
    }
  });

  it('has grants in every standing, with times that agree, and none that lapses for somebody one can sign in as', () => {
    const by = grouped(grants, ({ status }) => status);
    for (const status of ['REQUESTED', 'REFUSED', 'WITHDRAWN', 'WAITING_FOR_COURSE']) some(by.get(status)!, 5);
    const now = demoNow.toISOString();
    const inAMonth = new Date(demoNow.getTime() + 30 * 86_400_000).toISOString();
    const ends = by.get('IN_FORCE')!.map(({ confirm_by }) => confirm_by);
    some(
      ends.filter((end) => end < now),
      5,
    );
    some(
      ends.filter((end) => end > now && end < inAMonth),
      5,
    );
    for (const { confirm_by } of by.get('REQUESTED')!) expect(confirm_by > now).toBe(true);
    for (const { valid_from, confirm_by } of grants) expect(valid_from < confirm_by).toBe(true);
    const people = demoPeople.map(({ id }) => id);
    for (const { holder, status, confirm_by } of grants.filter((grant) => people.includes(grant.holder)))
      expect([holder, status, confirm_by.slice(0, 4)]).toEqual([holder, 'IN_FORCE', '2099']);
    const waiting = by.get('WAITING_FOR_COURSE')!.map(({ holder }) => units.get(employees.get(holder)!.organisation));
    expect(new Set(waiting)).toEqual(new Set(['citizen-service']));
    const passed = new Set(
      rows<{ employee: string }>(world, 'identity', 'course_record').map(({ employee }) => employee),
    );
    const guides = rows<{ employee: string; code: string }>(world, 'identity', 'right_assignment').filter(
      ({ code }) => code === 'CITIZEN_SERVICE',
    );
    const yetToPass = guides.filter(({ employee }) => !passed.has(employee)).map(({ employee }) => employee);
    expect(new Set(yetToPass)).toEqual(new Set(by.get('WAITING_FOR_COURSE')!.map(({ holder }) => holder)));
  });

  it('has grants of other authorities for their secretariat, and for the cleared security officer under an agreement', () => {
    const agreements = new Map(
      rows<{ id: string; authority: string; receiver: string }>(world, 'identity', 'disclosure_agreement').map(
        (one) => [one.id, one],
      ),
    );
    expect(agreements.size).toBe(6);
    const unitOf = new Map(
      rows<{ authority: string; unit: string }>(world, 'identity', 'secretariat').map(({ authority, unit }) => [
        authority,
        unit,
      ]),
    );
    expect([...unitOf.keys()]).toEqual(authorityCodes.filter((code) => code !== 'MUNICIPALITY'));
    const foreign = grants.filter(({ compartment }) => compartment.endsWith('BOARD_MATTER'));
    some(foreign, 24);
    for (const { holder, compartment, unit, agreement } of foreign) {
      const authority = compartment.split('.')[1]!;
      if (unit === unitOf.get(authority)) expect(agreement).toBeNull();
      else {
        expect(agreements.get(agreement!)).toMatchObject({ authority, receiver: unit });
        expect(holder).toBe(employeeId('cleared-security-officer'));
      }
    }
  });

  it('has protected addresses of whole families, and some who moved away or died after all that is told of them', () => {
    const people = rows<{
      id: string;
      address_protected: boolean;
      name_protected: boolean;
      moved_away_on: string | null;
      died_on: string | null;
    }>(world, 'identity', 'citizen');
    const hidden = people.filter((one) => one.address_protected);
    some(hidden, 20);
    some(
      hidden.filter((one) => one.name_protected),
      5,
    );
    expect(people.filter((one) => one.name_protected && !one.address_protected)).toEqual([]);
    const families = new Set(hidden.map(({ id }) => citizens.get(id)!.family));
    expect(people.filter(({ id }) => families.has(citizens.get(id)!.family))).toEqual(hidden);
    const gone = people.filter((one) => one.moved_away_on ?? one.died_on);
    some(gone, 8);
    const last = new Map<string, string>();
    for (const one of cases)
      for (const { citizen } of parties.get(one.id)!)
        if (one.opened_on > (last.get(citizen) ?? '')) last.set(citizen, one.opened_on);
    for (const { id, moved_away_on, died_on } of gone) {
      const on = (moved_away_on ?? died_on)!;
      expect([(last.get(id) ?? '') < on, on < today]).toEqual([true, true]);
    }
  });

  it('has steps that lead to what a grant says', () => {
    const steps = grouped(
      rows<{ grant_id: string; step: string; taken_by: string | null; taken_at: string }>(
        world,
        'identity',
        'grant_step',
      ),
      ({ grant_id }) => grant_id,
    );
    some([...steps.values()], 40);
    for (const [id, taken] of steps) {
      const grant = grants.find((one) => one.id === id)!;
      const { step } = taken.at(-1)!;
      const said = new Map([
        ['GIVEN', 'IN_FORCE'],
        ['REFUSED', 'REFUSED'],
      ]);
      expect([id, grant.status]).toEqual([id, said.get(step) ?? 'WITHDRAWN']);
      for (const { taken_by, taken_at } of taken) {
        expect([null, grant.decided_by]).toContain(taken_by);
        expect(taken_at >= grant.valid_from && taken_at < demoNow.toISOString()).toBe(true);
      }
    }
  });

  it('has leavers, who hold nothing in force', () => {
    const leavers = [...employees.values()].filter(({ leftOn }) => leftOn !== null);
    some(leavers, 5);
    for (const { id, key, leftOn } of leavers) {
      expect([key, leftOn! < today]).toEqual([null, true]);
      expect(grants.filter(({ holder, status }) => holder === id && status !== 'WITHDRAWN')).toEqual([]);
    }
  });

  it('has somebody to sign in as for SSP and for each board, who has cases', () => {
    const people = new Map(demoPeople.map(({ id, key }) => [id, key]));
    const compartments = [
      '0999.MUNICIPALITY.SSP',
      ...authorityCodes.filter((code) => code !== 'MUNICIPALITY').map((code) => `0999.${code}.BOARD_MATTER`),
    ];
    const who = compartments.map((compartment) => {
      const holders = grants.filter(
        (grant) => grant.compartment === compartment && grant.operations.includes('DELETE'),
      );
      if (world === 'shielded')
        some(
          cases.filter((one) => one.compartment === compartment),
          5,
        );
      return holders.map(({ holder }) => people.get(holder));
    });
    expect(who).toEqual([
      ['ssp-worker'],
      ['board-secretary'],
      ['marriage-secretary'],
      ['folkeoplysning-secretary'],
      ['licensing-secretary'],
      ['rent-board-secretary'],
      ['fence-inspection-secretary'],
    ]);
  });

  it('links courses of treatment to a shielded case of a parent only where the parent is a party', () => {
    const links = rows<{ course: string; case_id: string }>(world, 'smdb', 'course_shielded_case');
    const courses = new Map(
      rows<{ id: string; citizen: string }>(world, 'smdb', 'course').map(({ id, citizen }) => [id, citizen]),
    );
    expect(links).toHaveLength(world === 'shielded' ? 12 : 0);
    for (const { course, case_id } of links)
      expect(parties.get(case_id)!.map(({ citizen }) => citizen)).toContain(courses.get(course));
  });

  describe('the log', () => {
    const log = logs[world];
    // Whoever left held it then.
    const heldBy = grouped(
      grants.filter(({ status }) => status === 'IN_FORCE' || status === 'WITHDRAWN'),
      ({ holder }) => holder,
    );

    it('covers more than four months, a plausible number of look-ups on each working day', () => {
      const months = grouped(log, ({ at }) => at.slice(0, 7));
      some([...months.keys()], 5);
      const days = grouped(log, ({ at }) => at.slice(0, 10));
      some([...days.keys()], 100);
      for (const [on, entries] of days) {
        expect([0, 6]).not.toContain(new Date(on).getUTCDay());
        expect(entries.length).toBeLessThan(60);
        expect(on < today).toBe(true);
      }
    });

    it('holds nothing that its people could not have done', () => {
      const byId = new Map(
        [...rows<Case>('shielded', 'cases', 'ordinary_case'), ...rows<Case>('shielded', 'cases', 'shielded_case')].map(
          (one) => [one.id, one],
        ),
      );
      const assigned = rows<{ employee: string; code: string }>(world, 'identity', 'right_assignment');
      const rightsOf = grouped(assigned, ({ employee }) => employee);
      for (const entry of log) {
        if (!entry.actor) continue;
        const { leftOn } = employees.get(entry.actor.id)!;
        expect(leftOn === null || entry.at.slice(0, 10) <= leftOn).toBe(true);
        if (entry.right) expect(rightsOf.get(entry.actor.id)!.map(({ code }) => code)).toContain(entry.right);
        const held = heldBy.get(entry.actor.id) ?? [];
        for (const id of entry.cases)
          expect(held.map(({ compartment }) => compartment)).toContain(byId.get(id)!.compartment);
        const seal = held.filter(({ shielded }) => shielded).map(({ compartment }) => compartment);
        expect([...entry.sealedBy].sort()).toEqual(seal.sort());
      }
    });
  });
});

describe('the two worlds', () => {
  it('are equal but for the tables of shielded cases, the series of their numbers, and links to them', () => {
    const ordinary = new Set(rows<Case>('plain', 'cases', 'ordinary_case').map(({ compartment }) => compartment));
    const ordinaryOnly = (world: keyof typeof worlds) => {
      const { cases, smdb, ...rest } = worlds[world];
      return {
        ...rest,
        cases: {
          ...cases,
          ...{ shielded_case: [], shielded_party: [], shielded_document: [] },
          number_series: rows<{ compartment: string }>(world, 'cases', 'number_series').filter(({ compartment }) =>
            ordinary.has(compartment),
          ),
        },
        smdb: { ...smdb, course_shielded_case: [] },
      };
    };
    expect(ordinaryOnly('shielded')).toEqual(ordinaryOnly('plain'));
    expect(worlds.plain.cases!.shielded_case).toEqual([]);
    expect(worlds.shielded.cases!.shielded_case).toHaveLength(480);
  });

  it('have the same log but for what is under seal', () => {
    const open = (log: readonly LogEntry[]) => log.filter(({ sealedBy }) => sealedBy.length === 0);
    expect(open(logs.shielded)).toEqual(logs.plain);
    expect(logs.shielded.length).toBeGreaterThan(logs.plain.length);
  });
});
