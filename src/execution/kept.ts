/** What is kept of one document beside itself, weighed: operations, their variants by conditions, and of these what is prepared for whom. */
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { heldBytes } from '../../subgraphs/process/held.js';

/** An operation with its variants. */
interface KeptOperation {
  readonly byConditions: Map<string, { readonly byHolding: Map<string, unknown> }>;
}

export interface KeptDocument<One extends KeptOperation> {
  readonly byName: Map<string, One>;
  /** Bytes of operations, before any is prepared. */
  base: number;
  /** Bytes of all. */
  bytes: number;
  onChange: (bytes: number) => void;
}

export const nothingKept = <One extends KeptOperation>(): KeptDocument<One> => ({
  byName: new Map(),
  base: 0,
  bytes: 0,
  onChange() {},
});

/** A variant to which others belong. */
export interface KeptVariant {
  /** What it holds itself, without those. */
  readonly bytes: number;
  /** Puts it back among what is kept of its operation. */
  attach(): void;
}

/**
 * Variants of one operation kept at most, and bytes of all variants of a document: an attacker may vary conditions without end.
 * Beyond that all of them are made anew.
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

/** Keeps a variant of a document, if need be in place of all that were kept before. `above`: the variant that it belongs to. */
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

/** What is the document's own, and weighed with it. */
export function partsOf(document: DocumentNode): Set<object> {
  const seen = new Set<object>();
  heldBytes(document, seen);
  return seen;
}

/** Of functions, which cannot be looked into: the one that reads variables, and the one that knows the keys of hidden fields. */
export const readerBytes = ({ variableDefinitions }: OperationDefinitionNode): number =>
  500 + 200 * (variableDefinitions?.length ?? 0);
export const hiddenKeyBytes = (parts: number): number => 500 + 4 * parts;
