/**
 * `npx sluse`: commands for operators and auditors of the log, for the register and old accounts, for operators of case systems and
 * frontends, and for data-protection officers. Exit code 0: all is well. 1: it is not. 2: it could not be determined.
 */
// Imported first, because packages read the environment while they are loaded.
import './process/environment.js';
import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { accessMatrix } from './access-matrix.js';
import { readArchive } from './audit/verify/archive.js';
import { type ArchiveRecord, isSelection, lineOf, recordsIn } from './audit/verify/archive-form.js';
import { type Retained, retainedIn, trustedKey } from './audit/verify/trust.js';
import { lineOfVerdict, verify } from './audit/verify/verify.js';
import { ComposeRefused, compose } from './compose.js';
import { addDocuments, DocumentsRefused, listDocuments, removeDocuments } from './documents.js';
import { operatorOf } from './identity/register/log-entries.js';
import { ImportRefused } from './identity/register/refused.js';
import { accountsIn } from './identity/sign-in/linking-import.js';
import * as store from './identity/sign-in/linking-store.js';
import { lineOfStatus, migrateRooms, statusOfRooms } from './migrations.js';
import { asOwner } from './postgres/owner.js';
import { makeAssertion } from './protocol/client-assertion.js';
import { utf8In } from './protocol/reading.js';
import { appointEmployee, importRegister, type Printed, RegisterRefused, templateText } from './register.js';

