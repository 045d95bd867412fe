/** Checks a caller's filter and cursor. Nothing here depends on which cases exist. */
import { isTimeKey } from '../kit/paging.js';
import { malformed } from '../protocol/scalars.js';
import type { CaseOrder } from './enums.js';
import type { CaseFilter } from './inputs.js';
import { asCaseNumber, asUuid, readable } from './wellformed.js';

export interface CaseCriteria {
  readonly categories: readonly string[] | null;
  readonly authorities: readonly string[] | null;
  readonly compartment: string | null;
  readonly kle: string | null;
  /** What the KLE number begins with. */
  readonly klePrefix: string | null;
  readonly progress: readonly string[] | null;
  readonly open: boolean | null;
  readonly citizen: string | null;
  readonly openedFrom: string | null;
  readonly openedTo: string | null;
  readonly number: string | null;
  readonly titleContains: string | null;
  /** Whether one of the ids or numbers is such that no case can have it. */
  readonly impossible: boolean;
}

/** Checks a filter. Throws `BAD_USER_INPUT` for text that cannot be compared. */
export function criteriaOf(filter: CaseFilter | null | undefined): CaseCriteria {
  const { kle, citizen, number } = filter ?? {};
  const found = {
    categories: filter?.categories ?? null,
    authorities: filter?.authorities ?? null,
    compartment: optional(filter?.compartment, (text) => readable('filter.compartment', text)),
    kle: kle && !kle.endsWith('*') ? kle : null,
    klePrefix: kle?.endsWith('*') ? kle.slice(0, -1) : null,
    progress: filter?.progress ?? null,
    open: filter?.open ?? null,
    citizen: optional(citizen, asUuid),
    openedFrom: filter?.openedFrom ?? null,
    openedTo: filter?.openedTo ?? null,
    number: optional(number, asCaseNumber),
    titleContains: optional(filter?.titleContains, (text) => readable('filter.titleContains', text)),
  };
  const impossible = (given(citizen) && !found.citizen) || (given(number) && !found.number);
  return { ...found, impossible };
}

const given = (value: unknown): boolean => value !== null && value !== undefined;

const optional = <T>(value: string | null | undefined, check: (value: string) => T): T | null =>
  value === null || value === undefined ? null : check(value);

/** Whether a text can be a sort key in this order. */
export const isKeyIn =
  (order: CaseOrder) =>
  (key: string): boolean => {
    if (order.startsWith('OPENED_ON')) return malformed('Date', key) === undefined;
    if (order.startsWith('NUMBER') || order.startsWith('TITLE')) return !/[\p{Cc}\p{Cs}]/u.test(key);
    return isTimeKey(key);
  };
