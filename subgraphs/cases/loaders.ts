/**
 * Loads rows in batches for one request: one transaction per batch, and page and total of a list from one snapshot. Loaders live for
 * one request and one viewer, because another viewer would get other rows.
 */
import DataLoader from 'dataloader';
import type { RoomServices } from '../kit/subgraph.js';
import type { Transaction } from '../postgres/database.js';
import { isOfSingleCase } from '../protocol/compartments.js';
import type { Page } from '../protocol/connection.js';
import { compartments, type Viewer } from '../protocol/viewer.js';
import { type CaseCriteria, type CasePosition, cursorOf, type Paging } from './criteria.js';
import * as store from './store.js';
import { asUuid } from './wellformed.js';

type CaseList = Page<store.SortedCase<store.CaseRow>>;
type DocumentList = Page<store.DocumentRow>;

/** A page of a list. `counted`: whether the total is asked for; otherwise it is not computed. */
interface ListRequest {
  readonly criteria: CaseCriteria;
  readonly paging: Paging;
  readonly counted: boolean;
}
interface DocumentsRequest {
  readonly size: number;
  readonly after: CasePosition | null;
  readonly counted: boolean;
}

export interface CaseLoaders {
  caseById(id: string): Promise<store.CaseRow | null>;
  caseByNumber(number: string): Promise<store.CaseRow | null>;
  cases(request: ListRequest): Promise<CaseList>;
  casesOf(citizen: string, request: ListRequest): Promise<CaseList>;
  parties(of: store.CaseKey): Promise<store.PartyRow[]>;
  documents(of: store.CaseKey, request: DocumentsRequest): Promise<DocumentList>;
  singleCaseCompartments(): Promise<store.SingleCaseRow[]>;
}

export function loadersFor(services: RoomServices, viewer: Viewer, sight: store.Sight): CaseLoaders {
  const read = <T>(work: (tx: Transaction) => Promise<T>) => services.database.asViewer(viewer, work);
  const caseById = new DataLoader<string, store.CaseRow | null>((ids) => read((tx) => loadCases(tx, sight, ids)), {
    maxBatchSize,
  });
  const parties = new DataLoader<store.CaseKey, store.PartyRow[], string>(
    (cases) => read((tx) => loadParties(tx, sight, cases)),
    { maxBatchSize, cacheKeyFn: ({ id }) => id },
  );
  const casesOf = perRequest<ListRequest, string, CaseList>(
    (request) => (citizens) => read((tx) => loadCasesOf(tx, sight, citizens, request)),
    (citizen) => citizen,
  );
  const documents = perRequest<DocumentsRequest, store.CaseKey, DocumentList>(
    (request) => (cases) => read((tx) => loadDocuments(tx, sight, cases, request)),
    ({ id }) => id,
  );
  // The database searches for single cases only if the viewer holds the compartment of one.
  const heldSingly = compartments(viewer, 'SEARCH').filter(isOfSingleCase);
  let singly: Promise<store.SingleCaseRow[]> | undefined;
  return {
    caseById: async (id) => caseById.load(id),
    caseByNumber: (number) => read((tx) => store.caseByNumber(tx, sight, number)),
    cases: async (request) =>
      request.criteria.impossible ? empty(request.paging.order) : read((tx) => loadList(tx, sight, request)),
    async casesOf(citizen, request) {
      const id = asUuid(citizen);
      return id && !request.criteria.impossible ? casesOf(request).load(id) : empty(request.paging.order);
    },
    parties: (of) => parties.load(of),
    documents: (of, request) => documents(request).load(of),
    singleCaseCompartments() {
      singly ??=
        heldSingly.length > 0
          ? read((tx) => store.singleCaseCompartments(tx, viewer.municipality, heldSingly))
          : Promise.resolve([]);
      return singly;
    },
  };
}

const maxBatchSize = 500;

/** Loads the same page for many keys at once: one loader per set of arguments. */
function perRequest<Request, Key, Value>(
  batchOf: (request: Request) => (keys: readonly Key[]) => Promise<Value[]>,
  cacheKeyFn: (key: Key) => string,
): (request: Request) => DataLoader<Key, Value, string> {
  const loaders = new Map<string, DataLoader<Key, Value, string>>();
  return (request) => {
    const name = JSON.stringify(request);
    const loader = loaders.get(name) ?? new DataLoader(batchOf(request), { maxBatchSize, cacheKeyFn });
    loaders.set(name, loader);
    return loader;
  };
}

async function loadCases(tx: Transaction, sight: store.Sight, ids: readonly string[]) {
  const wellFormed = ids.map(asUuid);
  const rows = await store.casesById(
    tx,
    sight,
    wellFormed.filter((id) => id !== null),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return wellFormed.map((id) => (id && byId.get(id)) || null);
}

async function loadList(tx: Transaction, sight: store.Sight, { criteria, paging, counted }: ListRequest) {
  const rows = await store.findCases(tx, sight, criteria, paging);
  return caseList(rows, paging, counted ? await store.countCases(tx, sight, criteria) : 0);
}

async function loadCasesOf(
  tx: Transaction,
  sight: store.Sight,
  citizens: readonly string[],
  { criteria, paging, counted }: ListRequest,
) {
  const rows = grouped(await store.findCasesOf(tx, sight, citizens, criteria, paging), ({ ofCitizen }) => ofCitizen);
  const counts = counted ? await store.countCasesOf(tx, sight, citizens, criteria) : [];
  const totals = new Map(counts.map(({ ofCitizen, count }) => [ofCitizen, count]));
  return citizens.map((citizen) => caseList(rows.get(citizen) ?? [], paging, totals.get(citizen) ?? 0));
}

async function loadParties(tx: Transaction, sight: store.Sight, cases: readonly store.CaseKey[]) {
  const rows = grouped(await store.partiesOf(tx, sight, cases), ({ caseId }) => caseId);
  return cases.map(({ id }) => rows.get(id) ?? []);
}

async function loadDocuments(
  tx: Transaction,
  sight: store.Sight,
  cases: readonly store.CaseKey[],
  { size, after, counted }: DocumentsRequest,
): Promise<DocumentList[]> {
  const rows = grouped(await store.documentsOf(tx, sight, cases, size, after), ({ caseId }) => caseId);
  const counts = counted ? await store.countDocumentsOf(tx, sight, cases) : [];
  const totals = new Map(counts.map(({ caseId, count }) => [caseId, count]));
  return cases.map(({ id }) => {
    const found = rows.get(id) ?? [];
    return {
      nodes: found.slice(0, size),
      hasNextPage: found.length > size,
      totalCount: totals.get(id) ?? 0,
      cursorOf: (row) => cursorOf('RECORDED_AT', { key: row.recordedAt.toISOString(), id: row.id }),
    };
  });
}

const caseList = (
  rows: readonly store.SortedCase<store.CaseRow>[],
  { order, size }: Pick<Paging, 'order' | 'size'>,
  totalCount: number,
): CaseList => ({
  nodes: rows.slice(0, size),
  hasNextPage: rows.length > size,
  totalCount,
  cursorOf: ({ sortKey, id }) =>
    cursorOf(order, { key: sortKey instanceof Date ? sortKey.toISOString() : sortKey, id }),
});

const empty = (order: Paging['order']): CaseList => caseList([], { order, size: 0 }, 0);

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
