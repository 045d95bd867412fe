/**
 * The record of one request: what is known of it when its answer is ready, and the log entry made from it. For every edge, this file
 * decides what is logged, under which outcome and under which seal.
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

/** What is known of one request when its answer is ready. */
export interface RequestRecord {
  viewer: Viewer | null;
  text: string | null;
  /** SHA-256 of the text, where it is at hand. */
  hash: string | null;
  operationName: string | null;
  disclosed: Disclosed | null;
  faults: string[];
  /** Whether nothing could be answered because the systems behind did not answer. */
  isUnavailable?: boolean;
  /** Overrides the operation's type of use: the pages of an export are reads, but are logged as EXTRACT. */
  readonly use?: UseType;
  /** Id of the entry by which a change was begun. */
  begun?: string;
  /** What became of the change; left out as long as nobody knows. */
  fate?: Fate;
  readonly workstation: string | null;
  readonly purpose: string | null;
  readonly transactionId: string | null;
  readonly requestId: string | null;
  readonly onBehalfOf: string | null;
}

/** What is logged of an answer. The answer itself is not kept while its entry is being written. */
export interface Disclosed extends IntendedChange {
  /** Ids of audited objects in the answer, by type. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /** The same, by the single cases within which they are named. `null` or left out if the answer is logged as a whole. */
  readonly parts?: readonly AnswerPart[] | null;
  /** Whether the answer holds any data. */
  readonly hasData: boolean;
}

/** What is known of a change before it is made. */
export interface IntendedChange {
  readonly footprint: Footprint;
  /** Root fields with their arguments. */
  criterion(): readonly { readonly field: string; readonly arguments: object }[];
}

/** `workstation`: the address from which the request came. */
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

/** Notes the codes of the errors in an answer. */
export function noteFaults(
  errors: readonly { readonly extensions?: { readonly code?: unknown } }[] | undefined,
  record: RequestRecord,
): void {
  for (const { extensions } of errors ?? []) record.faults.push(String(extensions?.code ?? 'INTERNAL'));
}

export interface EntryOptions {
  /** The municipality for entries about unknown callers. */
  readonly municipality: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

/**
 * One entry, or one for each part of the answer. The ordinary entry comes first: it takes its time and id as if there were no others,
 * and says nothing of the rest.
 */
export function entriesOf(record: RequestRecord, options: EntryOptions): readonly LogEntry[] {
  const { viewer, disclosed } = record;
  const parts = disclosed?.parts;
  if (!viewer || !disclosed || !parts) return [entryOf(record, options)];
  const words = wordsOf(unsealed(record, { ...options, newId: () => '', now: () => new Date(0) }), record.text);
  const namesOne = viewer.seal.singleCases.some((one) => says(words, caseOf(one)));
  // The number of any case, or its beginning: the case may have been found by it, although the number stands in no answer.
  if (namesOne || words.some(mayHoldNumber) || !mayBeParted(record.faults)) return [entryOf(record, options)];
  const at = options.now();
  return parts.map(({ under, named }) =>
    entryOf({ ...record, disclosed: { ...disclosed, named } }, { ...options, now: () => at }, under),
  );
}

/** `under`: the single cases, each with a grant of its own, within which everything in the entry was met. */
export function entryOf(record: RequestRecord, options: EntryOptions, under: readonly string[] = []): LogEntry {
  const { viewer, disclosed, text } = record;
  const entry = unsealed(record, options);
  // Others never hear of somebody who works with shielded cases only: that the placement secretariat looked up a citizen's address
  // already says enough (`seal.always`).
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
      // A text that never became an operation may hold anything, for example a CPR number.
      text: disclosed && record.text !== null ? keptText(record.text, hash) : null,
    },
    fields: disclosed?.footprint.fields ?? [],
    // Sorted, so that the order does not tell how the answer was made.
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

/** An answer that named somebody counts as answered, whatever else went wrong: it must appear in the citizen's view. */
function outcomeOf({ disclosed, faults, begun, fate }: RequestRecord): LogEntry['outcome'] {
  if (begun !== undefined && fate !== undefined) return outcomeOfChange(fate, faults);
  const named = (disclosed?.named.size ?? 0) > 0;
  const denied = faults.some((code) => deniedCodes.has(code));
  if (denied) return named || (disclosed && disclosed.footprint.fields.length > 0) ? 'PARTLY_DENIED' : 'DENIED';
  return faults.length > 0 && !named ? 'FAILED' : 'ANSWERED';
}

/** A change that stands never failed, whatever its caller was told. One that was not made was refused, or failed. */
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
