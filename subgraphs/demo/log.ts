/**
 * Five months of Korsbæk's log: what employees looked up, what was refused, and, in the shielded world, the sealed entries of those who
 * work with shielded cases. An ordinary entry never depends on a sealed one, nor on whether there are any.
 */
import { createHash } from 'node:crypto';
import type { LogEntry } from '../protocol/log-entry.js';
import type { PersonReference } from '../protocol/viewer.js';
import { type DemoCitizen, type DemoEmployee, demoNow, isNewcomer, municipality, worksOn } from './people.js';
import { own, profileOf, sealOf, worksIn } from './profiles.js';
import { idFor, numberFor } from './random.js';

export interface LogOptions {
  /** Whether the shielded cases ever existed. */
  shielded: boolean;
  citizens: readonly DemoCitizen[];
  employees: readonly DemoEmployee[];
  /** Ordinary cases; the same in both worlds. */
  ordinary: readonly { id: string; citizen: string; compartment: string }[];
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
  /** Of a hundred look-ups. */
  share: number;
  purposes: readonly string[];
  operations: DemoOperation[];
  /** Compartments whose cases its employees see. */
  sees: readonly string[];
}[] = [
  {
    unit: 'citizen-service',
    share: 45,
    purposes: ['Vejledning ved fremmøde', 'Telefonisk henvendelse', 'Flytning', 'Tidsbestilling'],
    operations: [lookUpCitizen, lookUpCitizen, casesOfCitizen],
    sees: own('HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT'),
  },
  {
    unit: 'housing',
    share: 30,
    purposes: ['Ansøgning om boligstøtte', 'Årsopgørelse', 'Partshøring'],
    operations: [lookUpCitizen, casesOfCitizen, openCase, openCase, changeCase],
    sees: own('HOUSING_BENEFIT'),
  },
  {
    unit: 'benefits',
    share: 15,
    purposes: ['Ansøgning om kontanthjælp', 'Opfølgning på kontanthjælp'],
    operations: [lookUpCitizen, casesOfCitizen, openCase],
    sees: own('CASH_BENEFIT'),
  },
  {
    unit: 'drug-treatment',
    share: 10,
    purposes: ['Indberetning', 'Opfølgning på behandlingsplan'],
    operations: [lookUpCitizen, casesOfCitizen],
    sees: own('DRUG_TREATMENT'),
  },
];

function unitOf(key: string) {
  let place = numberFor(`${key}/unit`, 100);
  for (const unit of ordinaryUnits) {
    if (place < unit.share) return unit;
    place -= unit.share;
  }
  throw new Error('the shares are to add up to 100');
}

const ordinaryCount = 1_800;

function ordinaryEntries({ citizens, employees, ordinary }: LogOptions): LogEntry[] {
  const casesOf = new Map<string, { id: string; compartment: string }[]>();
  for (const one of ordinary) casesOf.set(one.citizen, [...(casesOf.get(one.citizen) ?? []), one]);
  const staffOf = new Map(ordinaryUnits.map(({ unit }) => [unit, employees.filter(worksWithCitizens(unit))]));
  return Array.from({ length: ordinaryCount }, (_, index) => {
    const key = `log/ordinary/${index}`;
    const unit = unitOf(key);
    const staff = staffOf.get(unit.unit)!.filter((employee) => worksOn(employee, timeOf(key).slice(0, 10)));
    // Every third look-up is made by the employee one can sign in as.
    const named = staff.find((employee) => employee.key !== null);
    const employee = named && numberFor(`${key}/named`, 3) === 0 ? named : pick(key, 'employee', staff);
    const citizen = citizens[aboutCitizen(index, citizens.length)]!;
    const cases = (casesOf.get(citizen.id) ?? [])
      .filter(({ compartment }) => unit.sees.includes(compartment))
      .map(({ id }) => id);
    const wanted = pick(key, 'operation', unit.operations);
    // Without a case there is nothing to open.
    const operation = cases.length === 0 && needsCase(wanted) ? lookUpCitizen : wanted;
    const opened = needsCase(operation) ? pick(key, 'case', cases) : undefined;
    return {
      ...answered(key, { kind: 'Employee', id: employee.id }, operation),
      organisation: employee.organisation,
      right: profileOf(employee).rights[0]!,
      purpose: pick(key, 'purpose', unit.purposes),
      citizens: [citizen.id],
      cases: opened ? [opened] : operation === casesOfCitizen ? cases : [],
      criterion: operation.criterion(citizen, opened),
    };
  });
}

