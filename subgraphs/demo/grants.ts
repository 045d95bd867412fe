/**
 * Who was granted what, under which agreements, and who passed the course. Grants in force hold from far before to far after any clock
 * that the demo may run under, so that nobody of its people loses access. Beside them stand requests that nobody decided on, and grants
 * that were refused, lapsed, taken back or are due: all of ordinary compartments, because a holder of anything shielded is logged under
 * seal.
 */
import { ordinaryCategories } from '../protocol/compartments.js';
import {
  type DemoEmployee,
  demoNow,
  employeeId,
  isNewcomer,
  municipality,
  organisationId,
  secretariats,
  worksOn,
} from './people.js';
import { caseSystem, deciderOf, type Given, isShielded, own, profileOf, sealOf, worksIn } from './profiles.js';
import { idFor, numberFor } from './random.js';

type Step = readonly [step: 'GIVEN' | 'REFUSED' | 'WITHDRAWN' | 'LEFT', at: string, reason: string | null];

interface Asked {
  readonly holder: string;
  /** The unit where the holder works; `null` for a system. */
  readonly unit: string | null;
  readonly requested_by: string;
  readonly decided_by: string | null;
  readonly status: 'REQUESTED' | 'IN_FORCE' | 'WAITING_FOR_COURSE' | 'REFUSED' | 'WITHDRAWN';
  readonly valid_from: string;
  readonly confirm_by: string;
  /** None for grants that are never to lapse: a step sets the time by which the grant is to be confirmed. */
  readonly steps: readonly Step[];
}
type Standing = Pick<Asked, 'status' | 'valid_from' | 'confirm_by' | 'steps'> & Partial<Asked>;

const longAgo = '2020-01-06T08:00:00.000Z';
const never = '2099-01-01T00:00:00.000Z';
const day = 86_400_000;
const daysAgo = (days: number): string => new Date(demoNow.getTime() - days * day).toISOString();

/** Rows by table, in the order in which they must be inserted. */
export function makeGrants(employees: readonly DemoEmployee[], systemClient: string): Record<string, object[]> {
  const made = [...employees.flatMap((holder) => grantsOf(holder, employees)), ...grantsOfSystem(systemClient)];
  return {
    disclosure_agreement: agreements,
    course_record: employees
      .filter((holder) => profileOf(holder).rights.includes('CITIZEN_SERVICE') && !isNewcomer(holder))
      .map(courseOf),
    clearance_grant: made.map(({ steps: _, ...row }) => row),
    grant_step: made.flatMap(({ id, steps, decided_by }) =>
      steps.map(([step, taken_at, reason], place) => ({
        ...{ municipality, grant_id: id, number: place + 1, step, taken_at, reason },
        taken_by: step === 'LEFT' ? null : decided_by,
      })),
    ),
  };
}

function grantsOf(holder: DemoEmployee, employees: readonly DemoEmployee[]) {
  const asked = {
    holder: holder.id,
    unit: holder.organisation,
    requested_by: colleagueOf(holder, employees),
    decided_by: deciderOf(holder),
  };
  return [
    ...profileOf(holder).grants.flatMap((given) => grantRows({ ...asked, ...standingOf(holder) }, given)),
    ...otherRequests(holder, asked),
  ];
}

const inForce: Standing = { status: 'IN_FORCE', valid_from: longAgo, confirm_by: never, steps: [] };

const grantsOfSystem = (holder: string) =>
  caseSystem.grants.flatMap((given) =>
    grantRows(
      {
        ...{ holder, unit: null, requested_by: employeeId('administrator'), decided_by: employeeId('head-of-housing') },
        ...inForce,
      },
      given,
    ),
  );

/** Whoever left lost it all; those who are new in the citizen service have yet to pass the course (§4). */
function standingOf(holder: DemoEmployee): Standing {
  if (holder.leftOn !== null)
    return { ...inForce, status: 'WITHDRAWN', steps: [['LEFT', `${holder.leftOn}T15:00:00.000Z`, null]] };
  if (isNewcomer(holder)) return { ...inForce, status: 'WAITING_FOR_COURSE', valid_from: daysAgo(12) };
  return inForce;
}

/** Nobody asks on one's own behalf: a colleague of the unit does. */
function colleagueOf(holder: DemoEmployee, employees: readonly DemoEmployee[]): string {
  const unit = employees.filter(({ organisation, leftOn }) => organisation === holder.organisation && leftOn === null);
  const decider = deciderOf(holder);
  return unit.find(({ id }) => id !== holder.id && id !== decider)?.id ?? employeeId('administrator');
}

