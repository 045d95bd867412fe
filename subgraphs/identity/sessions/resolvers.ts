/**
 * The viewer as the viewer sees oneself, and what a viewer may do to the own session. Permissions are read from the signed viewer,
 * because that is what is enforced; only descriptive data comes from the tables.
 */
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ListSize, OwnSession, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { PersonReference, Viewer } from '../../protocol/viewer.js';
import type { IdentityContext } from '../context.js';
import { CourseRecord } from '../courses/types.js';
import { RightCode } from '../enums.js';
import { Grant } from '../grants/types.js';
import { PowerOfAttorney } from '../powers/types.js';
import { ViewerType } from '../types.js';
import { actFor, actIn, readNotice, signOut, signOutEverywhere } from './actions.js';

interface Signed {
  readonly signed: Viewer;
}

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Use('read')
  @Query(() => ViewerType, { description: 'The viewer who sends the request.' })
  viewer(@Ctx() { viewer }: IdentityContext): Signed {
    return { signed: viewer };
  }

  @OwnSession()
  @Use('change')
  @Mutation(() => Boolean, { description: 'Ends the session at once. Returns true, even if it had ended already.' })
  async signOut(@Ctx() context: IdentityContext) {
    await signOut(context);
    return true;
  }

  @OwnSession()
  @Use('change')
  @Mutation(() => Int, {
    nullable: true,
    description:
      'Ends all sessions of a person at once, at every gateway, and returns their number. `FORBIDDEN`: another person’s sessions, without the scope `admin`.',
  })
  async signOutEverywhere(
    @Arg('person', () => ID, { nullable: true, description: 'Id of the person; the caller by default.' })
    person: string | null | undefined,
    @Ctx() context: IdentityContext,
  ): Promise<number> {
    return signOutEverywhere(context, person ?? context.viewer.actor.id);
  }

  @OwnSession()
  @Use('change')
  @Mutation(() => ViewerType, {
    nullable: true,
    description:
      'Switches to another of the viewer’s rights. The power of attorney stays if it covers that right. If the right needs one and there is only one, that one is used. `FORBIDDEN`: the right is not held.',
  })
  async actIn(
    @Arg('right', () => RightCode, { description: 'One of `Viewer.rights`.' }) right: RightCode,
    @Ctx() context: IdentityContext,
  ): Promise<Signed> {
    return { signed: await actIn(context, right) };
  }

  @OwnSession()
  @Use('change')
  @Mutation(() => ViewerType, {
    nullable: true,
    description:
      'Switches to a power of attorney (fuldmagt), in the right acted in. Null switches back to acting for oneself. `NOT_FOUND`: there is none that the viewer may know of. `FORBIDDEN`: it is not in force or does not cover the right, or the viewer is not added or not marked in SMDB.',
  })
  async actFor(
    @Arg('powerOfAttorney', () => ID, { nullable: true, description: 'One of `Viewer.powersOfAttorney`.' })
    power: string | null | undefined,
    @Ctx() context: IdentityContext,
  ): Promise<Signed> {
    return { signed: await actFor(context, power ?? null) };
  }

  @Use('change')
  @Mutation(() => ViewerType, {
    nullable: true,
    description: 'Records that the employee has read the notice. Has no effect for anybody but employees.',
  })
  async acknowledgeNotice(@Ctx() context: IdentityContext): Promise<Signed> {
    await readNotice(context);
    return { signed: context.viewer };
  }

  @FieldResolver()
  person(@Root() { signed }: Signed, @Ctx() context: IdentityContext) {
    return presentPerson(context, signed.subject);
  }

  @FieldResolver()
  actor(@Root() { signed }: Signed, @Ctx() context: IdentityContext) {
    return presentPerson(context, signed.actor);
  }

  @FieldResolver()
  organisation(@Root() { signed }: Signed, @Ctx() { loaders }: IdentityContext) {
    return signed.organisation && loaders.organisation.load(signed.organisation);
  }

  @FieldResolver()
  rights(@Root() { signed }: Signed, @Ctx() { loaders }: IdentityContext) {
    return ownRights(signed, loaders);
  }

  @FieldResolver()
  async actingIn(@Root() { signed }: Signed, @Ctx() { loaders }: IdentityContext) {
    return (await ownRights(signed, loaders)).find((held) => held.code === signed.right) ?? null;
  }

  @FieldResolver()
  actingFor(@Root() { signed }: Signed, @Ctx() { loaders }: IdentityContext) {
    return signed.actingFor && loaders.organisation.load(signed.actingFor);
  }

  @FieldResolver(() => PowerOfAttorney, {
    nullable: true,
    description: 'The power of attorney (fuldmagt) acted under; switched with `actFor`.',
  })
  powerOfAttorney(@Root() { signed }: Signed, @Ctx() { loaders }: IdentityContext) {
    return signed.powerOfAttorney && loaders.power.load(signed.powerOfAttorney);
  }

  @ListSize(10)
  @FieldResolver(() => [PowerOfAttorney], {
    description:
      'Powers of attorney under which the viewer may act in at least one of their rights: they are in force, and the viewer is added and marked in SMDB.',
  })
  async powersOfAttorney(@Root() { signed }: Signed, @Ctx() { loaders }: IdentityContext) {
    if (signed.actor.kind !== 'Employee') return [];
    const ids = await loaders.powersUsableBy(signed.actor.id);
    return (await Promise.all(ids.map((id) => loaders.power.load(id)))).filter((power) => power !== null);
  }

  @ListSize(20)
  @FieldResolver(() => [Grant], {
    description:
      'All grants of the employee who acts, the newest request first, in force or not. Empty for citizens and systems. What they give now is `clearance`.',
  })
  grants(@Root() { signed: { actor } }: Signed, @Ctx() { loaders }: IdentityContext) {
    return actor.kind === 'Employee' ? loaders.grantsOfHolder.load(actor.id) : [];
  }

  @ListSize(5)
  @FieldResolver(() => [CourseRecord], {
    description: 'Courses that the employee who acts has passed, the latest first. Empty for citizens and systems.',
  })
  courses(@Root() { signed: { actor } }: Signed, @Ctx() { loaders }: IdentityContext) {
    return actor.kind === 'Employee' ? loaders.courses.load(actor.id) : [];
  }

  @FieldResolver()
  clearance(@Root() { signed }: Signed) {
    return signed.clearance.map((held) => ({ ...held, compartment: { id: held.compartment } }));
  }

  @FieldResolver()
  async session(@Root() { signed }: Signed, @Ctx() { loaders, life }: IdentityContext) {
    const expiresAt = isUuid(signed.session) ? await loaders.sessionEnd(signed) : null;
    return {
      authenticatedAt: new Date(signed.authenticatedAt * 1000),
      assurance: signed.assurance,
      idleTimeout: Math.ceil(life.idleMinutes),
      expiresAt,
    };
  }

  @FieldResolver()
  async notice(@Root() { signed }: Signed, @Ctx() { services, loaders, notice }: IdentityContext) {
    if (signed.actor.kind !== 'Employee') return null;
    const dueAt = await loaders.noticeDueAt(signed.actor.id);
    if (dueAt && dueAt > services.now()) return null;
    return { text: notice, dueAt };
  }
}

async function presentPerson({ loaders }: IdentityContext, person: PersonReference) {
  const row = await loaders.person(person);
  if (!row) throw new Fault('NOT_FOUND');
  return row;
}

const ownRights = async ({ actor }: Viewer, loaders: IdentityContext['loaders']) =>
  actor.kind === 'Employee' ? loaders.rights.load(actor.id) : [];
