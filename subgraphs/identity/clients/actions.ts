/** Registering and withdrawing the keys of a case system. */
import { change } from '../../kit/context.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import type { SystemClientRow } from '../people/store.js';
import { keyOfCertificate, keysOf } from './keys.js';
import * as store from './store.js';

/** `jwks`, `certificate`: exactly one of them. Throws `BAD_USER_INPUT`, `NOT_FOUND`, or `CONFLICT` if a name is taken. */
export async function registerKey(
  context: IdentityContext,
  client: string,
  jwks: unknown,
  certificate: string | null | undefined,
): Promise<SystemClientRow | null> {
  const { viewer, services } = context;
  const now = services.now();
  if ((jwks == null) === (certificate == null))
    throw new Fault('BAD_USER_INPUT', 'Give either "jwks" or "certificate".');
  await change(context, async (tx) => {
    const cvr = isUuid(client) ? await store.cvrOfClient(tx, viewer.municipality, client) : null;
    if (cvr === null) throw new Fault('NOT_FOUND');
    const handedIn = certificate == null ? keysOf(jwks) : [keyOfCertificate(certificate, cvr, now)];
    const keys = handedIn.map((key) => ({ ...key, id: services.newId() }));
    const by = { employee: viewer.actor.id, at: now };
    const registered = await store.registerKeys(tx, viewer.municipality, client, keys, by);
    // Thrown in the transaction, so that either all keys are registered or none.
    if (registered < keys.length) throw new Fault('CONFLICT');
  });
  return context.loaders.systemClient.load(client);
}

/** Throws `NOT_FOUND` if there is no such key. A key that was withdrawn before stays as it was. */
export async function withdrawKey(context: IdentityContext, key: string): Promise<SystemClientRow | null> {
  const { viewer, services } = context;
  const by = { employee: viewer.actor.id, at: services.now() };
  if (!isUuid(key)) throw new Fault('NOT_FOUND');
  const client = await change(context, async (tx) => {
    const withdrawn = await store.withdrawKey(tx, viewer.municipality, key, by);
    // Thrown in the transaction: nothing was changed.
    if (withdrawn === null) throw new Fault('NOT_FOUND');
    return withdrawn;
  });
  return context.loaders.systemClient.load(client);
}
