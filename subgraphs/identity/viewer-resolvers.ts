/**
 * The viewer, as the viewer sees oneself, and what a viewer may do to the own session. What one *may* is read from the
 * signed viewer, because that is what is enforced; only what one *is* comes from the tables.
 */
import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Use } from '../kit/directives.js';
import { Fault } from '../kit/faults.js';
import type { PersonReference, Viewer } from '../kit/viewer.js';
import { type IdentityContext, loadPerson } from './context.js';
import { isUuid } from './criteria.js';
import { RightCode } from './enums.js';
import { scopesOf } from './rights.js';
import * as store from './store.js';
import { ViewerType } from './types.js';

interface Signed {
  readonly signed: Viewer;
}

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Use('read')
  @Query(() => ViewerType, { description: 'Whoever asks.' })
  viewer(@Ctx() { viewer }: IdentityContext): Signed {
    return { signed: viewer };
  }

  @Use('change')
  @Mutation(() => Boolean, { description: 'Ends the session at once. True also if it had ended already.' })
  async signOut(@Ctx() { viewer, services }: IdentityContext) {
    if (!isUuid(viewer.session)) return true;
    await services.database.asViewer(viewer, (tx) => store.closeOwnSession(tx, viewer, services.now()), 'write');
    return true;
  }

  @Use('change')
  @Mutation(() => ViewerType, {
    nullable: true,
    description: 'Acts in another of the own rights from now on. `FORBIDDEN` for a right that one does not hold.',
  })
  async actIn(
    @Arg('right', () => RightCode, { description: 'One of `Viewer.rights`.' }) right: RightCode,
    @Ctx() { viewer, services, loaders }: IdentityContext,
  ): Promise<Signed> {
    const own = await ownRights(viewer, loaders);
    if (!own.some((held) => held.own && held.code === right)) throw new Fault('FORBIDDEN');
    if (!isUuid(viewer.session)) throw new Fault('UNAUTHENTICATED');
    const open = await services.database.asViewer(viewer, (tx) => store.switchRight(tx, viewer, right), 'write');
    if (!open) throw new Fault('UNAUTHENTICATED');
    return { signed: { ...viewer, right, scopes: scopesOf(viewer.subject.kind, right) } };
  }

  @Use('change')
  @Mutation(() => ViewerType, {
    nullable: true,
    description: 'Records that the employee has read the notice. Nothing happens for others than employees.',
  })
  async acknowledgeNotice(@Ctx() { viewer, services }: IdentityContext): Promise<Signed> {
    const { actor, municipality } = viewer;
    if (actor.kind === 'Employee') {
      await services.database.asViewer(
        viewer,
        (tx) => store.acknowledgeNotice(tx, municipality, actor.id, services.now()),
        'write',
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

  @FieldResolver()
  clearance(@Root() { signed }: Signed) {
    return signed.clearance.map((held) => ({ ...held, compartment: { id: held.compartment } }));
  }

  @FieldResolver()
  async session(@Root() { signed }: Signed, @Ctx() { services, life }: IdentityContext) {
    const expiresAt = isUuid(signed.session)
      ? await services.database.asViewer(signed, (tx) => store.sessionEnd(tx, signed))
      : null;
    return {
      authenticatedAt: new Date(signed.authenticatedAt * 1000),
      assurance: signed.assurance,
      idleTimeout: Math.ceil(life.idleMinutes),
      expiresAt,
    };
  }

  @FieldResolver()
  async notice(@Root() { signed }: Signed, @Ctx() { services }: IdentityContext) {
    const { actor, municipality } = signed;
    if (actor.kind !== 'Employee') return null;
    const dueAt = await services.database.asViewer(signed, (tx) => store.noticeDueAt(tx, municipality, actor.id));
    if (dueAt && dueAt > services.now()) return null;
    return { text: noticeText, dueAt };
  }
}

const noticeText =
  'Every look-up you make is logged with your name, and may be checked. Look up only what your tasks need; ' +
  'private look-ups are never allowed.';

async function presentPerson(context: IdentityContext, person: PersonReference) {
  const row = await loadPerson(context, person);
  if (!row) throw new Fault('NOT_FOUND');
  return row;
}

const ownRights = async ({ subject }: Viewer, loaders: IdentityContext['loaders']) =>
  subject.kind === 'Employee' ? loaders.rights.load(subject.id) : [];