const help = `Usage:
  npx sluse migrate [--status | --dry-run]
  npx sluse import FILE|FOLDER --municipality 0999 [--full] [--dry-run]
  npx sluse import --template KIND
  npx sluse appoint --municipality 0999 --cvr 11111111 --uuid UUID --right ADMINISTRATOR [--reason TEXT]
  npx sluse verify-log --key KEY… [--checkpoints FILE]… [--export FILE]
  npx sluse export-log [--municipality 0999] [--log NAME]… > FILE
  npx sluse import-accounts --municipality 0999 FILE.csv
  npx sluse assertion --key FILE --client ID --audience URL
  npx sluse documents add FILE.json [--schema FILE] --folder DIRECTORY
  npx sluse documents list --folder DIRECTORY
  npx sluse documents remove NAME.json|ID --folder DIRECTORY
  npx sluse access-matrix [--supergraph FILE]
  npx sluse compose --add NAME=URL|FILE.graphql… [--out FILE]

migrate      Brings the schemas of all rooms up to this version. Needs SLUSE_SECRET as well. Running it again does nothing.
  --status            says what has run and what has not; exit code 1 if something has not
  --dry-run           runs it and undoes it

import       Fills the register from CSV or NDJSON, in one transaction with its entries of the log (docs/register.md).
  FILE|FOLDER         files whose names begin with their kind, such as citizens.csv: organisations, units, employees, citizens,
                      relatives, clients, secretariats, accounts, questions
  --template KIND     prints a file of this kind, with its columns and a made-up row; for questions, with those that are shipped
  --kind KIND         for one file of another name
  --municipality CODE or SLUSE_MUNICIPALITY
  --full              whoever is not in the file has left. Without it a file says what is new or changed
  --many-leavers      with --full: more than a tenth may leave at once
  --dry-run           checks everything and says what would change
  --all-or-nothing    refuses a file with a wrong row; this is the default
  --skip-bad-rows     leaves wrong rows out and names them; exit code 1 if there are any
  --encoding NAME     iso-8859-1, for a file that is not in UTF-8
  --as NAME           who is responsible, for the log; by default the account of the operating system, which is logged anyway

appoint      Gives a right to an employee in the register: the first administrator of an installation. Logged.
  --cvr NUMBER        CVR number of the organisation where the employee works
  --uuid UUID         the employee's UUID at NemLog-in
  --right CODE        such as ADMINISTRATOR
  --reason TEXT       needed once another administrator is in force
  --municipality, --as as above

verify-log   Verifies every log, in the database of DATABASE_URL or in an export; the latter needs no database.
  --key KEY           a key that is trusted to sign: a verifier key, as \`{ checkpoint { keys } }\` of the API says it, or the path
                      of a PEM file with an Ed25519 key, public or private. While keys change: the old one and the new one
  --checkpoints FILE  checkpoints that were retained elsewhere: the \`note\` of \`{ checkpoint { note } }\`, one appended after
                      the other. Without them nobody can tell whether the end of a log was cut off, or all of it replaced
  --export FILE       what export-log wrote, instead of the database
  Prints a line for each log that is whole, and one for each kind of finding; never what stands in an entry.

export-log   Writes whole logs as JSON lines: definitions, leaves and checkpoints, sealed logs among them.
  --municipality CODE logs of this municipality only
  --log NAME          this log only, such as 0999/2026-11

import-accounts  Takes over the accounts of the old SMDB, to be linked at the first log-in. All of a file or nothing.
  FILE.csv            the columns user_name, hash (argon2id as PHC, or passlib's pbkdf2-sha256 or pbkdf2-sha512) and, where it is
                      known, cvr: the company whose employee used the account. An account that was linked stays as it is

assertion    Prints a client assertion (RFC 7523), good for one use within a minute: what a case system sends to /oauth/token.
  --key FILE          its private key, of P-256, Ed25519 or RSA: a JWK, whose \`kid\` names it, or PEM
  --client ID         id of the system
  --audience URL      the address of the token endpoint

documents    Trusted documents: which manifests the gateway reads (SLUSE_TRUSTED_DOCUMENTS). It takes up a change within seconds.
  FILE.json           a manifest as the client preset of graphql-codegen writes it: a JSON object from hashes to texts
  --folder DIRECTORY  where the gateway reads them; by default that of SLUSE_TRUSTED_DOCUMENTS
  --schema FILE       the schema that callers see (schema/api.graphql): what does not fit it is refused here already

access-matrix  Prints who may ask for what, as Markdown: rights by fields, and the policies that decide which rows there are.
  --supergraph FILE   what the gateway serves, such as one with a vendor's subgraph; by default schema/supergraph.graphql

compose      Composes vendors' subgraphs with the rooms into what the gateway serves, and says what is wrong with it (docs/vendors.md).
  --add NAME=SOURCE   a subgraph, and its SDL: a file, or the URL of its GraphQL endpoint, which is asked for it
  --out FILE          where the supergraph is written; by default to standard output. Nothing is written if it is refused
  Findings go to standard error. Those that should be mended do not keep the gateway from serving it; the exit code is 1 all the same

DATABASE_URL is, for all but the last four, the connection of the owner, who has to be a superuser or BYPASSRLS: postgres://owner@host:5432/database
Exit code: 0 all is well, 1 something is not, 2 wrong usage, or it could not be read.
`;

/** An error that the caller can correct. */
class CommandRefused extends Error {}

