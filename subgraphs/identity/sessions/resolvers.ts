/**
 * The viewer as the viewer sees oneself, and what a viewer may do to the own session. Permissions are read from the signed viewer,
 * because that is what is enforced; only descriptive data comes from the tables.
 */
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ListSize, OwnSession, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { PersonReference, Viewer } from '../../protocol/viewer.js';
import { type IdentityContext, loadPerson } from '../context.js';
import { RightCode } from '../enums.js';
import * as store from '../people/store.js';
import { heldRights, usablePowers } from '../powers/store.js';
import { PowerOfAttorney } from '../powers/types.js';
import { ViewerType } from '../types.js';
import { actFor, actIn } from './acting.js';
import * as sessionStore from './store.js';

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
  async signOut(@Ctx() { viewer, services }: IdentityContext) {
    if (!isUuid(viewer.session)) return true;
    await services.database.asViewer(
      viewer,
      (tx) => sessionStore.closeSessionById(tx, viewer.municipality, viewer.session, services.now()),
      'change',
    );
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
    @Ctx() { viewer, services }: IdentityContext,
  ): Promise<number> {
    const whose = person?.toLowerCase() ?? viewer.actor.id;
    if (whose !== viewer.actor.id && !viewer.scopes.includes('admin')) throw new Fault('FORBIDDEN');
    // An unknown person has no sessions.
    if (!isUuid(whose)) return 0;
    return services.database.asTask(
      'session',
      viewer.municipality,
      (tx) => sessionStore.closeSessionsOf(tx, viewer.municipality, whose, services.now()),
      'change',
    );
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
  async acknowledgeNotice(@Ctx() { viewer, services }: IdentityContext): Promise<Signed> {
    const { actor, municipality } = viewer;
    if (actor.kind === 'Employee') {
      await services.database.asViewer(
        viewer,
        (tx) => store.acknowledgeNotice(tx, municipality, actor.id, services.now()),
        'change',
      );
    }
    return { signed: viewer };
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
  async powersOfAttorney(@Root() { signed }: Signed, @Ctx() { services, loaders }: IdentityContext) {
    const { actor, municipality } = signed;
    if (actor.kind !== 'Employee') return [];
    const ids = await services.database.asViewer(signed, async (tx) => {
      const found = new Set<string>();
      for (const { code } of await heldRights(tx, municipality, actor.id))
        for (const { id } of await usablePowers(tx, municipality, actor.id, code)) found.add(id);
      return [...found];
    });
    return (await Promise.all(ids.map((id) => loaders.power.load(id)))).filter((power) => power !== null);
  }

  @FieldResolver()
  clearance(@Root() { signed }: Signed) {
    return signed.clearance.map((held) => ({ ...held, compartment: { id: held.compartment } }));
  }

  @FieldResolver()
  async session(@Root() { signed }: Signed, @Ctx() { services, life }: IdentityContext) {
    const expiresAt = isUuid(signed.session)
      ? await services.database.asViewer(signed, (tx) => sessionStore.sessionEnd(tx, signed))
      : null;
    return {
      authenticatedAt: new Date(signed.authenticatedAt * 1000),
      assurance: signed.assurance,
      idleTimeout: Math.ceil(life.idleMinutes),
      expiresAt,
    };
  }

  @FieldResolver()
  async notice(@Root() { signed }: Signed, @Ctx() { services, notice }: IdentityContext) {
    const { actor, municipality } = signed;
    if (actor.kind !== 'Employee') return null;
    const dueAt = await services.database.asViewer(signed, (tx) => store.noticeDueAt(tx, municipality, actor.id));
    if (dueAt && dueAt > services.now()) return null;
    return { text: notice, dueAt };
  }
}

async function presentPerson(context: IdentityContext, person: PersonReference) {
  const row = await loadPerson(context, person);
  if (!row) throw new Fault('NOT_FOUND');
  return row;
}

const ownRights = async ({ actor }: Viewer, loaders: IdentityContext['loaders']) =>
  actor.kind === 'Employee' ? loaders.rights.load(actor.id) : [];
