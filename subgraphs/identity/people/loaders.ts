/**
 * Loaders of one request. All keys asked for in one tick become one query in one transaction. They live no longer than the request,
 * because another viewer may see less.
 */
import DataLoader from 'dataloader';
import type { Database, Transaction } from '../../postgres/database.js';
import { isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import { keysOfClients } from '../clients/store.js';
import { powersById, stepsOfPowers } from '../powers/store.js';
import * as store from './store.js';

export type IdentityLoaders = ReturnType<typeof makeLoaders>;

export function makeLoaders(database: Database, viewer: Viewer) {
  type Query<Row> = (tx: Transaction, municipality: string, keys: readonly string[]) => Promise<Row[]>;
  const { municipality } = viewer;

  // An id that is not a UUID matches no row, but the database would report it as an error.
  const rows = <Row>(query: Query<Row>, keys: readonly string[]) =>
    database.asViewer(viewer, (tx) => query(tx, municipality, keys.filter(isUuid)));

  const one = <Row extends { id: string }>(query: Query<Row>) =>
    new DataLoader<string, Row | null, string>(
      async (keys) => {
        const found = new Map((await rows(query, keys)).map((row) => [row.id, row]));
        return keys.map((key) => found.get(key.toLowerCase()) ?? null);
      },
      { cacheKeyFn: (key) => key.toLowerCase() },
    );

  const many = <Row>(query: Query<Row>, keyOf: (row: Row) => string) =>
    new DataLoader<string, Row[]>(async (keys) => {
      const found = new Map<string, Row[]>();
      for (const row of await rows(query, keys)) found.set(keyOf(row), [...(found.get(keyOf(row)) ?? []), row]);
      return keys.map((key) => found.get(key) ?? []);
    });

  return {
    citizen: one(store.citizensById),
    employee: one(store.employeesById),
    systemClient: one(store.systemClientsById),
    systemClientKeys: many(keysOfClients, (key) => key.client),
    organisation: one(store.organisationsById),
    power: one(powersById),
    stepsOfPower: many(stepsOfPowers, (step) => step.power),
    rights: many(store.rightsOfEmployees, (right) => right.employee),
    relations: many(store.relationsOfCitizens, (relation) => relation.citizen),
    municipality: new DataLoader<string, store.MunicipalityRow | null>(async (codes) => {
      const found = await database.asViewer(viewer, (tx) => store.municipalitiesByCode(tx, codes));
      return codes.map((code) => found.find((row) => row.code === code) ?? null);
    }),
  };
}
