/**
 * What each employee of the demo may do: rights, and grants by compartment. Work with shielded cases is given to those of a unit who do
 * it, and to none of their colleagues.
 */
import {
  type AuthorityCode,
  type CaseCategory,
  compartmentId,
  isShieldedCategory,
  ordinaryCategories,
  standingCompartments,
} from '../protocol/compartments.js';
import type { CaseLevel, CaseOperation } from '../protocol/viewer.js';
import {
  type DemoEmployee,
  demoNow,
  employeeId,
  isNewcomer,
  municipality,
  organisationId,
  organisations,
  unitManagers,
  worksOn,
} from './people.js';
import { numberFor } from './random.js';

export interface Given {
  readonly compartments: readonly string[];
  readonly level: CaseLevel;
  readonly operations: readonly CaseOperation[];
  /** Why. */
  readonly reason: string;
}

export interface Profile {
  /** The first is the one that a new session acts in. */
  readonly rights: readonly string[];
  readonly grants: readonly Given[];
}

type OwnCategory = Exclude<CaseCategory, 'BOARD_MATTER'>;
export const own = (...categories: OwnCategory[]): string[] =>
  categories.map((category) => compartmentId(municipality, 'MUNICIPALITY', category));
const mattersOf = (authority: AuthorityCode): string[] => [compartmentId(municipality, authority, 'BOARD_MATTER')];

const all: readonly CaseOperation[] = ['SEARCH', 'ENTER', 'DELETE'];
const enter: readonly CaseOperation[] = ['SEARCH', 'ENTER'];
const search: readonly CaseOperation[] = ['SEARCH'];
const allOrdinary = own(...ordinaryCategories);
const guidance = own('HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT');

const given = (
  compartments: readonly string[],
  level: CaseLevel,
  operations: readonly CaseOperation[],
  reason: string,
): Given => ({ compartments, level, operations, reason });
const profile = (rights: readonly string[], ...grants: Given[]): Profile => ({ rights, grants });
const caseworker = (...grants: Given[]): Profile => profile(['CASEWORKER'], ...grants);
const secretary = (authority: AuthorityCode, reason: string): Profile =>
  caseworker(given(mattersOf(authority), 'DOCUMENTS', all, reason));

/** Those one can sign in as. */
const named: Readonly<Record<string, Profile>> = {
  'guidance-worker': profile(
    ['CITIZEN_SERVICE'],
    given(guidance, 'EXISTENCE', search, 'Guides citizens in life situations'),
  ),
  'housing-caseworker': caseworker(given(own('HOUSING_BENEFIT'), 'DOCUMENTS', all, 'Handles housing benefit')),
  'placement-secretary': caseworker(
    given(own('PLACEMENT', 'CHILD_CONCERN', 'FAMILY_RESIDENCE'), 'DOCUMENTS', all, 'Secretary for placements'),
  ),
  'board-secretary': secretary('CHILDREN_AND_YOUTH_COMMITTEE', 'Secretariat of the committee'),
  'fraud-investigator': caseworker(given(own('SOCIAL_FRAUD'), 'DOCUMENTS', all, 'Member of the control group')),
  'smdb-reporter': profile(
    ['SMDB_REPORTER'],
    given(own('DRUG_TREATMENT'), 'METADATA', search, 'Reports on drug treatment'),
  ),
  'smdb-health': profile(
    ['SMDB_HEALTH'],
    given(own('DRUG_TREATMENT'), 'METADATA', search, 'Reports on drug treatment'),
  ),
  // Two rights, so that the demo has somebody who can switch.
  'smdb-leader': profile(
    ['SMDB_LEADER', 'SMDB_ADMINISTRATOR'],
    given(own('DRUG_TREATMENT'), 'EXISTENCE', search, 'Leads the drug counselling'),
  ),
  'centre-reporter': profile(['SMDB_DELEGATED_REPORTER']),
  // Leads the guidance, and guides when it is busy. Leading alone opens no case.
  manager: profile(['MANAGER'], given(guidance, 'EXISTENCE', search, 'Guides citizens in life situations')),
  'security-officer': profile(['SECURITY_OFFICER'], given(allOrdinary, 'EXISTENCE', search, 'Reviews look-ups')),
  'cleared-security-officer': profile(
    ['SECURITY_OFFICER'],
    given(
      standingCompartments(municipality).map((compartment) => compartment.id),
      'EXISTENCE',
      search,
      'Reviews look-ups, also of cases whose existence is secret',
    ),
  ),
  administrator: profile(['ADMINISTRATOR']),
  director: profile(['MANAGER']),
  'centre-administrator': profile(['ADMINISTRATOR', 'SMDB_ADMINISTRATOR']),
  'ssp-worker': caseworker(given(own('SSP'), 'DOCUMENTS', all, 'SSP worker')),
  'marriage-secretary': secretary('MARRIAGE_AUTHORITY', 'Secretariat of the marriage authority'),
  'folkeoplysning-secretary': secretary('FOLKEOPLYSNING_COMMITTEE', 'Secretariat of the committee'),
  'licensing-secretary': secretary('LICENSING_BOARD', 'Secretariat of the board'),
  'rent-board-secretary': secretary('RENT_BOARD', 'Secretariat of the board'),
  'fence-inspection-secretary': secretary('FENCE_INSPECTION', 'Secretariat of the fence inspection'),
  'records-officer': profile(
    ['CASEWORKER', 'PROTECTED_ADDRESS'],
    given(allOrdinary, 'METADATA', search, 'Keeps the records of all ordinary cases, and posts letters'),
  ),
};

export const rightsOfPerson = (key: string): readonly string[] => named[key]?.rights ?? [];

export const caseSystem: Profile = profile(
  [],
  given(own('HOUSING_BENEFIT'), 'DOCUMENTS', all, 'System in which housing benefit is handled'),
);

