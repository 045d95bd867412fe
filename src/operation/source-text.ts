/**
 * Documents are stored without source locations, which take more memory than the words themselves. Code that needs
 * comments or single words (the seal of the log) parses the text again and stores only what it found.
 */
import { type DocumentNode, parse } from 'graphql';

const texts = new WeakMap<DocumentNode, string>();

/** Remembers that `document` was parsed from this text. */
export function keepText(document: DocumentNode, text: string): void {
  texts.set(document, text);
}

/** Returns the document with source locations. */
export function withPlaces(document: DocumentNode): DocumentNode {
  const text = document.loc ? undefined : texts.get(document);
  return text === undefined ? document : parse(text);
}
