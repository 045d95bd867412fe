/**
 * Opens the compartment of a single case ("bestemte sager"): a code before any case has it. Two people who may enter in the compartment
 * that the case would otherwise lie in open it together and hold it from then on. With one alone, nobody besides the requester could
 * decide on the next grant.
 */
import { change } from '../../kit/context.js';
import {
  type AuthorityCode,
  type CaseCategory,
  compartmentId,
  standingCompartments,
} from '../../protocol/compartments.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import { compartments } from '../../protocol/viewer.js';
import type { IdentityContext } from '../context.js';
import { reasonOf } from '../written.js';
import { insertSingleCase } from './single-cases-store.js';
import { holderOf, insertGrant } from './steps-store.js';
import { grantsOf } from './time-store.js';

export interface SingleCaseOpening {
  readonly authority: AuthorityCode;
  readonly category: CaseCategory;
  readonly colleague: string;
  readonly reason: string;
}

/**
 * Answers with the code. Throws `BAD_USER_INPUT` for a compartment that is not shielded, `NOT_FOUND` for an unknown colleague,
 * `FORBIDDEN` unless the viewer may enter there, and `CONFLICT` unless the colleague may.
 */
export async function openSingleCase(context: IdentityContext, asked: SingleCaseOpening): Promise<string> {
  const { viewer, services } = context;
  const { municipality, actor, organisation } = viewer;
  if (actor.kind !== 'Employee' || organisation === null) throw new Fault('FORBIDDEN');
  const reason = reasonOf(asked.reason, 'input.reason');
  const from = compartmentId(municipality, asked.authority, asked.category);
  const standing = standingCompartments(municipality).find(({ id }) => id === from);
  // Whoever works with ordinary cases is logged openly: the log would tell that the case may exist.
  if (!standing?.shielded)
    throw new Fault('BAD_USER_INPUT', 'Argument "input.category": expected a shielded category of that authority.');
  if (!compartments(viewer, 'ENTER').includes(from)) throw new Fault('FORBIDDEN');
  const colleague = asked.colleague.toLowerCase();
  if (!isUuid(colleague)) throw new Fault('NOT_FOUND');
  if (colleague === actor.id) throw new Fault('BAD_USER_INPUT', 'Argument "input.colleague": expected somebody else.');
  const now = services.now();
  // The room itself looks, because nobody but their manager sees which grants a colleague holds.
  const entersToo = await services.database.asTask(
    'session',
    municipality,
    async (tx) =>
      (await grantsOf(tx, municipality, colleague, now)).given.some(
        (held) => held.inForce && held.compartment === from && held.operations.includes('ENTER'),
      ),
    'read',
  );
  const id = `${municipality}.CASE.${services.newId()}`;
  await change(context, async (tx) => {
    const other = await holderOf(tx, municipality, colleague);
    if (!other) throw new Fault('NOT_FOUND');
    if (!entersToo) throw new Fault('CONFLICT', 'The colleague may not enter in that compartment.');
    await insertSingleCase(tx, municipality, {
      ...{ id, authority: asked.authority, category: asked.category, reason },
      ...{ openedBy: actor.id, openedWith: colleague, openedAt: now },
    });
    const shared = {
      ...({
        compartmentId: id,
        level: 'DOCUMENTS',
        operations: ['SEARCH', 'ENTER', 'DELETE'],
        shielded: true,
      } as const),
      ...{ reason, requestedBy: actor.id, requestedAt: now, validFrom: now, validTo: null, agreementId: null },
    };
    const pair = [
      { holder: actor.id, unit: organisation, by: colleague },
      { holder: colleague, unit: other.unit, by: actor.id },
    ];
    for (const { holder, unit, by } of pair)
      await insertGrant(
        tx,
        municipality,
        { ...shared, operations: [...shared.operations], id: services.newId(), holder, unit },
        by,
      );
  });
  return id;
}
