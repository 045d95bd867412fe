/**
 * The trail of one request: what is known of it by the time its answer is ready, and the entry of the log that becomes of it.
 * Whichever edge answers, what is logged, under which outcome and under which seal is decided here.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { caseOf } from './compartments.js';
import type { LogEntry, UseType } from './entry.js';
import type { FaultCode } from './faults.js';
import type { Footprint } from './footprint.js';
import type { Viewer } from './viewer.js';

/** What is known of one request by the time its answer is ready. */
export interface Trail {
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
  readonly workstation: string | null;
  readonly purpose: string | null;
  readonly transactionId: string | null;
  readonly requestId: string | null;
  readonly onBehalfOf: string | null;
}

/** What of an answer is logged; of the answer itself nothing is kept while its entry is on the way. */
export interface Disclosed extends Change {
  /** Ids of audited objects in the answer, by type. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether there is any data in it. */
  readonly hasData: boolean;
}

/** What is known of a change before it is made. */
export interface Change {
  readonly footprint: Footprint;
  /** Root fields with their arguments. */
  criterion(): readonly { readonly field: string; readonly arguments: object }[];
}

/** `workstation`: the address from which it came. */
export const trailOf = (request: IncomingMessage, workstation: string | null): Trail => ({
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
  trail: Trail,
): void {
  for (const { extensions } of errors ?? []) trail.faults.push(String(extensions?.code ?? 'INTERNAL'));
}

export interface EntryOptions {
  /** Of attempts by nobody that is known. */
  readonly municipality: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

export function entryOf(trail: Trail, { municipality, now, newId }: EntryOptions): LogEntry {
  const { viewer, disclosed } = trail;
  const named = disclosed?.named;
  return {
    id: newId(),
    follows: trail.begun ?? null,
    at: now().toISOString(),
    municipality: viewer?.municipality ?? municipality,
    session: viewer?.session ?? null,
    actor: viewer?.actor ?? null,
    subject: viewer?.subject ?? null,
    organisation: viewer?.organisation ?? null,
    right: viewer?.right ?? null,
    actingFor: viewer?.actingFor ?? null,
    powerOfAttorney: viewer?.powerOfAttorney ?? null,
    use: trail.use ?? disclosed?.footprint.use ?? ('READ' satisfies UseType),
    outcome: outcomeOf(trail),
    operation: {
      hash: trail.hash ?? hashOf(trail.text ?? ''),
      name: trail.operationName,
      // A text that never became an operation may hold anything, somebody's CPR number too.
      text: disclosed ? trail.text : null,
    },
    fields: disclosed?.footprint.fields ?? [],
    // In an order that tells nothing of how the answer came about.
    citizens: [...(named?.get('Citizen') ?? [])].sort(),
    cases: [...(named?.get('Case') ?? [])].sort(),
    criterion: disclosed?.criterion() ?? null,
    faults: [...new Set(trail.faults)],
    purpose: trail.purpose,
    workstation: trail.workstation,
    transactionId: trail.transactionId,
    requestId: trail.requestId,
    onBehalfOf: trail.onBehalfOf,
    sealedBy: viewer ? sealOf(viewer, trail) : [],
  };
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * What could have met something shielded is sealed whether it did or not: otherwise the seal itself would tell. Whoever
 * works with nothing but shielded cases is never heard of by others at all: that the placement secretariat looked up a
 * citizen's address says enough.
 */
function sealOf({ seal }: Viewer, { disclosed, text, purpose }: Trail): string[] {
  const isSealed = disclosed?.footprint.sealing || seal.always || (purpose !== null && caseNumber.test(purpose));
  // Lazily: what was asked for is written out for those few only who are cleared for a single case.
  const said = () => `${text} ${purpose} ${JSON.stringify(disclosed?.criterion() ?? null)}`.toLowerCase();
  const named = disclosed?.named.get('Case');
  const singleCases = seal.singleCases.filter((one) => named?.has(caseOf(one)) || said().includes(caseOf(one)));
  return [...(isSealed ? seal.compartments : []), ...singleCases];
}

/** A purpose may be a case number, and stands in the citizen's own view. */
const caseNumber = /\d\d\.\d\d\.\d\d-[A-ZÆØÅ]\d\d-\d+-\d\d|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** An answer that named somebody was one, whatever else went wrong beside it: it must stand in the citizen's view. */
function outcomeOf({ disclosed, faults }: Trail): LogEntry['outcome'] {
  const named = (disclosed?.named.size ?? 0) > 0;
  const denied = faults.some((code) => deniedCodes.has(code));
  if (denied) return named || (disclosed && disclosed.footprint.fields.length > 0) ? 'PARTLY_DENIED' : 'DENIED';
  return faults.length > 0 && !named ? 'FAILED' : 'ANSWERED';
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
  return typeof value === 'string' && value ? value.slice(0, length) : null;
}
