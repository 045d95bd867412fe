/**
 * What the log keeps of an entry: its **leaf**, the canonical JSON (RFC 8785) of everything that the entry says, with a random salt,
 * so that nobody can guess an entry and compare it with a hash. The tree is built over leaves, and readers see their contents. What
 * all entries of one operation would repeat is its **definition**, kept once per log and named in the leaf by its SHA-256.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Counted, LogEntry } from '../../protocol/log-entry.js';

/** An entry whose every text can be stored. */
export type StorableEntry = Omit<LogEntry, 'operation' | 'fields' | 'criterion'> & {
  readonly operation: { readonly hash: string; readonly name: string | null; readonly definition: OperationDefinition };
  /** Canonical JSON. */
  readonly criterion: string | null;
  /** Values of the criterion by which the entry can be found. */
  readonly searched: readonly string[];
};

export interface OperationDefinition {
  /** SHA-256 of `text`, in hexadecimal. */
  readonly hash: string;
  /** Canonical JSON: `{"fields":["Citizen.name"],"text":"{ … }"}`. */
  readonly text: string;
}

/** What a leaf says. */
export interface Leaf extends Omit<LogEntry, 'operation' | 'fields'> {
  readonly operation: { readonly hash: string; readonly name: string | null; readonly definition: string };
  readonly salt: string;
}

/** The canonical JSON of a definition, and its SHA-256 in hexadecimal. */
export function definitionOf(operation: { text: string | null; fields: readonly string[] }): OperationDefinition {
  const text = canonicalJson({ fields: operation.fields, text: operation.text });
  return { text, hash: createHash('sha256').update(text).digest('hex') };
}

export const readDefinition = (text: string): { text: string | null; fields: string[] } => JSON.parse(text);

/**
 * Written by hand, in the order of RFC 8785, because every answer of the municipality waits for this. Members about a power of
 * attorney or counted rejections are left out where there are none, so that older leaves are as they would be written now.
 */
export function writeLeaf(entry: StorableEntry, salt: string): string {
  const { operation } = entry;
  const { actingFor = null, powerOfAttorney = null, counted = null } = entry;
  return `{${actingFor === null ? '' : `"actingFor":${json(actingFor)},`}"actor":${json(person(entry.actor))},"at":${json(entry.at)},"cases":${json(entry.cases)},"citizens":${json(
    entry.citizens,
  )}${counted === null ? '' : `,"counted":${json(inOrder(counted))}`},"criterion":${entry.criterion},"faults":${json(entry.faults)},"follows":${json(entry.follows ?? null)},"id":${json(entry.id)},"municipality":${json(
    entry.municipality,
  )},"onBehalfOf":${json(entry.onBehalfOf)},"operation":{"definition":${json(operation.definition.hash)},"hash":${json(
    operation.hash,
  )},"name":${json(operation.name)}},"organisation":${json(entry.organisation)},"outcome":${json(
    entry.outcome,
  )},${powerOfAttorney === null ? '' : `"powerOfAttorney":${json(powerOfAttorney)},`}"purpose":${json(entry.purpose)},"requestId":${json(entry.requestId)},"right":${json(entry.right)},"salt":${json(
    salt,
  )},"sealedBy":${json(entry.sealedBy)},"session":${json(entry.session)},"subject":${json(
    person(entry.subject),
  )},"transactionId":${json(entry.transactionId)},"use":${json(entry.use)},"workstation":${json(entry.workstation)}}`;
}

export const readLeaf = (leaf: string): Leaf => JSON.parse(leaf);

/** Throws for a value that JSON cannot hold. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('expected a JSON value');
  return text;
}

const json = JSON.stringify;

const inOrder = ({ attempts, first, last, sources }: Counted) => ({ attempts, first, last, sources });

const person = (reference: LogEntry['actor']) => reference && { id: reference.id, kind: reference.kind };
