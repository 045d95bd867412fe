/**
 * The people of Korsbæk, a municipality that does not exist: 2,000 citizens in families, the organisations, 342 employees. CPR
 * numbers are replacement numbers (day + 60), except the two published test numbers that the examples use.
 */
import type { AuthorityCode } from '../protocol/compartments.js';
import { drawnFor, idFor, numberFor } from './random.js';

export const municipality = '0999';
/** The clock of the demo: nothing in it depends on when it is made. */
export const demoNow = new Date('2026-11-02T08:00:00.000Z');

export interface DemoOrganisation {
  id: string;
  key: string;
  cvr: string;
  pNumber: string | null;
  name: string;
  kind: 'MUNICIPALITY' | 'DEPARTMENT' | 'TREATMENT_CENTRE' | 'VENDOR';
  municipality: string;
}

export interface DemoCitizen {
  id: string;
  index: number;
  cpr: string;
  name: string;
  /** YYYY-MM-DD */
  bornOn: string;
  street: string;
  postcode: string;
  city: string;
  family: number;
  role: 'PARENT' | 'CHILD' | 'SINGLE';
  /** Name and address protection, of a family as a whole. */
  protection: 'ADDRESS' | 'NAME_AND_ADDRESS' | null;
  /** YYYY-MM-DD */
  movedAwayOn: string | null;
  /** YYYY-MM-DD */
  diedOn: string | null;
}

export interface DemoEmployee {
  id: string;
  /** Key of a person one can sign in as in the demo; `null` for all others. */
  key: string | null;
  name: string;
  organisation: string;
  /** The day on which the employee left (YYYY-MM-DD); `null` for whoever works here. */
  leftOn: string | null;
}

const organisation = (
  key: string,
  name: string,
  kind: DemoOrganisation['kind'],
  cvr = '11111111',
  pNumber: string | null = null,
): DemoOrganisation => ({ id: idFor(`organisation/${key}`), key, cvr, pNumber, name, kind, municipality });

export const organisations: readonly DemoOrganisation[] = [
  organisation('municipality', 'Korsbæk Kommune', 'MUNICIPALITY'),
  organisation('citizen-service', 'Borgerservice', 'DEPARTMENT', '11111111', '1000000001'),
  organisation('housing', 'Boligstøtte', 'DEPARTMENT', '11111111', '1000000002'),
  organisation('family', 'Familie og Anbringelse', 'DEPARTMENT', '11111111', '1000000003'),
  organisation('board-secretariat', 'Sekretariatet for Børn og unge-udvalget', 'DEPARTMENT', '11111111', '1000000004'),
  organisation('fraud-control', 'Kontrolgruppen', 'DEPARTMENT', '11111111', '1000000005'),
  organisation('drug-treatment', 'Rusmiddelrådgivningen', 'DEPARTMENT', '11111111', '1000000006'),
  organisation('security', 'Informationssikkerhed', 'DEPARTMENT', '11111111', '1000000007'),
  organisation('it', 'IT og Digitalisering', 'DEPARTMENT', '11111111', '1000000008'),
  organisation('centre', 'Behandlingscenter Åløkke', 'TREATMENT_CENTRE', '22222222', '1000000009'),
  organisation('vendor', 'Sagsystem A/S', 'VENDOR', '33333333', '1000000010'),
  organisation('benefits', 'Ydelseskontoret', 'DEPARTMENT', '11111111', '1000000011'),
  organisation('ssp', 'SSP og Forebyggelse', 'DEPARTMENT', '11111111', '1000000012'),
  organisation('marriages', 'Vielseskontoret', 'DEPARTMENT', '11111111', '1000000013'),
  organisation('folkeoplysning', 'Folkeoplysningsudvalgets sekretariat', 'DEPARTMENT', '11111111', '1000000014'),
  organisation('licensing', 'Bevillingsnævnets sekretariat', 'DEPARTMENT', '11111111', '1000000015'),
  organisation('rent-board', 'Huslejenævnets sekretariat', 'DEPARTMENT', '11111111', '1000000016'),
  organisation('fence-inspection', 'Hegnsynets sekretariat', 'DEPARTMENT', '11111111', '1000000017'),
];
/** The units among which the first 300 employees were spread. Their randomness depends on the number of these. */
const firstUnits = organisations.slice(1, 10);

export const organisationId = (key: string): string => idFor(`organisation/${key}`);

/** The unit that is the secretariat of each other authority. */
export const secretariats: ReadonlyMap<AuthorityCode, string> = new Map([
  ['CHILDREN_AND_YOUTH_COMMITTEE', 'board-secretariat'],
  ['MARRIAGE_AUTHORITY', 'marriages'],
  ['FOLKEOPLYSNING_COMMITTEE', 'folkeoplysning'],
  ['LICENSING_BOARD', 'licensing'],
  ['RENT_BOARD', 'rent-board'],
  ['FENCE_INSPECTION', 'fence-inspection'],
]);

