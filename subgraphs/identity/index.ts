/** The identity room: people, organisations, rights, powers of attorney, and who is signed in. */
import { fieldRulesIn } from '../kit/field-rules.js';
import type { Room } from '../kit/room.js';
import { EmployeeAccountResolver, EmployeeAccountsResolver } from './accounts/resolvers.js';
import { DisclosureAgreementResolver } from './agreements/resolvers.js';
import { SystemClientGrantResolver } from './client-grants/resolvers.js';
import { clientEndpoints } from './clients/endpoints.js';
import { SystemClientKeyResolver, SystemClientResolver } from './clients/resolvers.js';
import { makeContext, type SessionLife } from './context.js';
import { CourseAttemptResolver, CourseResolver, EmployeeCoursesResolver } from './courses/resolvers.js';
import { type CourseRules, courseRulesByDefault } from './courses/rules.js';
import {
  AccessChangerResolver,
  AccessExplanationResolver,
  AccessStepResolver,
  CaseAccessResolver,
  ExplainAccessResolver,
} from './explain/resolvers.js';
import { CaseAccess } from './explain/types.js';
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
import { type ParentsSee, sessionEndpoints } from './sessions/endpoints.js';
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
  /** Whether a municipality lets parents see for their children; by default none has decided so. */
  readonly parentsSee: ParentsSee;
  /** Path of the supergraph that the gateway serves. */
  readonly supergraph: string;
  readonly course: CourseRules;
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
  parentsSee = () => false,
  supergraph = 'schema/supergraph.graphql',
  course = courseRulesByDefault,
}: Partial<IdentityOptions> = {}): Room {
  const life: SessionLife = { idleMinutes, absoluteHours };
  const lockOut = makeLockOut(lockAfter);
  const fieldRules = fieldRulesIn(supergraph);
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
      CourseAttemptResolver,
      EmployeeCoursesResolver,
      RightAssignmentResolver,
      EmployeeAccountsResolver,
      EmployeeAccountResolver,
      ExplainAccessResolver,
      CaseAccessResolver,
      AccessExplanationResolver,
      AccessStepResolver,
      AccessChangerResolver,
    ],
    orphanedTypes: [CaseAccess],
    references,
    async check() {
      await fieldRules().catch(() => {
        throw new Error('SLUSE_SUPERGRAPH: expected the path of the supergraph that the gateway serves.');
      });
    },
    context: (services, viewer, workstation) =>
      makeContext(services, viewer, workstation, { life, lockOut, notice, course, fieldRules }),
    internal: {
      ...sessionEndpoints(life, parentsSee),
      ...signInEndpoints({ life, privileges, lockOut }),
      ...clientEndpoints,
      ...peopleEndpoints,
    },
    openToRooms: ['resolve-client', 'match-citizens'],
  };
}

export const identity = makeIdentityRoom();
