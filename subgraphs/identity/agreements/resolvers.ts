/** Agreements with other authorities: the list, making one, ending one. */
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type AuthorityCode as Code, compartmentId } from '../../protocol/compartments.js';
import {
  afterDescription,
  type Connection,
  connection,
  encodeCursor,
  firstDescription,
  pageSize,
} from '../../protocol/connection.js';
import { PageSize, Policy, RequiresScopes, Use } from '../../protocol/directives.js';
import { Fault } from '../../protocol/faults.js';
import { isUuid } from '../../protocol/text.js';
import type { IdentityContext } from '../context.js';
import { serves } from '../grants/store.js';
import { idOrNone, powerPosition } from '../people/criteria.js';
import { organisationsById } from '../people/store.js';
import { dayOf, lineGiven, reasonOf } from '../written.js';
import * as store from './store.js';
import {
  AgreeDisclosureInput,
  DisclosureAgreement,
  DisclosureAgreementConnection,
  DisclosureAgreementFilter,
} from './types.js';

const agrees = ['disclosure:agree'];

@Resolver(() => DisclosureAgreement)
export class DisclosureAgreementResolver {
  @RequiresScopes(['employee:read'])
  @Use('read')
  @PageSize()
  @Query(() => DisclosureAgreementConnection, {
    nullable: true,
    description: 'Agreements by which other authorities let employees into their compartments, the newest first.',
  })
  async disclosureAgreements(
    @Arg('filter', () => DisclosureAgreementFilter, { nullable: true, description: 'All by default.' })
    filter: DisclosureAgreementFilter | null | undefined,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | undefined,
    @Arg('after', () => String, { nullable: true, description: afterDescription })
    after: string | undefined,
    @Ctx() { viewer, services }: IdentityContext,
  ): Promise<Connection<store.AgreementRow>> {
    const { municipality } = viewer;
    const size = pageSize(first);
    const position = powerPosition(after);
    const criteria = {
      authority: filter?.authority ?? null,
      receiver: idOrNone(filter?.receiver),
      inForce: filter?.inForce ?? null,
    };
    const now = services.now();
    return services.database.asViewer(viewer, async (tx) => {
      const rows = await store.findAgreements(tx, municipality, now, criteria, position, size + 1);
      const totalCount = await store.countAgreements(tx, municipality, now, criteria);
      const nodes = rows.slice(0, size);
      return connection({ nodes, cursorOf, hasNextPage: rows.length > size, totalCount }, after);
    });
  }

  @RequiresScopes(agrees)
  @Policy(['fresh-login'])
  @Use('enter')
  @Mutation(() => DisclosureAgreement, {
    nullable: true,
    description:
      'Makes an agreement, as a member of the authority’s secretariat. Requires a recent sign-in (`FRESH_LOGIN_REQUIRED`). `FORBIDDEN`: the caller is not of that secretariat. `NOT_FOUND`: no such unit. `BAD_USER_INPUT`: it ends before it begins or has ended, the municipality itself is named, or the data-processing agreement is missing or out of place.',
  })
  async agreeDisclosure(
    @Arg('input', () => AgreeDisclosureInput, { description: 'What is agreed to.' }) input: AgreeDisclosureInput,
    @Ctx() { viewer, services }: IdentityContext,
  ): Promise<store.AgreementRow> {
    const { municipality, actor } = viewer;
    if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
    const { authority, kind } = input;
    if (authority === 'MUNICIPALITY')
      throw new Fault(
        'BAD_USER_INPUT',
        'Argument "input.authority": expected another authority than the municipality itself.',
      );
    const basis = lineGiven(input.basis, 'input.basis', 500);
    if ((kind === 'PROCESSING') !== (input.processingAgreement != null))
      throw new Fault(
        'BAD_USER_INPUT',
        'Argument "input.processingAgreement": expected for PROCESSING, and for nothing else.',
      );
    const processingAgreement =
      input.processingAgreement == null ? null : lineGiven(input.processingAgreement, 'input.processingAgreement', 200);
    const now = services.now();
    const today = dayOf(now);
    const validFrom = input.validFrom ?? today;
    const validTo = input.validTo ?? null;
    if (validTo !== null && (validTo < validFrom || validTo < today))
      throw new Fault(
        'BAD_USER_INPUT',
        'Argument "input.validTo": expected a day to come, not before "input.validFrom".',
      );
    if (!isUuid(input.receiver)) throw new Fault('NOT_FOUND');
    const receiver = input.receiver.toLowerCase();
    const id = services.newId();
    return services.database.asViewer(
      viewer,
      async (tx) => {
        if (!(await serves(tx, municipality, actor.id, authority))) throw new Fault('FORBIDDEN', notOfTheSecretariat);
        if ((await organisationsById(tx, municipality, [receiver])).length === 0) throw new Fault('NOT_FOUND');
        await store.insertAgreement(tx, municipality, {
          ...{ id, authorityCode: authority, receiver, kind, basis, processingAgreement, validFrom, validTo },
          ...{ agreedBy: actor.id, agreedAt: now },
        });
        return (await store.agreementsById(tx, municipality, [id]))[0]!;
      },
      'change',
    );
  }

