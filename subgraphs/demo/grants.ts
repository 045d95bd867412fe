/** Which rights and grants the demo's employees and its case system hold. None of it depends on the world. */
import {
  type CaseCategory,
  compartmentId,
  ordinaryCategories,
  standingCompartments,
} from '../protocol/compartments.js';
import type { CaseLevel, CaseOperation } from '../protocol/viewer.js';
import { type DemoEmployee, employeeId, municipality, organisations } from './people.js';
import { idFor } from './random.js';

interface Profile {
  readonly rights: readonly string[];
  readonly compartments: readonly string[];
  readonly level: CaseLevel;
  readonly operations: readonly CaseOperation[];
  /** Why the grants were given. */
  readonly reason: string;
}

type OwnCategory = Exclude<CaseCategory, 'BOARD_MATTER'>;
const own = (...categories: OwnCategory[]) =>
  categories.map((category) => compartmentId(municipality, 'MUNICIPALITY', category));
const all: readonly CaseOperation[] = ['SEARCH', 'ENTER', 'DELETE'];
const search: readonly CaseOperation[] = ['SEARCH'];
const allOrdinary = own(...ordinaryCategories);
const guidance = own('HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT');

const profile = (
  rights: readonly string[],
  compartments: readonly string[],
  level: CaseLevel,
  operations: readonly CaseOperation[],
  reason: string,
): Profile => ({ rights, compartments, level, operations, reason });

const named: Readonly<Record<string, Profile>> = {
  'guidance-worker': profile(['CITIZEN_SERVICE'], guidance, 'EXISTENCE', search, 'Guides citizens in life situations'),
  'housing-caseworker': profile(['CASEWORKER'], own('HOUSING_BENEFIT'), 'DOCUMENTS', all, 'Handles housing benefit'),
  'placement-secretary': profile(
    ['CASEWORKER'],
    own('PLACEMENT', 'CHILD_CONCERN', 'FAMILY_RESIDENCE'),
    'DOCUMENTS',
    all,
    'Secretary for placements',
  ),
  'board-secretary': profile(
    ['CASEWORKER'],
    [compartmentId(municipality, 'CHILDREN_AND_YOUTH_COMMITTEE', 'BOARD_MATTER')],
    'DOCUMENTS',
    all,
    'Secretariat of the committee',
  ),
  'fraud-investigator': profile(['CASEWORKER'], own('SOCIAL_FRAUD'), 'DOCUMENTS', all, 'Member of the control group'),
  'smdb-reporter': profile(['SMDB_REPORTER'], own('DRUG_TREATMENT'), 'METADATA', search, 'Reports on drug treatment'),
  'smdb-health': profile(['SMDB_HEALTH'], own('DRUG_TREATMENT'), 'METADATA', search, 'Reports on drug treatment'),
  // Two rights, so that the demo has somebody who can switch.
  'smdb-leader': profile(
    ['SMDB_LEADER', 'SMDB_ADMINISTRATOR'],
    own('DRUG_TREATMENT'),
    'EXISTENCE',
    search,
    'Leads the drug counselling',
  ),
  'centre-reporter': profile(['SMDB_DELEGATED_REPORTER'], [], 'EXISTENCE', search, ''),
  manager: profile(['MANAGER'], allOrdinary, 'METADATA', search, 'Manager of the citizen service'),
  'security-officer': profile(['SECURITY_OFFICER'], allOrdinary, 'EXISTENCE', search, 'Reviews look-ups'),
  'cleared-security-officer': profile(
    ['SECURITY_OFFICER'],
    standingCompartments(municipality).map((compartment) => compartment.id),
    'EXISTENCE',
    search,
    'Reviews look-ups, also of cases whose existence is secret',
  ),
  administrator: profile(['ADMINISTRATOR'], [], 'EXISTENCE', search, ''),
  'centre-administrator': profile(['ADMINISTRATOR', 'SMDB_ADMINISTRATOR'], [], 'EXISTENCE', search, ''),
};

export const caseSystem = profile(
  [],
  own('HOUSING_BENEFIT'),
  'DOCUMENTS',
  all,
  'System in which housing benefit is handled',
);

/** Everybody else, by the unit where they work: ordinary cases only. */
const byUnit: Readonly<Record<string, Profile>> = {
  'citizen-service': profile(['CITIZEN_SERVICE'], guidance, 'EXISTENCE', search, 'Guides citizens'),
  housing: profile(['CASEWORKER'], own('HOUSING_BENEFIT'), 'METADATA', ['SEARCH', 'ENTER'], 'Handles housing benefit'),
  family: profile(['CASEWORKER'], own('CHILD_SUPPORT', 'DAY_CARE_SUBSIDY'), 'METADATA', search, 'Works with families'),
  'board-secretariat': profile(['CASEWORKER'], own('RELOCATION'), 'EXISTENCE', search, 'Prepares meetings'),
  'fraud-control': profile(
    ['CASEWORKER'],
    own('CASH_BENEFIT', 'HOUSING_BENEFIT'),
    'METADATA',
    search,
    'Controls benefits',
  ),
  'drug-treatment': profile(['CASEWORKER'], own('DRUG_TREATMENT'), 'METADATA', search, 'Counsels on drug misuse'),
  security: profile(['CITIZEN_SERVICE'], own('RELOCATION'), 'EXISTENCE', search, 'Answers questions of citizens'),
  it: profile(['CITIZEN_SERVICE'], own('RELOCATION'), 'EXISTENCE', search, 'Answers questions of citizens'),
  // Another company's employees get no access to the municipality's registers.
  centre: profile(['SMDB_DELEGATED_REPORTER'], [], 'EXISTENCE', search, ''),
};

/** The rights of a person one can sign in as. */
export const rightsNamed = (key: string): readonly string[] => named[key]?.rights ?? [];

const unitKeys = new Map(organisations.map((unit) => [unit.id, unit.key]));

export const profileOf = (holder: DemoEmployee): Profile =>
  holder.key ? named[holder.key]! : byUnit[unitKeys.get(holder.organisation)!]!;

const shieldedIds = new Set(
  standingCompartments(municipality)
    .filter((compartment) => compartment.shielded)
    .map((compartment) => compartment.id),
);

export const grantRows = (holder: string, { compartments, level, operations, reason }: Profile) =>
  compartments.map((compartment) => ({
    municipality,
    id: idFor(`grant/${holder}/${compartment}`),
    holder,
    compartment,
    level,
    operations,
    shielded: shieldedIds.has(compartment),
    reason,
    status: 'IN_FORCE',
    requested_by: employeeId('administrator'),
    // Managers decide, but not about their own grants.
    decided_by: employeeId(holder === employeeId('manager') ? 'security-officer' : 'manager'),
    valid_from: '2020-01-06T08:00:00.000Z',
    confirm_by: '2099-01-01T00:00:00.000Z',
  }));
