/**
 * The course as a test taken here: an employee begins an attempt, is shown questions drawn from the municipality's bank, and answers
 * them once. The room judges. Passing records the course, with the attempt as its evidence.
 */
import { change } from '../../kit/context.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import type { CourseKind } from '../enums.js';
import { holderOf } from '../grants/steps-store.js';
import { dayOf } from '../written.js';
import * as attempts from './attempt-store.js';
import { shippedBank } from './default-bank.js';
import { type Answer, type BankQuestion, countRight, draw, placesChosen } from './questions.js';
import { insertCourse } from './store.js';

/** Throws `FORBIDDEN` for anybody but an employee acting for oneself, and `CONFLICT` after the last attempt of the day. */
export async function start(context: IdentityContext, kind: CourseKind): Promise<attempts.AttemptRow> {
  const { viewer, services, course } = context;
  const { municipality } = viewer;
  const employee = oneself(context);
  const begunAt = services.now();
  const id = services.newId();
  const bank = await bankOf(context);
  const { questions, key } = draw(bank, id, course.questions);
  return change(context, async (tx) => {
    if ((await holderOf(tx, municipality, employee))?.left !== false) throw new Fault('FORBIDDEN');
    await attempts.lockAttempts(tx, municipality, employee);
    if ((await attempts.attemptsOn(tx, municipality, employee, dayOf(begunAt))) >= course.attempts)
      throw new Fault('CONFLICT', 'No more attempts can be begun today. Expected the next one on another day.');
    const attempt = {
      ...{ id, employee, kind, questions, begunAt },
      needed: Math.ceil((questions.length * course.pass) / 100),
      expiresAt: new Date(begunAt.getTime() + course.minutes * 60_000),
    };
    await attempts.insertAttempt(tx, municipality, attempt, key);
    return { ...attempt, judgedAt: null, rightCount: null };
  });
}

/**
 * Judges an attempt. Throws `NOT_FOUND` unless it is the viewer's own, `BAD_USER_INPUT` unless each question has one answer, and
 * `CONFLICT` if it has expired or was judged already. None of these uses the attempt up.
 */
export async function judge(
  context: IdentityContext,
  given: string,
  answers: readonly Answer[],
): Promise<attempts.AttemptRow> {
  const { viewer, services, course } = context;
  const { municipality } = viewer;
  const employee = oneself(context);
  if (!isUuid(given)) throw new Fault('NOT_FOUND');
  const id = given.toLowerCase();
  // The room itself looks: no transaction of a viewer can read which options are right.
  const key = await services.database.asTask(
    'course',
    municipality,
    (tx) => attempts.keyOf(tx, municipality, id),
    'read',
  );
  const judgedAt = services.now();
  return change(context, async (tx) => {
    const attempt = await attempts.attemptById(tx, municipality, id);
    if (!attempt || !key) throw new Fault('NOT_FOUND');
    if ((await holderOf(tx, municipality, employee))?.left !== false) throw new Fault('FORBIDDEN');
    if (attempt.judgedAt !== null) throw new Fault('CONFLICT', judgedAlready);
    if (judgedAt >= attempt.expiresAt)
      throw new Fault('CONFLICT', 'The attempt has expired. Expected answers within its time: begin another.');
    const rightCount = countRight(key, placesChosen(attempt.questions, answers));
    if (!(await attempts.judgeAttempt(tx, municipality, id, judgedAt, rightCount)))
      throw new Fault('CONFLICT', judgedAlready);
    if (rightCount >= attempt.needed)
      await insertCourse(
        tx,
        municipality,
        {
          ...{ id: services.newId(), employee, kind: attempt.kind, passedOn: dayOf(judgedAt), evidence: id },
          ...{ recordedById: null, recordedAt: judgedAt, attempt: id },
        },
        course.months,
      );
    return { ...attempt, judgedAt, rightCount };
  });
}

const judgedAlready = 'The attempt was judged already. Expected one that was not: begin another.';

/** Nobody takes the course for another: no system on behalf of somebody, nobody under a power of attorney. */
function oneself({ viewer: { actor, subject, actingFor } }: IdentityContext): string {
  if (actor.kind !== 'Employee' || subject.id !== actor.id || actingFor !== null) throw new Fault('FORBIDDEN');
  return actor.id;
}

/** The municipality's own questions; those that are shipped, if it has imported none. */
async function bankOf({ viewer: { municipality }, services }: IdentityContext): Promise<readonly BankQuestion[]> {
  const own = await services.database.asTask(
    'course',
    municipality,
    (tx) => attempts.questionBank(tx, municipality),
    'read',
  );
  return own.length > 0 ? own : shippedBank;
}
