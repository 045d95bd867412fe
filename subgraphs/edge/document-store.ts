/**
 * The document store of a room's Apollo Server, bounded by the memory that documents hold. Apollo's own store counts their length as
 * JSON, up to 30 MB.
 */
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { heldBytes } from '../process/held.js';

/** Most bytes of documents that a room keeps. */
export const roomDocumentBytes = 8 * 1024 * 1024;

export interface DocumentStore {
  get(key: string): Promise<DocumentNode | undefined>;
  set(key: string, document: DocumentNode): Promise<void>;
  delete(key: string): Promise<boolean>;
}

export function openDocumentStore(): DocumentStore {
  const documents = new LRUCache<string, DocumentNode>({
    maxSize: roomDocumentBytes,
    sizeCalculation: (document, key) => 500 + key.length + heldBytes(document),
  });
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) => void documents.set(key, document),
    delete: async (key) => documents.delete(key),
  };
}
