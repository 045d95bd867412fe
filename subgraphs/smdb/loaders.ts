/** What one request reads: rows by key, one transaction per batch, and page and total of a list from one snapshot. */
import type DataLoader from 'dataloader';
import { rowById, rowsOfId } from '../kit/batch.js';
import { type Paging, pageOf } from '../kit/paging.js';
import type { RoomServices } from '../kit/room.js';
import type { Transaction } from '../postgres/database.js';
import type { Page } from '../protocol/connection.js';
import { compartments, shieldedCompartments, type Viewer } from '../protocol/viewer.js';
import { scopeOf } from './rights.js';
import * as store from './store.js';

/** Walls that a test may take down, to see that another one still stands. */
export interface DisabledWalls {
  /** Reads links to cases through the function `leaky_course_case`, which only such a test creates. */
  readonly withoutCaseFilter?: boolean;
}

export interface SmdbLoaders {
  readonly course: DataLoader<string, store.CourseRow | null, string>;
  readonly coursesOfCitizen: DataLoader<string, store.CourseRow[], string>;
  readonly form: DataLoader<string, store.FormRow | null, string>;
  readonly formsOfCourse: DataLoader<string, store.FormRow[], string>;
  readonly versionsOfForm: DataLoader<string, store.VersionRow[], string>;
  readonly caseOfCourse: DataLoader<string, store.CaseLink | null, string>;
  forms(criteria: store.FormCriteria, paging: Paging): Promise<Page<store.FormRow>>;
}

export function makeLoaders(services: RoomServices, viewer: Viewer, disabled: DisabledWalls): SmdbLoaders {
  const { municipality } = viewer;
  const scope = scopeOf(viewer);
  const read = <T>(work: (tx: Transaction) => Promise<T>) => services.database.asViewer(viewer, work);
  return {
    course: rowById(
      (ids) => read((tx) => store.coursesById(tx, municipality, ids)),
      ({ id }) => id,
    ),
    coursesOfCitizen: rowsOfId(
      (ids) => read((tx) => store.coursesOfCitizens(tx, municipality, ids)),
      ({ citizen }) => citizen,
    ),
    form: rowById(
      (ids) => read((tx) => store.formsById(tx, scope, ids)),
      ({ id }) => id,
    ),
    formsOfCourse: rowsOfId(
      (ids) => read((tx) => store.formsOfCourses(tx, scope, ids)),
      ({ course }) => course,
    ),
    versionsOfForm: rowsOfId(
      (ids) => read((tx) => store.versionsOfForms(tx, municipality, ids)),
      ({ form }) => form,
    ),
    caseOfCourse: rowById(
      (ids) =>
        read((tx) =>
          disabled.withoutCaseFilter
            ? store.leakyCaseLinks(tx, municipality, ids)
            : store.caseLinks(tx, municipality, ids, seenBy(viewer)),
        ),
      ({ course }) => course,
    ),
    forms: (criteria, paging) =>
      read(async (tx) => {
        const rows = await store.findForms(tx, scope, criteria, paging);
        const totalCount = paging.counted ? await store.countForms(tx, scope, criteria) : 0;
        return pageOf(rows, paging, totalCount, ({ reportedAt, id }) => ({ key: reportedAt, id }));
      }),
  };
}

function seenBy(viewer: Viewer) {
  const shielded = new Set(shieldedCompartments(viewer));
  const seen = compartments(viewer, 'SEARCH');
  return {
    ordinary: seen.filter((compartment) => !shielded.has(compartment)),
    shielded: seen.filter((compartment) => shielded.has(compartment)),
  };
}