async function main(): Promise<number> {
  const [command, ...rest] = process.argv.slice(2);
  if (command === '--help' || command === '-h' || command === 'help' || rest.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  if (command === 'migrate') return migrateSchemas(rest);
  if (command === 'import') return importFiles(rest);
  if (command === 'appoint') return appoint(rest);
  if (command === 'verify-log') return verifyLog(rest);
  if (command === 'export-log') return exportLog(rest);
  if (command === 'import-accounts') return importAccounts(rest);
  if (command === 'assertion') return assertion(rest);
  if (command === 'documents') return documents(rest);
  if (command === 'access-matrix') return printAccessMatrix(rest);
  if (command === 'compose') return composeSubgraphs(rest);
  throw new CommandRefused(`${command ? `There is no command ${command}.` : 'Which command?'}\n\n${help}`);
}

async function migrateSchemas(args: string[]): Promise<number> {
  const { values } = parse(args, { status: { type: 'boolean' }, 'dry-run': { type: 'boolean' } });
  const url = databaseUrl();
  if (values.status) {
    const found = await statusOfRooms(url);
    for (const status of found) process.stdout.write(`${lineOfStatus(status)}\n`);
    return found.every(({ pending, changed }) => pending.length + changed.length === 0) ? 0 : 1;
  }
  const secret = process.env.SLUSE_SECRET?.trim() ?? '';
  if (secret.length < 32)
    throw new CommandRefused('SLUSE_SECRET: expected at least 32 characters, the same for all rooms of one database.');
  const isTrial = values['dry-run'] === true;
  for (const { room, pending } of await migrateRooms(url, secret, isTrial))
    process.stdout.write(`${room}: ${pending.length === 0 ? 'is current' : pending.join(', ')}\n`);
  process.stdout.write(isTrial ? 'This was a dry run: nothing was migrated.\n' : 'All rooms are migrated.\n');
  return 0;
}

async function importFiles(args: string[]): Promise<number> {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const;
  const { values, positionals } = parse(
    args,
    {
      ...{ template: text, kind: text, municipality: text, encoding: text, as: text },
      ...{ full: flag, 'many-leavers': flag, 'dry-run': flag, 'all-or-nothing': flag, 'skip-bad-rows': flag },
    },
    true,
  );
  const given = values as Record<string, string | undefined>;
  if (given.template !== undefined) {
    process.stdout.write(templateText(given.template));
    return 0;
  }
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) throw new CommandRefused(`Give one file or one folder.\n\n${help}`);
  if (values['all-or-nothing'] && values['skip-bad-rows'])
    throw new CommandRefused('Give --all-or-nothing or --skip-bad-rows, not both.');
  return print(
    await importRegister({
      ...{ path, url: databaseUrl(), municipality: municipalityOf(given), kind: given.kind },
      encoding: given.encoding?.toLowerCase() ?? 'utf-8',
      full: values.full === true,
      dryRun: values['dry-run'] === true,
      skipBadRows: values['skip-bad-rows'] === true,
      manyLeavers: values['many-leavers'] === true,
      operator: operatorOf(given.as),
    }),
  );
}

async function appoint(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parse(args, { municipality: text, cvr: text, uuid: text, right: text, reason: text, as: text });
  const given = values as Record<string, string | undefined>;
  const { cvr, uuid, right } = given;
  if (!cvr || !uuid || !right) throw new CommandRefused(`Give --cvr, --uuid and --right.\n\n${help}`);
  return print(
    await appointEmployee({
      ...{ url: databaseUrl(), municipality: municipalityOf(given), cvr, uuid, right },
      reason: given.reason ?? null,
      operator: operatorOf(given.as),
    }),
  );
}

function municipalityOf({ municipality }: Record<string, string | undefined>): string {
  const code = municipality ?? process.env.SLUSE_MUNICIPALITY?.trim() ?? '';
  if (!/^\d{4}$/.test(code))
    throw new CommandRefused('Say --municipality with four digits, or set SLUSE_MUNICIPALITY.');
  return code;
}

function print({ lines, ok }: Printed): number {
  for (const line of lines) (ok ? process.stdout : process.stderr).write(`${line}\n`);
  return ok ? 0 : 1;
}

async function verifyLog(args: string[]): Promise<number> {
  const { values } = parse(args, {
    key: { type: 'string', multiple: true },
    checkpoints: { type: 'string', multiple: true },
    export: { type: 'string' },
  });
  const given = (values.key ?? []) as string[];
  if (given.length === 0)
    throw new CommandRefused(
      `Without a key nobody is trusted, and whoever can write to the database could have signed it: give --key.\n\n${help}`,
    );
  const keys = await Promise.all(given.map(keyAt));
  const retained = await retainedAt((values.checkpoints ?? []) as string[], keys);
  const check = (records: AsyncIterable<ArchiveRecord>) => verify(records, { keys, retained, now: new Date() });
  const verdicts =
    typeof values.export === 'string'
      ? await check(recordsIn(linesOf([values.export])))
      : await asOwner(databaseUrl('or --export'), 'audit', (query) => check(readArchive(query, { beside: true })));
  for (const verdict of verdicts) process.stdout.write(lineOfVerdict(verdict));
  return verdicts.every(({ ok }) => ok) ? 0 : 1;
}

