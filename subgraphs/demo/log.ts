/**
 * A month of Korsbæk's log: what employees looked up, what was refused, and, in the shielded world, the sealed entries of those who
 * work with shielded cases. An ordinary entry never depends on a sealed one, nor on whether there are any.
 */
import { createHash } from 'node:crypto';
import { compartmentId } from '../protocol/compartments.js';
import type { LogEntry } from '../protocol/log-entry.js';
import type { PersonReference } from '../protocol/viewer.js';
import { type DemoCitizen, type DemoEmployee, demoNow, employeeId, municipality, organisationId } from './people.js';
import { idFor, numberFor } from './random.js';

export interface LogOptions {
  /** Whether the shielded cases ever existed. */
  shielded: boolean;
  citizens: readonly DemoCitizen[];
  employees: readonly DemoEmployee[];
  /** Ordinary cases; the same in both worlds. */
  ordinary: readonly { id: string; citizen: string }[];
  shieldedCases: readonly { id: string; citizen: string; compartment: string }[];
}

/** Entries as an edge would have written them. */
export function makeLog(options: LogOptions): LogEntry[] {
  const open = [...ordinaryEntries(options), ...rejectedAttempts(options)];
  return options.shielded ? [...open, ...sealedEntries(options)] : open;
}

interface DemoOperation {
  readonly name: string;
  readonly text: string;
  readonly use: LogEntry['use'];
  readonly fields: readonly string[];
  /** Root fields with their arguments, as the gateway writes them. */
  criterion(citizen: DemoCitizen, caseId: string | undefined): unknown;
}

const lookUpCitizen: DemoOperation = {
  name: 'LookUpCitizen',
  text: 'query LookUpCitizen($cpr: CPR!) { citizen(cpr: $cpr) { id name address { street postcode city } } }',
  use: 'SEARCH',
  fields: ['Query.citizen', 'Citizen.name', 'Citizen.address'],
  criterion: ({ cpr }) => [{ field: 'citizen', arguments: { cpr } }],
};
const casesOfCitizen: DemoOperation = {
  name: 'CasesOfCitizen',
  text: 'query CasesOfCitizen($cpr: CPR!) { citizen(cpr: $cpr) { id name cases { nodes { id category progress } } } }',
  use: 'SEARCH',
  fields: ['Query.citizen', 'Citizen.name', 'Citizen.cases', 'Case.category', 'Case.progress'],
  criterion: ({ cpr }) => [{ field: 'citizen', arguments: { cpr } }],
};
const openCase: DemoOperation = {
  name: 'OpenCase',
  text: 'query OpenCase($id: ID!) { case(id: $id) { id number title progress primaryParty { id name } } }',
  use: 'READ',
  fields: ['Query.case', 'Case.number', 'Case.title', 'Case.progress', 'Case.primaryParty', 'Citizen.name'],
  criterion: (_citizen, id) => [{ field: 'case', arguments: { id } }],
};
const changeCase: DemoOperation = {
  name: 'SetProgress',
  text: 'mutation SetProgress($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id progress primaryParty { id } } }',
  use: 'CHANGE',
  fields: ['Mutation.changeCase', 'Case.progress', 'Case.primaryParty'],
  criterion: (_citizen, id) => [{ field: 'changeCase', arguments: { id, input: { progress: 'OPLYST' } } }],
};

/** Units that make ordinary look-ups. Their work has nothing to do with shielded cases, so that no unit's name hints at one. */
const ordinaryUnits: readonly {
  unit: string;
  right: string;
  purposes: readonly string[];
  operations: DemoOperation[];
}[] = [
  {
    unit: 'citizen-service',
    right: 'CITIZEN_SERVICE',
    purposes: ['Vejledning ved fremmøde', 'Telefonisk henvendelse', 'Flytning', 'Tidsbestilling'],
    operations: [lookUpCitizen, lookUpCitizen, casesOfCitizen],
  },
  {
    unit: 'housing',
    right: 'CASEWORKER',
    purposes: ['Ansøgning om boligstøtte', 'Årsopgørelse', 'Partshøring'],
    operations: [lookUpCitizen, casesOfCitizen, openCase, openCase, changeCase],
  },
  {
    unit: 'drug-treatment',
    right: 'SMDB_REPORTER',
    purposes: ['Indberetning', 'Opfølgning på behandlingsplan'],
    operations: [lookUpCitizen, casesOfCitizen],
  },
];

