/**
 * Reports a form, which is the only way in which this room changes.
 *
 * The answer to every reporter follows from their right, their input and the forms they may see. A delegated reporter sees only their
 * own forms, although the citizen may have a course that others opened. The form then joins that course, and nothing reveals it: a
 * refusal would answer "is this person in treatment?", and a second course would break SMDB's rule of one open course. Ids are
 * random, and the course in the answer holds what the reporter reported themselves, so joining an open course and opening one look
 * alike. The authority sees both, and merges or withdraws what does not belong.
 */

import type { RoomServices } from '../kit/subgraph.js';
import type { Transaction } from '../postgres/database.js';
import { Fault } from '../protocol/faults.js';
import { isUuid } from '../protocol/text.js';
import type { Viewer } from '../protocol/viewer.js';
import { danishDate, dueDate } from './due.js';
import { contradiction } from './flow.js';
import { type FormKind, parseAnswers } from './forms.js';
import { scopeOf } from './loaders.js';
import { rightOf } from './rights.js';
import * as store from './store.js';

export interface Report {
  readonly kind: FormKind;
  readonly citizen?: string | null;
  readonly course?: string | null;
  readonly answers: unknown;
  readonly onBehalfOf?: string | null;
}

/** Returns the new form. Throws `FORBIDDEN`, `BAD_USER_INPUT`, `NOT_FOUND` or `CONFLICT`. */
export async function report(services: RoomServices, viewer: Viewer, input: Report): Promise<store.FormRow> {
  // Right and input are checked first: a refusal here depends on no row.
  if (!rightOf(viewer).reports.includes(input.kind)) throw new Fault('FORBIDDEN');
  if (!input.citizen === !input.course) throw new Fault('BAD_USER_INPUT', eitherCitizenOrCourse);
  const onBehalfOf = reportedFor(viewer, input.onBehalfOf);
  const reportedAt = services.now();
  const { answers, happenedOn } = parseAnswers(input.kind, input.answers, danishDate(reportedAt));
  if (!isUuid((input.citizen ?? input.course)!)) throw new Fault('NOT_FOUND');

  const id = services.newId();
  const { municipality } = viewer;
  return services.database.asViewer(
    viewer,
    async (tx) => {
      const { course, citizen } = await courseFor(tx, services, viewer, input, happenedOn);
      services.change?.isAbout({ citizens: [citizen] });
      const due = dueDate(input.kind, answers, happenedOn);
      const { kind } = input;
      const reportedBy = viewer.actor.id;
      await store.insertForm(tx, {
        ...{ municipality, id, course, kind, happenedOn, due, reportedBy, onBehalfOf, reportedAt, answers },
      });
      return (await store.formsById(tx, scopeOf(viewer), [id]))[0]!;
    },
    'change',
  );
}

const eitherCitizenOrCourse = 'Argument "input": name either `citizen` or `course`.';
const noOpenCourse = 'The citizen has no open course of treatment: report a form REQUEST first.';

/** The course that the form belongs to. It is opened if needed, once nothing that the viewer may know contradicts the form. */
async function courseFor(
  tx: Transaction,
  services: RoomServices,
  viewer: Viewer,
  input: Report,
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

/**
 * Whom the report is for: the organisation acted for under a power of attorney, and nobody else. A delegated reporter must name it in
 * the input.
 */
function reportedFor(viewer: Viewer, asked: string | null | undefined): string | null {
  if (rightOf(viewer).delegated && !asked)
    throw new Fault('BAD_USER_INPUT', 'Argument "input.onBehalfOf": name the authority that you report for.');
  const organisation = (asked ?? viewer.actingFor)?.toLowerCase() ?? null;
  if (organisation !== viewer.actingFor) throw new Fault('FORBIDDEN');
  return organisation;
}