async function exportLog(args: string[]): Promise<number> {
  const { values } = parse(args, { municipality: { type: 'string' }, log: { type: 'string', multiple: true } });
  const only = { municipality: values.municipality, logs: values.log } as { municipality?: string; logs?: string[] };
  if (!isSelection(only))
    throw new CommandRefused(`Say --municipality with four digits, and --log as in 0999/2026-11.\n\n${help}`);
  await asOwner(databaseUrl(), 'audit', (query) =>
    pipeline(Readable.from(written(readArchive(query, { only }))), process.stdout, { end: false }),
  );
  return 0;
}

async function importAccounts(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, { municipality: { type: 'string' } }, true);
  const municipality = String(values.municipality ?? '');
  const [file, ...others] = positionals;
  if (!/^\d{4}$/.test(municipality) || file === undefined || others.length > 0)
    throw new CommandRefused(`Say --municipality with four digits, and one file.\n\n${help}`);
  const accounts = await accountsAt(file);
  const written = await asOwner(
    databaseUrl(),
    'identity',
    (query) => store.importAccounts(query, municipality, accounts),
    'write',
  );
  process.stdout.write(
    `${written} of ${accounts.length} accounts were taken over; the others are linked to somebody already.\n`,
  );
  return 0;
}

async function accountsAt(file: string) {
  const bytes = await readFile(file);
  try {
    return accountsIn(utf8In(bytes, 'a CSV file'));
  } catch (error) {
    throw new CommandRefused(`${file}: ${(error as Error).message}`);
  }
}

async function assertion(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parse(args, { key: text, client: text, audience: text });
  const { key: file, client, audience } = values as Record<string, string | undefined>;
  if (!file || !client || !audience) throw new CommandRefused(`Give --key, --client and --audience.\n\n${help}`);
  const { key, keyName } = privateKeyIn(await readFile(file, 'utf8'), file);
  const algorithm = ({ ec: 'ES256', ed25519: 'EdDSA', rsa: 'PS256' } as const)[String(key.asymmetricKeyType)];
  if (!algorithm) throw new CommandRefused(`--key ${file}: expected a key of P-256, Ed25519 or RSA.`);
  const made = await makeAssertion(key, { algorithm, keyName, client, audience, now: new Date() });
  process.stdout.write(`${made}\n`);
  return 0;
}

async function documents(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parse(args, { folder: text, schema: text }, true);
  const [verb, what, ...others] = positionals;
  const given = values as Record<string, string | undefined>;
  const folder = given.folder ?? process.env.SLUSE_TRUSTED_DOCUMENTS?.trim();
  if (!folder) throw new CommandRefused(`Give --folder, or set SLUSE_TRUSTED_DOCUMENTS.\n\n${help}`);
  if (verb === 'list' && what === undefined) {
    for (const line of await listDocuments(folder)) process.stdout.write(`${line}\n`);
    return 0;
  }
  if ((verb !== 'add' && verb !== 'remove') || what === undefined || others.length > 0)
    throw new CommandRefused(`Say add with a file, list, or remove with a name or an id.\n\n${help}`);
  const count = verb === 'add' ? await addDocuments(what, folder, given.schema) : await removeDocuments(what, folder);
  process.stdout.write(
    `${count} ${verb === 'add' ? 'documents are trusted now' : 'documents are trusted no longer'}.\n`,
  );
  return 0;
}

