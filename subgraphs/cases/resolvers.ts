/** Queries, mutations and fields of the cases room. The store decides which rows exist for a viewer; nothing here does. */

import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { afterDescription, type Connection, connection, firstDescription, pageSize } from '../protocol/connection.js';
import { AtLevel, Audited, ListSize, PageSize, RequiresScopes, Sealing, Use } from '../protocol/directives.js';
import { changeCase, deleteCase, enterCase } from './actions.js';
import { authorityById, authorityOf, compartmentOf, singleCase, standing } from './compartments.js';
import { type Context, forget } from './context.js';
import { criteriaOf, pagingOf, positionOf } from './criteria.js';
import { CaseOrder, type PartyRole } from './enums.js';
import { CaseFilter, ChangeCaseInput, EnterCaseInput } from './inputs.js';
import { asksForTotal } from './selection.js';
import type { CaseRow, DocumentRow } from './store.js';
import {
  Authority,
  Case,
  CaseConnection,
  CaseParty,
  Citizen,
  Compartment,
  DocumentConnection,
  Employee,
} from './types.js';
import { asCaseNumber } from './wellformed.js';

@Resolver()
export class CaseQueries {
  @RequiresScopes(['case:read'])
  @Use('read')
  @Query(() => Case, {
    nullable: true,
    description: 'A case by its id; null if there is none that the viewer may know of.',
  })
  async case(
    @Ctx() { loaders }: Context,
    @Arg('id', () => ID, { description: 'Id of the case.' }) id: string,
  ): Promise<CaseRow | null> {
    return loaders.caseById(id);
  }

  @RequiresScopes(['case:read'])
  @Use('search')
  @Query(() => Case, {
    nullable: true,
    description:
      'A case by its full number; null if there is none that the viewer sees at METADATA or above. If two compartments use the number, the case with the lesser id.',
  })
  async caseByNumber(
    @Ctx() { loaders }: Context,
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
    @Ctx() { loaders }: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('filter', () => CaseFilter, { nullable: true, description: 'Conditions on the cases; all cases by default.' })
    filter: CaseFilter | null,
    @Arg('orderBy', () => CaseOrder, { defaultValue: CaseOrder.CHANGED_AT_DESC, description: 'Order of the list.' })
    orderBy: CaseOrder,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
  ): Promise<Connection<CaseRow>> {
    const request = {
      criteria: criteriaOf(filter),
      paging: pagingOf(orderBy, first, after),
      counted: asksForTotal(info),
    };
    return connection(await loaders.cases(request), after);
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
  async compartments(@Ctx() { viewer, loaders }: Context): Promise<Compartment[]> {
    const singly = await loaders.singleCaseCompartments();
    return [...standing(viewer.municipality), ...singly.map((row) => singleCase(viewer.municipality, row))];
  }
}

@Resolver()
export class CaseMutations {
  @RequiresScopes(['case:write'])
  @Use('enter')
  @Mutation(() => Case, {
    nullable: true,
    description:
      'Enters a case and gives it a number. Returns null for a viewer who may enter cases in the compartment but not search it. FORBIDDEN without ENTER in its compartment.',
  })
  async enterCase(
    @Ctx() context: Context,
    @Arg('input', () => EnterCaseInput, { description: 'The case.' }) input: EnterCaseInput,
  ): Promise<CaseRow | null> {
    const entered = await enterCase(context, input);
    forget(context);
    return entered;
  }

  @RequiresScopes(['case:write'])
  @Use('change')
  @Mutation(() => Case, {
    nullable: true,
    description:
      'Changes a case. NOT_FOUND for a case that the viewer may not know of. FORBIDDEN without ENTER in its compartment.',
  })
  async changeCase(
    @Ctx() context: Context,
    @Arg('id', () => ID, { description: 'Id of the case.' }) id: string,
    @Arg('input', () => ChangeCaseInput, { description: 'What to change.' }) input: ChangeCaseInput,
  ): Promise<CaseRow | null> {
    const changed = await changeCase(context, id, input);
    forget(context);
    return changed;
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
    @Ctx() context: Context,
    @Arg('id', () => ID, { description: 'Id of the case.' }) id: string,
  ): Promise<string> {
    const deleted = await deleteCase(context, id);
    forget(context);
    return deleted;
  }
}

@Resolver(() => Case)
export class CaseFields {
  @FieldResolver(() => Authority)
  authority(@Root() { authorityCode }: CaseRow, @Ctx() { viewer }: Context): Authority {
    return authorityOf(viewer.municipality, authorityCode);
  }

