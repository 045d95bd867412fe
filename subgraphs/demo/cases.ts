/**
 * The cases of Korsbæk: 8,000 of them, 480 shielded. An ordinary case depends on its own index only, and number series run per
 * compartment, so the world without shielded cases has the same rows otherwise.
 *
 * Citizen 0 is a party of two ordinary and three shielded cases, citizen 1 of two ordinary ones, and neither of any other.
 */
import {
  type AuthorityCode,
  authorityCodes,
  type CaseCategory,
  compartmentId,
  isShieldedCategory,
} from '../protocol/compartments.js';
import { incomingTitle, kleWhen, ordinaryShares, shieldedShares, titlesOf } from './case-kinds.js';
import { type Party, type Population, partiesOf, populationOf } from './case-parties.js';
import { type DemoCitizen, type DemoEmployee, demoNow, municipality } from './people.js';
import { handlersOf } from './profiles.js';
import { idFor, numberFor } from './random.js';

export interface DemoCaseReference {
  readonly id: string;
  /** Id of the primary party. */
  readonly citizen: string;
  readonly compartment: string;
  readonly category: CaseCategory;
}

/** The ordinary cases of drug treatment, to which treatment courses may be linked. */
export const drugTreatmentCases = (citizens: readonly DemoCitizen[]): DemoCaseReference[] =>
  ordinaryOutlines(citizens)
    .filter(({ category }) => category === 'DRUG_TREATMENT')
    .map(reference);

/** Every ordinary case. The list is the same in both worlds. */
export const ordinaryCases = (citizens: readonly DemoCitizen[]): DemoCaseReference[] =>
  ordinaryOutlines(citizens).map(reference);

/** Every shielded case of the shielded world. The list is the same whichever world is made. */
export const shieldedCases = (citizens: readonly DemoCitizen[]): DemoCaseReference[] =>
  shieldedOutlines(citizens).map(reference);

/** The shielded cases of families in which a parent in treatment is a party, by that parent. */
export const shieldedCasesOfParents = (citizens: readonly DemoCitizen[]): DemoCaseReference[] =>
  shieldedOutlines(citizens)
    .filter(({ category }) => ['CHILD_CONCERN', 'PLACEMENT', 'FAMILY_RESIDENCE'].includes(category))
    .map((made) => ({
      ...reference(made),
      citizen: made.parties.find(([citizen]) => citizen.role !== 'CHILD')![0].id,
    }));

export interface CasesOptions {
  /** Which of the two worlds: with or without the shielded cases and everything that belongs to them. */
  readonly shielded: boolean;
  readonly citizens: readonly DemoCitizen[];
  readonly employees: readonly DemoEmployee[];
}

/** Rows of the cases room by table, in the order in which they must be inserted. */
export function makeCases({ shielded, citizens, employees }: CasesOptions): {
  cases: Record<string, readonly object[]>;
} {
  const handlers = handlersOf(employees);
  const ordinary = rowsOf(ordinaryOutlines(citizens), handlers);
  const secret = rowsOf(shielded ? shieldedOutlines(citizens) : [], handlers);
  return {
    cases: {
      ordinary_case: ordinary.cases,
      ordinary_party: ordinary.parties,
      ordinary_document: ordinary.documents,
      shielded_case: secret.cases,
      shielded_party: secret.parties,
      shielded_document: secret.documents,
      number_series: [...ordinary.series, ...secret.series],
    },
  };
}

const ordinaryCount = 7_520;
const shieldedCount = 480;

/** What is known of a case before its details: enough to refer to it. */
interface Outline extends Dates {
  readonly id: string;
  readonly category: CaseCategory;
  readonly compartment: string;
  /** The seed of its randomness, such as `case/ordinary/17`. */
  readonly purpose: string;
  readonly authority: AuthorityCode;
  /** The primary one first. */
  readonly parties: readonly Party[];
}

const reference = ({ id, parties, compartment, category }: Outline): DemoCaseReference => ({
  id,
  citizen: parties[0]![0].id,
  compartment,
  category,
});

function outline(
  purpose: string,
  authority: AuthorityCode,
  category: CaseCategory,
  population: Population,
  fixed?: DemoCitizen,
): Outline {
  const compartment = compartmentId(municipality, authority, category);
  const dates = datesOf(purpose);
  const parties = partiesOf({ purpose, authority, category, opened_on: dates.opened_on }, population, fixed);
  return { id: idFor(purpose), purpose, authority, category, compartment, parties, ...dates };
}

