/**
 * What one request reads: rows in batches, one transaction per batch, and page and total of a list from one snapshot. Loaders live for
 * one request and one viewer, because another viewer would get other rows.
 */
import DataLoader from 'dataloader';
import { grouped, maxBatchSize, rowById } from '../kit/batch.js';
import { noPage, type Paging, pageOf } from '../kit/paging.js';
import type { RoomServices } from '../kit/room.js';
import type { Transaction } from '../postgres/database.js';
import { isOfSingleCase } from '../protocol/compartments.js';
import type { Page } from '../protocol/connection.js';
import { compartments, type Viewer } from '../protocol/viewer.js';
import type { CaseCriteria } from './criteria.js';
import type { CaseOrder } from './enums.js';
import { type ExternalId, externalIdsOf } from './external-store.js';
import { knowingParties, type Sight } from './sight.js';
import * as store from './store.js';
import { asUuid } from './wellformed.js';

type CaseList = Page<store.CaseRow>;
type DocumentList = Page<store.DocumentRow>;

/** A page of a list of cases. */
interface ListRequest {
  readonly criteria: CaseCriteria;
  readonly order: CaseOrder;
  readonly paging: Paging;
}

type PartyLoader = DataLoader<store.CaseKey, store.PartyRow[], string>;

export interface CasesLoaders {
  readonly case: DataLoader<string, store.CaseRow | null, string>;
  caseByNumber(number: string): Promise<store.CaseRow | null>;
  cases(request: ListRequest): Promise<CaseList>;
  casesOf(citizen: string, request: ListRequest): Promise<CaseList>;
  readonly parties: PartyLoader;
  /** Everybody, for the log alone. */
  readonly loggedParties: PartyLoader;
  /** What the viewer, a case system, calls each case. */
  readonly externalId: DataLoader<store.CaseKey, ExternalId | null, string>;
  documents(of: store.CaseKey, paging: Paging): Promise<DocumentList>;
  singleCaseCompartments(): Promise<store.SingleCaseRow[]>;
}

export function makeLoaders(services: RoomServices, viewer: Viewer, sight: Sight): CasesLoaders {
  const read = <T>(work: (tx: Transaction) => Promise<T>) => services.database.asViewer(viewer, work);
  const casesOf = perRequest<ListRequest, string, CaseList>(
    (request) => (citizens) => read((tx) => loadCasesOf(tx, sight, citizens, request)),
    (citizen) => citizen,
  );
  const documents = perRequest<Paging, store.CaseKey, DocumentList>(
    (paging) => (cases) => read((tx) => loadDocuments(tx, sight, cases, paging)),
    ({ id }) => id,
  );
  const partyLoader = (who: Viewer, query: typeof store.partiesOf): PartyLoader =>
    new DataLoader((cases) => services.database.asViewer(who, (tx) => loadParties(tx, sight, cases, query)), {
      maxBatchSize,
      cacheKeyFn: ({ id }) => id,
    });
  const parties = partyLoader(viewer, store.shownPartiesOf);
  const loggedParties = sight.hidesParties ? partyLoader(knowingParties(viewer), store.partiesOf) : parties;
  // The database searches for single cases only if the viewer holds the compartment of one.
  const heldSingly = compartments(viewer, 'SEARCH').filter(isOfSingleCase);
  let singly: Promise<store.SingleCaseRow[]> | undefined;
  return {
    case: rowById(
      (ids) => read((tx) => store.casesById(tx, sight, ids)),
      ({ id }) => id,
    ),
    caseByNumber: (number) => read((tx) => store.caseByNumber(tx, sight, number)),
    cases: async (request) => (request.criteria.impossible ? noPage() : read((tx) => loadList(tx, sight, request))),
    async casesOf(citizen, request) {
      const id = asUuid(citizen);
      return id && !request.criteria.impossible ? casesOf(request).load(id) : noPage();
    },
    parties,
    loggedParties,
    externalId: new DataLoader(
      async (cases) => {
        const rows = await read((tx) => externalIdsOf(tx, sight, viewer.actor.id, cases));
        const ids = new Map(rows.map(({ caseId, source, id }) => [caseId, { source, id }]));
        return cases.map(({ id }) => ids.get(id) ?? null);
      },
      { maxBatchSize, cacheKeyFn: ({ id }) => id },
    ),
    documents: (of, paging) => documents(paging).load(of),
    singleCaseCompartments() {
      singly ??=
        heldSingly.length > 0
          ? read((tx) => store.singleCaseCompartments(tx, viewer.municipality, heldSingly))
          : Promise.resolve([]);
      return singly;
    },
  };
}

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

async function loadList(tx: Transaction, sight: Sight, { criteria, order, paging }: ListRequest): Promise<CaseList> {
  const rows = await store.findCases(tx, sight, criteria, order, paging);
  return caseList(rows, order, paging, paging.counted ? await store.countCases(tx, sight, criteria) : 0);
}

async function loadCasesOf(
  tx: Transaction,
  sight: Sight,
  citizens: readonly string[],
  { criteria, order, paging }: ListRequest,
): Promise<CaseList[]> {
  const found = await store.findCasesOf(tx, sight, citizens, criteria, order, paging);
  const rows = grouped(found, ({ ofCitizen }) => ofCitizen);
  const counts = paging.counted ? await store.countCasesOf(tx, sight, citizens, criteria) : [];
  const totals = new Map(counts.map(({ ofCitizen, count }) => [ofCitizen, count]));
  return citizens.map((citizen) => caseList(rows.get(citizen) ?? [], order, paging, totals.get(citizen) ?? 0));
}

async function loadParties(
  tx: Transaction,
  sight: Sight,
  cases: readonly store.CaseKey[],
  query: typeof store.partiesOf,
) {
  const rows = grouped(await query(tx, sight, cases), ({ caseId }) => caseId);
  return cases.map(({ id }) => rows.get(id) ?? []);
}

async function loadDocuments(
  tx: Transaction,
  sight: Sight,
  cases: readonly store.CaseKey[],
  paging: Paging,
): Promise<DocumentList[]> {
  const rows = grouped(await store.documentsOf(tx, sight, cases, paging), ({ caseId }) => caseId);
  const counts = paging.counted ? await store.countDocumentsOf(tx, sight, cases) : [];
  const totals = new Map(counts.map(({ caseId, count }) => [caseId, count]));
  return cases.map(({ id }) =>
    pageOf(
      rows.get(id) ?? [],
      paging,
      totals.get(id) ?? 0,
      (row) => ({ key: row.recordedAt, id: row.id }),
      'RECORDED_AT',
    ),
  );
}

const caseList = (
  rows: readonly store.SortedCase<store.CaseRow>[],
  order: CaseOrder,
  paging: Paging,
  totalCount: number,
): CaseList => pageOf(rows, paging, totalCount, ({ sortKey, id }) => ({ key: sortKey, id }), order);
