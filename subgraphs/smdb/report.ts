/**
 * Which course a reported form joins.
 *
 * The answer to every reporter follows from their right, their input and the forms they may see. A delegated reporter sees only their
 * own forms, although the citizen may have a course that others opened. The form then joins that course, and nothing reveals it: a
 * refusal would answer "is this person in treatment?", and a second course would break SMDB's rule of one open course. Ids are
 * random, and the course in the answer holds what the reporter reported themselves, so joining an open course and opening one look
 * alike. The authority sees both, and merges or withdraws what does not belong.
 */
import type { RoomServices } from '../kit/room.js';
import type { Transaction } from '../postgres/database.js';
import { Fault } from '../protocol/faults.js';
import type { Viewer } from '../protocol/viewer.js';
import { contradiction } from './flow.js';
import type { ReportFormInput } from './inputs.js';
import { rightOf, scopeOf } from './rights.js';
import * as store from './store.js';

/** The course that the form belongs to. It is opened if needed, once nothing that the viewer may know contradicts the form. */
export async function courseFor(
  tx: Transaction,
  services: RoomServices,
  viewer: Viewer,
  input: ReportFormInput,
  happenedOn: string,
): Promise<{ course: string; citizen: string }> {
  const { kind } = input;
  const { municipality } = viewer;
  const knowsAll = !rightOf(viewer).delegated;
  const named = input.course ? (await store.coursesById(tx, municipality, [input.course]))[0] : undefined;
  if (input.course && !named) throw new Fault('NOT_FOUND');
  const citizen = named?.citizen ?? input.citizen!.toLowerCase();
  await store.lockCitizen(tx, municipality, citizen);

  const scope = scopeOf(viewer);
  const open = named?.id ?? (await openCourse(tx, viewer, citizen));
  if (!open && knowsAll && kind !== 'REQUEST') throw new Fault('CONFLICT', noOpenCourse);
  const known = open ? await store.eventsOf(tx, scope, open) : [];
  const conflict = contradiction({ kind, happenedOn }, known, knowsAll);
  if (conflict) throw new Fault('CONFLICT', conflict);
  if (open) return { course: open, citizen };

  const id = services.newId();
  await store.openCourse(tx, { municipality, id, citizen, openedOn: happenedOn });
  return { course: id, citizen };
}

/** A delegated reporter continues a course of their own until they end it, before they join one that they do not know of. */
async function openCourse(tx: Transaction, viewer: Viewer, citizen: string): Promise<string | null> {
  const own = rightOf(viewer).delegated && (await store.ownOpenCourseOf(tx, scopeOf(viewer), citizen));
  return own || store.openCourseOf(tx, viewer.municipality, citizen);
}

const noOpenCourse = 'The citizen has no open course of treatment: report a form REQUEST first.';
