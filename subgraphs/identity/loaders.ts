/** What one request reads: rows by key, one transaction per batch, and page and total of a list from one snapshot. */
import DataLoader from 'dataloader';
import { grouped, rowById, rowsOfId } from '../kit/batch.js';
import type { FieldRules } from '../kit/field-rules.js';
import { type Paging, pageOf } from '../kit/paging.js';
import type { RoomServices } from '../kit/room.js';
import type { Transaction } from '../postgres/database.js';
import { isOfSingleCase } from '../protocol/compartments.js';
import type { Page } from '../protocol/connection.js';
import type { PersonReference, Viewer } from '../protocol/viewer.js';
import * as accounts from './accounts/store.js';
import * as agreements from './agreements/store.js';
import * as clientGrants from './client-grants/store.js';
import * as clients from './clients/store.js';
import { type AttemptRow, latestAttempts } from './courses/attempt-store.js';
import * as courses from './courses/store.js';
import type { CitizenOrder } from './enums.js';
import { type Explanation, explain, type Question } from './explain/explain.js';
import { rowIdIn, stepId } from './grants/cursor.js';
import { grantId, grantKey } from './grants/key.js';
import * as review from './grants/review-store.js';
import { type SingleCaseRow, singleCases } from './grants/single-cases-store.js';
import { decidersOf } from './grants/steps-store.js';
import * as grants from './grants/store.js';
import * as lockOut from './lock-out/store.js';
import * as people from './people/store.js';
import * as powers from './powers/store.js';
import { sessionEnd } from './sessions/store.js';

export interface IdentityLoaders {
  readonly citizen: DataLoader<string, people.CitizenRow | null, string>;
  readonly employee: DataLoader<string, people.EmployeeRow | null, string>;
  readonly systemClient: DataLoader<string, people.SystemClientRow | null, string>;
  readonly systemClientKeys: DataLoader<string, clients.SystemClientKeyRow[], string>;
  readonly organisation: DataLoader<string, people.OrganisationRow | null, string>;
  readonly power: DataLoader<string, powers.PowerRow | null, string>;
  readonly stepsOfPower: DataLoader<string, powers.StepRow[], string>;
  readonly agreement: DataLoader<string, agreements.AgreementRow | null, string>;
  readonly courses: DataLoader<string, courses.CourseRow[], string>;
  /** `null` for an employee of whom the viewer may not know. */
  readonly account: DataLoader<string, accounts.AccountRow | null, string>;
  /** Powers that an employee is on. */
  readonly powersOfEmployee: DataLoader<string, powers.PowerRow[], string>;
  readonly block: DataLoader<string, lockOut.BlockRow | null, string>;
  /** Blocks in force of an employee, the earliest first. */
  readonly blocksOfPerson: DataLoader<string, lockOut.BlockRow[], string>;
  /** The viewer's own, the latest first. */
  courseAttempts(): Promise<AttemptRow[]>;
  /** By the grant's id as callers see it (grants/key.ts). */
  readonly grant: DataLoader<string, grants.GrantRow | null>;
  readonly grantsOfHolder: DataLoader<string, grants.GrantRow[], string>;
  /** By the grant's id as callers see it. */
  readonly stepsOfGrant: DataLoader<string, grants.StepRow[]>;
  /** Who is to confirm a grant; nobody in particular where any other holder may. */
  readonly confirmer: DataLoader<grants.GrantRow, string | null, string>;
  grants(criteria: grants.GrantCriteria, order: grants.GrantOrder, paging: Paging): Promise<Page<grants.GrantRow>>;
  /** Steps of the review, the latest first. */
  stepsTaken(criteria: review.ReviewCriteria, paging: Paging): Promise<Page<review.ReviewedStep>>;
  /** Compartments opened for single cases that the viewer holds. */
  singleCases(): Promise<SingleCaseRow[]>;
  /** Why an employee gets at something or does not. The same question is answered once a request. */
  explanations(rules: FieldRules, question: Question): Promise<Explanation[]>;
  agreements(criteria: agreements.AgreementCriteria, paging: Paging): Promise<Page<agreements.AgreementRow>>;
  readonly rights: DataLoader<string, people.RightRow[], string>;
  readonly relations: DataLoader<string, people.RelationRow[], string>;
  /** By code, of four digits. */
  readonly municipality: DataLoader<string, people.MunicipalityRow | null>;
  person(reference: PersonReference): Promise<people.PersonRow | null>;
  /** `cpr`: ten digits. */
  citizenByCpr(cpr: string): Promise<people.CitizenRow | null>;
  citizens(criteria: people.CitizenCriteria, order: CitizenOrder, paging: Paging): Promise<Page<people.CitizenRow>>;
  employees(criteria: people.EmployeeCriteria, paging: Paging): Promise<Page<people.EmployeeRow>>;
  powers(criteria: powers.PowerCriteria, paging: Paging): Promise<Page<powers.PowerRow>>;
  /** Ids of the powers under which an employee may act in at least one of their rights. */
  powersUsableBy(employee: string): Promise<string[]>;
  /** `client`: of one system; `null` for all. */
  clientGrants(client: string | null, paging: Paging): Promise<Page<clientGrants.ClientGrantRow>>;
  systemClients(): Promise<people.SystemClientRow[]>;
  blocks(includeLifted: boolean, paging: Paging): Promise<Page<lockOut.BlockRow>>;
  /** When a session of the viewer ends, whatever the activity. */
  sessionEnd(viewer: Viewer): Promise<Date | null>;
  /** When the employee's next notice is due; `null` if none was ever acknowledged. */
  noticeDueAt(employee: string): Promise<Date | null>;
}

