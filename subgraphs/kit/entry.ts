/**
 * One entry of the log, as the edge that answered writes it and the audit room keeps it (sikkerhedsbekendtgørelsen §19:
 * time, user, type of use, and the person concerned or the search criterion used).
 */
import type { PersonReference } from './viewer.js';

export type UseType = 'SEARCH' | 'READ' | 'ENTER' | 'CHANGE' | 'DELETE' | 'EXTRACT';

/**
 * `ANSWERED`: all that was asked. `PARTLY_DENIED`: some fields were refused by type. `DENIED`: nothing was answered
 * because it was refused. `FAILED`: malformed, over a limit, or a system behind did not answer.
 */
export type AuditOutcome = 'ANSWERED' | 'PARTLY_DENIED' | 'DENIED' | 'FAILED';

export interface LogEntry {
  /** UUID made by the edge; appending the same id twice keeps one entry. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly municipality: string;
  /** `null` throughout for a caller who was not signed in. */
  readonly session: string | null;
  readonly actor: PersonReference | null;
  readonly subject: PersonReference | null;
  readonly organisation: string | null;
  readonly right: string | null;
  readonly use: UseType;
  readonly outcome: AuditOutcome;
  /** `text` is stored once per hash. A text that is no valid GraphQL is not kept: it may hold anything. */
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
  readonly transactionId: string | null;
  /**
   * Shielded compartments that the operation searched. Only readers cleared for all of them may know of the entry:
   * that somebody looked, found or not, would tell.
   */
  readonly sealedBy: readonly string[];
}
