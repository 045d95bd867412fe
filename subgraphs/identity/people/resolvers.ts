/**
 * Looks up people and organisations. Unknown people and those whom the viewer may not see are both simply not there: the same query,
 * and no error.
 */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Query, Resolver, Root } from 'type-graphql';
import { pagingOf } from '../../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../../protocol/connection.js';
import { PageSize, RequiresScopes, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import { CPR } from '../../protocol/scalars.js';
import { isStorable } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import { CitizenOrder } from '../enums.js';
import { CitizenFilter, EmployeeFilter } from '../inputs.js';
import {
  Citizen,
  CitizenConnection,
  Employee,
  EmployeeConnection,
  Municipality,
  Organisation,
  Relative,
  Right,
} from '../types.js';
import { citizenCriteria, demandPerson, employeeCriteria, isKeyIn, municipalityCode } from './criteria.js';
import type * as store from './store.js';

@Resolver(() => Citizen)
export class CitizenResolver {
  @RequiresScopes(['citizen:read'], ['citizen:self'])
  @Use('search')
  @Query(() => Citizen, {
    nullable: true,
    description:
      'The citizen with this CPR number; null if unknown in the municipality. Citizens find only themselves.',
  })
  async citizen(
    @Arg('cpr', () => CPR, { description: 'Personal number. A hyphen before the last four digits is accepted.' })
    cpr: string,
    @Ctx() { viewer, loaders }: IdentityContext,
  ) {
    if (viewer.scopes.includes('citizen:read')) return loaders.citizenByCpr(cpr);
    // For a viewer who may see only oneself there is no look-up by number: the time taken would tell whether the number exists.
    const self = await loaders.citizen.load(viewer.actor.id);
    return self?.cpr === cpr ? self : null;
  }

  @RequiresScopes(['citizen:read'])
  @Use('search')
  @PageSize()
  @Query(() => CitizenConnection, {
    nullable: true,
    description:
      'Search among the citizens of the municipality. `BAD_USER_INPUT`: the filter names nobody. It takes a CPR number, at least 4 letters or digits of a name or street, or at least 2 of a name with one day of birth; systems with the scope `citizen:browse` need none.',
  })
  async citizens(
    @Arg('filter', () => CitizenFilter, {
      nullable: true,
      description: 'Conditions on the people. It has to name somebody.',
    })
    filter: CitizenFilter | null | undefined,
    @Arg('orderBy', () => CitizenOrder, { defaultValue: CitizenOrder.NAME_ASC, description: 'Order of the list.' })
    order: CitizenOrder,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { viewer, loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<store.CitizenRow>> {
    // By row a delegated reporter can see every citizen that a form names, but may not search them.
    if (!viewer.scopes.includes('citizen:read')) throw new Fault('FORBIDDEN');
    const paging = pagingOf({ first, after }, info, isKeyIn(order));
    const criteria = citizenCriteria(filter);
    if (!viewer.scopes.includes('citizen:browse')) demandPerson(criteria);
    return connection(await loaders.citizens(criteria, order, paging), after);
  }

  @FieldResolver()
  municipality(@Root() citizen: store.CitizenRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.municipality.load(citizen.municipalityCode);
  }

  @FieldResolver()
  relatives(@Root() citizen: store.CitizenRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.relations.load(citizen.id);
  }
}

@Resolver(() => Relative)
export class RelativeResolver {
  @FieldResolver()
  citizen(@Root() { relative }: store.RelationRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.citizen.load(relative);
  }
}

@Resolver(() => Employee)
export class EmployeeResolver {
  @RequiresScopes(['employee:read'])
  @Use('search')
  @PageSize()
  @Query(() => EmployeeConnection, {
    nullable: true,
    description: 'Search among the employees, by name. `FORBIDDEN`: a condition that the viewer may not search by.',
  })
  async employees(
    @Arg('organisation', () => ID, { nullable: true, description: 'Id of the unit where they work.' })
    organisation: string | undefined,
    @Arg('filter', () => EmployeeFilter, {
      nullable: true,
      description: 'Conditions on the people; everybody by default.',
    })
    filter: EmployeeFilter | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { viewer, services, loaders }: IdentityContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<store.EmployeeRow>> {
    const paging = pagingOf({ first, after }, info, isStorable);
    const criteria = employeeCriteria(viewer, organisation, filter, services.now());
    return connection(await loaders.employees(criteria, paging), after);
  }

  @FieldResolver()
  organisation(@Root() { organisationId }: store.EmployeeRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(organisationId);
  }

  @FieldResolver()
  rights(@Root() employee: store.EmployeeRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.rights.load(employee.id);
  }
}

@Resolver(() => Right)
export class RightResolver {
  @FieldResolver()
  organisation(@Root() { organisationId }: store.RightRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(organisationId);
  }
}

@Resolver(() => Organisation)
export class OrganisationResolver {
  @Use('read')
  @Query(() => Organisation, { nullable: true, description: 'An organisation of the municipality; null if unknown.' })
  organisation(
    @Arg('id', () => ID, { description: 'Id of the organisation.' }) id: string,
    @Ctx() { loaders }: IdentityContext,
  ) {
    return loaders.organisation.load(id);
  }

  @FieldResolver()
  municipality(@Root() { partOf }: store.OrganisationRow, @Ctx() { loaders }: IdentityContext) {
    return partOf && loaders.municipality.load(partOf);
  }
}

@Resolver(() => Municipality)
export class MunicipalityResolver {
  @Use('read')
  @Query(() => Municipality, {
    nullable: true,
    description: 'A Danish municipality; null if none has this code.',
  })
  municipality(
    @Arg('code', () => String, { description: 'Four digits, such as "0461", or the three-digit form "461".' })
    code: string,
    @Ctx() { loaders }: IdentityContext,
  ) {
    return loaders.municipality.load(municipalityCode(code));
  }
}
