/**
 * The identity room's rows of the demo municipality, and the people one can sign in as. All of it is about people, none about cases:
 * it is the same in both worlds.
 *
 * The times lie far before and far after any clock that the demo may run under, so that nothing in the demo expires.
 */
import {
  type AuthorityCode,
  type CaseCategory,
  compartmentId,
  ordinaryCategories,
  standingCompartments,
} from '../protocol/compartments.js';
import type { CaseLevel, CaseOperation, PersonKind } from '../protocol/viewer.js';
import {
  citizenId,
  type DemoCitizen,
  type DemoEmployee,
  employeeId,
  municipality,
  namedCitizens,
  organisationId,
  organisations,
  relativesOf,
} from './people.js';
import { centrePower } from './powers.js';
import { idFor } from './random.js';

/** Somebody to sign in as, for the sign-in page. */
export interface DemoPerson {
  readonly key: string;
  readonly kind: PersonKind;
  readonly id: string;
  /** A short title. */
  readonly role: string;
  /** One sentence: what this person may see. */
  readonly may: string;
}

export const systemClientId = (key: string): string => idFor(`system-client/${key}`);

const employee = (key: string, role: string, may: string): DemoPerson => ({
  key,
  kind: 'Employee',
  id: employeeId(key),
  role,
  may,
});
const citizen = (key: string, role: string, may: string): DemoPerson => ({
  key,
  kind: 'Citizen',
  id: citizenId(namedCitizens[key]!),
  role,
  may,
});

export const demoPeople: readonly DemoPerson[] = [
  employee(
    'guidance-worker',
    'Guidance worker, citizen service',
    'May see which types of ordinary cases run about a citizen, and no more of them.',
  ),
  employee('housing-caseworker', 'Housing caseworker', 'May read, enter and delete housing benefit cases.'),
  employee(
    'placement-secretary',
    'Secretary for placements',
    'May know of reports of concern, placements and family stays, and handle them.',
  ),
  employee(
    'board-secretary',
    'Secretary of the children and youth committee',
    "May know of the committee's own matters, and handle them.",
  ),
  employee('fraud-investigator', 'Fraud investigator', 'May know of social fraud cases, and handle them.'),
  employee('smdb-reporter', 'SMDB reporter', 'May report forms on drug treatment, but for the health forms.'),
  employee('smdb-health', 'SMDB health professional', 'May report the health forms on drug treatment.'),
  employee('smdb-leader', 'SMDB leader', 'May see the forms that were reported, and change nothing.'),
  employee(
    'centre-reporter',
    'Reporter at a treatment centre',
    'May report for the municipality, under its power of attorney, and see only the own forms.',
  ),
  employee('manager', 'Manager, citizen service', 'May see titles and progress of all ordinary cases.'),
  employee(
    'security-officer',
    'Security officer',
    'May read the log, but for what concerns cases whose existence is secret.',
  ),
  employee(
    'cleared-security-officer',
    'Security officer with full clearance',
    'May read the whole log, and know of every case that exists.',
  ),
  employee('administrator', 'System administrator', 'May see employees and the schema; no citizens and no cases.'),
  citizen('citizen', 'Citizen', 'May see own ordinary cases and who looked at them.'),
  citizen('other-citizen', 'Another citizen', 'May see own ordinary cases and who looked at them.'),
  {
    key: 'case-system',
    kind: 'SystemClient',
    id: systemClientId('case-system'),
    role: 'Case system of a vendor',
    may: 'May read, enter and delete housing benefit cases, as a system.',
  },
  employee(
    'centre-administrator',
    'Administrator of a treatment centre',
    'May request powers of attorney for the centre, add its employees to them, and mark them in SMDB.',
  ),
  employee(
    'director',
    'Director of the municipality',
    'May decide on grants in all units, where no manager is nearer; no citizens’ cases.',
  ),
];

/** Who manages which unit. Grants in a unit without a manager are decided by the one above. */
export const unitManagers: Readonly<Record<string, string>> = {
  [organisationId('municipality')]: employeeId('director'),
  [organisationId('citizen-service')]: employeeId('manager'),
};