type Fixed = readonly [citizen: number, authority: AuthorityCode, category: CaseCategory];
const fixedOrdinary: readonly Fixed[] = [
  [0, 'MUNICIPALITY', 'HOUSING_BENEFIT'],
  [0, 'MUNICIPALITY', 'DAY_CARE_SUBSIDY'],
  [1, 'MUNICIPALITY', 'HOUSING_BENEFIT'],
  [1, 'MUNICIPALITY', 'CHILD_SUPPORT'],
  [600, 'MUNICIPALITY', 'RELOCATION'], // a child of citizen 0, twelve years old
];
const fixedShielded: readonly Fixed[] = [
  [0, 'MUNICIPALITY', 'CHILD_CONCERN'],
  [0, 'MUNICIPALITY', 'SOCIAL_FRAUD'],
  [0, 'CHILDREN_AND_YOUTH_COMMITTEE', 'BOARD_MATTER'],
  [600, 'MUNICIPALITY', 'SSP'],
];

const boards = authorityCodes.filter((code) => code !== 'MUNICIPALITY');

/** Makes the list once for the same citizens: the log and the treatment courses refer to the cases, too. */
function madeOnce(make: (citizens: readonly DemoCitizen[]) => Outline[]) {
  const made = new WeakMap<readonly DemoCitizen[], readonly Outline[]>();
  return (citizens: readonly DemoCitizen[]): readonly Outline[] => {
    const list = made.get(citizens) ?? make(citizens);
    made.set(citizens, list);
    return list;
  };
}

const ordinaryOutlines = madeOnce((citizens) =>
  outlines('case/ordinary', ordinaryCount, fixedOrdinary, ordinaryShares, citizens),
);

const shieldedOutlines = madeOnce((citizens) =>
  outlines('case/shielded', shieldedCount, fixedShielded, shieldedShares, citizens),
);

function outlines(
  series: string,
  length: number,
  fixed: readonly Fixed[],
  shares: readonly [CaseCategory, number][],
  citizens: readonly DemoCitizen[],
): Outline[] {
  const population = populationOf(citizens);
  return Array.from({ length }, (_, n) => {
    const purpose = `${series}/${n}`;
    const told = fixed[n];
    if (told) return outline(purpose, told[1], told[2], population, citizens[told[0]]);
    const category = drawn(shares, numberFor(`${purpose}/category`, 100));
    const authority = category === 'BOARD_MATTER' ? pick(`${purpose}/authority`, boards) : 'MUNICIPALITY';
    return outline(purpose, authority, category, population);
  });
}

function drawn(shares: readonly [CaseCategory, number][], place: number): CaseCategory {
  let upTo = 0;
  for (const [category, share] of shares) {
    upTo += share;
    if (place < upTo) return category;
  }
  throw new Error('the shares are to add up to 100');
}

const pick = <T>(purpose: string, from: readonly T[]): T => from[numberFor(purpose, from.length)]!;

