/** The identity room: people, organisations, rights, and who is signed in. */
import type { Room } from '../kit/subgraph.js';
import { clientEndpoints } from './clients.js';
import { SystemClientKeyResolver, SystemClientResolver } from './clients-resolvers.js';
import type { IdentityContext, SessionLife } from './context.js';
import { makeLoaders } from './loaders.js';
import { references } from './references.js';
import {
  CitizenResolver,
  EmployeeResolver,
  MunicipalityResolver,
  OrganisationResolver,
  RelativeResolver,
  RightResolver,
} from './resolvers.js';
import { sessionEndpoints } from './sessions.js';
import { ViewerResolver } from './viewer-resolvers.js';

export function makeIdentityRoom({ idleMinutes = 15, absoluteHours = 10 }: Partial<SessionLife> = {}): Room {
  const life: SessionLife = { idleMinutes, absoluteHours };
  return {
    name: 'identity',
    migrations: new URL('./', import.meta.url),
    resolvers: [
      ViewerResolver,
      CitizenResolver,
      RelativeResolver,
      EmployeeResolver,
      SystemClientResolver,
      SystemClientKeyResolver,
      RightResolver,
      OrganisationResolver,
      MunicipalityResolver,
    ],
    references,
    context: (services, viewer): IdentityContext => ({
      viewer,
      services,
      loaders: makeLoaders(services.database, viewer),
      life,
    }),
    internal: { ...sessionEndpoints(life), ...clientEndpoints },
    openToRooms: ['resolve-client'],
  };
}

export const identity = makeIdentityRoom();
