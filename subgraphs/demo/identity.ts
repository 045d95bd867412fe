/**
 * The identity room's rows of the demo municipality, and the people one can sign in as. All of it is about people, none about cases:
 * it is the same in both worlds.
 *
 * Rights are held since long before any clock that the demo may run under. So are the grants of its people (`grants.ts`).
 */
import type { PersonKind } from '../protocol/viewer.js';
import { makeGrants } from './grants.js';
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
  secretariats,
} from './people.js';
import { centrePower } from './powers.js';
import { profileOf, rightsOfPerson } from './profiles.js';
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
const secretary = (key: string, authority: string, short: string): DemoPerson =>
  employee(key, `Secretary of the ${authority}`, `May know of the ${short}'s own matters, and handle them.`);
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
  employee(
    'manager',
    'Manager, citizen service',
    'May decide on grants in the unit, and see which types of ordinary cases run about a citizen.',
  ),
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
  employee('ssp-worker', 'SSP worker', 'May know of SSP cases, and handle them.'),
  secretary('marriage-secretary', 'marriage authority', 'authority'),
  secretary('folkeoplysning-secretary', 'folkeoplysning committee', 'committee'),
  secretary('licensing-secretary', 'licensing board', 'board'),
  secretary('rent-board-secretary', 'rent board', 'board'),
  secretary('fence-inspection-secretary', 'fence inspection', 'fence inspection'),
  employee(
    'records-officer',
    'Records officer',
    'May see titles and progress of all ordinary cases, and protected addresses when acting in that right.',
  ),
  {
    key: 'register-system',
    kind: 'SystemClient',
    id: systemClientId('register-system'),
    role: 'System that keeps the register',
    may: 'May list all citizens without naming one; no cases.',
  },
];

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
    'PROTECTED_ADDRESS',
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
  secretariat: [...secretariats].map(([authority, unit]) => ({ municipality, authority, unit: organisationId(unit) })),
  citizen: citizens.map(({ id, cpr, name, bornOn, street, postcode, city, ...register }) => ({
    municipality,
    id,
    cpr,
    name,
    born_on: bornOn,
    street,
    postcode,
    city,
    name_protected: register.protection === 'NAME_AND_ADDRESS',
    address_protected: register.protection !== null,
    moved_away_on: register.movedAwayOn,
    died_on: register.diedOn,
  })),
  relation: relativesOf(citizens).map((relation) => ({ municipality, ...relation })),
  employee: employees.map(({ id, name, organisation, leftOn }) => ({
    ...{ municipality, id, name, organisation },
    left_at: leftOn && `${leftOn}T15:00:00.000Z`,
  })),
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
      scopes: ['case:read', 'case:write', 'citizen:match', 'employee:read'],
    },
    {
      municipality,
      id: systemClientId('register-system'),
      name: 'Borgerregister',
      organisation: organisationId('municipality'),
      scopes: ['citizen:read', 'citizen:browse'],
    },
  ],
  ...makeGrants(employees, systemClientId('case-system')),
  ...centrePower,
});

/** SMDB's rights are assigned in FBRS and come with NemLog-in's answer. The others are assigned by the municipality. */
const sourceOf = (code: string): 'NEMLOGIN' | 'LOCAL' => (code.startsWith('SMDB_') ? 'NEMLOGIN' : 'LOCAL');

/** The rights that NemLog-in asserts for a person one can sign in as. */
export const rightsAtNemLogin = (key: string): readonly string[] =>
  rightsOfPerson(key).filter((code) => sourceOf(code) === 'NEMLOGIN');

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