const ordinaryCount = 600;

function ordinaryEntries({ citizens, employees, ordinary }: LogOptions): LogEntry[] {
  const casesOf = new Map<string, string[]>();
  for (const { id, citizen } of ordinary) casesOf.set(citizen, [...(casesOf.get(citizen) ?? []), id]);
  return Array.from({ length: ordinaryCount }, (_, index) => {
    const key = `log/ordinary/${index}`;
    const unit = pick(key, 'unit', ordinaryUnits);
    const staff = employees.filter(({ organisation }) => organisation === organisationId(unit.unit));
    // Every third look-up is made by the employee one can sign in as.
    const named = staff.find((employee) => employee.key !== null && employee.key !== 'manager');
    const employee = named && numberFor(`${key}/named`, 3) === 0 ? named : pick(key, 'employee', staff);
    const citizen = citizens[aboutCitizen(index, citizens.length)]!;
    const cases = casesOf.get(citizen.id) ?? [];
    const wanted = pick(key, 'operation', unit.operations);
    // Without a case there is nothing to open.
    const operation = cases.length === 0 && needsCase(wanted) ? lookUpCitizen : wanted;
    const opened = needsCase(operation) ? pick(key, 'case', cases) : undefined;
    return {
      ...answered(key, { kind: 'Employee', id: employee.id }, operation),
      organisation: employee.organisation,
      right: unit.right,
      purpose: pick(key, 'purpose', unit.purposes),
      citizens: [citizen.id],
      cases: opened ? [opened] : operation === casesOfCitizen ? cases : [],
      criterion: operation.criterion(citizen, opened),
    };
  });
}

/** Six look-ups of citizen 0 and three of citizen 1, spread over the month. All the others are about somebody else. */
const aboutCitizen = (index: number, count: number): number =>
  index < 6 ? 0 : index < 9 ? 1 : 2 + numberFor(`log/ordinary/${index}/citizen`, count - 2);

const needsCase = (operation: DemoOperation): boolean => operation === openCase || operation === changeCase;

/** Refusals name nobody: four of callers who were not signed in, six of employees who asked for too much. */
function rejectedAttempts({ employees }: LogOptions): LogEntry[] {
  const reasons = [
    ...Array.from({ length: 4 }, () => ({ outcome: 'DENIED', fault: 'UNAUTHENTICATED', known: false }) as const),
    ...Array.from({ length: 3 }, () => ({ outcome: 'DENIED', fault: 'FORBIDDEN', known: true }) as const),
    ...Array.from({ length: 3 }, () => ({ outcome: 'FAILED', fault: 'TOO_MANY_REQUESTS', known: true }) as const),
  ];
  return reasons.map(({ outcome, fault, known }, index) => {
    const key = `log/rejected/${index}`;
    const employee = pick(key, 'employee', employees);
    const person = known ? ({ kind: 'Employee', id: employee.id } as const) : null;
    return {
      ...answered(key, person, lookUpCitizen),
      organisation: known ? employee.organisation : null,
      outcome,
      faults: [fault],
      criterion: [{ field: 'citizen', arguments: {} }],
    };
  });
}

