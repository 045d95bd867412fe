/** Recording a course that somebody passed elsewhere. Taking it here: attempts.ts. */
import { change } from '../../kit/context.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import { holderOf } from '../grants/steps-store.js';
import { dayOf, lineGiven } from '../written.js';
import * as store from './store.js';
import type { RecordCourseInput } from './types.js';

export async function record(context: IdentityContext, input: RecordCourseInput): Promise<store.CourseRow> {
  const { viewer, services, course } = context;
  const { municipality, actor, scopes } = viewer;
  if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  const evidence = lineGiven(input.evidence, 'input.evidence', 500);
  const now = services.now();
  if (input.passedOn > dayOf(now) || input.passedOn < '1990-01-01')
    throw new Fault('BAD_USER_INPUT', 'Argument "input.passedOn": expected a day since 1990, not to come.');
  if (!isUuid(input.employee)) throw new Fault('NOT_FOUND');
  const employee = input.employee.toLowerCase();
  if (employee === actor.id)
    throw new Fault(
      'BAD_USER_INPUT',
      'Argument "input.employee": expected somebody else. Nobody records an own course.',
    );
  return change(context, async (tx) => {
    const found = await holderOf(tx, municipality, employee);
    if (!found) throw new Fault('NOT_FOUND');
    if (!found.led && !scopes.includes('admin'))
      throw new Fault('FORBIDDEN', 'A course is recorded by who leads the unit, or by an administrator.');
    if (found.left) throw new Fault('CONFLICT', 'The employee has left.');
    const { kind, passedOn } = input;
    const passed = {
      id: services.newId(),
      employee,
      kind,
      passedOn,
      evidence,
      recordedById: actor.id,
      recordedAt: now,
      attempt: null,
    };
    return store.insertCourse(tx, municipality, passed, course.months);
  });
}
