/**
 * What a session acts as: a right, and a power of attorney or none. The viewer chooses; the effect of the choice is computed each
 * time the session is resolved (viewer-of.ts).
 */
import type { Transaction } from '../../postgres/database.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import type { IdentityContext } from '../context.js';
import { makeLoaders } from '../people/loaders.js';
import { powersById, usablePowers } from '../powers/store.js';
import * as sessionStore from './store.js';
import { powerMeant, rightsOf, viewerOf } from './viewer-of.js';

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
  await services.database.asViewer(
    viewer,
    async (tx) => {
      const acted = await sessionStore.actedAs(tx, viewer);
      if (!acted) throw new Fault('UNAUTHENTICATED');
      await sessionStore.actAs(tx, viewer, await choose(tx, acted));
    },
    'change',
  );
  const become = await services.database.asTask('session', municipality, async (tx) => {
    const session = await sessionStore.sessionById(tx, municipality, viewer.session);
    return session && viewerOf(tx, session, services.now());
  });
  if (!become) throw new Fault('UNAUTHENTICATED');
  context.loaders = makeLoaders(services.database, become, services.now);
  return become;
}
