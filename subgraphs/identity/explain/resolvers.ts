/** Explanations of access as fields. */
import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Cost, ListSize, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import type { IdentityContext } from '../context.js';
import { type Given, questionOf } from './criteria.js';
import type { Explanation } from './explain.js';
import type { Changer, Step } from './step.js';
import { AccessChanger, AccessExplanation, AccessStep, CaseAccess } from './types.js';

const whoMayAsk =
  'Employees ask about themselves, managers about the units that they lead, and security officers about everybody. Grants are shown to those who see them in `grants`. `FORBIDDEN`: it is not the caller’s to ask. `NOT_FOUND`: no such employee, compartment or citizen that the caller may know of.';
const employeeDescription = 'Id of the employee.';
const coordinateDescription =
  'A field of the schema, such as "Case.title" or "Query.auditEntries". With a compartment, a field of a case; "Query.case" by default.';

@Resolver()
export class ExplainAccessResolver {
  @Use('read')
  @Cost(20)
  @ListSize(10)
  @Query(() => [AccessExplanation], {
    nullable: true,
    description: `Why an employee gets at something or does not, for each right that they may act in, for themselves and under each power of attorney. Asked about a compartment, a field, a field in a compartment, or a citizen: who they are, their address, their treatment, and kinds of ordinary cases, by rule and whatever there is about this citizen. About a case, ask \`explainCaseAccess\`. ${whoMayAsk} \`BAD_USER_INPUT\`: nothing is asked about, a compartment and a citizen, or a field that there is not.`,
  })
  async explainAccess(
    @Arg('employee', () => ID, { description: employeeDescription }) employee: string,
    @Arg('compartment', () => ID, { nullable: true, description: 'Id of a compartment, one of `compartments`.' })
    compartment: string | null | undefined,
    @Arg('coordinate', () => String, { nullable: true, description: coordinateDescription })
    coordinate: string | null | undefined,
    @Arg('citizen', () => ID, { nullable: true, description: 'Id of a citizen.' }) citizen: string | null | undefined,
    @Ctx() context: IdentityContext,
  ): Promise<Explanation[]> {
    return explained(context, { employee, compartment, coordinate, citizen });
  }
}

@Resolver(() => CaseAccess)
export class CaseAccessResolver {
  @Cost(20)
  @ListSize(10)
  @FieldResolver(() => [AccessExplanation], {
    nullable: true,
    description: `Why the employee gets at the case or does not, as \`explainAccess\` says it of its compartment. ${whoMayAsk}`,
  })
  async explanations(
    @Root() { employeeId: employee, compartmentId: compartment, coordinate }: CaseAccess,
    @Ctx() context: IdentityContext,
  ): Promise<Explanation[]> {
    return explained(context, { employee, compartment, coordinate });
  }
}

async function explained({ viewer, loaders, fieldRules }: IdentityContext, given: Given): Promise<Explanation[]> {
  const rules = await fieldRules();
  const question = questionOf(viewer, rules, given);
  // Known to the asker, or nothing is said.
  if (question.citizen !== null && !(await loaders.citizen.load(question.citizen))) throw new Fault('NOT_FOUND');
  return loaders.explanations(rules, question);
}

@Resolver(() => AccessExplanation)
export class AccessExplanationResolver {
  @FieldResolver()
  employee(@Root() { employee }: Explanation, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(employee);
  }

  @FieldResolver()
  powerOfAttorney(@Root() { power }: Explanation, @Ctx() { loaders }: IdentityContext) {
    return power && loaders.power.load(power);
  }

  @FieldResolver()
  compartment(@Root() { compartmentId }: Explanation) {
    return compartmentId && { id: compartmentId };
  }

  @FieldResolver()
  citizen(@Root() { citizenId }: Explanation, @Ctx() { loaders }: IdentityContext) {
    return citizenId && loaders.citizen.load(citizenId);
  }
}

@Resolver(() => AccessStep)
export class AccessStepResolver {
  @FieldResolver()
  powerOfAttorney(@Root() { power }: Step, @Ctx() { loaders }: IdentityContext) {
    return power && loaders.power.load(power);
  }
}

@Resolver(() => AccessChanger)
export class AccessChangerResolver {
  @FieldResolver()
  async employees(@Root() { people }: Changer, @Ctx() { loaders }: IdentityContext) {
    const found = await Promise.all(people.map((id) => loaders.employee.load(id)));
    return found.filter((employee) => employee !== null);
  }
}
