/**
 * Apollo Server's document store for known texts that still have to pass its pipeline: they are neither parsed nor
 * validated again. It holds only weak references, so an entry ends with its known text.
 */
import type { ApolloServerOptions, BaseContext } from '@apollo/server';
import type { DocumentNode } from 'graphql';
import type { SupergraphSource } from '../supergraph/supergraph.js';
import type { KnownText } from './known-texts.js';

type ApolloDocumentStore = NonNullable<ApolloServerOptions<BaseContext>['documentStore']>;

export interface ValidatedDocuments extends ApolloDocumentStore {
  /** Records the known text of a document that Apollo Server has validated. */
  note(document: DocumentNode, known: KnownText): void;
}

/** Number of entries at which dead references are removed. */
const mostReferences = 20_000;

export function validatedDocuments(supergraph: Pick<SupergraphSource, 'engine'>): ValidatedDocuments {
  /** By Apollo's keys: a hash of the schema and a hash of the text. */
  const known = new Map<string, WeakRef<KnownText>>();
  const keys = new WeakMap<DocumentNode, string>();
  return {
    async get(key) {
      const found = known.get(key)?.deref();
      return found?.engine === supergraph.engine() ? found.document : undefined;
    },
    async set(key, document) {
      keys.set(document, key);
    },
    async delete(key) {
      return known.delete(key);
    },
    note(document, text) {
      const key = keys.get(document);
      if (key === undefined) return;
      if (known.size >= mostReferences) {
        for (const [one, reference] of known) if (!reference.deref()) known.delete(one);
        if (known.size >= mostReferences) known.clear();
      }
      known.set(key, new WeakRef(text));
    },
  };
}