/** Who leads each unit, by the employee's key. The director leads the municipality, and so the managers. */
export const unitManagers: ReadonlyMap<string, string> = new Map([
  ['municipality', 'director'],
  ['citizen-service', 'manager'],
  ['housing', 'head-of-housing'],
  ['family', 'head-of-family'],
  ['board-secretariat', 'head-of-secretariats'],
  ['fraud-control', 'head-of-fraud-control'],
  ['drug-treatment', 'head-of-drug-treatment'],
  ['security', 'head-of-security'],
  ['it', 'head-of-it'],
  ['centre', 'head-of-centre'],
  ['benefits', 'head-of-benefits'],
  ['ssp', 'head-of-family'],
  ...[...secretariats.values()]
    .filter((unit) => unit !== 'board-secretariat')
    .map((unit) => [unit, 'head-of-secretariats'] as const),
]);

/** The demo's employees by sign-in key, and the unit they work in. */
const namedEmployees: readonly [key: string, organisation: string][] = [
  ['guidance-worker', 'citizen-service'],
  ['housing-caseworker', 'housing'],
  ['placement-secretary', 'family'],
  ['board-secretary', 'board-secretariat'],
  ['fraud-investigator', 'fraud-control'],
  ['smdb-reporter', 'drug-treatment'],
  ['smdb-health', 'drug-treatment'],
  ['smdb-leader', 'drug-treatment'],
  ['centre-reporter', 'centre'],
  ['manager', 'citizen-service'],
  ['security-officer', 'security'],
  ['cleared-security-officer', 'security'],
  ['administrator', 'it'],
];

interface LaterEmployee {
  readonly key: string;
  readonly organisation: string;
  readonly signsIn: boolean;
}
const person = (key: string, organisation: string): LaterEmployee => ({ key, organisation, signsIn: true });
const head = (key: string, organisation: string): LaterEmployee => ({ key, organisation, signsIn: false });
const colleagues = (organisation: string, count: number): LaterEmployee[] =>
  Array.from({ length: count }, (_, n) => ({ key: `${organisation}/${n}`, organisation, signsIn: false }));

/** Employees that were added later. They come last, because the randomness of the others depends on their position. */
const laterEmployees: readonly LaterEmployee[] = [
  person('centre-administrator', 'centre'),
  person('director', 'municipality'),
  person('ssp-worker', 'ssp'),
  person('marriage-secretary', 'marriages'),
  person('folkeoplysning-secretary', 'folkeoplysning'),
  person('licensing-secretary', 'licensing'),
  person('rent-board-secretary', 'rent-board'),
  person('fence-inspection-secretary', 'fence-inspection'),
  head('head-of-housing', 'housing'),
  head('head-of-family', 'family'),
  head('head-of-secretariats', 'board-secretariat'),
  head('head-of-fraud-control', 'fraud-control'),
  head('head-of-drug-treatment', 'drug-treatment'),
  head('head-of-security', 'security'),
  head('head-of-it', 'it'),
  head('head-of-centre', 'centre'),
  head('head-of-benefits', 'benefits'),
  ...colleagues('benefits', 8),
  ...colleagues('ssp', 3),
  ...colleagues('marriages', 2),
  ...colleagues('folkeoplysning', 2),
  ...colleagues('licensing', 2),
  ...colleagues('rent-board', 2),
  ...colleagues('fence-inspection', 2),
  ...colleagues('new-in-citizen-service', 3).map((one) => ({ ...one, organisation: 'citizen-service' })),
  person('records-officer', 'municipality'),
];

export const employeeId = (key: string): string => idFor(`employee/${key}`);

const firstEmployees = 300;

export function makeEmployees(): DemoEmployee[] {
  const first = Array.from({ length: firstEmployees }, (_, index) => {
    const named = namedEmployees[index];
    const key = named?.[0] ?? String(index);
    const unit = named
      ? organisationId(named[1])
      : firstUnits[numberFor(`employee/${key}/unit`, firstUnits.length)]!.id;
    return madeEmployee(key, unit, named !== undefined, named ? null : leavingDay(key));
  });
  return [
    ...first,
    ...laterEmployees.map((one) => madeEmployee(one.key, organisationId(one.organisation), one.signsIn, null)),
  ];
}

const madeEmployee = (key: string, unit: string, signsIn: boolean, leftOn: string | null): DemoEmployee => ({
  id: employeeId(key),
  key: signsIn ? key : null,
  name: drawnFor(`employee/${key}`, ({ person }) => person.fullName()),
  organisation: unit,
  leftOn,
});

/** About one of 25 left, at the end of one of the eight months before the demo's clock. */
function leavingDay(key: string): string | null {
  if (numberFor(`employee/${key}/left`, 25) > 0) return null;
  const firstOfNextMonth = Date.UTC(2026, 3 + numberFor(`employee/${key}/left-in`, 8), 1);
  return new Date(firstOfNextMonth - 86_400_000).toISOString().slice(0, 10);
}

