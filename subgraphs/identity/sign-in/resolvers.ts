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
      'Whether to ask for the user name and password of an account in the old SMDB. True at the first sign-in of an employee with an SMDB right, if there is an account that nobody is linked to. False once answered with `linkLegacyAccount` or `declineLegacyAccount`.',
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
      'Links the account in the old SMDB, once. `WRONG_CREDENTIALS`: the name or the password is wrong, or the account is linked already; which of these is not told. `LOCKED_OUT`: too many of these by the same user or workstation. `CONFLICT`: the viewer is not asked (`Viewer.legacyAccountAsked`).',
  })
  async linkLegacyAccount(
    @Arg('userName', () => String, { description: 'User name, without regard to case.' }) userName: string,
    @Secret()
    @Arg('password', () => String, {
      description: 'Password. It is secret: give it as a variable. It is never logged.',
    })
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
    description:
      'States that there was no account in the old SMDB. `CONFLICT`: the viewer is not asked (`Viewer.legacyAccountAsked`).',
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