function rowsOf(made: readonly Outline[], handlers: ReadonlyMap<string, readonly DemoEmployee[]>) {
  // Numbers follow the order in which the cases were opened.
  const inOrder = [...made].sort((a, b) => compare(a.opened_on, b.opened_on) || compare(a.id, b.id));
  const series = new Map<string, { compartment: string; kle: string; facet: string; year: number; last: number }>();
  const numbered = inOrder.map((one) => {
    const kle = pick(`${one.purpose}/kle`, kleWhen(one.opened_on, one.authority, one.category));
    const year = Number(one.opened_on.slice(0, 4));
    const key = `${one.compartment} ${kle} ${year}`;
    const of = series.get(key) ?? { compartment: one.compartment, kle, facet: 'G01', year, last: 0 };
    of.last += 1;
    series.set(key, of);
    return { ...one, kle, number: `${kle}-G01-${of.last}-${String(year).slice(2)}`, progress: progressOf(one) };
  });
  return {
    cases: numbered.map((one) => ({
      municipality,
      id: one.id,
      compartment: one.compartment,
      authority: one.authority,
      category: one.category,
      number: one.number,
      title: pick(`${one.purpose}/title`, titlesOf(one.authority, one.category)),
      kle: one.kle,
      progress: one.progress,
      sensitivity: sensitivityOf(one),
      opened_on: one.opened_on,
      closed_on: one.closed_on,
      changed_at: one.changed_at,
      handler: pick(`${one.purpose}/handler`, handlers.get(one.compartment)!).id,
    })),
    parties: numbered.flatMap((one) =>
      one.parties.map(([citizen, role]) => ({
        municipality,
        compartment: one.compartment,
        case_id: one.id,
        citizen: citizen.id,
        role,
      })),
    ),
    documents: numbered.flatMap(documentsOf),
    series: [...series.values()].map((one) => ({ municipality, ...one })),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Progress = 'OPSTAAET' | 'OPLYST' | 'AFGJORT' | 'BESTILT' | 'UDFOERT' | 'AFSLUTTET';

/** A case that is open for long has got somewhere. */
function progressOf({ purpose, opened_on, closed_on }: Outline): Progress {
  if (closed_on) return 'AFSLUTTET';
  const age = (demoNow.getTime() - Date.parse(opened_on)) / day;
  if (age < 60) return pick<Progress>(`${purpose}/progress`, ['OPSTAAET', 'OPSTAAET', 'OPLYST']);
  if (age < 240) return pick<Progress>(`${purpose}/progress`, ['OPLYST', 'OPLYST', 'AFGJORT']);
  return pick<Progress>(`${purpose}/progress`, ['AFGJORT', 'BESTILT', 'UDFOERT', 'UDFOERT']);
}

const isDecided = (progress: Progress): boolean => progress !== 'OPSTAAET' && progress !== 'OPLYST';

function sensitivityOf({ purpose, category }: Outline): string {
  if (isShieldedCategory(category))
    return numberFor(`${purpose}/sensitivity`, 10) === 0 ? 'VIP_SAGER' : 'FOELSOMME_PERSONOPLYSNINGER';
  if (category === 'DRUG_TREATMENT') return 'FOELSOMME_PERSONOPLYSNINGER';
  return category === 'RELOCATION' ? 'IKKE_FORTROLIGE_DATA' : 'FORTROLIGE_PERSONOPLYSNINGER';
}

const day = 86_400_000;

interface Dates {
  readonly opened_on: string;
  readonly closed_on: string | null;
  readonly changed_at: string;
}

/** Opened within six years, usually closed, and last changed between opening and the demo's current time. */
function datesOf(purpose: string): Dates {
  const age = 20 + numberFor(`${purpose}/opened`, 2_170);
  const opened = demoNow.getTime() - age * day;
  const closed =
    numberFor(`${purpose}/closed`, 100) < 55 ? opened + (10 + numberFor(`${purpose}/length`, age - 12)) * day : null;
  const until = closed ?? demoNow.getTime() - day;
  const changed = closed ?? opened + numberFor(`${purpose}/changed`, Math.floor((until - opened) / day) + 1) * day;
  return {
    opened_on: dateOf(opened),
    closed_on: closed === null ? null : dateOf(closed),
    changed_at: new Date(changed + numberFor(`${purpose}/time`, 8 * 3_600_000)).toISOString(),
  };
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

const later = [
  { kind: 'OUTGOING', title: 'Partshøring', media_type: 'text/plain', text: 'Bemærkninger bedes sendt inden 14 dage.' },
  { kind: 'INTERNAL', title: 'Notat', media_type: 'text/plain', text: 'Telefonisk kontakt; sagen er oplyst.' },
];
const decision = {
  kind: 'OUTGOING',
  title: 'Afgørelse',
  media_type: 'text/plain',
  text: 'Afgørelsen er truffet på det oplyste grundlag.',
};

/** What came in first, then what was written, and the decision last, once there is one. */
function documentsOf(made: Outline & { readonly progress: Progress }) {
  const from = Date.parse(`${made.opened_on}T08:00:00.000Z`);
  const span = Math.max(1, Math.floor((Date.parse(made.changed_at) - from) / 1000));
  const count = numberFor(`${made.purpose}/documents`, 4);
  const purposes = Array.from({ length: count }, (_, n) => `${made.purpose}/document/${n}`);
  const times = purposes.map((purpose) => numberFor(`${purpose}/at`, span)).sort((a, b) => a - b);
  return purposes.map((purpose, n) => ({
    municipality,
    compartment: made.compartment,
    case_id: made.id,
    id: idFor(purpose),
    ...formOf(made, purpose, n, n === count - 1),
    recorded_at: new Date(from + times[n]! * 1000).toISOString(),
  }));
}

function formOf(made: Outline & { readonly progress: Progress }, purpose: string, place: number, last: boolean) {
  if (place === 0)
    return { kind: 'INCOMING', title: incomingTitle(made.category), media_type: 'application/pdf', text: null };
  return last && isDecided(made.progress) ? decision : pick(`${purpose}/form`, later);
}
