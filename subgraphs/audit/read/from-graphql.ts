/** Converts a reader's arguments to criteria for the store. Every resulting value is one that PostgreSQL accepts. */
import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import { decodeCursor, encodeCursor, malformedCursor } from '../../protocol/connection.js';
import { Fault } from '../../protocol/faults.js';
import { malformed } from '../../protocol/scalars.js';
import { isUuid, storable } from '../../protocol/text.js';
import type { AuditEntryFilter } from '../inputs.js';
import type { EntryCriteria, EntryPosition } from './store.js';

export function criteriaOf(
  filter: AuditEntryFilter | null | undefined,
  kind: EntryCriteria['kind'] = 'SIGNED_IN',
): EntryCriteria {
  const given = filter ?? {};
  return {
    kind,
    actor: id(given.actor),
    citizen: id(given.citizen),
    case: id(given.case),
    actingFor: id(given.actingFor),
    from: moment(given.from),
    to: moment(given.to),
    uses: given.uses ?? undefined,
    outcomes: given.outcomes ?? undefined,
    // Made storable as when it was logged, so that an odd name is found under the name it was sent with.
    operation: given.operation == null ? undefined : storable(given.operation, 200),
    criterion: given.criterion == null ? undefined : storable(given.criterion, 200),
  };
}

/** A period; the last thirty days by default. */
export function periodOf(
  from: string | null | undefined,
  to: string | null | undefined,
  now: Date,
): { from: string; to: string } {
  return {
    from: moment(from) ?? new Date(now.getTime() - 30 * 86_400_000).toISOString(),
    to: moment(to) ?? latestMoment,
  };
}

/** The position that a cursor of this room stands for. */
export function positionOf(after: string | null | undefined): EntryPosition | null {
  const position = decodeCursor(after, 2);
  if (!position) return null;
  const [at, entry] = position;
  if (malformed('DateTime', at) || typeof entry !== 'string' || !isUuid(entry))
    throw new Fault('BAD_USER_INPUT', malformedCursor);
  return { at: moment(at as string)!, id: entry };
}

export const cursorAt = (at: Date, entry: string): string => encodeCursor([at.toISOString(), entry]);

/** Whether the selection on this field holds `name`. A total that nobody asks for is not counted. */
export function selects(name: string, info: GraphQLResolveInfo): boolean {
  const holds = (set: SelectionSetNode | undefined): boolean =>
    (set?.selections ?? []).some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === name;
      if (selection.kind === Kind.INLINE_FRAGMENT) return holds(selection.selectionSet);
      return holds(info.fragments[selection.name.value]?.selectionSet);
    });
  return info.fieldNodes.some((node: FieldNode) => holds(node.selectionSet));
}

/** A UUID in its stored form. Anything else is returned as it is, and finds nothing. */
const id = (value: string | null | undefined): string | undefined =>
  value == null ? undefined : isUuid(value) ? value.toLowerCase() : storable(value);

/** Limited to years that both JavaScript and PostgreSQL can write. There are no entries outside them. */
function moment(value: string | null | undefined): string | undefined {
  if (value == null) return undefined;
  const time = Math.min(Math.max(Date.parse(value), 0), latest);
  return new Date(time).toISOString();
}

const latestMoment = '9999-12-31T23:59:59.999Z';
const latest = Date.parse(latestMoment);
