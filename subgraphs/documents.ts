/** `npx sluse documents`: puts manifests of trusted documents where the gateway reads them, lists them, and removes them. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { documentId, isManifestName, type Manifest, readManifest } from './edge/documents.js';
import { parseWithin } from './edge/limits.js';
import { withoutValues } from './protocol/faults.js';

/** An error that the caller can correct. */
export class DocumentsRefused extends Error {}

/**
 * Checks a manifest and puts it into the folder in one step: the gateway sees all of it or nothing. Returns how many documents it
 * holds.
 */
export async function addDocuments(file: string, folder: string, schemaFile: string | undefined): Promise<number> {
  const name = basename(file);
  if (!isManifestName(name))
    throw new DocumentsRefused(`${name}: expected a name that ends with .json, of letters, digits, dots and dashes.`);
  const json = await readFile(file, 'utf8');
  const manifest = manifestIn(json, file);
  if (schemaFile !== undefined) checkAgainst(await readFile(schemaFile, 'utf8'), schemaFile, manifest, file);
  await putAtOnce(join(folder, name), json);
  return manifest.size;
}

/** One line per document: id, names of its operations, manifest. */
export async function listDocuments(folder: string): Promise<string[]> {
  const lines: string[] = [];
  for (const [file, manifest] of await manifestsIn(folder))
    for (const [id, text] of manifest) lines.push(`${id}\t${operationsIn(text)}\t${file}`);
  return lines;
}

/** Removes a whole manifest by its name, or one document by its id from every manifest. Returns how many documents were removed. */
export async function removeDocuments(what: string, folder: string): Promise<number> {
  let removed = 0;
  for (const [file, manifest] of await manifestsIn(folder)) {
    const left = [...manifest].filter(([id]) => file !== what && id !== documentId(what));
    if (left.length === manifest.size && file !== what) continue;
    removed += manifest.size - left.length;
    if (left.length === 0) await rm(join(folder, file));
    else await putAtOnce(join(folder, file), `${JSON.stringify(Object.fromEntries(left), null, 2)}\n`);
  }
  if (removed === 0)
    throw new DocumentsRefused(`${what}: ${folder} has no manifest of this name and no document of this id.`);
  return removed;
}

async function manifestsIn(folder: string): Promise<[file: string, manifest: Manifest][]> {
  const names = (await readdir(folder)).filter(isManifestName).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, Manifest]> => {
      const file = join(folder, name);
      return [name, manifestIn(await readFile(file, 'utf8'), file)];
    }),
  );
}

function manifestIn(json: string, file: string): Manifest {
  try {
    const manifest = readManifest(json);
    for (const [id, text] of manifest) readable(id, text);
    return manifest;
  } catch (error) {
    throw new DocumentsRefused(`${file}: ${(error as Error).message}`);
  }
}

function readable(id: string, text: string): void {
  try {
    parseWithin(text);
  } catch (error) {
    throw new Error(`${id}: ${(error as Error).message}`);
  }
}

/** The gateway makes the same check, with the schema that it serves at that time. */
function checkAgainst(sdl: string, schemaFile: string, manifest: Manifest, file: string): void {
  const schema = schemaIn(sdl, schemaFile);
  for (const [id, text] of manifest) {
    const [error] = validate(schema, parse(text));
    if (error) throw new DocumentsRefused(`${file}: ${id}: ${withoutValues(error.message)}`);
  }
}

function schemaIn(sdl: string, file: string) {
  try {
    return buildSchema(sdl);
  } catch (error) {
    throw new DocumentsRefused(`--schema ${file}: ${(error as Error).message}`);
  }
}

/** Writes under a temporary name first, and then renames. */
async function putAtOnce(file: string, text: string): Promise<void> {
  const half = `${file}.${randomBytes(6).toString('hex')}.half`;
  try {
    await writeFile(half, text);
    await rename(half, file);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}

const operationsIn = (text: string): string =>
  parse(text)
    .definitions.flatMap((one) =>
      one.kind === 'OperationDefinition' ? [`${one.operation} ${one.name?.value ?? '(without a name)'}`] : [],
    )
    .join(', ');
