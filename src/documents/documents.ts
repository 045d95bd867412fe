/**
 * Stores known texts in three parts that cannot evict each other: trusted documents, texts of callers that may send any
 * text, and texts of callers that should send trusted documents first.
 */
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { type KnownTexts, openKnownTexts } from './known-texts.js';
import { anyText, type DocumentPolicy, modeOf, openBudget } from './policy.js';
import type { TrustedDocuments } from './trusted.js';

/**
 * Maximum bytes per part. `firstPerMinute`: bytes that may be built per minute for untrusted texts of callers in mode
 * `first`.
 */
export const documentLimits = {
  trusted: 48 * 1024 * 1024,
  any: 48 * 1024 * 1024,
  first: 6 * 1024 * 1024,
  firstPerMinute: 12 * 1024 * 1024,
} as const;

export interface Documents {
  /**
   * Returns the text of a trusted document. Throws `PERSISTED_QUERY_NOT_FOUND` for an unknown id, and
   * `PERSISTED_QUERY_NOT_SUPPORTED` without trusted documents.
   */
  textOf(id: string): string;
  /** Returns the store for this caller's text. Throws `DOCUMENT_NOT_TRUSTED` if the caller may not send it. */
  placeFor(text: string, viewer: Viewer): DocumentPlace;
  readonly texts: Readonly<Record<'trusted' | 'any' | 'first', KnownTexts>>;
}

export interface DocumentPlace {
  readonly texts: KnownTexts;
  /** Called before an unknown text is parsed. Throws `TOO_MANY_REQUESTS` if the budget is spent. */
  admit(text: string): void;
}

export interface DocumentsOptions {
  readonly trusted: TrustedDocuments | null;
  readonly policy?: DocumentPolicy;
  readonly limits?: Readonly<Record<keyof typeof documentLimits, number>>;
}

/** Estimated bytes for parsing and validating one character. */
const perCharacter = 32;

export function openDocuments({ trusted, policy = anyText, limits = documentLimits }: DocumentsOptions): Documents {
  const budget = openBudget(limits.firstPerMinute);
  const texts = {
    trusted: openKnownTexts({ maxBytes: limits.trusted }),
    any: openKnownTexts({ maxBytes: limits.any }),
    first: openKnownTexts({ maxBytes: limits.first, onGrown: budget.spend }),
  };
  const free = () => {};
  const places = {
    trusted: { texts: texts.trusted, admit: free },
    any: { texts: texts.any, admit: free },
    first: {
      texts: texts.first,
      admit(text: string) {
        budget.demand();
        budget.spend(perCharacter * text.length);
      },
    },
  };
  trusted?.onChange(() => texts.trusted.prune((text) => trusted.has(text)));
  return {
    textOf(id) {
      if (!trusted) throw new Fault('PERSISTED_QUERY_NOT_SUPPORTED');
      const text = trusted.textOf(id);
      if (text === undefined) throw new Fault('PERSISTED_QUERY_NOT_FOUND');
      return text;
    },
    placeFor(text, viewer) {
      if (trusted?.has(text)) return places.trusted;
      const mode = modeOf(viewer, policy);
      // Checked before the text is parsed: other texts of a caller in mode `only` must cost nothing.
      if (mode === 'only') throw new Fault('DOCUMENT_NOT_TRUSTED');
      return places[mode];
    },
    texts,
  };
}
