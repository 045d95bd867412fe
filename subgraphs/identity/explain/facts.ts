/**
 * What an explanation is made of, read in one transaction as the asker. Row-level security leaves out what the asker may not know of, so
 * no answer can depend on it: neither what is decided, nor who could change it.
 *
 * The rules are those of a session (sessions/viewer-of.ts): what a right opens, what a power of attorney lends, which grants count.
 */
import type { FieldRules, RuledField } from '../../kit/field-rules.js';
import type { Transaction } from '../../postgres/database.js';
import { isOfSingleCase } from '../../protocol/compartments.js';
import { Fault } from '../../protocol/faults.js';
import type { Viewer } from '../../protocol/viewer.js';
import * as agreements from '../agreements/store.js';
import { type CourseRow, coursesOfEmployees } from '../courses/store.js';
import * as steps from '../grants/steps-store.js';
import * as grants from '../grants/store.js';
import { rightsOfEmployees } from '../people/store.js';
import { type HeldRight, heldRights, type UsablePower, usablePowers } from '../powers/store.js';
import { rightCodes, scopesOf } from '../sessions/rights.js';
import { actingWith, needsPower, usesGrants } from '../sessions/viewer-of.js';
import { narrowedBy } from '../sign-in/privileges-narrow.js';
import { narrowingOf } from '../sign-in/store.js';
import * as store from './store.js';

/** One thing that is asked about. */
export interface Target {
  readonly coordinate: string;
  /** Coordinates that the right has to let the employee come to: the field, and for what is in a case also the case itself. */
  readonly through: readonly string[];
  readonly scopes: RuledField['scopes'];
  /** The level of clearance that it takes, where it takes one. */
  readonly level: RuledField['level'];
  readonly compartment: string | null;
}

/** What an employee may act as: a right, for oneself or under a power. */
export interface Way {
  readonly right: HeldRight | null;
  readonly power: UsablePower | null;
  /** A power is needed, and this is acting without one. */
  readonly lacksPower: boolean;
  readonly reached: ReturnType<FieldRules['reachedWith']>;
  readonly usesGrants: boolean;
  /** Grants in force that count in this right. */
  readonly counting: readonly grants.GrantRow[];
  readonly isLocal: boolean;
  readonly isFromNemLogin: boolean;
}

export interface Facts {
  readonly subject: store.SubjectRow;
  /** Whether a lock-out keeps the employee out. Administrators are let in, because somebody has to lift it. */
  readonly isLockedOut: boolean;
  readonly ways: readonly Way[];
  /** Whether the asker may know who is on a power of attorney. */
  readonly knowsPowers: boolean;
  /** As far as the asker may know of them. */
  readonly grants: readonly grants.GrantRow[];
  /** Whether these are all that there can be: for one compartment, or for `null` for all. By who asks, never by what there is. */
  readonly knowsGrants: (compartment: string | null) => boolean;
  readonly agreements: ReadonlyMap<string, agreements.AgreementRow>;
  /** By the authority that owns a compartment asked about: whether the employee is of its secretariat, and the agreement with the unit. */
  readonly admission: ReadonlyMap<string, { readonly serves: boolean; readonly agreement: string | null }>;
  readonly needsCourse: boolean;
  readonly course: CourseRow | null;
  readonly people: People;
  readonly now: Date;
}

/** Ids of employees, by role. */
export interface People {
  readonly manager: readonly string[];
  readonly administrators: readonly string[];
  readonly companyAdministrators: readonly string[];
  readonly givers: ReadonlyMap<string, readonly string[]>;
  readonly secretariats: ReadonlyMap<string, readonly string[]>;
  readonly holders: ReadonlyMap<string, readonly string[]>;
}

/** Throws `NOT_FOUND` for an employee whom the asker may not know of, and `FORBIDDEN` if the asker may not ask about this one. */
export async function factsOf(
  tx: Transaction,
  viewer: Viewer,
  now: Date,
  rules: FieldRules,
  employee: string,
  targets: readonly Target[],
): Promise<Facts> {
  const { municipality, actor, scopes } = viewer;
  const subject = await store.subjectOf(tx, municipality, employee);
  if (!subject) throw new Fault('NOT_FOUND');
  const isReader = scopes.includes('audit:read');
  if (subject.id !== actor.id && !subject.led && !isReader)
    throw new Fault('FORBIDDEN', 'Of others, security officers ask, and who leads the unit.');
  const knowsPowers = subject.id === actor.id || isReader;
  const served = await store.servedAuthorities(tx);
  const isOwnReader = isReader && (await store.isOfMunicipality(tx));
  const rows = await grants.grantsOfHolders(tx, viewer, now, [subject.id]);
  const ways = await waysOf(tx, viewer, now, rules, subject, { rows, knowsPowers });
  const asked = [...new Set(targets.flatMap(({ compartment }) => compartment ?? []))];
  const authorities = [...new Set(asked.map(authorityOf))].filter((code) => code !== 'MUNICIPALITY' && code !== 'CASE');
  const [course] = await coursesOfEmployees(tx, municipality, [subject.id]);
  const under = await agreements.agreementsById(tx, municipality, [
    ...new Set(rows.flatMap(({ agreementId }) => agreementId ?? [])),
  ]);
  return {
    subject,
    isLockedOut: subject.locked && !ways.some(({ right }) => right?.code === 'ADMINISTRATOR'),
    ways,
    knowsPowers,
    grants: rows,
    // A single case's compartment is asked about by those who hold it alone, and they see who else does.
    knowsGrants: (compartment) =>
      subject.id === actor.id ||
      subject.led ||
      isOwnReader ||
      (compartment !== null && (isOfSingleCase(compartment) || served.includes(authorityOf(compartment)))),
    agreements: new Map(under.map((agreement) => [agreement.id, agreement])),
    admission: await byKey(authorities, async (authority) => ({
      serves: await steps.serves(tx, municipality, subject.id, authority),
      agreement: await agreements.agreementFor(tx, municipality, authority, subject.unit, now),
    })),
    needsCourse: ways.some(({ right }) => right?.code === 'CITIZEN_SERVICE'),
    course: course ?? null,
    people: await peopleOf(tx, viewer, now, subject, { ways, authorities, asked }),
    now,
  };
}

