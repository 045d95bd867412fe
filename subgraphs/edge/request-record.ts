/**
 * The record of one request: what is known of it by the time its answer is ready, and the entry of the log that becomes of it.
 * Whichever edge answers, what is logged, under which outcome and under which seal is decided here.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Fate } from '../protocol/change.js';
import { caseOf } from '../protocol/compartments.js';
import type { FaultCode } from '../protocol/faults.js';
import { lineOf } from '../protocol/lines.js';
import type { LogEntry, UseType } from '../protocol/log-entry.js';
import { headerText } from '../protocol/reading.js';
import type { Viewer } from '../protocol/viewer.js';
import type { Footprint } from './footprint.js';
import { keptText } from './kept-text.js';
import { type AnswerPart, mayBeParted } from './parts.js';
import { mayHoldNumber, says, sealedBy, type Unsealed, wordsOf } from './seal.js';

/** What is known of one request by the time its answer is ready. */
export interface RequestRecord {
  viewer: Viewer | null;
  text: string | null;
  /** SHA-256 of the text, where it is at hand. */
  hash: string | null;
  operationName: string | null;
  disclosed: Disclosed | null;
  faults: string[];
  /** Whether nothing of it could be answered because systems behind did not. */
  isUnavailable?: boolean;
  /** Overrides the operation's type of use: the pages of an export are reads, and logged as EXTRACT. */
  readonly use?: UseType;
  /** Id of the entry by which a change was begun. */
  begun?: string;
  /** What became of it; not said as long as nobody knows. */
  fate?: Fate;
  readonly workstation: string | null;
  readonly purpose: string | null;
  readonly transactionId: string | null;
  readonly requestId: string | null;
  readonly onBehalfOf: string | null;
}

/** What of an answer is logged; of the answer itself nothing is kept while its entry is on the way. */
export interface Disclosed extends IntendedChange {
  /** Ids of audited objects in the answer, by type. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /** The same by the single cases within which they are named; `null` or left out where the answer is logged as a whole. */
  readonly parts?: readonly AnswerPart[] | null;
  /** Whether there is any data in it. */
  readonly hasData: boolean;
}

/** What is known of a change before it is made. */
export interface IntendedChange {
  readonly footprint: Footprint;
  /** Root fields with their arguments. */
  criterion(): readonly { readonly field: string; readonly arguments: object }[];
}

/** `workstation`: the address from which it came. */
export const requestRecordOf = (request: IncomingMessage, workstation: string | null): RequestRecord => ({
  viewer: null,
  text: null,
  hash: null,
  operationName: null,
  disclosed: null,
  faults: [],
  workstation,
  purpose: header(request.headers, 'x-purpose', 500),
  transactionId: header(request.headers, 'x-transaktionsid', 200),
  requestId: header(request.headers, 'x-requestid', 200),
  onBehalfOf: header(request.headers, 'x-onbehalfofuser', 200),
});

/** Codes of the errors in an answer. */
export function noteFaults(
  errors: readonly { readonly extensions?: { readonly code?: unknown } }[] | undefined,
  record: RequestRecord,
): void {
  for (const { extensions } of errors ?? []) record.faults.push(String(extensions?.code ?? 'INTERNAL'));
}