  @RequiresScopes(agrees)
  @Use('change')
  @Mutation(() => DisclosureAgreement, {
    nullable: true,
    description:
      'Ends an agreement at once, and every grant under it, as a member of the authority’s secretariat. `FORBIDDEN`: the caller is not of that secretariat. `CONFLICT`: it was ended already.',
  })
  async endDisclosure(
    @Arg('agreement', () => ID, { description: 'Id of the agreement.' }) agreement: string,
    @Arg('reason', () => String, { description: 'Why, in 10 to 2,000 characters.' }) given: string,
    @Ctx() { viewer, services, loaders }: IdentityContext,
  ): Promise<store.AgreementRow> {
    const { municipality, actor } = viewer;
    if (actor.kind !== 'Employee') throw new Fault('FORBIDDEN');
    const reason = reasonOf(given, 'reason');
    if (!isUuid(agreement)) throw new Fault('NOT_FOUND');
    const id = agreement.toLowerCase();
    const row = await services.database.asViewer(
      viewer,
      async (tx) => {
        const [found] = await store.agreementsById(tx, municipality, [id]);
        if (!found) throw new Fault('NOT_FOUND');
        if (!(await serves(tx, municipality, actor.id, found.authorityCode)))
          throw new Fault('FORBIDDEN', notOfTheSecretariat);
        const isEnded = await store.endAgreement(tx, municipality, id, { by: actor.id, at: services.now(), reason });
        if (!isEnded) throw new Fault('CONFLICT', 'The agreement was ended already.');
        return (await store.agreementsById(tx, municipality, [id]))[0]!;
      },
      'change',
    );
    loaders.agreement.clear(id);
    return row;
  }

  @FieldResolver()
  authority(@Root() { authorityCode }: store.AgreementRow, @Ctx() { viewer }: IdentityContext) {
    return { id: `${viewer.municipality}.${authorityCode}` };
  }

  @FieldResolver()
  receiver(@Root() { receiver }: store.AgreementRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.organisation.load(receiver);
  }

  @FieldResolver()
  compartments(@Root() { authorityCode }: store.AgreementRow, @Ctx() { viewer }: IdentityContext) {
    return [{ id: compartmentId(viewer.municipality, authorityCode as Code, 'BOARD_MATTER') }];
  }

  @FieldResolver()
  agreedBy(@Root() { agreedBy }: store.AgreementRow, @Ctx() { loaders }: IdentityContext) {
    return loaders.employee.load(agreedBy);
  }

  @FieldResolver()
  endedBy(@Root() { endedBy }: store.AgreementRow, @Ctx() { loaders }: IdentityContext) {
    return endedBy && loaders.employee.load(endedBy);
  }

  @FieldResolver()
  inForce(@Root() { endedAt, beginsAt, endsAt }: store.AgreementRow, @Ctx() { services }: IdentityContext) {
    const now = services.now();
    return endedAt === null && beginsAt <= now && (endsAt === null || endsAt > now);
  }
}

const notOfTheSecretariat = 'The authority’s own secretariat makes and ends its agreements.';

const cursorOf = ({ agreedAt, id }: store.AgreementRow) => encodeCursor([agreedAt.toISOString(), id]);
