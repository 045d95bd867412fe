/** Queries, mutations and fields of the cases room. The store decides which rows exist for a viewer; nothing here does. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../protocol/connection.js';
import { AtLevel, Audited, ListSize, PageSize, Policy, RequiresScopes, Sealing, Use } from '../protocol/directives.js';
import type { Viewer } from '../protocol/viewer.js';
import { changeCase, deleteCase, enterCase } from './actions.js';
import type { CasesContext } from './context.js';
import { criteriaOf, isKeyIn } from './criteria.js';
import { CaseOrder } from './enums.js';
import { CaseFilter, ChangeCaseInput, EnterCaseInput, MoveCaseInput } from './inputs.js';
import { moveCase } from './move.js';
import type { CaseRow, DocumentRow } from './store.js';
import { authorityOf, compartmentOf, singleCase, standing } from './to-graphql.js';
import {
  Authority,
  Case,
  CaseAccess,
  CaseConnection,
  CaseParty,
  Citizen,
  Compartment,
  DocumentConnection,
  Employee,
} from './types.js';
import { asCaseNumber } from './wellformed.js';

@Resolver()
export class CasesResolver {
  @RequiresScopes(['case:read'])
  @Use('read')
  @Query(() => Case, {
    nullable: true,
    description: 'A case by its id; null if there is none that the viewer may know of.',
  })
  async case(
    @Ctx() { loaders }: CasesContext,
    @Arg('id', () => ID, { description: 'Id of the case.' }) id: string,
  ): Promise<CaseRow | null> {
    return loaders.case.load(id);
  }

  @RequiresScopes(['case:read'])
  @Use('search')
  @Query(() => Case, {
    nullable: true,
    description:
      'A case by its full number; null if there is none that the viewer sees at METADATA or above. If two compartments use the number, the case with the lesser id.',
  })
  async caseByNumber(
    @Ctx() { loaders }: CasesContext,
    @Arg('number', () => String, { description: 'Such as "27.24.00-G01-5-19".' }) number: string,
  ): Promise<CaseRow | null> {
    const known = asCaseNumber(number);
    return known ? loaders.caseByNumber(known) : null;
  }

  @RequiresScopes(['case:read'])
  @Use('search')
  @PageSize()
  @Query(() => CaseConnection, { nullable: true, description: 'The cases that the viewer may know of.' })
  async cases(
    @Ctx() { loaders }: CasesContext,
    @Info() info: GraphQLResolveInfo,
    @Arg('filter', () => CaseFilter, { nullable: true, description: 'Conditions on the cases; all cases by default.' })
    filter: CaseFilter | null,
    @Arg('orderBy', () => CaseOrder, { defaultValue: CaseOrder.CHANGED_AT_DESC, description: 'Order of the list.' })
    orderBy: CaseOrder,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
  ): Promise<Connection<CaseRow>> {
    const paging = pagingOf({ first, after }, info, isKeyIn(orderBy), orderBy);
    const request = { criteria: criteriaOf(filter), order: orderBy, paging };
    return connection(await loaders.cases(request), after);
  }

  @RequiresScopes(['case:read'])
  @Use('read')
  @Query(() => CaseAccess, {
    nullable: true,
    description:
      'Why an employee gets at a case or does not (`explanations`); null if there is no such case that the viewer may know of.',
  })
  async explainCaseAccess(
    @Ctx() { loaders }: CasesContext,
    @Arg('case', () => ID, { description: 'Id of the case.' }) id: string,
    @Arg('employee', () => ID, { description: 'Id of the employee.' }) employee: string,
    @Arg('coordinate', () => String, {
      defaultValue: 'Query.case',
      description: 'A field of a case, such as "Case.title".',
    })
    coordinate: string,
  ): Promise<(Omit<CaseAccess, 'case'> & { case: CaseRow }) | null> {
    const found = await loaders.case.load(id);
    return found && { case: found, compartmentId: found.compartmentId, employeeId: employee, coordinate };
  }

  @RequiresScopes(['employee:read'])
  @Use('read')
  @Sealing()
  @ListSize(50)
  @Query(() => [Compartment], {
    nullable: true,
    description:
      "The compartments of the viewer's municipality: all that exist by law, and those of single cases that the viewer is cleared for.",
  })
  async compartments(@Ctx() { viewer, loaders }: CasesContext): Promise<Compartment[]> {
    const singly = await loaders.singleCaseCompartments();
    return [...standing(viewer.municipality), ...singly.map((row) => singleCase(viewer.municipality, row))];
  }
}

@Resolver()
export class CaseChangesResolver {
  @RequiresScopes(['case:write'])
  @Use('enter')
  @Mutation(() => Case, {
    nullable: true,
    description:
      'Enters a case and gives it a number. A case system that gives an `externalId` may repeat it. Returns null for a viewer who may enter cases in the compartment but not search it. FORBIDDEN without ENTER in its compartment. CONFLICT if a case with this `externalId` is other than the input says (the message names the fields), or is gone.',
  })
  async enterCase(
    @Ctx() context: CasesContext,
    @Arg('input', () => EnterCaseInput, { description: 'The case.' }) input: EnterCaseInput,
  ): Promise<CaseRow | null> {
    return enterCase(context, input);
  }

  @RequiresScopes(['case:write'])
  @Use('change')
  @Mutation(() => Case, {
    nullable: true,
    description:
      'Changes a case. NOT_FOUND for a case that the viewer may not know of. FORBIDDEN without ENTER in its compartment.',
  })
  async changeCase(
    @Ctx() context: CasesContext,
    @Arg('id', () => ID, { description: 'Id of the case.' }) id: string,
    @Arg('input', () => ChangeCaseInput, { description: 'What to change.' }) input: ChangeCaseInput,
  ): Promise<CaseRow | null> {
    return changeCase(context, id, input);
  }

  @RequiresScopes(['case:write'])
  @Use('change')
  @Sealing()
  @Mutation(() => Case, {
    nullable: true,
    description:
      'Moves a case with its parties and documents to another compartment. There it is a new case with an id and a number of its own; under the old ones it is gone, as if deleted. Returns null for a viewer who may enter cases there but not search them. NOT_FOUND for a case that the viewer may not know of. FORBIDDEN without DELETE and SEARCH at DOCUMENTS where it is, or without ENTER where it goes. CONFLICT if the compartment of a single case has held one already.',
  })
  async moveCase(
    @Ctx() context: CasesContext,
    @Arg('id', () => ID, { description: 'Id of the case.' }) id: string,
    @Arg('input', () => MoveCaseInput, { description: 'Where it goes.' }) input: MoveCaseInput,
  ): Promise<CaseRow | null> {
    return moveCase(context, id, input);
  }

  @RequiresScopes(['case:write'])
  @Use('delete')
  @Sealing()
  @Mutation(() => ID, {
    nullable: true,
    description:
      'Deletes a case with its parties and documents, and returns its id. NOT_FOUND for a case that the viewer may not know of. FORBIDDEN without DELETE in its compartment.',
  })
  async deleteCase(
    @Ctx() context: CasesContext,
    @Arg('id', () => ID, { description: 'Id of the case.' }) id: string,
  ): Promise<string> {
    return deleteCase(context, id);
  }
}

@Resolver(() => Case)
export class CaseResolver {
  @FieldResolver(() => Authority)
  authority(@Root() { authorityCode }: CaseRow, @Ctx() { viewer }: CasesContext): Authority {
    return authorityOf(viewer.municipality, authorityCode);
  }

  @FieldResolver(() => Compartment)
  compartment(@Root() row: CaseRow, @Ctx() { viewer }: CasesContext): Compartment {
    return compartmentOf(viewer.municipality, row);
  }

  @FieldResolver(() => Employee, { nullable: true })
  handler(@Root() { handlerId }: CaseRow): Employee | null {
    return handlerId ? { id: handlerId } : null;
  }

  @Audited()
  @Policy(['log-only'])
  @FieldResolver(() => Citizen, {
    nullable: true,
    description:
      'For the log alone, which names the citizen whom a case is about whenever the case is looked at, at any level. Refused to every caller.',
  })
  async loggedParty(@Root() row: CaseRow, @Ctx() { loaders }: CasesContext): Promise<Citizen | null> {
    const primary = (await loaders.loggedParties.load(row)).find(({ role }) => role === 'PRIMARY');
    return primary ? { id: primary.citizen } : null;
  }

  @AtLevel('METADATA')
  @FieldResolver(() => Citizen, {
    nullable: true,
    description:
      'The citizen whom the case is about (primær part). Null below METADATA, except to themselves; and to a case system that may not read citizens, unless it entered the case.',
  })
  async primaryParty(@Root() row: CaseRow, @Ctx() { loaders, viewer }: CasesContext): Promise<Citizen | null> {
    if (!seesParties(viewer, row)) return null;
    const primary = (await loaders.parties.load(row)).find(({ role }) => role === 'PRIMARY');
    return primary ? { id: primary.citizen } : null;
  }

  @AtLevel('METADATA')
  @ListSize(4)
  @FieldResolver(() => [CaseParty], {
    description:
      'The parties of the case, the primary party first. Empty below METADATA. A citizen sees only themselves. A case system that may not read citizens (`citizen:read`) sees those of the cases that it entered.',
  })
  async parties(@Root() row: CaseRow, @Ctx() { loaders, viewer }: CasesContext): Promise<CaseParty[]> {
    if (!seesParties(viewer, row)) return [];
    const rows = await loaders.parties.load(row);
    return rows.map(({ citizen, role }) => ({ citizen: { id: citizen }, role }));
  }

  @PageSize()
  @AtLevel('DOCUMENTS')
  @FieldResolver(() => DocumentConnection, {
    nullable: true,
    description: 'Its documents, the most recently recorded first. Null below DOCUMENTS.',
  })
  async documents(
    @Root() row: CaseRow,
    @Ctx() { loaders }: CasesContext,
    @Info() info: GraphQLResolveInfo,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
  ): Promise<Connection<DocumentRow> | null> {
    // Arguments are checked in the same way at every level: an error must not tell which level the viewer has.
    const paging = pagingOf({ first, after }, info, isTimeKey, 'RECORDED_AT');
    if (row.clearance !== 'DOCUMENTS') return null;
    return connection(await loaders.documents(row, paging), after);
  }
}

/** Guidance learns which types of cases run, and not who else is in them. Of their own cases citizens are given their own row only. */
const seesParties = ({ actor }: Viewer, { clearance }: CaseRow): boolean =>
  actor.kind === 'Citizen' || clearance !== 'EXISTENCE';

@Resolver(() => Citizen)
export class CitizenResolver {
  @PageSize()
  @FieldResolver(() => CaseConnection, {
    description: 'The cases that the citizen is a party to, in any role, as far as the viewer may know of them.',
  })
  async cases(
    @Root() { id }: Citizen,
    @Ctx() { loaders }: CasesContext,
    @Info() info: GraphQLResolveInfo,
    @Arg('filter', () => CaseFilter, { nullable: true, description: 'Conditions on the cases; all cases by default.' })
    filter: CaseFilter | null,
    @Arg('orderBy', () => CaseOrder, { defaultValue: CaseOrder.CHANGED_AT_DESC, description: 'Order of the list.' })
    orderBy: CaseOrder,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
  ): Promise<Connection<CaseRow>> {
    const paging = pagingOf({ first, after }, info, isKeyIn(orderBy), orderBy);
    const request = { criteria: criteriaOf(filter), order: orderBy, paging };
    return connection(await loaders.casesOf(id, request), after);
  }
}