export function makeLoaders({ database, now }: RoomServices, viewer: Viewer): IdentityLoaders {
  const { municipality } = viewer;
  const read = <T>(work: (tx: Transaction) => Promise<T>) => database.asViewer(viewer, work);

  type Query<Row> = (tx: Transaction, municipality: string, keys: readonly string[]) => Promise<Row[]>;
  const one = <Row extends { readonly id: string }>(query: Query<Row>) =>
    rowById<Row>(
      (ids) => read((tx) => query(tx, municipality, ids)),
      ({ id }) => id,
    );
  const many = <Row>(query: Query<Row>, ownerOf: (row: Row) => string) =>
    rowsOfId<Row>((ids) => read((tx) => query(tx, municipality, ids)), ownerOf);

  const explained = new Map<string, Promise<Explanation[]>>();
  const citizen = one(people.citizensById);
  const employee = one(people.employeesById);
  const systemClient = one(people.systemClientsById);
  return {
    citizen,
    employee,
    systemClient,
    systemClientKeys: many(clients.keysOfClients, ({ client }) => client),
    organisation: one(people.organisationsById),
    power: one(powers.powersById),
    stepsOfPower: many(powers.stepsOfPowers, ({ power }) => power),
    agreement: one(agreements.agreementsById),
    courses: many(courses.coursesOfEmployees, (course) => course.employee),
    account: rowById(
      (ids) => read((tx) => accounts.accountsOf(tx, viewer, ids, now())),
      (account) => account.employee,
    ),
    powersOfEmployee: many(powers.powersOfEmployees, (power) => power.employee),
    block: one(lockOut.blocksById),
    blocksOfPerson: many(lockOut.blocksOfPersons, ({ person }) => person!),
    courseAttempts: () => read((tx) => latestAttempts(tx, municipality, mostAttempts)),
    grant: new DataLoader(async (ids) => {
      const keys = ids.flatMap((id) => grantKey(viewer, id) ?? []);
      const found = keys.length > 0 ? await read((tx) => grants.grantsByKey(tx, municipality, keys, now())) : [];
      const rows = new Map(found.map((row) => [grantId(row), row]));
      return ids.map((id) => rows.get(id.toLowerCase()) ?? null);
    }),
    grantsOfHolder: many(
      (tx, _municipality, holders) => grants.grantsOfHolders(tx, viewer, now(), holders),
      (grant) => grant.holder,
    ),
    stepsOfGrant: new DataLoader(async (ids) => {
      const taken = await read((tx) => grants.stepsOfGrants(tx, viewer, ids.map(rowIdIn)));
      const steps = grouped(taken, ({ grant: id, compartmentId }) => grantId({ id, compartmentId }));
      return ids.map((id) => steps.get(id) ?? []);
    }),
    confirmer: new DataLoader(
      async (rows: readonly grants.GrantRow[]) => {
        const led = rows.filter(({ compartmentId }) => !isOfSingleCase(compartmentId));
        const asked = led.map(({ unit, holder }) => ({ unit, holder, requestedBy: null }));
        const deciders = led.length > 0 ? await read((tx) => decidersOf(tx, municipality, asked)) : [];
        return rows.map((row) => deciders[led.indexOf(row)] ?? null);
      },
      { cacheKeyFn: grantId },
    ),
    rights: many(people.rightsOfEmployees, (right) => right.employee),
    relations: many(people.relationsOfCitizens, (relation) => relation.citizen),
    municipality: new DataLoader(async (codes) => {
      const found = await read((tx) => people.municipalitiesByCode(tx, codes));
      return codes.map((code) => found.find((row) => row.code === code) ?? null);
    }),
    person({ kind, id }) {
      if (kind === 'Citizen') return citizen.load(id);
      if (kind === 'Employee') return employee.load(id);
      return systemClient.load(id);
    },
    citizenByCpr: (cpr) => read((tx) => people.citizenByCpr(tx, municipality, cpr)),
    citizens: (criteria, order, paging) =>
      read(async (tx) => {
        const rows = await people.findCitizens(tx, municipality, criteria, order, paging);
        const totalCount = paging.counted ? await people.countCitizens(tx, municipality, criteria) : 0;
        return pageOf(rows, paging, totalCount, bySortKey);
      }),
    employees: (criteria, paging) =>
      read(async (tx) => {
        const rows = await people.findEmployees(tx, municipality, criteria, paging);
        const totalCount = paging.counted ? await people.countEmployees(tx, municipality, criteria) : 0;
        return pageOf(rows, paging, totalCount, bySortKey);
      }),
    powers: (criteria, paging) =>
      read(async (tx) => {
        const rows = await powers.findPowers(tx, municipality, criteria, paging);
        const totalCount = paging.counted ? await powers.countPowers(tx, municipality, criteria) : 0;
        return pageOf(rows, paging, totalCount, ({ requestedAt, id }) => ({ key: requestedAt, id }));
      }),
    powersUsableBy: (person) =>
      read(async (tx) => {
        const found = new Set<string>();
        for (const { code } of await powers.heldRights(tx, municipality, person))
          for (const { id } of await powers.usablePowers(tx, municipality, person, code)) found.add(id);
        return [...found];
      }),
    grants: (criteria, order, paging) =>
      read(async (tx) => {
        const rows = await grants.findGrants(tx, viewer, now(), criteria, order, paging);
        const totalCount = paging.counted ? await grants.countGrants(tx, viewer, now(), criteria) : 0;
        return pageOf(rows, paging, totalCount, (row) => ({
          key: order === 'newest' ? row.requestedAt : row.confirmBy,
          id: grantId(row),
        }));
      }),
    stepsTaken: (criteria, paging) =>
      read(async (tx) => {
        const rows = await review.findSteps(tx, viewer, criteria, paging);
        const totalCount = paging.counted ? await review.countSteps(tx, viewer, criteria) : 0;
        return pageOf(rows, paging, totalCount, ({ takenAt, grant: id, compartmentId, number }) => ({
          key: takenAt,
          id: stepId(grantId({ id, compartmentId }), number),
        }));
      }),
    explanations(rules, question) {
      const { employee, targets, citizen: about } = question;
      const place = JSON.stringify([
        employee,
        about,
        targets.map(({ coordinate, compartment }) => [coordinate, compartment]),
      ]);
      const answered = explained.get(place) ?? read((tx) => explain(tx, viewer, now(), rules, question));
      explained.set(place, answered);
      return answered;
    },
    singleCases: () => read((tx) => singleCases(tx, viewer)),
    agreements: (criteria, paging) =>
      read(async (tx) => {
        const rows = await agreements.findAgreements(tx, municipality, now(), criteria, paging);
        const totalCount = paging.counted ? await agreements.countAgreements(tx, municipality, now(), criteria) : 0;
        return pageOf(rows, paging, totalCount, ({ agreedAt, id }) => ({ key: agreedAt, id }));
      }),
    clientGrants: (client, paging) =>
      read(async (tx) => {
        const rows = await clientGrants.findClientGrants(tx, municipality, now(), client, paging);
        const totalCount = paging.counted ? await clientGrants.countClientGrants(tx, municipality, now(), client) : 0;
        return pageOf(rows, paging, totalCount, ({ requestedAt, id }) => ({ key: requestedAt, id }));
      }),
    systemClients: () => read((tx) => clients.systemClients(tx, municipality)),
    blocks: (includeLifted, paging) =>
      read(async (tx) => {
        const rows = await lockOut.blocks(tx, municipality, includeLifted, paging);
        const totalCount = paging.counted ? await lockOut.countBlocks(tx, municipality, includeLifted) : 0;
        return pageOf(rows, paging, totalCount, ({ blockedAt, id }) => ({ key: blockedAt, id }));
      }),
    sessionEnd: (signed) => read((tx) => sessionEnd(tx, signed)),
    noticeDueAt: (person) => read((tx) => people.noticeDueAt(tx, municipality, person)),
  };
}

/** How many attempts at the course one is shown. */
const mostAttempts = 20;

const bySortKey = ({ sortKey, id }: people.SortedPerson<{ readonly id: string }>) => ({ key: sortKey, id });
