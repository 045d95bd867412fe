/**
 * What is kept of texts, in three parts that do not drive each other out: trusted documents, texts of callers who may ask any, and
 * texts of callers who should ask trusted documents first.
 */
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { type KnownTexts, openKnownTexts } from './known-texts.js';
import { anyText, type DocumentPolicy, modeOf, openBudget } from './policy.js';
import type { TrustedDocuments } from './trusted.js';

/** Bytes held at most, and bytes made anew in a minute for texts that are not trusted, of callers who ask trusted ones first. */
export const documentLimits = {
  trusted: 48 * 1024 * 1024,
  any: 48 * 1024 * 1024,
  first: 6 * 1024 * 1024,
  firstPerMinute: 12 * 1024 * 1024,
} as const;

export interface Documents {
  /** The text of a trusted document; throws where there is none of that id. */
  textOf(id: string): string;
  /** Where what is known of a text is kept for this caller; throws where it may not be asked. */
  placeFor(text: string, viewer: Viewer): DocumentPlace;
  readonly texts: Readonly<Record<'trusted' | 'any' | 'first', KnownTexts>>;
}

export interface DocumentPlace {
  readonly texts: KnownTexts;
  /** Called before a text that is not known is looked at; throws where the budget for that is spent. */
  admit(text: string): void;
}

export interface DocumentsOptions {
  readonly trusted: TrustedDocuments | null;
  readonly policy?: DocumentPolicy;
  readonly limits?: Readonly<Record<keyof typeof documentLimits, number>>;
}

/** Bytes that reading and validating one character may take meanwhile. */
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
      // Before it is read: whoever may ask trusted documents only costs nothing with any other.
      if (mode === 'only') throw new Fault('DOCUMENT_NOT_TRUSTED');
      return places[mode];
    },
    texts,
  };
}