/** Everybody of the unit but those who lead it and those who may not look anything up yet. */
const worksWithCitizens = (unit: string) => {
  const ofUnit = worksIn(unit);
  return (employee: DemoEmployee): boolean =>
    ofUnit(employee) && !isNewcomer(employee) && !profileOf(employee).rights.includes('MANAGER');
};

/** Six look-ups of citizen 0 and three of citizen 1, spread over the months. All the others are about somebody else. */
const aboutCitizen = (index: number, count: number): number =>
  index < 6 ? 0 : index < 9 ? 1 : 2 + numberFor(`log/ordinary/${index}/citizen`, count - 2);

const needsCase = (operation: DemoOperation): boolean => operation === openCase || operation === changeCase;

/** Refusals name nobody: four of callers who were not signed in, six of employees of ordinary work who asked for too much. */
function rejectedAttempts({ employees }: LogOptions): LogEntry[] {
  const reasons = [
    ...Array.from({ length: 4 }, () => ({ outcome: 'DENIED', fault: 'UNAUTHENTICATED', known: false }) as const),
    ...Array.from({ length: 3 }, () => ({ outcome: 'DENIED', fault: 'FORBIDDEN', known: true }) as const),
    ...Array.from({ length: 3 }, () => ({ outcome: 'FAILED', fault: 'TOO_MANY_REQUESTS', known: true }) as const),
  ];
  const staff = employees.filter((one) => ordinaryUnits.some(({ unit }) => worksWithCitizens(unit)(one)));
  return reasons.map(({ outcome, fault, known }, index) => {
    const key = `log/rejected/${index}`;
    const day = timeOf(key).slice(0, 10);
    const employee = pick(
      key,
      'employee',
      staff.filter((one) => worksOn(one, day)),
    );
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

const sealedCount = 150;

/** Look-ups by those who work with such cases. What they do is under the seal of all that they are cleared for. */
function sealedEntries({ citizens, employees, shieldedCases }: LogOptions): LogEntry[] {
  const byId = new Map(citizens.map((citizen) => [citizen.id, citizen]));
  const workers = employees.filter((one) => profileOf(one).rights[0] === 'CASEWORKER' && sealOf(one).length > 0);
  const worked = shieldedCases.flatMap((shieldedCase) => {
    const staff = workers.filter((one) => sealOf(one).includes(shieldedCase.compartment));
    const citizen = byId.get(shieldedCase.citizen);
    return staff.length > 0 && citizen ? [{ shieldedCase, staff, citizen }] : [];
  });
  const first = worked.slice(0, fixedCases);
  const others = worked.slice(fixedCases);
  return Array.from({ length: sealedCount }, (_, index) => {
    const key = `log/sealed/${index}`;
    const about = index < 4 ? first[index % first.length]! : pick(key, 'case', others);
    const { shieldedCase, citizen } = about;
    const day = timeOf(key).slice(0, 10);
    const staff = about.staff.filter((one) => worksOn(one, day));
    const named = staff.find((employee) => employee.key !== null)!;
    const employee = numberFor(`${key}/named`, 2) === 0 ? named : pick(key, 'employee', staff);
    const operation = pick(key, 'operation', [casesOfCitizen, openCase, openCase, changeCase]);
    return {
      ...answered(key, { kind: 'Employee', id: employee.id }, operation),
      organisation: employee.organisation,
      right: 'CASEWORKER',
      purpose: 'Sagsbehandling',
      citizens: [citizen.id],
      cases: [shieldedCase.id],
      criterion: operation.criterion(citizen, shieldedCase.id),
      sealedBy: sealOf(employee),
    } satisfies LogEntry;
  });
}

/** The first shielded cases are the family's of citizen 0. */
const fixedCases = 3;

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
/** Midnights (UTC) of the working days among the 152 before the demo's clock: five months, of the six that a log is kept. */
const workingDays = Array.from({ length: 152 }, (_, index) => {
  const midnight = Math.floor(demoNow.getTime() / day) * day - (index + 1) * day;
  return new Date(midnight);
}).filter((date) => date.getUTCDay() % 6 !== 0 && date.toISOString().slice(5, 10) !== '06-05');

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
