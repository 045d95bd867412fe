/**
 * Documents are kept without the places of their words, which take more memory than the words. What looks at comments and at single
 * words (the seal of the log) reads the text once more, and keeps no more than what it found.
 */
import { type DocumentNode, parse } from 'graphql';

const texts = new WeakMap<DocumentNode, string>();

/** `document` was read from this text. */
export function keepText(document: DocumentNode, text: string): void {
  texts.set(document, text);
}

/** The document with the places of its words. */
export function withPlaces(document: DocumentNode): DocumentNode {
  const text = document.loc ? undefined : texts.get(document);
  return text === undefined ? document : parse(text);
}
