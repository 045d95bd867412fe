/**
 * The log, page by page, as whoever draws the export would read it: ordinary operations on the graph, so that the walls stand and every
 * page is in the log before anybody has it. Entries first, then the attempts of callers who were not signed in.
 */
import { Fault, type FaultCode } from '../../subgraphs/protocol/faults.js';
import type { JsonObject } from '../operation/json.js';
import type { Descriptions } from './describe.js';
import type { ExportedEntry, ExportedPerson } from './exported-entry.js';

/** One operation, answered and logged. */
export interface ExportAnswer {
  readonly data: JsonObject | null;
  readonly faults: readonly string[];
  /** Characters of the answer. */
  readonly weight: number;
}

/** `isUseless` is asked before the answer is logged: one that nobody gets is neither disclosed nor logged, and `null`. */
export type Ask = (
  query: string,
  variables: JsonObject,
  isUseless: (found: FoundPage) => boolean,
) => Promise<ExportAnswer | null>;

export interface FoundPage extends Pick<ExportAnswer, 'data' | 'faults'> {
  /** Persons or cases, whichever are more. */
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

/** Its name is what the log calls an export. */
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
/** Characters of an answer: pages get smaller above it, and larger again below. */
const comfortable = 4_000_000;
/** An entry of the log names no more; a page that would is asked for by halves. */
const mostNamed = 20_000;

export async function* pagesOf(
  ask: Ask,
  filter: JsonObject,
  descriptions: () => Descriptions,
): AsyncGenerator<ExportedEntry[]> {
  yield* listed(ask, entriesQuery, filter, descriptions);
  // Whoever was not signed in is nobody's actor, acted for nobody, was told of nobody and found nothing.
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
 * `null` for a page that has to be asked for by halves: it names too many, or something on it is not as the schema promises. That is a person
 * whom nobody knows any more; in the end such an entry stands alone, and is asked for without names rather than left out.
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

/** A name that must not be null is, and its page with it. */
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

/** What an entry and an attempt have in common, and what only the former has. */
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
