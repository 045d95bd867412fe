/** One entry of the log as it is handed over, understood: names stand beside ids, descriptions beside fields, the text beside its hash. */
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
  /** `null` for a caller who was not signed in. */
  readonly actor: ExportedPerson | null;
  readonly subject: ExportedPerson | null;
  readonly organisation: Named | null;
  readonly right: { readonly code: string; readonly name: string } | null;
  /** The organisation acted for, under the power of attorney of this id. */
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
  /** Of what became of a change: id of the entry by which it was begun. */
  readonly follows: string | null;
  /** Of an entry that stands for many rejections. */
  readonly counted: Counted | null;
}

/** A form in which entries are handed over, as text. */
export interface ExportFormat {
  readonly mediaType: string;
  /** Of the file. */
  readonly extension: string;
  /** What stands before the first entry. */
  readonly head: string;
  /** One entry with its line break. */
  write(entry: ExportedEntry, municipality: string): string;
  /** What tells a reader that entries are missing. Without it the connection is broken, so that no client takes the file for whole. */
  readonly incomplete?: (code: string) => string;
}
