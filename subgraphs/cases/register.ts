/**
 * Who the parties of a case are: the identity room says which CPR numbers and ids are in the register. It is asked once for all
 * parties, before anything is changed, and says nothing of anybody beyond that.
 */
import { Fault, type Problem } from '../protocol/faults.js';
import type { CasesContext } from './context.js';
import type { NamedParty } from './drafts.js';

/** The citizen's id for each CPR number and id that is in the register. */
export type Register = ReadonlyMap<string, string>;

/**
 * Looks up everybody who is named. Throws `FORBIDDEN` for a CPR number without a scope to match it, and `SUBGRAPH_UNAVAILABLE` if the
 * identity room does not answer.
 */
export async function inRegister(
  { services, viewer }: CasesContext,
  parties: readonly NamedParty[],
): Promise<Register> {
  const of = (kind: NamedParty['by']) => [
    ...new Set(parties.filter(({ by }) => by === kind).map(({ value }) => value)),
  ];
  const [cprs, ids] = [of('cpr'), of('citizen')];
  if (cprs.length > 0 && !viewer.scopes.some((scope) => matching.includes(scope)))
    throw new Fault('FORBIDDEN', 'To name a citizen by CPR number takes the scope `citizen:match`.');
  if (cprs.length + ids.length === 0) return new Map();
  const asked = { municipality: viewer.municipality, cprs, ids };
  const answer = await services.identity?.('match-citizens', asked).catch((error: Error) => {
    services.log.warn({ reason: error.message }, 'the register did not answer; nothing is changed');
    return null;
  });
  if (!answer) throw new Fault('SUBGRAPH_UNAVAILABLE');
  return new Map(answer.found as [string, string][]);
}

const matching = ['citizen:match', 'citizen:read'];

/** The ids of these parties. Whoever is not in the register, or is named twice, becomes a problem. */
export function identified(parties: readonly NamedParty[], register: Register, problems: Problem[]): string[] {
  const seen = new Set<string>();
  return parties.map(({ by, value, path }) => {
    const id = register.get(value);
    if (id === undefined) problems.push({ path: [...path, by], message: 'not in the register' });
    else if (seen.has(id)) problems.push({ path: [...path, by], message: 'expected each citizen once' });
    else seen.add(id);
    return id ?? '';
  });
}
