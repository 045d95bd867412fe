/**
 * Who was granted what. Grants in force hold from far before to far after any clock that the demo may run under, so that nobody of its
 * people loses access. Beside them stand requests that nobody decided on, and grants that were refused, lapsed or taken back: all of
 * ordinary compartments, because a holder of anything shielded is logged under seal.
 */
import { ordinaryCategories } from '../protocol/compartments.js';
import { type DemoEmployee, demoNow, employeeId, isNewcomer, municipality, worksOn } from './people.js';
import { caseSystem, deciderOf, type Given, isShielded, own, profileOf, sealOf, worksIn } from './profiles.js';
import { idFor, numberFor } from './random.js';

type Status = 'REQUESTED' | 'IN_FORCE' | 'WAITING_FOR_COURSE' | 'REFUSED' | 'WITHDRAWN' | 'LAPSED';

interface Asked {
  readonly holder: string;
  readonly requested_by: string;
  readonly decided_by: string | null;
  readonly status: Status;
  readonly valid_from: string;
  readonly confirm_by: string;
}

const longAgo = '2020-01-06T08:00:00.000Z';
const never = '2099-01-01T00:00:00.000Z';
const day = 86_400_000;
const daysAgo = (days: number): string => new Date(demoNow.getTime() - days * day).toISOString();

export function makeGrants(employees: readonly DemoEmployee[], systemClient: string) {
  return [
    ...employees.flatMap((holder) => {
      const asked = { holder: holder.id, requested_by: colleagueOf(holder, employees), decided_by: deciderOf(holder) };
      return [
        ...profileOf(holder).grants.flatMap((given) => grantRows({ ...asked, ...standingOf(holder) }, given)),
        ...otherRequests(holder, asked),
      ];
    }),
    ...caseSystem.grants.flatMap((given) =>
      grantRows(
        {
          holder: systemClient,
          requested_by: employeeId('administrator'),
          decided_by: employeeId('head-of-housing'),
          ...inForce,
        },
        given,
      ),
    ),
  ];
}

const inForce = { status: 'IN_FORCE', valid_from: longAgo, confirm_by: never } as const;

/** Whoever left lost it all; those who are new in the citizen service have yet to pass the course (§4). */
function standingOf(holder: DemoEmployee): Pick<Asked, 'status' | 'valid_from' | 'confirm_by'> {
  if (holder.leftOn !== null) return { ...inForce, status: 'WITHDRAWN' };
  if (isNewcomer(holder)) return { ...inForce, status: 'WAITING_FOR_COURSE', valid_from: daysAgo(12) };
  return inForce;
}

/** Nobody asks on one's own behalf: a colleague of the unit does, or its manager. */
function colleagueOf(holder: DemoEmployee, employees: readonly DemoEmployee[]): string {
  const unit = employees.filter(({ organisation, leftOn }) => organisation === holder.organisation && leftOn === null);
  const decider = deciderOf(holder);
  return unit.find(({ id }) => id !== holder.id && id !== decider)?.id ?? employeeId('administrator');
}

/** Every sixth of the many unnamed once asked for a kind of cases that the own work does not need. */
function otherRequests(holder: DemoEmployee, asked: Pick<Asked, 'holder' | 'requested_by' | 'decided_by'>) {
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

/** Grants of six months: `ago` days before the demo's clock something happened to each. */
const standings = (ago: number): readonly (Pick<Asked, 'status' | 'valid_from' | 'confirm_by'> & Partial<Asked>)[] => [
  { status: 'REQUESTED', decided_by: null, valid_from: daysAgo(ago), confirm_by: daysAgo(ago - 182) },
  { status: 'REFUSED', valid_from: daysAgo(30 + ago), confirm_by: daysAgo(30 + ago - 182) },
  { status: 'WITHDRAWN', valid_from: daysAgo(120 + ago), confirm_by: daysAgo(120 + ago - 182) },
  { status: 'LAPSED', valid_from: daysAgo(182 + ago), confirm_by: daysAgo(ago) },
];

const grantRows = (asked: Asked, { compartments, level, operations, reason }: Given) =>
  compartments.map((compartment) => ({
    municipality,
    id: idFor(`grant/${asked.holder}/${compartment}`),
    ...asked,
    compartment,
    level,
    operations,
    shielded: isShielded(compartment),
    reason,
  }));