/** Every sixth of the many unnamed once asked for a kind of cases that the own work does not need. */
function otherRequests(holder: DemoEmployee, asked: Pick<Asked, 'holder' | 'unit' | 'requested_by' | 'decided_by'>) {
  const purpose = `employee/${holder.id}/asked`;
  const ways = standings(1 + numberFor(`${purpose}/days`, 20));
  const way = ways[numberFor(purpose, 6 * ways.length)];
  const outsider = holder.key !== null || !worksOn(holder, daysAgo(0).slice(0, 10)) || worksIn('centre')(holder);
  if (!way || outsider || isNewcomer(holder) || sealOf(holder).length > 0) return [];
  const held = profileOf(holder).grants.flatMap(({ compartments }) => compartments);
  const others = own(...ordinaryCategories).filter((compartment) => !held.includes(compartment));
  const compartment = others[numberFor(`${purpose}/compartment`, others.length)]!;
  return grantRows(
    { ...asked, ...way },
    {
      compartments: [compartment],
      level: 'METADATA',
      operations: ['SEARCH'],
      reason: 'Stands in for a colleague',
    },
  );
}

/** What came of a request, by days before the demo's clock. A grant is to be confirmed after six months. */
function standings(ago: number): readonly Standing[] {
  const given = (days: number): Step => ['GIVEN', daysAgo(days), 'Needed every day'];
  const from = (days: number) => ({ valid_from: daysAgo(days), confirm_by: sixMonthsAfter(daysAgo(days)) });
  return [
    { status: 'REQUESTED', decided_by: null, ...from(ago), steps: [] },
    { status: 'REFUSED', ...from(30 + ago), steps: [['REFUSED', daysAgo(29 + ago), 'The own tasks do not need it']] },
    {
      ...{ status: 'WITHDRAWN', ...from(120 + ago) },
      steps: [given(120 + ago), ['WITHDRAWN', daysAgo(ago), 'Needed no more']],
    },
    // Lapsed since a few days, and due in a few.
    { status: 'IN_FORCE', ...from(185 + ago), steps: [given(185 + ago)] },
    { status: 'IN_FORCE', ...from(180 - ago), steps: [given(180 - ago)] },
  ];
}

/** As the room computes it, but for the hour that the clock may be put forward or back. */
function sixMonthsAfter(at: string): string {
  const time = new Date(at);
  const last = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 7, 0)).getUTCDate();
  time.setUTCMonth(time.getUTCMonth() + 6, Math.min(time.getUTCDate(), last));
  return time.toISOString();
}

const grantRows = (asked: Asked, { compartments, level, operations, reason }: Given) =>
  compartments.map((compartment) => ({
    municipality,
    id: idFor(`grant/${asked.holder}/${compartment}`),
    ...asked,
    requested_at: asked.valid_from,
    compartment,
    level,
    operations,
    shielded: isShielded(compartment),
    agreement: agreementOf(compartment, asked.unit),
    reason,
  }));

/** Who signs for each authority, by its secretariat. */
const secretaries: Readonly<Record<string, string>> = {
  'board-secretariat': 'board-secretary',
  marriages: 'marriage-secretary',
  folkeoplysning: 'folkeoplysning-secretary',
  licensing: 'licensing-secretary',
  'rent-board': 'rent-board-secretary',
  'fence-inspection': 'fence-inspection-secretary',
};
const agreementId = (authority: string): string => idFor(`agreement/${authority}`);

/** The authorities let the security officer look, who has every compartment. */
const agreements = [...secretariats].map(([authority, unit]) => ({
  municipality,
  id: agreementId(authority),
  authority,
  receiver: organisationId('security'),
  kind: 'DISCLOSURE',
  basis: 'Databeskyttelsesforordningen artikel 32',
  valid_from: '2020-01-06',
  agreed_by: employeeId(secretaries[unit]!),
  agreed_at: longAgo,
}));

/** The agreement under which a compartment of another authority is open to a unit; `null` where none is needed. */
function agreementOf(compartment: string, unit: string | null): string | null {
  const secretariat = [...secretariats].find(([authority]) => compartment.split('.')[1] === authority);
  if (!secretariat || organisationId(secretariat[1]) === unit) return null;
  return agreementId(secretariat[0]);
}

const courseOf = ({ id }: DemoEmployee, place: number) => ({
  municipality,
  id: idFor(`course/${id}`),
  employee: id,
  kind: 'DATA_SECURITY',
  passed_on: '2020-01-03',
  evidence: `Kursusbevis ${1_000 + place}`,
  recorded_by: employeeId('manager'),
  recorded_at: longAgo,
});
