/**
 * A manifest of trusted documents, as the client preset of graphql-codegen writes it (`persisted-documents.json`): a JSON object from
 * the hash of each operation to its text. The gateway reads it, and `npx sluse documents` checks it before it is put where the
 * gateway reads.
 */
import { createHash } from 'node:crypto';
import { parse as parseJson } from 'secure-json-parse';

/** Text by id. */
export type Manifest = ReadonlyMap<string, string>;

/** Limits for a whole folder. Texts are kept in memory as long as they are trusted. */
export const manifestLimits = { documents: 20_000, characters: 8_000_000 } as const;

/** Other files in the folder are ignored, for example a manifest that is still being written under a temporary name. */
export const isManifestName = (name: string): boolean => /^[\w-][\w.-]*\.json$/.test(name);

/** Throws with a reason that names the document, and never quotes its text. */
export function readManifest(json: string): Manifest {
  if (json.length > 3 * manifestLimits.characters)
    throw new Error('expected a manifest of at most 24,000,000 characters.');
  const entries = Object.entries(objectIn(json)).map(([key, text]) => [documentId(key), text] as const);
  for (const [id, text] of entries) {
    if (!/^[0-9a-f]{64}$/.test(id))
      throw new Error(`${id.slice(0, 100)}: expected the SHA-256 of the text, as 64 hexadecimal digits.`);
    if (typeof text !== 'string') throw new Error(`${id}: expected the text of an operation.`);
    if (createHash('sha256').update(text).digest('hex') !== id)
      throw new Error(`${id}: expected the SHA-256 of its text; the text is another.`);
  }
  return new Map(entries as [string, string][]);
}

/** The id without `sha256:`. The preset and GraphQL over HTTP write this prefix, Apollo's clients do not. */
export const documentId = (given: string): string => given.replace(/^sha256:/, '');

function objectIn(json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseJson(json, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    throw new Error('expected JSON: an object from hashes to texts.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('expected a JSON object from hashes to texts.');
  return value as Readonly<Record<string, unknown>>;
}
