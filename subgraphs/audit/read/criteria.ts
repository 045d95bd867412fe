/** Converts a reader's arguments to criteria for the store. Every resulting value is one that PostgreSQL accepts. */
import { isUuid, storable } from '../../protocol/text.js';
import type { AuditEntryFilter } from '../inputs.js';
import type { EntryCriteria } from './store.js';

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
