/**
 * Appoints the first administrator of an installation: somebody has to be able to give rights before anybody can. Once there is
 * another administrator in force, rights are theirs to give, and an appointment from outside needs a reason.
 */
import type { Query } from '../../postgres/owner.js';
import { isProse } from '../../protocol/lines.js';
import { rightCodes } from '../sessions/rights.js';
import { appointeeOf, assignRight, countOthers } from './appoint-store.js';
import { ImportRefused } from './refused.js';
import { isAlone } from './staging-store.js';

export interface Appointment {
  readonly municipality: string;
  readonly cvr: string;
  /** NemLog-in's UUID of the employee. */
  readonly uuid: string;
  readonly right: string;
  readonly reason: string | null;
  readonly now: Date;
}

export interface Appointed {
  readonly employee: string;
  /** False: the employee holds the right already. */
  readonly isNew: boolean;
}

/** Rights that come with NemLog-in are assigned in FBRS, and nowhere else. */
const assignable = rightCodes.filter((code) => !code.startsWith('SMDB_'));

/** Throws `ImportRefused` for what the operator can correct. */
export async function appoint(query: Query, asked: Appointment): Promise<Appointed> {
  const { municipality, right, reason, now } = asked;
  if (!assignable.includes(right)) throw new ImportRefused(`--right: expected one of ${assignable.join(', ')}.`);
  if (reason !== null && !isProse(reason, 500))
    throw new ImportRefused('--reason: expected a text of at most 500 characters.');
  if (!(await isAlone(query, municipality)))
    throw new ImportRefused(
      'Another import or appointment is under way. Expected to be the only one: try again when it has ended.',
    );
  const found = await appointeeOf(query, municipality, asked.uuid);
  if (!found)
    throw new ImportRefused(
      '--uuid: expected the NemLog-in UUID of an employee in the register. Import employees first.',
    );
  if (found.hasLeft) throw new ImportRefused('--uuid: expected an employee who has not left.');
  if (found.cvr !== asked.cvr)
    throw new ImportRefused('--cvr: expected the CVR number of the organisation where the employee works.');
  if (!found.atHome)
    throw new ImportRefused('--uuid: expected an employee of the municipality itself, or of a unit of it.');
  const others = await countOthers(query, municipality, 'ADMINISTRATOR', found.id);
  if (others > 0 && reason === null)
    throw new ImportRefused(
      `${others} administrators are in force. Expected one of them to give the right, or --reason to say why not.`,
    );
  return { employee: found.id, isNew: await assignRight(query, municipality, found, right, now) };
}
