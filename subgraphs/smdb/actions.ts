/** Reporting a form, which is the only way in which this room changes. report.ts decides which course it joins, and why. */
import { change } from '../kit/context.js';
import { Fault } from '../protocol/faults.js';
import { isUuid } from '../protocol/text.js';
import type { Viewer } from '../protocol/viewer.js';
import type { SmdbContext } from './context.js';
import { danishDate, dueDate } from './due.js';
import { parseAnswers } from './forms.js';
import type { ReportFormInput } from './inputs.js';
import { courseFor } from './report.js';
import { rightOf, scopeOf } from './rights.js';
import * as store from './store.js';

/** Returns the new form. Throws `FORBIDDEN`, `BAD_USER_INPUT`, `NOT_FOUND` or `CONFLICT`. */
export async function reportForm(context: SmdbContext, input: ReportFormInput): Promise<store.FormRow> {
  const { services, viewer } = context;
  // Right and input are checked first: a refusal here depends on no row.
  if (!rightOf(viewer).reports.includes(input.kind)) throw new Fault('FORBIDDEN');
  if (!input.citizen === !input.course) throw new Fault('BAD_USER_INPUT', eitherCitizenOrCourse);
  const onBehalfOf = reportedFor(viewer, input.onBehalfOf);
  const reportedAt = services.now();
  const { answers, happenedOn } = parseAnswers(input.kind, input.answers, danishDate(reportedAt));
  if (!isUuid((input.citizen ?? input.course)!)) throw new Fault('NOT_FOUND');

  const id = services.newId();
  const { municipality } = viewer;
  return change(context, async (tx) => {
    const { course, citizen } = await courseFor(tx, services, viewer, input, happenedOn);
    services.change?.isAbout({ citizens: [citizen] });
    const due = dueDate(input.kind, answers, happenedOn);
    const { kind } = input;
    const reportedBy = viewer.actor.id;
    await store.insertForm(tx, {
      ...{ municipality, id, course, kind, happenedOn, due, reportedBy, onBehalfOf, reportedAt, answers },
    });
    return (await store.formsById(tx, scopeOf(viewer), [id]))[0]!;
  });
}

const eitherCitizenOrCourse = 'Argument "input": name either `citizen` or `course`.';

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