export interface EntryOptions {
  /** Of attempts by nobody that is known. */
  readonly municipality: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

/**
 * One entry, or one for each part of the answer, the ordinary one first: it takes its time and its id as if there were no other,
 * and says nothing of the rest.
 */
export function entriesOf(record: RequestRecord, options: EntryOptions): readonly LogEntry[] {
  const { viewer, disclosed } = record;
  const parts = disclosed?.parts;
  if (!viewer || !disclosed || !parts) return [entryOf(record, options)];
  const words = wordsOf(unsealed(record, { ...options, newId: () => '', now: () => new Date(0) }), record.text);
  const namesOne = viewer.seal.singleCases.some((one) => says(words, caseOf(one)));
  // A number of any case, however it goes on: the case may have been found by it, and its number may stand in no answer.
  if (namesOne || words.some(mayHoldNumber) || !mayBeParted(record.faults)) return [entryOf(record, options)];
  const at = options.now();
  return parts.map(({ under, named }) =>
    entryOf({ ...record, disclosed: { ...disclosed, named } }, { ...options, now: () => at }, under),
  );
}

/** `under`: cases for which somebody is cleared one by one, within which all of it was met. */
export function entryOf(record: RequestRecord, options: EntryOptions, under: readonly string[] = []): LogEntry {
  const { viewer, disclosed, text } = record;
  const entry = unsealed(record, options);
  // Whoever works with nothing but shielded cases is never heard of by others at all: that the placement secretariat looked up a
  // citizen's address says enough (`seal.always`).
  const sealing = disclosed?.footprint.sealing ?? false;
  return { ...entry, sealedBy: viewer ? sealedBy(viewer.seal, entry, { sealing, text, under }) : [] };
}

function unsealed(record: RequestRecord, { municipality, now, newId }: EntryOptions): Unsealed {
  const { viewer, disclosed } = record;
  const named = disclosed?.named;
  const hash = record.hash ?? hashOf(record.text ?? '');
  return {
    id: newId(),
    follows: record.begun ?? null,
    at: now().toISOString(),
    municipality: viewer?.municipality ?? municipality,
    session: viewer?.session ?? null,
    actor: viewer?.actor ?? null,
    subject: viewer?.subject ?? null,
    organisation: viewer?.organisation ?? null,
    right: viewer?.right ?? null,
    actingFor: viewer?.actingFor ?? null,
    powerOfAttorney: viewer?.powerOfAttorney ?? null,
    use: record.use ?? disclosed?.footprint.use ?? ('READ' satisfies UseType),
    outcome: outcomeOf(record),
    operation: {
      hash,
      name: record.operationName,
      // A text that never became an operation may hold anything, somebody's CPR number too.
      text: disclosed && record.text !== null ? keptText(record.text, hash) : null,
    },
    fields: disclosed?.footprint.fields ?? [],
    // In an order that tells nothing of how the answer came about.
    citizens: [...(named?.get('Citizen') ?? [])].sort(),
    cases: [...(named?.get('Case') ?? [])].sort(),
    criterion: disclosed?.criterion() ?? null,
    faults: [...new Set(record.faults)],
    purpose: record.purpose,
    workstation: record.workstation,
    transactionId: record.transactionId,
    requestId: record.requestId,
    onBehalfOf: record.onBehalfOf,
  };
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An answer that named somebody was one, whatever else went wrong beside it: it must stand in the citizen's view. */
function outcomeOf({ disclosed, faults, begun, fate }: RequestRecord): LogEntry['outcome'] {
  if (begun !== undefined && fate !== undefined) return outcomeOfChange(fate, faults);
  const named = (disclosed?.named.size ?? 0) > 0;
  const denied = faults.some((code) => deniedCodes.has(code));
  if (denied) return named || (disclosed && disclosed.footprint.fields.length > 0) ? 'PARTLY_DENIED' : 'DENIED';
  return faults.length > 0 && !named ? 'FAILED' : 'ANSWERED';
}

/** A change that stands never failed, whatever its caller was told; and one that was not made was refused, or failed. */
function outcomeOfChange(fate: Fate, faults: readonly string[]): LogEntry['outcome'] {
  const isDenied = faults.some((code) => deniedCodes.has(code));
  if (fate === 'MADE') {
    if (isDenied) return 'PARTLY_DENIED';
    return faults.includes('CHANGE_MAY_STAND' satisfies FaultCode) ? 'MADE' : 'ANSWERED';
  }
  if (faults.length === 0) return 'ANSWERED';
  return isDenied ? 'DENIED' : 'FAILED';
}

const deniedCodes: ReadonlySet<string> = new Set<FaultCode>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'FORBIDDEN_FIELD',
  'FRESH_LOGIN_REQUIRED',
  'ACCESS_CHANGED',
  'WRONG_CREDENTIALS',
  'LOCKED_OUT',
  'SIGN_IN_REFUSED',
  'INTROSPECTION_NOT_ALLOWED',
]);

function header(headers: IncomingHttpHeaders, name: string, length: number): string | null {
  const value = headers[name];
  return typeof value === 'string' ? lineOf(headerText(value), length) : null;
}
