/** Checks what is asked about, before the database is asked. */
import type { FieldRules, RuledField } from '../../kit/field-rules.js';
import {
  compartmentId,
  isOfSingleCase,
  ordinaryCategories,
  standingCompartments,
} from '../../protocol/compartments.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import { singlesOf } from '../grants/store.js';
import type { Question } from './explain.js';
import type { Target } from './facts.js';

export interface Given {
  readonly employee: string;
  readonly compartment?: string | null | undefined;
  readonly citizen?: string | null | undefined;
  readonly coordinate?: string | null | undefined;
}

/** The field by which somebody comes to a case, and so to what its compartment holds. */
const ofCompartment = 'Query.case';

/**
 * The question that the arguments ask. `FORBIDDEN`: the asker is no employee. `BAD_USER_INPUT`: nothing is asked about, or both a
 * compartment and a citizen, or a coordinate that is none. `NOT_FOUND`: an employee or a compartment that the asker cannot know of.
 */
export function questionOf(viewer: Viewer, rules: FieldRules, given: Given): Question {
  if (viewer.actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  const { compartment = null, citizen = null, coordinate = null } = given;
  if (compartment === null && citizen === null && coordinate === null)
    throw new Fault('BAD_USER_INPUT', 'Expected one of the arguments "compartment", "citizen" and "coordinate".');
  if (compartment !== null && citizen !== null)
    throw new Fault('BAD_USER_INPUT', 'Expected one of the arguments "compartment" and "citizen", not both.');
  const targets = targetsOf(rules, compartment, coordinate);
  if (!isUuid(given.employee)) throw new Fault('NOT_FOUND');
  if (compartment !== null && !isKnownCompartment(viewer, compartment)) throw new Fault('NOT_FOUND');
  if (citizen !== null && !isUuid(citizen)) throw new Fault('NOT_FOUND');
  return {
    employee: given.employee.toLowerCase(),
    targets: targets ?? ofCitizen(viewer, rules),
    citizen: citizen?.toLowerCase() ?? null,
  };
}

function targetsOf(rules: FieldRules, compartment: string | null, coordinate: string | null): readonly Target[] | null {
  if (coordinate === null) return compartment === null ? null : [targetOf(rules, ofCompartment, compartment)];
  const field = rules.field(coordinate);
  if (!field)
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "coordinate": expected a field of the schema, such as "Case.title" or "Query.auditEntries".',
    );
  if (compartment !== null && !coordinate.startsWith('Case.') && field.type !== 'Case')
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "coordinate": expected a field of a case, such as "Case.title", because a compartment is asked about.',
    );
  return [targetOf(rules, coordinate, compartment)];
}

/** What the employee may come to know of any citizen, by rule: who they are, their address, their treatment, and kinds of ordinary cases. */
const ofCitizen = ({ municipality }: Viewer, rules: FieldRules): Target[] => [
  ...['Query.citizen', 'Citizen.address', 'Query.smdbForms'].map((coordinate) => targetOf(rules, coordinate, null)),
  ...ordinaryCategories.map((category) =>
    targetOf(rules, ofCompartment, compartmentId(municipality, 'MUNICIPALITY', category)),
  ),
];

/** Throws if the supergraph that the room was given does not have the field. */
function targetOf(rules: FieldRules, coordinate: string, compartment: string | null): Target {
  const { scopes, level } = fieldAt(rules, coordinate);
  const isInCase = compartment !== null || level !== null;
  return {
    ...{ coordinate, compartment, level },
    through: isInCase ? [ofCompartment, coordinate] : [coordinate],
    scopes: isInCase ? [...fieldAt(rules, ofCompartment).scopes, ...scopes] : scopes,
  };
}

function fieldAt(rules: FieldRules, coordinate: string): RuledField {
  const field = rules.field(coordinate);
  if (!field) throw new Error(`the supergraph has no ${coordinate}`);
  return field;
}

/** Compartments that exist by law, and those of single cases that the viewer holds. All others are not there, whether they are or not. */
const isKnownCompartment = (viewer: Viewer, id: string): boolean =>
  isOfSingleCase(id)
    ? singlesOf(viewer).includes(id)
    : standingCompartments(viewer.municipality).some((known) => known.id === id);
