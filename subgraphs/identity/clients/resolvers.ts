/** Case systems as administrators see them: which ones exist, and with which keys each may sign in. */
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ListSize, Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import { JSONValue } from '../../protocol/scalars.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import type { SystemClientRow } from '../people/store.js';
import { SystemClient, SystemClientKey } from '../types.js';
import { algorithmsOf, type HandedIn, keyOfCertificate, keysOf } from './keys.js';
import * as store from './store.js';

@Resolver(() => SystemClient)
export class SystemClientResolver {
  @RequiresScopes(['admin'])
  @Use('read')
  @ListSize(50)
  @Query(() => [SystemClient], { nullable: true, description: 'All systems that may sign in as themselves, by name.' })
  systemClients(@Ctx() { viewer, services }: IdentityContext) {
    return services.database.asViewer(viewer, (tx) => store.systemClients(tx, viewer.municipality));
  }

  @RequiresScopes(['admin'])
  @Policy(['fresh-login'])
  @Use('change')
  @Mutation(() => SystemClient, {
    nullable: true,
    description:
      'Registers keys with which a system may authenticate (`private_key_jwt`, RFC 7523): either `jwks` or `certificate`. `CONFLICT` if a name (`kid`) is taken, even by a withdrawn key.',
  })
  async registerSystemClientKey(
    @Arg('client', () => ID, { description: 'Id of the system.' }) client: string,
    @Arg('jwks', () => JSONValue, {
      nullable: true,
      description:
        'A JWK Set, or one JWK (RFC 7517). Public keys only: RSA of at least 2048 bits, P-256 or Ed25519. A key without `kid` is named by its thumbprint (RFC 7638).',
    })
    jwks: unknown,
    @Arg('certificate', () => String, {
      nullable: true,
      description:
        'An OCES3 certificate of an organisation, in PEM or base64. Its CVR number must be that of the organisation that runs the system. The key expires with the certificate.',
    })
    certificate: string | null | undefined,
    @Ctx() context: IdentityContext,
  ): Promise<SystemClientRow | null> {
    const { viewer, services, loaders } = context;
    const now = services.now();
    if ((jwks == null) === (certificate == null))
      throw new Fault('BAD_USER_INPUT', 'Give either "jwks" or "certificate".');
    await services.database.asViewer(
      viewer,
      async (tx) => {
        const cvr = isUuid(client) ? await store.cvrOfClient(tx, viewer.municipality, client) : null;
        if (cvr === null) throw new Fault('NOT_FOUND');
        const handedIn = certificate == null ? keysOf(jwks) : [keyOfCertificate(certificate, cvr, now)];
        const keys = handedIn.map((key: HandedIn) => ({ ...key, id: services.newId() }));
        const by = { employee: viewer.actor.id, at: now };
        const registered = await store.registerKeys(tx, viewer.municipality, client, keys, by);
        // Thrown in the transaction, so that either all keys are registered or none.
        if (registered < keys.length) throw new Fault('CONFLICT');
      },
      'change',
    );
    return loaders.systemClient.load(client);
  }

  @RequiresScopes(['admin'])
  @Policy(['fresh-login'])
  @Use('change')
  @Mutation(() => SystemClient, {
    nullable: true,
    description:
      'Withdraws a key permanently. Within a second neither the key nor any access token obtained with it is accepted.',
  })
  async withdrawSystemClientKey(
    @Arg('key', () => ID, { description: 'Id of the key.' }) key: string,
    @Ctx() { viewer, services, loaders }: IdentityContext,
  ): Promise<SystemClientRow | null> {
    const by = { employee: viewer.actor.id, at: services.now() };
    if (!isUuid(key)) throw new Fault('NOT_FOUND');
    const client = await services.database.asViewer(
      viewer,
      async (tx) => {
        const withdrawn = await store.withdrawKey(tx, viewer.municipality, key, by);
        // Thrown in the transaction: nothing was changed.
        if (withdrawn === null) throw new Fault('NOT_FOUND');
        return withdrawn;
      },
      'change',
    );
    return loaders.systemClient.load(client);
  }

  @FieldResolver()
  organisation(@Root() { organisationId }: SystemClientRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(organisationId);
  }

  @FieldResolver()
  keys(@Root() { id }: SystemClientRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.systemClientKeys.load(id);
  }
}

@Resolver(() => SystemClientKey)
export class SystemClientKeyResolver {
  @FieldResolver()
  algorithms(@Root() { jwk }: store.SystemClientKeyRow) {
    return algorithmsOf(jwk);
  }
}