const relocations = given(own('RELOCATION'), 'EXISTENCE', search, 'Answers questions of citizens');
const drugTreatment = given(own('DRUG_TREATMENT'), 'METADATA', enter, 'Counsels on drug misuse');
const familyBenefits = own('CHILD_SUPPORT', 'DAY_CARE_SUBSIDY');
const secretariatOf = (authority: AuthorityCode): Profile[] => [
  caseworker(given(mattersOf(authority), 'DOCUMENTS', enter, 'Prepares meetings')),
];

/** Everybody else, by unit: the groups among which its employees are spread. */
const groupsOf: Readonly<Record<string, readonly Profile[]>> = {
  'citizen-service': [
    profile(
      ['CITIZEN_SERVICE'],
      given(own('RELOCATION'), 'METADATA', enter, 'Registers moves'),
      given(
        guidance.filter((compartment) => compartment !== own('RELOCATION')[0]),
        'EXISTENCE',
        search,
        'Guides citizens',
      ),
    ),
  ],
  housing: [caseworker(given(own('HOUSING_BENEFIT'), 'METADATA', enter, 'Handles housing benefit'))],
  benefits: [caseworker(given(own('CASH_BENEFIT'), 'METADATA', enter, 'Handles cash benefit'))],
  family: [
    caseworker(given(familyBenefits, 'METADATA', search, 'Works with families')),
    caseworker(given(familyBenefits, 'METADATA', enter, 'Handles benefits of families')),
    caseworker(given(own('CHILD_CONCERN'), 'DOCUMENTS', enter, 'Receives reports of concern')),
    caseworker(given(own('PLACEMENT', 'FAMILY_RESIDENCE'), 'DOCUMENTS', enter, 'Works with placements')),
  ],
  'board-secretariat': [
    caseworker({ ...relocations, reason: 'Prepares meetings' }),
    caseworker({ ...relocations, reason: 'Prepares meetings' }),
    ...secretariatOf('CHILDREN_AND_YOUTH_COMMITTEE'),
  ],
  'fraud-control': [
    caseworker(given(own('CASH_BENEFIT', 'HOUSING_BENEFIT'), 'METADATA', search, 'Controls benefits')),
    caseworker(given(own('CASH_BENEFIT', 'HOUSING_BENEFIT'), 'METADATA', search, 'Controls benefits')),
    caseworker(given(own('SOCIAL_FRAUD'), 'DOCUMENTS', enter, 'Member of the control group')),
  ],
  'drug-treatment': [
    caseworker(drugTreatment),
    profile(['CASEWORKER', 'SMDB_REPORTER'], drugTreatment),
    profile(['CASEWORKER', 'SMDB_HEALTH'], drugTreatment),
  ],
  security: [profile(['CITIZEN_SERVICE'], relocations)],
  it: [profile(['CITIZEN_SERVICE'], relocations)],
  // Another company's employees get no access to the municipality's registers.
  centre: [profile(['SMDB_DELEGATED_REPORTER'])],
  ssp: [caseworker(given(own('SSP'), 'DOCUMENTS', enter, 'Works with SSP'))],
  marriages: secretariatOf('MARRIAGE_AUTHORITY'),
  folkeoplysning: secretariatOf('FOLKEOPLYSNING_COMMITTEE'),
  licensing: secretariatOf('LICENSING_BOARD'),
  'rent-board': secretariatOf('RENT_BOARD'),
  'fence-inspection': secretariatOf('FENCE_INSPECTION'),
};

const unitKeys = new Map(organisations.map((unit) => [unit.id, unit.key]));
const heads = new Set([...unitManagers.values()].map(employeeId));

/** Who leads a unit of the municipality decides on grants, and needs none for it. */
const head = profile(['MANAGER']);

export function profileOf(employee: DemoEmployee): Profile {
  if (employee.key !== null) return named[employee.key]!;
  if (heads.has(employee.id) && !worksIn('centre')(employee)) return head;
  const groups = groupsOf[unitKeys.get(employee.organisation)!]!;
  return groups[numberFor(`employee/${employee.id}/group`, groups.length)]!;
}

const shieldedIds = new Set(
  standingCompartments(municipality)
    .filter((compartment) => isShieldedCategory(compartment.category))
    .map((compartment) => compartment.id),
);
export const isShielded = (compartment: string): boolean => shieldedIds.has(compartment);

/** The shielded compartments that an employee is cleared for: what is done with them is logged under their seal. */
export const sealOf = (employee: DemoEmployee): string[] =>
  profileOf(employee).grants.flatMap(({ compartments }) => compartments.filter(isShielded));

/** By compartment, the employees at work who may handle its cases. */
export function handlersOf(employees: readonly DemoEmployee[]): Map<string, DemoEmployee[]> {
  const handlers = new Map<string, DemoEmployee[]>();
  const today = demoNow.toISOString().slice(0, 10);
  for (const employee of employees.filter((one) => worksOn(one, today) && !isNewcomer(one))) {
    for (const { compartments, operations } of profileOf(employee).grants) {
      if (!operations.includes('ENTER')) continue;
      for (const compartment of compartments)
        handlers.set(compartment, [...(handlers.get(compartment) ?? []), employee]);
    }
  }
  return handlers;
}

/** Who decides on a grant: the unit's manager, and for the manager's own the director. */
export function deciderOf({ id, organisation }: DemoEmployee): string {
  const manager = employeeId(unitManagers.get(unitKeys.get(organisation)!)!);
  return manager === id ? employeeId('director') : manager;
}

export const worksIn = (unit: string) => {
  const id = organisationId(unit);
  return ({ organisation }: DemoEmployee): boolean => organisation === id;
};
