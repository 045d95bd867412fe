/**
 * Decides which compartments seal an entry of the log. One rule covers every text of the caller's that the entry keeps: arguments,
 * headers, names, comments. A person who is cleared for shielded cases may write the number or id of one anywhere, and readers of the
 * ordinary log would learn that there is such a case.
 *
 * Everything that could name a shielded case is sealed, whether it does or not: otherwise the seal itself would tell.
 */
import { isIP } from 'node:net';
import {
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type Token,
  TokenKind,
} from 'graphql';
import { caseOf } from '../protocol/compartments.js';
import type { LogEntry, UseType } from '../protocol/log-entry.js';
import { plain } from '../protocol/plain.js';
import { meant } from '../protocol/scalars.js';
import { isUuid } from '../protocol/text.js';
import type { Seal } from '../protocol/viewer.js';
import { spoken } from './parts.js';

/**
 * Members that hold our own words, or ids that were looked up. Every other member counts as a caller's text, including members that
 * are added later.
 */
const ours = {
  id: true,
  follows: true,
  at: true,
  municipality: true,
  session: true,
  actor: true,
  subject: true,
  organisation: true,
  right: true,
  actingFor: true,
  powerOfAttorney: true,
  use: true,
  outcome: true,
  fields: true,
  citizens: true,
  cases: true,
  faults: true,
} as const satisfies Partial<Record<keyof LogEntry, true>>;

export type Unsealed = Omit<LogEntry, 'sealedBy'>;

interface Circumstances {
  /** From the footprint. */
  readonly sealing: boolean;
  /** The operation's text, even if the entry does not keep it. */
  readonly text: string | null;
  /** The single cases, each with a grant of its own, within which everything in the entry was met. */
  readonly under: readonly string[];
}

/** The ids of the compartments that seal an entry. Empty for an ordinary entry. */
export function sealedBy(seal: Seal, entry: Unsealed, { sealing, text, under }: Circumstances): string[] {
  if (seal.compartments.length === 0 && seal.singleCases.length === 0) return [];
  const isSealed = sealing || seal.always || textsOf(entry).some(mayNameCase);
  return [...(isSealed ? seal.compartments : []), ...singleCasesIn(seal, entry, text, under)];
}

/** Compartments of single cases that the entry names, in the answer or in a text. */
function singleCasesIn({ singleCases }: Seal, entry: Unsealed, text: string | null, under: readonly string[]) {
  // Texts are only searched for the few viewers who are cleared for a single case.
  if (singleCases.length === 0) return [];
  const words = wordsOf(entry, text);
  return singleCases.filter((one) => {
    const id = caseOf(one);
    return under.includes(id) || entry.cases.includes(id) || says(words, id);
  });
}

/** All of the caller's own words that the entry will keep, each text with its escapes and cursors decoded. */
export const wordsOf = (entry: Unsealed, text: string | null): readonly string[] =>
  [text ?? '', ...textsOf(entry, 'ids too')].map(spoken);

/** Whether the words contain an id, however it is spelled. */
export const says = (words: readonly string[], id: string): boolean =>
  words.some((said) => compact(said).includes(compact(id)));

/**
 * Every text of the caller's in an entry, except the operation's hash and text, and ids in arguments that expect one
 * (`typedArguments`). An operation's text is checked once for all its requests (`documentNamesCase`).
 */
function textsOf(entry: Unsealed, ids?: 'ids too'): string[] {
  const { operation, criterion, ...others } = entry;
  const found: string[] = [];
  for (const [member, value] of Object.entries(others))
    if (!Object.hasOwn(ours, member) && !isAddress(value)) strings(value, found);
  const { hash, text, ...said } = operation;
  strings(said, found);
  if (!ids && Array.isArray(criterion)) for (const one of criterion) criterionTexts(one, entry, found);
  else strings(criterion, found);
  return found;
}

/** Whether it is a workstation's address. A full IPv6 address has as many digits as an id. */
const isAddress = (value: unknown): boolean => typeof value === 'string' && isIP(value) > 0 && !value.includes('%');

/** Includes the names of members: in JSON the caller chooses them. */
function strings(value: unknown, found: string[]): void {
  if (typeof value === 'string' || typeof value === 'number') found.push(String(value));
  else if (Array.isArray(value)) for (const item of value) strings(item, found);
  else if (typeof value === 'object' && value !== null)
    for (const [name, held] of Object.entries(value)) {
      found.push(name);
      strings(held, found);
    }
}

