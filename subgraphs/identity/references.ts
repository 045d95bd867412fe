/** Resolves each entity from its key, as far as it exists for this viewer. */
import type { Room } from '../kit/room.js';
import type { IdentityContext } from './context.js';

export const references: Room['references'] = {
  Citizen: ({ id }: { id: string }, { loaders }: IdentityContext) => loaders.citizen.load(id),
  Employee: ({ id }: { id: string }, { loaders }: IdentityContext) => loaders.employee.load(id),
  SystemClient: ({ id }: { id: string }, { loaders }: IdentityContext) => loaders.systemClient.load(id),
  Organisation: ({ id }: { id: string }, { loaders }: IdentityContext) => loaders.organisation.load(id),
  PowerOfAttorney: ({ id }: { id: string }, { loaders }: IdentityContext) => loaders.power.load(id),
  Grant: ({ id }: { id: string }, { loaders }: IdentityContext) => loaders.grant.load(id),
  AccessBlock: ({ id }: { id: string }, { loaders }: IdentityContext) => loaders.block.load(id),
  DisclosureAgreement: ({ id }: { id: string }, { loaders }: IdentityContext) => loaders.agreement.load(id),
  CaseAccess: (asked: object) => asked,
  Municipality: ({ code }: { code: string }, { loaders }: IdentityContext) =>
    /^\d{3,4}$/.test(code) ? loaders.municipality.load(code.padStart(4, '0')) : null,
};
