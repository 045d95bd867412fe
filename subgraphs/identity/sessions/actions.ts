/**
 * What a viewer may do to the own session. It ends, or it acts as something else: in another right, under another power of attorney or
 * under none. The viewer chooses; the effect of the choice is computed each time the session is resolved (viewer-of.ts).
 */
import { change } from '../../kit/context.js';
import type { Transaction } from '../../postgres/database.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import type { IdentityContext } from '../context.js';
import { acknowledgeNotice } from '../people/store.js';
import { powersById, usablePowers } from '../powers/store.js';
import * as sessionStore from './store.js';
import { powerMeant, rightsOf, viewerOf } from './viewer-of.js';

/** Ends the viewer's session, if it has not ended already. */
export async function signOut(context: IdentityContext): Promise<void> {
  const { viewer, services } = context;
  if (!isUuid(viewer.session)) return;
  await change(context, (tx) => sessionStore.closeSessionById(tx, viewer.municipality, viewer.session, services.now()));
}

/** Ends all sessions of a person, and returns their number. Throws `FORBIDDEN` for another person without the scope `admin`. */
export async function signOutEverywhere({ viewer, services }: IdentityContext, person: string): Promise<number> {
  const whose = person.toLowerCase();
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

/** Records that the employee has read the notice. Has no effect for anybody but employees. */
export async function readNotice(context: IdentityContext): Promise<void> {
  const { actor, municipality } = context.viewer;
  if (actor.kind !== 'Employee') return;
  await change(context, (tx) => acknowledgeNotice(tx, municipality, actor.id, context.services.now()));
}

/** Acts in another of the viewer's own rights. The power of attorney stays as it is, as far as it covers that right. */
export const actIn = (context: IdentityContext, right: string): Promise<Viewer> =>
  act(context, async (tx, { power }) => {
    const { municipality, actor } = context.viewer;
    if (!(await rightsOf(tx, municipality, actor)).includes(right)) throw new Fault('FORBIDDEN');
    const usable = power === null ? [] : await usablePowers(tx, municipality, actor.id, right);
    const kept = usable.some(({ id }) => id === power) ? power : null;
    return { right, power: kept ?? (await powerMeant(tx, municipality, actor, right)) };
  });

/** Acts under a power in the session's current right, or for oneself again. */
export const actFor = (context: IdentityContext, power: string | null): Promise<Viewer> =>
  act(context, async (tx, { right }) => {
    if (power === null) return { right, power };
    const { municipality, actor } = context.viewer;
    const [known] = isUuid(power) ? await powersById(tx, municipality, [power]) : [];
    if (!known) throw new Fault('NOT_FOUND');
    const usable = right === null ? [] : await usablePowers(tx, municipality, actor.id, right);
    if (!usable.some(({ id }) => id === known.id)) throw new Fault('FORBIDDEN');
    return { right, power: known.id };
  });

async function act(
  context: IdentityContext,
  choose: (tx: Transaction, acted: sessionStore.Acted) => Promise<sessionStore.Acted>,
): Promise<Viewer> {
  const { viewer, services } = context;
  const { municipality } = viewer;
  // Only employees act in rights. A system has no session to switch.
  if (viewer.actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
  if (!isUuid(viewer.session)) throw new Fault('UNAUTHENTICATED');
  await change(context, async (tx) => {
    const acted = await sessionStore.actedAs(tx, viewer);
    if (!acted) throw new Fault('UNAUTHENTICATED');
    await sessionStore.actAs(tx, viewer, await choose(tx, acted));
  });
  const become = await services.database.asTask('session', municipality, async (tx) => {
    const session = await sessionStore.sessionById(tx, municipality, viewer.session);
    return session && (await viewerOf(tx, session, services.now()))?.viewer;
  });
  if (!become) throw new Fault('UNAUTHENTICATED');
  // The rest of the answer is read as the new viewer.
  context.loaders = context.makeLoaders(become);
  return become;
}
