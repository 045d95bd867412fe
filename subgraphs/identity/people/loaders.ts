/**
 * Loaders of one request. All keys asked for in one tick become one query in one transaction. They live no longer than the request,
 * because another viewer may see less.
 */
import DataLoader from 'dataloader';
import type { Database, Transaction } from '../../postgres/database.js';
import { isOfSingleCase } from '../../protocol/compartments.js';
import { isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import { agreementsById } from '../agreements/store.js';
import { keysOfClients } from '../clients/store.js';
import { coursesOfEmployees } from '../courses/store.js';
import { grantId, grantKey } from '../grants/key.js';
import * as grants from '../grants/store.js';
import { powersById, stepsOfPowers } from '../powers/store.js';
import * as store from './store.js';

export type IdentityLoaders = ReturnType<typeof makeLoaders>;

/** `now`: the clock by which grants are in force or not. */
export function makeLoaders(database: Database, viewer: Viewer, now: () => Date) {
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
    agreement: one(agreementsById),
    courses: many(coursesOfEmployees, (course) => course.employee),
    grant: new DataLoader<string, grants.GrantRow | null>(async (ids) =>
      database.asViewer(viewer, async (tx) => {
        const found: (grants.GrantRow | null)[] = [];
        for (const id of ids) {
          const key = grantKey(viewer, id);
          found.push(key && (await grants.grantByKey(tx, municipality, key, now())));
        }
        return found;
      }),
    ),
    grantsOfHolder: many(
      (tx, _municipality, holders) => grants.grantsOfHolders(tx, viewer, now(), holders),
      (grant) => grant.holder,
    ),
    /** By the grant's id as callers see it (grants/key.ts). */
    stepsOfGrant: new DataLoader<string, grants.StepRow[]>(async (ids) => {
      const rows = await database.asViewer(viewer, (tx) =>
        grants.stepsOfGrants(
          tx,
          viewer,
          ids.map((id) => id.split('.').at(-1)!),
        ),
      );
      return ids.map((id) => rows.filter(({ grant, compartmentId }) => grantId({ id: grant, compartmentId }) === id));
    }),
    /** Who is to confirm a grant; nobody in particular where any other holder may. */
    confirmer: new DataLoader<grants.GrantRow, string | null, string>(
      async (rows) =>
        database.asViewer(viewer, async (tx) => {
          const found: (string | null)[] = [];
          for (const row of rows)
            found.push(
              isOfSingleCase(row.compartmentId)
                ? null
                : await grants.deciderOf(tx, municipality, { unit: row.unit, holder: row.holder, requestedBy: null }),
            );
          return found;
        }),
      { cacheKeyFn: grantId },
    ),
    rights: many(store.rightsOfEmployees, (right) => right.employee),
    relations: many(store.relationsOfCitizens, (relation) => relation.citizen),
    municipality: new DataLoader<string, store.MunicipalityRow | null>(async (codes) => {
      const found = await database.asViewer(viewer, (tx) => store.municipalitiesByCode(tx, codes));
      return codes.map((code) => found.find((row) => row.code === code) ?? null);
    }),
  };
}