/** Which unit is the secretariat of which authority. */
const secretariats: readonly (readonly [authority: AuthorityCode, unit: string, member: string])[] = [
  ['CHILDREN_AND_YOUTH_COMMITTEE', 'board-secretariat', 'board-secretary'],
  ['MARRIAGE_AUTHORITY', 'citizen-service', 'guidance-worker'],
  ['FOLKEOPLYSNING_COMMITTEE', 'board-secretariat', 'board-secretary'],
  ['LICENSING_BOARD', 'board-secretariat', 'board-secretary'],
  ['RENT_BOARD', 'housing', 'housing-caseworker'],
  ['FENCE_INSPECTION', 'board-secretariat', 'board-secretary'],
];
const agreementId = (authority: string): string => idFor(`agreement/${authority}`);

/** The demo NemLog-in's id of a person. */
export const nemloginUuid = (person: string): string => idFor(`nemlogin/${person}`);

export const privilegeOf = (right: string): string =>
  `https://demo.sluse.example/privileges/${right.toLowerCase().replaceAll('_', '-')}`;

/** Right by privilege URI. These URIs belong to the demo: the real ones of SMDB are not public. */
export const demoPrivileges: ReadonlyMap<string, string> = new Map(
  [
    'SMDB_REPORTER',
    'SMDB_LEADER',
    'SMDB_HEALTH',
    'SMDB_DELEGATED_REPORTER',
    'SMDB_DELEGATED_HEALTH',
    'SMDB_ADMINISTRATOR',
    'CITIZEN_SERVICE',
    'CASEWORKER',
    'MANAGER',
    'SECURITY_OFFICER',
    'ADMINISTRATOR',
  ].map((right) => [privilegeOf(right), right]),
);

interface DemoPeopleRows {
  readonly citizens: readonly DemoCitizen[];
  readonly employees: readonly DemoEmployee[];
}

export const makeIdentity = ({ citizens, employees }: DemoPeopleRows): Record<string, object[]> => ({
  municipality: [{ municipality, name: 'Korsbæk' }],
  organisation: organisations.map((unit) => ({
    municipality,
    id: unit.id,
    cvr: unit.cvr,
    p_number: unit.pNumber,
    name: unit.name,
    kind: unit.kind,
    part_of: unit.kind === 'MUNICIPALITY' || unit.kind === 'DEPARTMENT' ? municipality : null,
    parent: unit.kind === 'DEPARTMENT' ? organisationId('municipality') : null,
  })),
  secretariat: secretariats.map(([authority, unit]) => ({ municipality, authority, unit: organisationId(unit) })),
  citizen: citizens.map(({ id, cpr, name, bornOn, street, postcode, city }) => ({
    municipality,
    id,
    cpr,
    name,
    born_on: bornOn,
    street,
    postcode,
    city,
  })),
  relation: relativesOf(citizens).map((relation) => ({ municipality, ...relation })),
  employee: employees.map(({ id, name, organisation }) => ({ municipality, id, name, organisation })),
  right_assignment: employees.flatMap((holder) =>
    profileOf(holder).rights.map((code, place) => ({
      municipality,
      employee: holder.id,
      code,
      organisation: holder.organisation,
      source: sourceOf(code),
      assigned_at: `2020-01-0${6 + place}T08:00:00.000Z`,
    })),
  ),
  nemlogin_identity: employees.map(({ id }) => ({ municipality, uuid: nemloginUuid(id), employee: id })),
  legacy_account: legacyAccounts,
  system_client: [
    {
      municipality,
      id: systemClientId('case-system'),
      name: 'Sagsystem',
      organisation: organisationId('vendor'),
      scopes: ['case:read', 'case:write', 'employee:read'],
    },
  ],
  // The authorities let the security officer look, who has every compartment.
  disclosure_agreement: secretariats.map(([authority, , member]) => ({
    municipality,
    id: agreementId(authority),
    authority,
    receiver: organisationId('security'),
    kind: 'DISCLOSURE',
    basis: 'Databeskyttelsesforordningen artikel 32',
    valid_from: '2020-01-06',
    agreed_by: employeeId(member),
    agreed_at: '2020-01-06T08:00:00.000Z',
  })),
  course_record: employees
    .filter((holder) => profileOf(holder).rights.includes('CITIZEN_SERVICE'))
    .map(({ id }, place) => ({
      municipality,
      id: idFor(`course/${id}`),
      employee: id,
      kind: 'DATA_SECURITY',
      passed_on: '2020-01-03',
      evidence: `Kursusbevis ${1_000 + place}`,
      recorded_by: employeeId('manager'),
      recorded_at: '2020-01-06T08:00:00.000Z',
    })),
  clearance_grant: [
    ...employees.flatMap((holder) => grantRows(holder.id, profileOf(holder), holder.organisation)),
    ...grantRows(systemClientId('case-system'), caseSystem),
  ],
  ...centrePower,
});