function criterionTexts(one: unknown, { use, citizens }: Unsealed, found: string[]): void {
  const given = (one as { arguments?: object } | null)?.arguments;
  const field = given && fieldOf.get(given);
  if (!field) {
    strings(one, found);
    return;
  }
  // A look-up of a person by the id of something of theirs must appear in that person's log, and a change in the officer's. Any other
  // id that led to nobody could be anything, including a case's.
  const leads = changes.has(use) || (field.leadsToPerson && citizens.length > 0);
  for (const { name, type } of field.args) textsOfType(type, (given as Record<string, unknown>)[name], found, leads);
}

const changes: ReadonlySet<UseType> = new Set(['ENTER', 'CHANGE', 'DELETE']);

function textsOfType(type: GraphQLInputType, value: unknown, found: string[], leads: boolean): void {
  if (isNonNullType(type)) textsOfType(type.ofType, value, found, leads);
  else if (isListType(type)) for (const item of [value].flat()) textsOfType(type.ofType, item, found, leads);
  else if (isInputObjectType(type) && typeof value === 'object' && value !== null)
    for (const [name, held] of Object.entries(value)) {
      const inner = type.getFields()[name]?.type;
      if (inner) textsOfType(inner, held, found, leads);
      else strings(held, found);
    }
  else if (!(leads && type.toString() === 'ID' && typeof value === 'string' && isUuid(value))) strings(value, found);
}

interface TypedField {
  readonly args: readonly GraphQLArgument[];
  /** Whether the field's answer is about a person whom the log names. */
  readonly leadsToPerson: boolean;
}

/** The field that a set of arguments belongs to. Its types tell an id that leads to a row from an id in the caller's own words. */
const fieldOf = new WeakMap<object, TypedField>();

/**
 * Arguments as the log keeps them: each in its stored form, with its type known to the seal. Without this call, all arguments count
 * as free text.
 */
export function typedArguments<Value>(
  field: TypedField,
  given: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const values = Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const type = field.args.find((argument) => argument.name === name)?.type;
      return [name, type ? (meant(type, value) as Value) : value];
    }),
  );
  fieldOf.set(values, field);
  return values;
}

/** Whether a text may hold the number of a case, such as `27.24.00-G01-5-19`, or the beginning of one. */
export function mayHoldNumber(text: string): boolean {
  const read = plain(text).replace(instant, ' ');
  return caseNumber.test(read) || /\d\d\.\d\d\.\d\d\s*-/.test(read);
}

/** Whether a text may name a case, by a number such as `27.24.00-G01-5-19` or by an id, however it is spelled. */
export function mayNameCase(text: string): boolean {
  // A case number is shorter than an id: 11 characters without its separators.
  if (text.length < 11) return false;
  const read = plain(text).replace(instant, ' ');
  return caseNumber.test(read) || id.test(read);
}

const between = '[^\\p{L}\\p{N}]{0,3}';
/** Six digits of a KLE number, the facet, the serial number and the year, with up to three other characters between any two of them. */
const caseNumber = new RegExp(`(?:\\d${between}){6}\\p{L}${between}(?:\\d${between}){4,12}\\d`, 'u');
const id = new RegExp(`[0-9a-f](?:${between}[0-9a-f]){31}`, 'iu');
/** In an RFC 3339 time, the letter T stands between digits like a facet. */
const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?/g;

const compact = (text: string): string =>
  plain(text)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/**
 * Whether the text of an operation may name a case in what the log keeps of it: in a comment, a name (of an operation, an alias, a
 * variable, a fragment), or a literal that leads to no row. `isIdLiteral` tells by the start of its token whether a literal does lead
 * to one.
 */
export function documentNamesCase(document: DocumentNode, isIdLiteral: (start: number) => boolean): boolean {
  // Without tokens the comments are not known.
  if (!document.loc) return true;
  for (let token: Token | null = document.loc.startToken; token; token = token.next) {
    if (token.kind === TokenKind.STRING && isIdLiteral(token.start) && isUuid(token.value)) continue;
    if (token.value !== undefined && mayNameCase(token.value)) return true;
  }
  return false;
}