/** The part of a compartment's id that names the owning authority; `CASE` for a single case's. */
export const authorityOf = (compartment: string): string => compartment.split('.')[1]!;

async function waysOf(
  tx: Transaction,
  { municipality }: Viewer,
  now: Date,
  rules: FieldRules,
  { id }: store.SubjectRow,
  { rows, knowsPowers }: { readonly rows: readonly grants.GrantRow[]; readonly knowsPowers: boolean },
): Promise<Way[]> {
  const inForce = rows.filter(({ status, validFrom }) => status === 'IN_FORCE' && validFrom <= now);
  const sources = await rightsOfEmployees(tx, municipality, [id]);
  const ways: Way[] = [];
  for (const right of await heldRights(tx, municipality, id)) {
    const of = sources.filter(({ code }) => code === right.code);
    const held = await narrowingOf(tx, municipality, id, right.code);
    const counting = narrowedBy(held, inForce.map(asClearance));
    const usable = knowsPowers ? await usablePowers(tx, municipality, id, right.code) : [];
    for (const power of [null, ...usable]) {
      const acting = actingWith(right, power);
      ways.push({
        right,
        power,
        lacksPower: power === null && needsPower(right),
        reached: rules.reachedWith(acting.scopes),
        usesGrants: usesGrants(acting),
        counting: usesGrants(acting) ? counting.map(({ grant }) => grant) : [],
        isLocal: of.some(({ source }) => source === 'LOCAL'),
        isFromNemLogin: of.some(({ source }) => source === 'NEMLOGIN'),
      });
    }
  }
  return ways.length > 0 ? ways : [noRight];
}

const noRight: Way = {
  ...{ right: null, power: null, lacksPower: false, reached: new Map(), usesGrants: false, counting: [] },
  ...{ isLocal: true, isFromNemLogin: true },
};

const asClearance = (grant: grants.GrantRow) => ({
  compartment: grant.compartmentId,
  level: grant.level,
  operations: grant.operations,
  shielded: false,
  grant,
});

async function peopleOf(
  tx: Transaction,
  viewer: Viewer,
  now: Date,
  { id, unit }: store.SubjectRow,
  about: { readonly ways: readonly Way[]; readonly authorities: readonly string[]; readonly asked: readonly string[] },
): Promise<People> {
  const { municipality } = viewer;
  const manager = await steps.deciderOf(tx, municipality, { unit, holder: id, requestedBy: null });
  const powers = about.ways.flatMap(({ power }) => power ?? []);
  const givers = await byKey([...new Set(powers.map(({ giver }) => giver))], (giver) =>
    store.administratorsOf(tx, municipality, giver),
  );
  return {
    manager: manager === null ? [] : [manager],
    administrators: await store.administrators(tx, municipality),
    companyAdministrators: await store.administratorsOf(tx, municipality, unit),
    givers,
    secretariats: await byKey(about.authorities, (authority) =>
      store.secretariatOf(tx, municipality, authority, agreeing),
    ),
    holders: await byKey(about.asked.filter(isOfSingleCase), async (compartment) => {
      const criteria = { holder: null, unit: null, compartment, statuses: ['IN_FORCE' as const], dueBefore: null };
      const found = await grants.findGrants(tx, viewer, now, criteria, 'newest', {
        ...{ size: 20, after: null, counted: false },
      });
      return [...new Set(found.map(({ holder }) => holder))].filter((holder) => holder !== id);
    }),
  };
}

/** Rights in which the secretariat makes agreements. */
const agreeing = rightCodes.filter((code) => scopesOf('Employee', code).includes('disclosure:agree'));

async function byKey<Value>(
  keys: readonly string[],
  read: (key: string) => Promise<Value>,
): Promise<Map<string, Value>> {
  const found = new Map<string, Value>();
  for (const key of keys) found.set(key, await read(key));
  return found;
}
