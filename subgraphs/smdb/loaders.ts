/**
 * Loaders of one request: rows by key, one transaction per batch. They live for one request, because the rows depend on the viewer.
 * An id that is not a UUID matches no row.
 */
import DataLoader from 'dataloader';
import type { RoomServices } from '../kit/subgraph.js';
import type { Transaction } from '../postgres/database.js';
import { isUuid } from '../protocol/text.js';
import { compartments, shieldedCompartments, type Viewer } from '../protocol/viewer.js';
import type { FormKind } from './forms.js';
import { rightOf } from './rights.js';
import * as store from './store.js';

/** Walls that a test may take down, to see that another one still stands. */
export interface SmdbFaults {
  /** Reads links to cases through the function `leaky_course_case`, which only such a test creates. */
  readonly withoutCaseFilter?: boolean;
}

export interface SmdbContext {
  readonly viewer: Viewer;
  readonly services: RoomServices;
  readonly loaders: SmdbLoaders;
}

type SmdbLoaders = ReturnType<typeof makeLoaders>;

export function makeLoaders(services: RoomServices, viewer: Viewer, faults: SmdbFaults = {}) {
  const { municipality } = viewer;
  const scope = scopeOf(viewer);

  const rowsFor = async <Row>(keys: readonly string[], read: (tx: Transaction, ids: string[]) => Promise<Row[]>) => {
    const ids = keys.filter(isUuid);
    return ids.length ? services.database.asViewer(viewer, (tx) => read(tx, ids)) : [];
  };
  const one = <Row>(keyOf: (row: Row) => string, read: (tx: Transaction, ids: string[]) => Promise<Row[]>) =>
    new DataLoader<string, Row | null, string>(
      async (keys) => {
        const found = new Map((await rowsFor(keys, read)).map((row) => [keyOf(row), row]));
        return keys.map((key) => found.get(key.toLowerCase()) ?? null);
      },
      { maxBatchSize: 1_000 },
    );
  const many = <Row>(keyOf: (row: Row) => string, read: (tx: Transaction, ids: string[]) => Promise<Row[]>) =>
    new DataLoader<string, Row[], string>(
      async (keys) => {
        const found = new Map<string, Row[]>();
        for (const key of keys) found.set(key.toLowerCase(), []);
        for (const row of await rowsFor(keys, read)) found.get(keyOf(row))?.push(row);
        return keys.map((key) => found.get(key.toLowerCase())!);
      },
      { maxBatchSize: 1_000 },
    );

  const loaders = {
    course: one<store.CourseRow>(
      (row) => row.id,
      (tx, ids) => store.coursesById(tx, municipality, ids),
    ),
    coursesOfCitizen: many<store.CourseRow>(
      (row) => row.citizen,
      (tx, ids) => store.coursesOfCitizens(tx, municipality, ids),
    ),
    form: one<store.FormRow>(
      (row) => row.id,
      (tx, ids) => store.formsById(tx, scope, ids),
    ),
    formsOfCourse: many<store.FormRow>(
      (row) => row.course,
      (tx, ids) => store.formsOfCourses(tx, scope, ids),
    ),
    versionsOfForm: many<store.VersionRow>(
      (row) => row.form,
      (tx, ids) => store.versionsOfForms(tx, municipality, ids),
    ),
    caseOfCourse: one<store.CaseLink>(
      (row) => row.course,
      (tx, ids) =>
        faults.withoutCaseFilter
          ? store.leakyCaseLinks(tx, municipality, ids)
          : store.caseLinks(tx, municipality, ids, seenBy(viewer)),
    ),
  };
  return {
    ...loaders,
    /** Called after a change: rows read before it may be outdated. */
    forget: () => {
      for (const loader of Object.values(loaders)) loader.clearAll();
    },
  };
}

/** The forms that the viewer may see, limited to the `wanted` kinds if these are given. */
export function scopeOf(viewer: Viewer, wanted?: readonly FormKind[] | null): store.Scope {
  const { reads, delegated } = rightOf(viewer);
  return {
    municipality: viewer.municipality,
    kinds: wanted ? reads.filter((kind) => wanted.includes(kind)) : reads,
    reportedBy: delegated ? viewer.actor.id : null,
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
