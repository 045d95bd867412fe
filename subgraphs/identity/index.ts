/** The identity room: people, organisations, rights, powers of attorney, and who is signed in. */
import type { Room } from '../kit/room.js';
import { EmployeeAccountResolver, EmployeeAccountsResolver } from './accounts/resolvers.js';
import { DisclosureAgreementResolver } from './agreements/resolvers.js';
import { SystemClientGrantResolver } from './client-grants/resolvers.js';
import { clientEndpoints } from './clients/endpoints.js';
import { SystemClientKeyResolver, SystemClientResolver } from './clients/resolvers.js';
import { makeContext, type SessionLife } from './context.js';
import { CourseResolver, EmployeeCoursesResolver } from './courses/resolvers.js';
import {
  EmployeeGrantsResolver,
  GrantEventResolver,
  GrantResolver,
  ReviewedGrantResolver,
  ReviewItemResolver,
  SingleCaseResolver,
} from './grants/resolvers.js';
import { LabelResolver } from './labels/resolvers.js';
import { makeLockOut } from './lock-out/lock-out.js';
import { AccessBlockResolver } from './lock-out/resolvers.js';
import { peopleEndpoints } from './people/endpoints.js';
import {
  CitizenResolver,
  EmployeeResolver,
  MunicipalityResolver,
  OrganisationResolver,
  RelativeResolver,
  RightResolver,
} from './people/resolvers.js';
import { PowerOfAttorneyEventResolver, PowerOfAttorneyResolver } from './powers/resolvers.js';
import { references } from './references.js';
import { RightAssignmentResolver } from './rights/resolvers.js';
import { sessionEndpoints } from './sessions/endpoints.js';
import { ViewerResolver } from './sessions/resolvers.js';
import { signInEndpoints } from './sign-in/endpoints.js';
import type { PrivilegeMap } from './sign-in/privileges-map.js';
import { LegacyAccountResolver } from './sign-in/resolvers.js';

export interface IdentityOptions extends SessionLife {
  /** Which right each privilege of NemLog-in stands for. */
  readonly privileges: PrivilegeMap;
  /** Rejected attempts after which a user or a workstation is locked out. */
  readonly lockAfter: number;
  /** What every employee is told every second month. */
  readonly notice: string;
  /** Months that a course is good; 0 for ever. */
  readonly courseMonths: number;
}

const noticeByDefault =
  'Alle dine opslag registreres med dit navn og kan blive kontrolleret. Slå kun op, hvad dine opgaver kræver; ' +
  'private opslag er aldrig tilladt.';

export function makeIdentityRoom({
  idleMinutes = 15,
  absoluteHours = 10,
  privileges = new Map(),
  lockAfter = 3,
  notice = noticeByDefault,
  courseMonths = 24,
}: Partial<IdentityOptions> = {}): Room {
  const life: SessionLife = { idleMinutes, absoluteHours };
  const lockOut = makeLockOut(lockAfter);
  return {
    name: 'identity',
    migrations: new URL('.//', import.meta.url),
    resolvers: [
      ViewerResolver,
      CitizenResolver,
      RelativeResolver,
      EmployeeResolver,
      SystemClientResolver,
      SystemClientKeyResolver,
      SystemClientGrantResolver,
      RightResolver,
      OrganisationResolver,
      MunicipalityResolver,
      PowerOfAttorneyResolver,
      PowerOfAttorneyEventResolver,
      LegacyAccountResolver,
      AccessBlockResolver,
      LabelResolver,
      GrantResolver,
      GrantEventResolver,
      EmployeeGrantsResolver,
      ReviewItemResolver,
      ReviewedGrantResolver,
      SingleCaseResolver,
      DisclosureAgreementResolver,
      CourseResolver,
      EmployeeCoursesResolver,
      RightAssignmentResolver,
      EmployeeAccountsResolver,
      EmployeeAccountResolver,
    ],
    references,
    context: (services, viewer, workstation) =>
      makeContext(services, viewer, workstation, { life, lockOut, notice, courseMonths }),
    internal: {
      ...sessionEndpoints(life),
      ...signInEndpoints({ life, privileges, lockOut }),
      ...clientEndpoints,
      ...peopleEndpoints,
    },
    openToRooms: ['resolve-client', 'match-citizens'],
  };
}

export const identity = makeIdentityRoom();
