/**
 * The people of Korsbæk, a municipality that does not exist: 2,000 citizens in families, the organisations, 301 employees. CPR
 * numbers are replacement numbers (day + 60), except the two published test numbers that the examples use.
 */
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
}

export interface DemoEmployee {
  id: string;
  /** Key of a person one can sign in as in the demo; `null` for all others. */
  key: string | null;
  name: string;
  organisation: string;
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
];

export const organisationId = (key: string): string => idFor(`organisation/${key}`);

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

/** Employees that were added later. They come last, because the randomness of the others depends on their position. */
const laterEmployees: readonly [key: string, organisation: string][] = [
  ['centre-administrator', 'centre'],
  ['director', 'municipality'],
];

export const employeeId = (key: string): string => idFor(`employee/${key}`);

/** The employees whom the demo's log is about. */
export const firstEmployees = 300;

export function makeEmployees(): DemoEmployee[] {
  const units = organisations.filter((unit) => unit.kind === 'DEPARTMENT' || unit.kind === 'TREATMENT_CENTRE');
  return Array.from({ length: firstEmployees + laterEmployees.length }, (_, index) => {
    const named = namedEmployees[index] ?? laterEmployees[index - firstEmployees];
    const key = named?.[0] ?? String(index);
    const unit = named ? organisationId(named[1]) : units[numberFor(`employee/${key}/unit`, units.length)]!.id;
    return {
      id: employeeId(key),
      key: named?.[0] ?? null,
      name: drawnFor(`employee/${key}`, ({ person }) => person.fullName()),
      organisation: unit,
    };
  });
}

/** The citizens one can sign in as, by their index. */
export const namedCitizens: Readonly<Record<string, number>> = { citizen: 0, 'other-citizen': 1 };
const publishedTestNumbers: readonly string[] = ['0201609995', '0201609996'];

export const citizenId = (index: number): string => idFor(`citizen/${index}`);

/**
 * Families of four (two parents, two children) for the first 1,200 citizens; the rest live alone. Citizens 0 and 1 are parents of
 * different families.
 */
export function makeCitizens(): DemoCitizen[] {
  return Array.from({ length: 2_000 }, (_, index) => {
    const inFamily = index < 1_200;
    const family = inFamily ? index % 300 : 300 + index;
    const place = inFamily ? Math.floor(index / 300) : 0;
    const role = !inFamily ? 'SINGLE' : place < 2 ? 'PARENT' : 'CHILD';
    const { cpr, bornOn } = publishedTestNumbers[index]
      ? { cpr: publishedTestNumbers[index], bornOn: '1960-01-02' }
      : replacementNumber(index, role === 'CHILD');
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
    };
  });
}

/** Unique by construction: the date moves with the index, and the last four digits count within the range of the century. */
function replacementNumber(index: number, child: boolean) {
  const year = child ? 2010 + numberFor(`citizen/${index}/year`, 14) : 1940 + numberFor(`citizen/${index}/year`, 60);
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

/** Who is related to whom: parents and children of one family, and the parents to each other. */
export function relativesOf(
  citizens: readonly DemoCitizen[],
): { citizen: string; relative: string; kind: 'PARENT' | 'CHILD' | 'SPOUSE' }[] {
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
          kind:
            to.role === 'CHILD'
              ? ('CHILD' as const)
              : from.role === 'CHILD'
                ? ('PARENT' as const)
                : ('SPOUSE' as const),
        })),
    ),
  );
}
