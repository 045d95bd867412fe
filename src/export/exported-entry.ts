/** One log entry as it is exported: with names beside ids, descriptions beside fields, and the text beside its hash. */
import type { AuditOutcome, Counted, UseType } from '../../subgraphs/protocol/log-entry.js';
import type { PersonKind } from '../../subgraphs/protocol/viewer.js';

export interface Named {
  readonly id: string;
  /** `null` if it is not known any more. */
  readonly name: string | null;
}

export interface ExportedPerson extends Named {
  readonly kind: PersonKind;
}

export interface ExportedEntry {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** `null` for a caller that was not signed in. */
  readonly actor: ExportedPerson | null;
  readonly subject: ExportedPerson | null;
  readonly organisation: Named | null;
  readonly right: { readonly code: string; readonly name: string } | null;
  /** The organisation acted for. `powerOfAttorney` is the id of the power of attorney. */
  readonly actingFor: Named | null;
  readonly powerOfAttorney: string | null;
  readonly use: UseType;
  readonly outcome: AuditOutcome;
  readonly operation: { readonly name: string | null; readonly hash: string; readonly text: string | null };
  readonly fields: readonly { readonly name: string; readonly description: string | null }[];
  readonly citizens: readonly { readonly id: string }[];
  readonly cases: readonly { readonly id: string }[];
  readonly criterion: unknown;
  readonly faults: readonly string[];
  readonly purpose: string | null;
  readonly workstation: string | null;
  readonly transactionId: string | null;
  readonly requestId: string | null;
  readonly onBehalfOf: string | null;
  /** For the outcome of a change: id of the entry that began it. */
  readonly follows: string | null;
  /** For an entry that counts several rejections. */
  readonly counted: Counted | null;
}

/** A text format for exported rows, of the log by default. */
export interface ExportFormat<Row = ExportedEntry> {
  readonly mediaType: string;
  /** File extension. */
  readonly extension: string;
  /** Text before the first row. */
  readonly head: string;
  /** Returns one row, with its line break. */
  write(row: Row, municipality: string): string;
  /**
   * Returns the text that tells a reader that rows are missing. Without it the connection is aborted, so that no
   * client takes the file for complete.
   */
  readonly incomplete?: (code: string) => string;
}
