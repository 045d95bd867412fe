/**
 * Reads the log page by page, as the viewer who exports it would read it: with ordinary operations on the graph. So the
 * walls apply, and every page is logged before anybody has it. Entries come first, then the attempts of callers that
 * were not signed in.
 */
import { Fault, type FaultCode } from '../../subgraphs/protocol/faults.js';
import type { JsonObject } from '../operation/json.js';
import type { Descriptions } from './describe.js';
import type { ExportedEntry, ExportedPerson } from './exported-entry.js';

/** The answer to one operation, already logged. */
export interface ExportAnswer {
  readonly data: JsonObject | null;
  readonly faults: readonly string[];
  /** Characters of the answer. */
  readonly weight: number;
}

/**
 * Runs one operation. `isUseless` is asked before the answer is logged. If it returns true, the answer is neither
 * disclosed nor logged, and the result is `null`.
 */
export type Ask = (
  query: string,
  variables: JsonObject,
  isUseless: (found: FoundPage) => boolean,
) => Promise<ExportAnswer | null>;

export interface FoundPage extends Pick<ExportAnswer, 'data' | 'faults'> {
  /** Number of persons or of cases, whichever is larger. */
  readonly named: number;
}

const who = `{ __typename
  ... on Employee { id name @include(if: $names) }
  ... on SystemClient { id name @include(if: $names) }
  ... on Citizen { id name @include(if: $names) }
}`;
const common = `id at use outcome faults purpose workstation transactionId requestId onBehalfOf
      counted { attempts first last sources }
      operation { name hash text }
      actor ${who}
      organisation { id name @include(if: $names) }`;
const pageInfo = 'pageInfo { hasNextPage endCursor }';

/** The log calls an export by this operation name. */
export const exportName = 'ExportLog';
const entriesQuery = `query ${exportName}($filter: AuditEntryFilter, $first: Int!, $after: String, $names: Boolean!) {
  page: auditEntries(filter: $filter, first: $first, after: $after) {
    ${pageInfo}
    nodes {
      ${common}
      subject ${who}
      actingFor { id name @include(if: $names) }
      powerOfAttorney { id }
      right fields criterion follows citizens { id } cases { id }
    }
  }
}`;
const strangersQuery = `query ${exportName}($filter: AuditEntryFilter, $first: Int!, $after: String, $names: Boolean!) {
  page: rejectedAttempts(filter: $filter, strangers: true, first: $first, after: $after) {
    ${pageInfo}
    nodes {
      ${common}
    }
  }
}`;

const largestPage = 500;
/** Characters of an answer. Above it, pages get smaller; below it, they grow again. */
const comfortable = 4_000_000;
/** Maximum number of ids that one log entry names. A page that would name more is asked for in halves. */
const mostNamed = 20_000;

/** Yields the entries that match the filter, page by page. Throws the fault of a page that could not be read. */
export async function* pagesOf(
  ask: Ask,
  filter: JsonObject,
  descriptions: () => Descriptions,
): AsyncGenerator<ExportedEntry[]> {
  yield* listed(ask, entriesQuery, filter, descriptions);
  // Strangers' attempts have no actor, citizen, case or organisation acted for, so a filter on one of these excludes
  // them.
  if (['actor', 'citizen', 'case', 'actingFor'].every((condition) => filter[condition] === undefined))
    yield* listed(ask, strangersQuery, filter, descriptions);
}

async function* listed(
  ask: Ask,
  query: string,
  filter: JsonObject,
  descriptions: () => Descriptions,
): AsyncGenerator<ExportedEntry[]> {
  let first = largestPage;
  let after: string | null = null;
  for (;;) {
    const asked = await askPage(ask, query, { filter, first, after });
    if (!asked) {
      first = Math.ceil(first / 2);
      continue;
    }
    const page = asked.data!.page as unknown as LogPage;
    yield page.nodes.map((node) => entryOf(node, descriptions()));
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
    first = Math.min(largestPage, asked.weight > comfortable ? Math.ceil(first / 2) : first * 2);
  }
}

interface PageVariables {
  readonly filter: JsonObject;
  readonly first: number;
  readonly after: string | null;
}

/**
 * Returns `null` if the page must be asked for in halves: it names too many ids, or something on it violates the
 * schema. The latter is a person who is no longer known. In the end such an entry is alone on its page, and is asked
 * for without names, not left out.
 */
async function askPage(ask: Ask, query: string, variables: PageVariables): Promise<ExportAnswer | null> {
  const isAlone = variables.first === 1;
  const named = await ask(
    query,
    { ...variables, names: true },
    (found) => isBroken(found) || (found.named > mostNamed && !isAlone),
  );
  if (!named && !isAlone) return null;
  const asked = named ?? (await ask(query, { ...variables, names: false }, () => false))!;
  if (asked.faults.length > 0 || asked.data?.page == null)
    throw new Fault((asked.faults[0] ?? 'INTERNAL') as FaultCode);
  return asked;
}

/** Whether a non-null name was null, which nulls the whole page. */
const isBroken = ({ data, faults }: FoundPage): boolean =>
  data?.page == null && faults.every((code) => code === ('INTERNAL' satisfies FaultCode));

interface LogPage {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface NodePerson {
  readonly __typename: ExportedPerson['kind'];
  readonly id: string;
  readonly name?: string;
}

/** Fields that entries and attempts share, and optional fields that only entries have. */
interface Node
  extends Pick<
    ExportedEntry,
    | 'id'
    | 'at'
    | 'use'
    | 'outcome'
    | 'faults'
    | 'purpose'
    | 'workstation'
    | 'transactionId'
    | 'requestId'
    | 'onBehalfOf'
    | 'operation'
    | 'counted'
  > {
  readonly actor: NodePerson | null;
  readonly organisation: { readonly id: string; readonly name?: string } | null;
  readonly subject?: NodePerson;
  readonly right?: string | null;
  readonly actingFor?: { readonly id: string; readonly name?: string } | null;
  readonly powerOfAttorney?: { readonly id: string } | null;
  readonly fields?: readonly string[];
  readonly criterion?: unknown;
  readonly follows?: string | null;
  readonly citizens?: readonly { readonly id: string }[];
  readonly cases?: readonly { readonly id: string }[];
}

function entryOf(node: Node, descriptions: Descriptions): ExportedEntry {
  const { organisation, actingFor, operation } = node;
  return {
    id: node.id,
    at: node.at,
    actor: personOf(node.actor),
    subject: personOf(node.subject ?? null),
    organisation: organisation && { id: organisation.id, name: organisation.name ?? null },
    right: node.right == null ? null : descriptions.right(node.right),
    actingFor: actingFor ? { id: actingFor.id, name: actingFor.name ?? null } : null,
    powerOfAttorney: node.powerOfAttorney?.id ?? null,
    use: node.use,
    outcome: node.outcome,
    operation: { name: operation.name, hash: operation.hash, text: operation.text },
    fields: (node.fields ?? []).map((coordinate) => descriptions.field(coordinate)),
    citizens: node.citizens ?? [],
    cases: node.cases ?? [],
    criterion: node.criterion ?? null,
    faults: node.faults,
    purpose: node.purpose,
    workstation: node.workstation,
    transactionId: node.transactionId,
    requestId: node.requestId,
    onBehalfOf: node.onBehalfOf,
    follows: node.follows ?? null,
    counted: node.counted,
  };
}

const personOf = (person: NodePerson | null): ExportedPerson | null =>
  person && { kind: person.__typename, id: person.id, name: person.name ?? null };