/** Employees who work with shielded cases, and the compartments that each of their look-ups searches. */
const shieldedStaff = [
  {
    key: 'placement-secretary',
    unit: 'family',
    compartments: (['PLACEMENT', 'CHILD_CONCERN', 'FAMILY_RESIDENCE'] as const).map((category) =>
      compartmentId(municipality, 'MUNICIPALITY', category),
    ),
  },
  {
    key: 'board-secretary',
    unit: 'board-secretariat',
    compartments: [compartmentId(municipality, 'CHILDREN_AND_YOUTH_COMMITTEE', 'BOARD_MATTER')],
  },
  {
    key: 'fraud-investigator',
    unit: 'fraud-control',
    compartments: [compartmentId(municipality, 'MUNICIPALITY', 'SOCIAL_FRAUD')],
  },
];

const sealedCount = 60;

function sealedEntries({ citizens, shieldedCases }: LogOptions): LogEntry[] {
  const byId = new Map(citizens.map((citizen) => [citizen.id, citizen]));
  const worked = shieldedCases.flatMap((shieldedCase) => {
    const staff = shieldedStaff.find(({ compartments }) => compartments.includes(shieldedCase.compartment));
    const citizen = byId.get(shieldedCase.citizen);
    return staff && citizen ? [{ shieldedCase, staff, citizen }] : [];
  });
  const first = worked.filter(({ citizen }) => citizen.index === 0);
  const others = worked.filter(({ citizen }) => citizen.index > 1);
  return Array.from({ length: sealedCount }, (_, index) => {
    const key = `log/sealed/${index}`;
    const about = index < 4 ? first[index % first.length] : others[numberFor(`${key}/case`, others.length)];
    if (!about) return [];
    const { shieldedCase, staff, citizen } = about;
    const operation = pick(key, 'operation', [casesOfCitizen, openCase, openCase, changeCase]);
    return [
      {
        ...answered(key, { kind: 'Employee', id: employeeId(staff.key) }, operation),
        organisation: organisationId(staff.unit),
        right: 'CASEWORKER',
        purpose: 'Sagsbehandling',
        citizens: [citizen.id],
        cases: [shieldedCase.id],
        criterion: operation.criterion(citizen, shieldedCase.id),
        sealedBy: staff.compartments,
      } satisfies LogEntry,
    ];
  }).flat();
}

const answered = (key: string, person: PersonReference | null, operation: DemoOperation): LogEntry => ({
  id: idFor(key),
  at: timeOf(key),
  municipality,
  session: person && idFor(`${key}/session`),
  actor: person,
  subject: person,
  organisation: null,
  right: null,
  use: operation.use,
  outcome: 'ANSWERED',
  operation: {
    hash: createHash('sha256').update(operation.text).digest('hex'),
    name: operation.name,
    text: operation.text,
  },
  fields: operation.fields,
  citizens: [],
  cases: [],
  criterion: null,
  faults: [],
  purpose: null,
  workstation: person && `KB-${100 + numberFor(`${person.id}/workstation`, 400)}`,
  transactionId: idFor(`${key}/transaction`),
  requestId: null,
  onBehalfOf: null,
  sealedBy: [],
});

const day = 24 * 60 * 60 * 1000;
/** Midnights (UTC) of the working days among the 30 before the demo's clock. */
const workingDays = Array.from({ length: 30 }, (_, index) => {
  const midnight = Math.floor(demoNow.getTime() / day) * day - (index + 1) * day;
  return new Date(midnight);
}).filter((date) => date.getUTCDay() % 6 !== 0);

/** A time in office hours, except for one in forty. */
function timeOf(key: string): string {
  const midnight = pick(key, 'day', workingDays).getTime();
  const outside = numberFor(`${key}/outside`, 40) === 0;
  const opens = (outside ? 18 : 7) * 60 * 60 * 1000;
  const span = (outside ? 5 : 8) * 60 * 60 * 1000;
  return new Date(midnight + opens + numberFor(`${key}/time`, span)).toISOString();
}

const pick = <Item>(key: string, what: string, items: readonly Item[]): Item =>
  items[numberFor(`${key}/${what}`, items.length)]!;
