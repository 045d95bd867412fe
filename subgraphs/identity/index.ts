/** The identity room: people, organisations, rights, powers of attorney, and who is signed in. */
import type { Room } from '../kit/subgraph.js';
import type { IdentityContext, SessionLife } from './context.js';
import { makeLoaders } from './loaders.js';
import { PowerOfAttorneyEventResolver, PowerOfAttorneyResolver } from './powers-resolvers.js';
import { references } from './references.js';
import {
  CitizenResolver,
  EmployeeResolver,
  MunicipalityResolver,
  OrganisationResolver,
  RelativeResolver,
  RightResolver,
  SystemClientResolver,
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
      RightResolver,
      OrganisationResolver,
      MunicipalityResolver,
      PowerOfAttorneyResolver,
      PowerOfAttorneyEventResolver,
    ],
    references,
    context: (services, viewer): IdentityContext => ({
      viewer,
      services,
      loaders: makeLoaders(services.database, viewer),
      life,
    }),
    internal: sessionEndpoints(life),
  };
}

export const identity = makeIdentityRoom();
