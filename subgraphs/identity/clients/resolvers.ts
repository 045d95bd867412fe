/** Case systems as administrators see them: which ones exist, and with which keys each may sign in. */
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ListSize, Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import { JSONValue } from '../../protocol/scalars.js';
import type { IdentityContext } from '../context.js';
import type { SystemClientRow } from '../people/store.js';
import { SystemClient, SystemClientKey } from '../types.js';
import { registerKey, withdrawKey } from './actions.js';
import { algorithmsOf } from './keys.js';
import type * as store from './store.js';

@Resolver(() => SystemClient)
export class SystemClientResolver {
  @RequiresScopes(['admin'])
  @Use('read')
  @ListSize(50)
  @Query(() => [SystemClient], { nullable: true, description: 'All systems that may sign in as themselves, by name.' })
  systemClients(@Ctx() { loaders }: IdentityContext) {
    return loaders.systemClients();
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
    return registerKey(context, client, jwks, certificate);
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
    @Ctx() context: IdentityContext,
  ): Promise<SystemClientRow | null> {
    return withdrawKey(context, key);
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