async function printAccessMatrix(args: string[]): Promise<number> {
  const { values } = parse(args, { supergraph: { type: 'string' } });
  const file = (values.supergraph as string | undefined) ?? 'schema/supergraph.graphql';
  const sdl = await readFile(file, 'utf8');
  try {
    process.stdout.write(await accessMatrix(sdl));
  } catch (error) {
    throw new CommandRefused(`${file}: ${(error as Error).message}`);
  }
  return 0;
}

async function composeSubgraphs(args: string[]): Promise<number> {
  const { values } = parse(args, { add: { type: 'string', multiple: true }, out: { type: 'string' } });
  const add = (values.add ?? []) as string[];
  if (add.length === 0) throw new CommandRefused(`Say with --add which subgraph, as name=URL or name=file.\n\n${help}`);
  return compose(add, (values.out as string | undefined) ?? null);
}

function privateKeyIn(text: string, file: string): { key: KeyObject; keyName: string | null } {
  try {
    if (!text.trimStart().startsWith('{')) return { key: createPrivateKey(text), keyName: null };
    const jwk = JSON.parse(text) as { kid?: string };
    return { key: createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }), keyName: jwk.kid ?? null };
  } catch {
    throw new CommandRefused(`--key ${file}: expected a private key, as a JWK or in PEM.`);
  }
}

async function* written(records: AsyncIterable<ArchiveRecord>): AsyncGenerator<string> {
  for await (const record of records) yield lineOf(record);
}

type Options = NonNullable<Parameters<typeof parseArgs>[0]>['options'] & {};

function parse(args: string[], options: Options, allowPositionals = false) {
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (error) {
    throw new CommandRefused(`${(error as Error).message}\n\n${help}`);
  }
}

function databaseUrl(alternative = ''): string {
  const url = process.env.DATABASE_URL?.trim();
  if (!url)
    throw new CommandRefused(`DATABASE_URL is not set: expected the connection of the owner ${alternative}`.trimEnd());
  return url;
}

async function keyAt(given: string) {
  try {
    return trustedKey(/\+[0-9a-f]{8}\+/.test(given) ? given : await readFile(given, 'utf8'));
  } catch (error) {
    throw new CommandRefused(`--key ${given}: ${(error as Error).message}`);
  }
}

async function retainedAt(files: readonly string[], keys: Parameters<typeof retainedIn>[1]): Promise<Retained> {
  try {
    return await retainedIn(linesOf(files), keys);
  } catch (error) {
    throw new CommandRefused(`--checkpoints: ${(error as Error).message}`);
  }
}

/** Splits at line feeds only: a leaf may hold U+2028, at which `node:readline` would split. */
async function* linesOf(files: readonly string[]): AsyncGenerator<string> {
  for (const file of files) {
    let rest = '';
    for await (const chunk of createReadStream(file, 'utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  }
}

/** An error in words that help. A database message may quote a row, so only its code is given. */
function explained(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (
    [CommandRefused, ComposeRefused, DocumentsRefused, RegisterRefused, ImportRefused].some(
      (kind) => error instanceof kind,
    )
  )
    return message;
  if (code === 'AUDIT_UNAVAILABLE') return 'The log could not be written, so nothing was changed. Try again later.';
  if (code === '42501')
    return 'The owner of DATABASE_URL does not see all rows: connect as a superuser, or ALTER ROLE … BYPASSRLS.';
  if (code === '42P01') return 'The database of DATABASE_URL is none of Sluse, or not up to date.';
  if (code === 'ENOENT') return message;
  return `It could not be read: ${code ?? message}.`;
}

// A reader that stops early, such as `head`, has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

main()
  .then((code) => {
    process.exitCode = code;
  })
  .catch((error: unknown) => {
    // The reader has seen enough: `export-log | head`.
    if ((error as { code?: unknown }).code !== 'EPIPE') process.stderr.write(`${explained(error)}\n`);
    process.exitCode = 2;
  });