  @FieldResolver(() => Compartment)
  compartment(@Root() row: CaseRow, @Ctx() { viewer }: Context): Compartment {
    return compartmentOf(viewer.municipality, row);
  }

  @FieldResolver(() => Employee, { nullable: true })
  handler(@Root() { handlerId }: CaseRow): Employee | null {
    return handlerId ? { id: handlerId } : null;
  }

  @Audited()
  @FieldResolver(() => Citizen, {
    nullable: true,
    description:
      'The citizen whom the case is about (primær part). The log names them each time the case is looked at.',
  })
  async primaryParty(@Root() row: CaseRow, @Ctx() { loaders }: Context): Promise<Citizen | null> {
    const primary = (await loaders.parties(row)).find(({ role }) => role === 'PRIMARY');
    return primary ? { id: primary.citizen } : null;
  }

  @ListSize(4)
  @FieldResolver(() => [CaseParty], {
    description: 'The parties of the case, the primary party first. A citizen sees only themselves.',
  })
  async parties(@Root() row: CaseRow, @Ctx() { loaders }: Context): Promise<CaseParty[]> {
    const rows = await loaders.parties(row);
    return rows.map(({ citizen, role }) => ({ citizen: { id: citizen }, role: role as PartyRole }));
  }

  @PageSize()
  @AtLevel('DOCUMENTS')
  @FieldResolver(() => DocumentConnection, {
    nullable: true,
    description: 'Its documents, the most recently recorded first. Null below DOCUMENTS.',
  })
  async documents(
    @Root() row: CaseRow,
    @Ctx() { loaders }: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
  ): Promise<Connection<DocumentRow> | null> {
    // Arguments are checked in the same way at every level: an error must not tell which level the viewer has.
    const request = { size: pageSize(first), after: positionOf('RECORDED_AT', after), counted: asksForTotal(info) };
    if (row.clearance !== 'DOCUMENTS') return null;
    return connection(await loaders.documents(row, request), after);
  }
}

@Resolver(() => Citizen)
export class CitizenFields {
  @PageSize()
  @FieldResolver(() => CaseConnection, {
    description: 'The cases that the citizen is a party to, in any role, as far as the viewer may know of them.',
  })
  async cases(
    @Root() { id }: Citizen,
    @Ctx() { loaders }: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('filter', () => CaseFilter, { nullable: true, description: 'Conditions on the cases; all cases by default.' })
    filter: CaseFilter | null,
    @Arg('orderBy', () => CaseOrder, { defaultValue: CaseOrder.CHANGED_AT_DESC, description: 'Order of the list.' })
    orderBy: CaseOrder,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
  ): Promise<Connection<CaseRow>> {
    const request = {
      criteria: criteriaOf(filter),
      paging: pagingOf(orderBy, first, after),
      counted: asksForTotal(info),
    };
    return connection(await loaders.casesOf(id, request), after);
  }
}

/** Resolves each entity from its key. */
export const references = {
  Case: ({ id }: { id: string }, { loaders }: Context): Promise<CaseRow | null> => loaders.caseById(id),
  Citizen: ({ id }: { id: string }): Citizen => ({ id }),
  Authority: ({ id }: { id: string }, { viewer }: Context): Authority | null => authorityById(viewer.municipality, id),
  async Compartment({ id }: { id: string }, { viewer, loaders }: Context): Promise<Compartment | null> {
    const known = standing(viewer.municipality).find((compartment) => compartment.id === id);
    if (known) return known;
    const single = (await loaders.singleCaseCompartments()).find((row) => row.id === id);
    return single ? singleCase(viewer.municipality, single) : null;
  },
};
