/**
 * Trusted documents: the operations that frontends were built with, in manifests that the operator puts into a folder.
 * The folder is read again when it changes. If a manifest is refused, its previous version and all other manifests stay
 * in force.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type GraphQLSchema, validate } from 'graphql';
import type { Logger } from 'pino';
import { isManifestName, type Manifest, manifestLimits, readManifest } from '../../subgraphs/edge/documents.js';
import { parseWithin } from '../../subgraphs/edge/limits.js';
import { withoutValues } from '../../subgraphs/protocol/faults.js';

export interface TrustedDocuments {
  has(text: string): boolean;
  textOf(id: string): string | undefined;
  /** Reads the folder again now. Resolves to whether all of it is in force. */
  reload(): Promise<boolean>;
  /** Call this when the schema changes. Documents that do not fit it are left out. */
  revise(): void;
  onChange(listener: () => void): void;
  stop(): void;
}

export interface TrustedOptions {
  readonly folder: string;
  /** The schema that callers see. */
  readonly schema: () => GraphQLSchema;
  readonly log: Logger;
  /** Milliseconds between two checks of the folder. */
  readonly interval?: number;
}

/**
 * Reads the folder and starts watching it. Rejects if the folder cannot be read; a manifest that is refused is only
 * logged.
 */
export async function openTrustedDocuments(options: TrustedOptions): Promise<TrustedDocuments> {
  const { folder, log } = options;
  /** The last valid contents of each file. `looked` is the state of the folder when it was last read. */
  const files = new Map<string, Manifest>();
  let looked = '';
  let byId = new Map<string, string>();
  let texts = new Set<string>();
  const listeners: (() => void)[] = [];

  /** Puts the documents that fit the schema in force. */
  const revise = () => {
    const schema = options.schema();
    const next = new Map<string, string>();
    const fits = new Map<string, boolean>();
    for (const [file, manifest] of files)
      for (const [id, text] of manifest) {
        const reason = fits.get(text) ? null : unfit(text, schema);
        fits.set(text, reason === null);
        if (reason === null) next.set(id, text);
        else log.error({ file, id, reason }, 'a trusted document no longer fits the schema and is left out');
      }
    byId = next;
    texts = new Set(next.values());
    for (const listener of listeners) listener();
  };

  /** Throws with a reason that names the document. */
  const examine = (file: string, manifest: Manifest) => {
    const schema = options.schema();
    for (const [id, text] of manifest) {
      const reason = unfit(text, schema);
      if (reason !== null) throw new Error(`${id}: ${reason}`);
    }
    const others = [...files].filter(([name]) => name !== file).map(([, one]) => one);
    const all = [...others, manifest];
    const characters = all.reduce((sum, one) => sum + charactersOf(one), 0);
    if (
      all.reduce((sum, one) => sum + one.size, 0) > manifestLimits.documents ||
      characters > manifestLimits.characters
    )
      throw new Error(
        `expected at most ${manifestLimits.documents} documents and ${manifestLimits.characters} characters in the whole folder.`,
      );
  };

  const reload = async (): Promise<boolean> => {
    let whole = true;
    const names = (await readdir(folder)).filter(isManifestName).sort();
    for (const name of [...files.keys()]) if (!names.includes(name)) files.delete(name);
    for (const name of names) {
      try {
        const manifest = readManifest(await readFile(join(folder, name), 'utf8'));
        examine(name, manifest);
        files.set(name, manifest);
      } catch (error) {
        whole = false;
        const reason = (error as Error).message;
        log.error({ file: join(folder, name), reason }, 'trusted documents are refused; what was good before goes on');
      }
    }
    revise();
    log.info({ folder, documents: byId.size }, 'trusted documents read');
    return whole;
  };

  /** Describes the state of the folder from file metadata, which is cheap enough to do every second. */
  const look = async (): Promise<string> => {
    const names = (await readdir(folder)).filter(isManifestName).sort();
    const stats = await Promise.all(names.map((name) => stat(join(folder, name))));
    return stats.map(({ mtimeMs, size, ino }, index) => `${names[index]} ${mtimeMs} ${size} ${ino}`).join('\n');
  };
  let turn: Promise<unknown> = Promise.resolve();
  /** Runs one task after the other: an earlier reading must not overwrite the result of a later one. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  };
  const lookAgain = async () => {
    const now = await look();
    if (now === looked) return;
    looked = now;
    await reload();
  };

  looked = await look().catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `SLUSE_TRUSTED_DOCUMENTS: ${folder} cannot be read (${error.code}). Expected a folder with manifests of trusted documents.`,
    );
  });
  await inTurn(reload);
  let reported = '';
  const timer = setInterval(() => {
    inTurn(lookAgain).then(
      () => {
        reported = '';
      },
      (error: Error) => {
        // A missing folder would be reported every second, so report it once.
        if (reported !== error.message)
          log.error({ folder, reason: error.message }, 'trusted documents cannot be read');
        reported = error.message;
      },
    );
  }, options.interval ?? 1_000);
  timer.unref();
  return {
    has: (text) => texts.has(text),
    textOf: (id) => byId.get(id),
    reload: () => inTurn(reload),
    revise,
    onChange: (listener) => void listeners.push(listener),
    stop: () => clearInterval(timer),
  };
}

const charactersOf = (manifest: Manifest): number => [...manifest.values()].reduce((sum, text) => sum + text.length, 0);

/** Returns why a text cannot be a trusted document. `null` if it can. */
function unfit(text: string, schema: GraphQLSchema): string | null {
  try {
    const document = parseWithin(text);
    const operations = document.definitions.flatMap((one) =>
      one.kind === 'OperationDefinition' ? [one.operation] : [],
    );
    if (operations.length === 0 || operations.some((operation) => String(operation) === 'subscription'))
      return 'expected queries or mutations.';
    const [error] = validate(schema, document);
    return error ? withoutValues(error.message) : null;
  } catch (error) {
    return (error as Error).message;
  }
}
