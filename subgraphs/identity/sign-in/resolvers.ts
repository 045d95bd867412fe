/** Linking the old SMDB account at the first sign-in (`linking.ts`), at the employee's own request. */
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { OwnSession, Secret, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import type { Viewer } from '../../protocol/viewer.js';
import type { IdentityContext } from '../context.js';
import { ViewerType } from '../types.js';
import { decline, isAsked, type Linker, link } from './linking.js';

interface Signed {
  readonly signed: Viewer;
}

@Resolver(() => ViewerType)
export class LegacyAccountResolver {
  @FieldResolver(() => Boolean, {
    description:
      'Whether to ask for the user name and password of an account in the old SMDB: at the first log-in of an employee with an SMDB right, where there is an account that nobody was linked to. Never again once answered, with `linkLegacyAccount` or `declineLegacyAccount`.',
  })
  async legacyAccountAsked(@Root() { signed }: Signed, @Ctx() { services }: IdentityContext) {
    const linker = linkerOf(signed, null);
    return linker !== null && isAsked(services, linker);
  }

  @OwnSession()
  @Use('change')
  @Mutation(() => ViewerType, {
    nullable: true,
    description:
      'Links the account in the old SMDB, once. `WRONG_CREDENTIALS` for a name, a password or an account that is not to be had, whichever it is; `LOCKED_OUT` after too many of them by the same user or workstation; `CONFLICT` for whoever is not asked (`Viewer.legacyAccountAsked`).',
  })
  async linkLegacyAccount(
    @Arg('userName', () => String, { description: 'Without regard to case.' }) userName: string,
    @Secret()
    @Arg('password', () => String, { description: 'Secret: to be given as a variable. It is never logged.' })
    password: string,
    @Ctx() { viewer, services, lockOut, workstation }: IdentityContext,
  ): Promise<Signed> {
    const linker = await asked(viewer, services, workstation);
    const { outcome } = await link(services, lockOut, linker, userName, password);
    if (outcome === 'rejected') throw new Fault('WRONG_CREDENTIALS');
    if (outcome === 'locked') throw new Fault('LOCKED_OUT');
    if (outcome === 'busy') throw new Fault('TOO_MANY_REQUESTS');
    return { signed: viewer };
  }

  @OwnSession()
  @Use('change')
  @Mutation(() => ViewerType, {
    nullable: true,
    description: 'Says that there was no account in the old SMDB. `CONFLICT` for whoever is not asked.',
  })
  async declineLegacyAccount(@Ctx() { viewer, services, workstation }: IdentityContext): Promise<Signed> {
    if (!(await decline(services, await asked(viewer, services, workstation)))) throw notAsked();
    return { signed: viewer };
  }
}

async function asked(viewer: Viewer, services: IdentityContext['services'], workstation: string | null) {
  const linker = linkerOf(viewer, workstation);
  if (!linker) throw new Fault('FORBIDDEN');
  if (!(await isAsked(services, linker))) throw notAsked();
  return linker;
}

/** The viewer, if an employee who acts for oneself. */
const linkerOf = ({ municipality, subject, actor }: Viewer, workstation: string | null): Linker | null =>
  actor.kind === 'Employee' && actor.id === subject.id ? { municipality, person: actor, workstation } : null;

const notAsked = () => new Fault('CONFLICT', 'You are not asked for an old account, or have answered already.');
