/**
 * Tracks, by size, what is cached for one document: operations, their variants by conditions, and what is prepared of
 * these per authorization outcome.
 */
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { heldBytes } from '../../subgraphs/process/held.js';

/** An operation with its variants. */
interface KeptOperation {
  readonly byConditions: Map<string, { readonly byHolding: Map<string, unknown> }>;
}

export interface KeptDocument<One extends KeptOperation> {
  readonly byName: Map<string, One>;
  /** Bytes of the operations, without anything prepared. */
  base: number;
  /** Bytes of everything. */
  bytes: number;
  onChange: (bytes: number) => void;
}

export const nothingKept = <One extends KeptOperation>(): KeptDocument<One> => ({
  byName: new Map(),
  base: 0,
  bytes: 0,
  onChange() {},
});

/** A variant that other variants belong to. */
export interface KeptVariant {
  /** Its own bytes, without those that belong to it. */
  readonly bytes: number;
  /** Puts it back into the cache of its operation. */
  attach(): void;
}

/**
 * Maximum number of variants in one map, and maximum bytes of all variants of a document: an attacker may vary
 * conditions without end. Beyond either limit, all variants are dropped and made anew.
 */
const maxVariants = 64;
const maxBytes = 3_000_000;

export function keepOperation<One extends KeptOperation>(
  kept: KeptDocument<One>,
  name: string,
  operation: One,
  bytes: number,
): void {
  kept.byName.set(name, operation);
  kept.base += bytes;
  kept.bytes += bytes;
  kept.onChange(kept.bytes);
}

/**
 * Caches a variant of a document. If a limit would be exceeded, drops everything cached before. `above`: the variant
 * that this one belongs to, which stays.
 */
export function keepVariant<Value>(
  kept: KeptDocument<KeptOperation>,
  into: Map<string, Value>,
  key: string,
  value: Value,
  bytes: number,
  above?: KeptVariant,
): void {
  if (into.size >= maxVariants || kept.bytes + bytes > maxBytes) {
    for (const { byConditions } of kept.byName.values()) {
      for (const { byHolding } of byConditions.values()) byHolding.clear();
      byConditions.clear();
    }
    kept.bytes = kept.base + (above?.bytes ?? 0);
    above?.attach();
  }
  into.set(key, value);
  kept.bytes += bytes;
  kept.onChange(kept.bytes);
}

/** Returns the document's own objects, whose size is counted with the document. */
export function partsOf(document: DocumentNode): Set<object> {
  const seen = new Set<object>();
  heldBytes(document, seen);
  return seen;
}

/**
 * Estimates the bytes of two functions, which cannot be inspected: the one that reads variables, and the one that knows
 * the keys of hidden fields.
 */
export const readerBytes = ({ variableDefinitions }: OperationDefinitionNode): number =>
  500 + 200 * (variableDefinitions?.length ?? 0);
export const hiddenKeyBytes = (parts: number): number => 500 + 4 * parts;
