/**
 * One entry of the log, as the edge that answered writes it and the audit room keeps it (sikkerhedsbekendtgørelsen §19: time, user,
 * type of use, and the person concerned or the search criterion used).
 */
import { storable, storableCriterion } from './text.js';
import type { PersonReference } from './viewer.js';

export const useTypes = ['SEARCH', 'READ', 'ENTER', 'CHANGE', 'DELETE', 'EXTRACT'] as const;
export type UseType = (typeof useTypes)[number];

/**
 * - `BEGUN`: a change is about to be made. What became of it is another entry that follows this one.
 * - `ANSWERED`: everything asked for was answered.
 * - `PARTLY_DENIED`: some fields were refused by type.
 * - `DENIED`: nothing was answered, because it was refused.
 * - `FAILED`: the request was malformed or over a limit, or a system behind did not answer.
 * - `MADE`: a change whose caller got no answer stands.
 * - `NOT_MADE`: a change whose caller got no answer was not made and never will be.
 *
 * A change that stands is `ANSWERED`, `PARTLY_DENIED` or `MADE`. One that was not made is `DENIED`, `FAILED` or `NOT_MADE`.
 */
export const auditOutcomes = ['BEGUN', 'ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED', 'MADE', 'NOT_MADE'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export interface LogEntry {
  /** UUID made by the edge. Appending the same id twice keeps one entry. */
  readonly id: string;
  /** Id of the entry by which the same change was begun. */
  readonly follows?: string | null;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly municipality: string;
  /** `null`, like the members below, for a caller who was not signed in. */
  readonly session: string | null;
  readonly actor: PersonReference | null;
  readonly subject: PersonReference | null;
  readonly organisation: string | null;
  readonly right: string | null;
  /** The organisation acted for, and the power of attorney used. Left out where there is none. */
  readonly actingFor?: string | null;
  readonly powerOfAttorney?: string | null;
  readonly use: UseType;
  readonly outcome: AuditOutcome;
  /** `text` is stored once per hash. A text that is not valid GraphQL is not kept, because it may hold anything. */
  readonly operation: { readonly hash: string; readonly name: string | null; readonly text: string | null };
  /** Schema coordinates selected, such as `Citizen.name`. */
  readonly fields: readonly string[];
  /** Ids of the persons and cases that the answer names. */
  readonly citizens: readonly string[];
  readonly cases: readonly string[];
  /** Root fields with their arguments: `[{"field":"citizen","arguments":{"cpr":"…"}}]`. */
  readonly criterion: unknown;
  /** Codes of the errors in the answer. */
  readonly faults: readonly string[];
  readonly purpose: string | null;
  readonly workstation: string | null;
  /** KOMBIT's `x-TransaktionsId`, `x-RequestId` and `x-OnBehalfOfUser`, as the caller sent them. */
  readonly transactionId: string | null;
  readonly requestId: string | null;
  readonly onBehalfOf: string | null;
  /**
   * Shielded compartments that the operation searched. Only readers cleared for all of them may know of the entry: the search alone
   * would tell, whether it found anything or not.
   */
  readonly sealedBy: readonly string[];
  /** For an entry that stands for many rejections of one kind (edge/rejections.ts). Left out of every other entry. */
  readonly counted?: Counted | null;
}

export interface Counted {
  readonly attempts: number;
  /** When the first and the last of them were rejected: RFC 3339, UTC. */
  readonly first: string;
  readonly last: string;
  /** Number of addresses (networks, for IPv6) from which they came. The true number may be higher. */
  readonly sources: number;
}

/** Whether the entry belongs to a caller who is not known. */
export const strangersEntry = ({ actor }: Pick<LogEntry, 'actor'>): boolean => actor === null;

/** What an edge sends to the audit room. Operation text and fields that entries share are sent once. */
export interface Append {
  readonly operations: readonly { readonly text: string | null; readonly fields: readonly string[] }[];
  readonly entries: readonly AppendedEntry[];
}

export interface AppendedEntry extends Omit<LogEntry, 'operation' | 'fields'> {
  /** `definition`: index in `operations`. */
  readonly operation: { readonly hash: string; readonly name: string | null; readonly definition: number };
}

/**
 * The audit room's answer, once the accepted entries are durable. Refused entries are named by index. Sending such an entry again
 * would be refused again.
 */
export interface Appended {
  readonly appended: number;
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
}

/** Packs entries for sending. Every text is made storable for the room. */
export function packed(entries: readonly LogEntry[]): Append {
  const operations: { text: string | null; fields: readonly string[] }[] = [];
  const places = new Map<readonly string[], Map<string | null, number>>();
  const placeOf = (fields: readonly string[], text: string | null): number => {
    const byText = places.get(fields) ?? new Map<string | null, number>();
    places.set(fields, byText);
    const place =
      byText.get(text) ?? operations.push({ text: textOrNull(text, 100_000), fields: texts(fields, 300) }) - 1;
    byText.set(text, place);
    return place;
  };
  return {
    entries: entries.map(({ operation, fields, ...entry }) => ({
      ...entry,
      operation: {
        hash: operation.hash,
        name: textOrNull(operation.name, 200),
        definition: placeOf(fields, operation.text),
      },
      citizens: texts(entry.citizens, 200),
      cases: texts(entry.cases, 200),
      criterion: storableCriterion(entry.criterion),
      purpose: textOrNull(entry.purpose, 500),
      workstation: textOrNull(entry.workstation, 200),
      transactionId: textOrNull(entry.transactionId, 200),
      requestId: textOrNull(entry.requestId, 200),
      onBehalfOf: textOrNull(entry.onBehalfOf, 200),
    })),
    operations,
  };
}

const textOrNull = (value: string | null, max: number): string | null => (value === null ? null : storable(value, max));

const texts = (values: readonly string[], max: number): readonly string[] =>
  values.some((value) => storable(value, max) !== value) ? values.map((value) => storable(value, max)) : values;