const newcomers = new Set([0, 1, 2].map((n) => employeeId(`new-in-citizen-service/${n}`)));
/** Whether the employee has just begun, and has not passed the course that looking up takes. */
export const isNewcomer = ({ id }: DemoEmployee): boolean => newcomers.has(id);

/** Whether the employee works here on that day (YYYY-MM-DD). */
export const worksOn = ({ leftOn }: DemoEmployee, day: string): boolean => leftOn === null || day <= leftOn;

/** The citizens one can sign in as, by their index. */
export const namedCitizens: Readonly<Record<string, number>> = { citizen: 0, 'other-citizen': 1 };
const publishedTestNumbers: readonly string[] = ['0201609995', '0201609996'];

export const citizenId = (index: number): string => idFor(`citizen/${index}`);

/** The first 1,200 live in families of two parents and two children, the rest alone. Citizens 0 and 1 are parents of two families. */
export function makeCitizens(): DemoCitizen[] {
  return Array.from({ length: 2_000 }, (_, index) => {
    const inFamily = index < 1_200;
    const family = inFamily ? index % 300 : 300 + index;
    const place = inFamily ? Math.floor(index / 300) : 0;
    const role = !inFamily ? 'SINGLE' : place < 2 ? 'PARENT' : 'CHILD';
    const { cpr, bornOn } = publishedTestNumbers[index]
      ? { cpr: publishedTestNumbers[index], bornOn: '1960-01-02' }
      : replacementNumber(index, role);
    return {
      id: citizenId(index),
      index,
      cpr,
      bornOn,
      name: drawnFor(`citizen/${index}`, ({ person }) => person.fullName()),
      street: drawnFor(`family/${family}`, ({ location }) => location.streetAddress()),
      postcode: '9990',
      city: 'Korsbæk',
      family,
      role,
      protection: family > 1 ? protectionOf(family) : null,
      ...(role === 'SINGLE' ? goneOf(index) : { movedAwayOn: null, diedOn: null }),
    };
  });
}

/** One family of 60. */
const protectionOf = (family: number): DemoCitizen['protection'] =>
  ([null, 'ADDRESS', 'NAME_AND_ADDRESS'] as const)[numberFor(`family/${family}/protection`, 120) - 117] ?? null;

/** Some of those who live alone moved away or died in the last two weeks of October: after everything that the demo tells of them. */
function goneOf(index: number): Pick<DemoCitizen, 'movedAwayOn' | 'diedOn'> {
  const on = `2026-10-${18 + numberFor(`citizen/${index}/gone-on`, 14)}`;
  const how = numberFor(`citizen/${index}/gone`, 100);
  return { movedAwayOn: how === 0 ? on : null, diedOn: how === 1 ? on : null };
}

/** Unique by construction: the date moves with the index, and the last four digits count within the range of the century. */
function replacementNumber(index: number, role: DemoCitizen['role']) {
  // Parents are between 21 and 48 when their children are born.
  const [first, years] = { CHILD: [2010, 14], PARENT: [1975, 15], SINGLE: [1940, 60] }[role] as [number, number];
  const year = first + numberFor(`citizen/${index}/year`, years);
  const month = 1 + numberFor(`citizen/${index}/month`, 12);
  const day = 1 + numberFor(`citizen/${index}/day`, 28);
  // 7th digit 0–3 means 19YY; 4 means 20YY up to 2036.
  const serial = year < 2000 ? index % 4_000 : 4_000 + (index % 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    cpr: `${two(day + 60)}${two(month)}${two(year % 100)}${String(serial).padStart(4, '0')}`,
    bornOn: `${year}-${two(month)}-${two(day)}`,
  };
}

/** Who is related to whom: parents and children of one family, and the parents to each other. Both parents hold custody. */
export function relativesOf(
  citizens: readonly DemoCitizen[],
): { citizen: string; relative: string; kind: 'PARENT' | 'CHILD' | 'SPOUSE'; custody: boolean }[] {
  const families = new Map<number, DemoCitizen[]>();
  for (const citizen of citizens) {
    const members = families.get(citizen.family) ?? [];
    members.push(citizen);
    families.set(citizen.family, members);
  }
  return [...families.values()].flatMap((members) =>
    members.flatMap((from) =>
      members
        .filter((to) => to !== from && !(from.role === 'CHILD' && to.role === 'CHILD'))
        .map((to) => ({
          citizen: from.id,
          relative: to.id,
          custody: to.role !== from.role,
          kind: relationOf(from, to),
        })),
    ),
  );
}

function relationOf(from: DemoCitizen, to: DemoCitizen): 'PARENT' | 'CHILD' | 'SPOUSE' {
  if (to.role === 'CHILD') return 'CHILD';
  return from.role === 'CHILD' ? 'PARENT' : 'SPOUSE';
}