/** SMDB's rights are assigned in FBRS and come with NemLog-in's answer. The others are assigned by the municipality. */
const sourceOf = (code: string): 'NEMLOGIN' | 'LOCAL' => (code.startsWith('SMDB_') ? 'NEMLOGIN' : 'LOCAL');

/** The rights that NemLog-in asserts for a person one can sign in as. */
export const rightsAtNemLogin = (key: string): readonly string[] =>
  (named[key]?.rights ?? []).filter((code) => sourceOf(code) === 'NEMLOGIN');

/** Accounts of the old SMDB: `rus01` with `gammelt-kodeord-1`, and so on. The last one is the treatment centre's. */
const legacyAccounts = [
  {
    municipality,
    user_name: 'rus01',
    cvr: '11111111',
    password_hash: '$argon2id$v=19$m=19456,t=2,p=1$57XvEkO+lFOIPXl6xME3Sw$dbzgvUrr24H5ua0/9drg0YB8PObigw3JUk5QR1z0mno',
  },
  {
    municipality,
    user_name: 'rus02',
    cvr: '11111111',
    password_hash: '$argon2id$v=19$m=19456,t=2,p=1$oqQQibRRWMbPRQM+DCMvxQ$lFZLOt7qixIN+PX/p1x+Ph194/rss4RcPcbzdEnpZf4',
  },
  {
    municipality,
    user_name: 'center01',
    cvr: '22222222',
    password_hash: '$argon2id$v=19$m=19456,t=2,p=1$SAY0Yfc03Kjd+wuOC7C9UA$fp5+PqohqNyxbI/PgdYQszSN5upVxPWGA5x81RFF1KA',
  },
];

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
  director: profile(['MANAGER'], [], 'EXISTENCE', search, ''),
  'centre-administrator': profile(['ADMINISTRATOR', 'SMDB_ADMINISTRATOR'], [], 'EXISTENCE', search, ''),
};

const caseSystem = profile([], own('HOUSING_BENEFIT'), 'DOCUMENTS', all, 'System in which housing benefit is handled');

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

const unitKeys = new Map(organisations.map((unit) => [unit.id, unit.key]));

const profileOf = (holder: DemoEmployee): Profile =>
  holder.key ? named[holder.key]! : byUnit[unitKeys.get(holder.organisation)!]!;

const shieldedIds = new Set(
  standingCompartments(municipality)
    .filter((compartment) => compartment.shielded)
    .map((compartment) => compartment.id),
);

const grantRows = (holder: string, { compartments, level, operations, reason }: Profile, unit: string | null = null) =>
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
    requested_at: '2020-01-06T08:00:00.000Z',
    unit,
    agreement: agreementOf(compartment, unit),
    confirm_by: '2099-01-01T00:00:00.000Z',
  }));

/** The agreement under which a compartment of another authority is open to a unit; `null` where none is needed. */
function agreementOf(compartment: string, unit: string | null): string | null {
  const secretariat = secretariats.find(([authority]) => compartment.split('.')[1] === authority);
  if (!secretariat || organisationId(secretariat[1]) === unit) return null;
  return agreementId(secretariat[0]);
}
