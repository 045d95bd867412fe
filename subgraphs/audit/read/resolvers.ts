/** Queries over the log and its entries, and the citizen's own view of it. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, FieldResolver, ID, Info, Int, Query, Resolver, Root } from 'type-graphql';
import { isTimeKey, pagingOf } from '../../kit/paging.js';
import { afterDescription, type Connection, connection, firstDescription } from '../../protocol/connection.js';
import { ListSize, PageSize, RequiresScopes, Sealing, Use } from '../../protocol/directives.js';
import { DateTime } from '../../protocol/scalars.js';
import { storable } from '../../protocol/text.js';
import type { AuditContext } from '../context.js';
import { AuditExportFormat, ChangeOutcome } from '../enums.js';
import { AuditEntryFilter } from '../inputs.js';
import type { SignedCheckpoint } from '../loaders.js';
import {
  AuditLog,
  ConsistencyProof,
  InclusionProof,
  type LedgerEvent,
  LedgerEventConnection,
  LogCheckpoint,
} from '../log-types.js';
import { checkpointIn } from '../tree/note.js';
import {
  AuditEntry,
  AuditEntryConnection,
  AuditExport,
  AuditedOperation,
  Citizen,
  type CitizenAccess,
  CitizenAccessConnection,
  type RejectedAttempt,
  RejectedAttemptConnection,
  RejectedSource,
} from '../types.js';
import { criteriaOf, periodOf } from './criteria.js';
import { issueTicket } from './tickets.js';
import { accessOf, attemptOf, entryOf, eventOf } from './to-graphql.js';

@Resolver()
export class AuditEntriesResolver {
  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @PageSize()
  @Query(() => AuditEntryConnection, {
    nullable: true,
    description:
      'The log of the municipality, newest first: every use by a signed-in person, as far as the reader may know of it.',
  })
  async auditEntries(
    @Arg('filter', () => AuditEntryFilter, {
      nullable: true,
      description: 'Conditions on the entries; all entries by default.',
    })
    filter: AuditEntryFilter | null,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { loaders }: AuditContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<AuditEntry>> {
    const paging = pagingOf({ first, after }, info, isTimeKey);
    return connection(await loaders.entries(criteriaOf(filter), paging), after, entryOf);
  }

  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @PageSize()
  @Query(() => RejectedAttemptConnection, {
    nullable: true,
    description:
      'Attempts that were denied or failed, newest first, including attempts of callers who were not signed in.',
  })
  async rejectedAttempts(
    @Arg('filter', () => AuditEntryFilter, {
      nullable: true,
      description: 'Conditions on the entries; all entries by default.',
    })
    filter: AuditEntryFilter | null,
    @Arg('strangers', () => Boolean, {
      defaultValue: false,
      description: 'If true: only attempts of callers who were not signed in, which `auditEntries` leaves out.',
    })
    strangers: boolean,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { loaders }: AuditContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<RejectedAttempt>> {
    const criteria = criteriaOf(filter, strangers ? 'STRANGERS' : 'REJECTED');
    const paging = pagingOf({ first, after }, info, isTimeKey);
    return connection(await loaders.entries(criteria, paging), after, attemptOf);
  }

  @RequiresScopes(['audit:read'])
  @Use('extract')
  @Sealing()
  @Query(() => AuditExport, {
    nullable: true,
    description:
      'An export of the log. The download must begin within five minutes. It holds the entries of `auditEntries`, newest first, and then the attempts of callers who were not signed in.',
  })
  async auditExport(
    @Arg('format', () => AuditExportFormat, { description: 'The format of the download.' }) format: AuditExportFormat,
    @Arg('filter', () => AuditEntryFilter, {
      nullable: true,
      description: 'Conditions on the entries; all entries by default.',
    })
    filter: AuditEntryFilter | null,
    @Ctx() context: AuditContext,
  ): Promise<AuditExport | null> {
    const issued = await issueTicket(context, criteriaOf(filter), format);
    if (!issued) return null;
    return {
      format,
      mediaType: mediaTypes[format],
      path: `/log/export/${issued.ticket}`,
      expiresAt: issued.expiresAt,
    };
  }

  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @ListSize(100)
  @Query(() => [RejectedSource], {
    nullable: true,
    description:
      'Rejected attempts, grouped by person and workstation, the latest first. Covers the last thirty days unless a period is given. At most 500 groups.',
  })
  async rejectedSources(
    @Arg('from', () => DateTime, { nullable: true, description: 'At this time or later.' }) from: string | null,
    @Arg('to', () => DateTime, { nullable: true, description: 'Before this time.' }) to: string | null,
    @Ctx() { loaders, services }: AuditContext,
  ): Promise<RejectedSource[]> {
    const rows = await loaders.rejectedSources(periodOf(from, to, services.now()), 500);
    return rows.map(({ actorKind, actorId, ...row }) => ({
      ...row,
      actor: actorKind && actorId ? { __typename: actorKind, id: actorId } : null,
    }));
  }
}

/** Media types with which the gateway sends the download. */
const mediaTypes: Readonly<Record<AuditExportFormat, string>> = {
  NDJSON: 'application/x-ndjson',
  CSV: 'text/csv; charset=utf-8',
  FHIR: 'application/fhir+ndjson',
  OCSF: 'application/x-ndjson',
};

const logDescription = 'Name of the log; by default the ordinary (not sealed) log of the newest month.';

@Resolver()
export class AuditLogsResolver {
  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @PageSize()
  @Query(() => LedgerEventConnection, {
    nullable: true,
    description:
      'Events that nobody who was signed in caused, newest first: months that were closed or dropped, alarms, imports of the register, and rights that an operator gave.',
  })
  async ledgerEvents(
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { loaders }: AuditContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<LedgerEvent>> {
    const paging = pagingOf({ first, after }, info, isTimeKey);
    return connection(await loaders.entries({ kind: 'LEDGER' }, paging), after, eventOf);
  }

  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @ListSize(50)
  @Query(() => [AuditLog], { nullable: true, description: 'The logs of the municipality, newest first.' })
  auditLogs(@Ctx() { loaders }: AuditContext): Promise<AuditLog[]> {
    return loaders.logs();
  }

  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @Query(() => LogCheckpoint, {
    nullable: true,
    description:
      'The checkpoint of a log; `null` if there is no such log. It covers everything that was answered before this request.',
  })
  async checkpoint(
    @Arg('log', () => String, { nullable: true, description: logDescription }) log: string | null,
    @Ctx() { loaders, verifiers }: AuditContext,
  ): Promise<LogCheckpoint | null> {
    const signed = await loaders.checkpoint(log == null ? null : storable(log));
    return signed && shown(signed, verifiers);
  }

  @RequiresScopes(['audit:read'])
  @Use('read')
  @Sealing()
  @Query(() => InclusionProof, {
    nullable: true,
    description: 'Proof that an entry is in its log; `null` if there is no such entry.',
  })
  async inclusionProof(
    @Arg('entry', () => ID, { description: 'Id of the entry.' }) entry: string,
    @Ctx() { loaders, verifiers }: AuditContext,
  ): Promise<InclusionProof | null> {
    const proof = await loaders.inclusion(entry);
    if (!proof) return null;
    const { index, leaf, path } = proof;
    return { index, leaf, path: path.map(base64), checkpoint: shown(proof, verifiers) };
  }

  @RequiresScopes(['audit:read'])
  @Use('search')
  @Sealing()
  @Query(() => ConsistencyProof, {
    nullable: true,
    description:
      'Proof that the log of `to` entries begins with the log of `from` entries; `null` if there is no such log, or its entries were dropped.',
  })
  async consistencyProof(
    @Arg('from', () => Int, { description: 'Number of entries of the earlier checkpoint.' }) from: number,
    @Arg('to', () => Int, { description: 'Number of entries of the later checkpoint.' }) to: number,
    @Arg('log', () => String, { nullable: true, description: logDescription }) log: string | null,
    @Ctx() { loaders }: AuditContext,
  ): Promise<ConsistencyProof | null> {
    const proof = await loaders.consistency(log == null ? null : storable(log), from, to);
    return proof && { log: proof.log, from, to, path: proof.path.map(base64) };
  }
}

function shown({ log, note }: SignedCheckpoint, verifiers: AuditContext['verifiers']): LogCheckpoint {
  const { size, root, at } = checkpointIn(note);
  return { log, size, rootHash: base64(root), at, note, keys: verifiers(log) };
}

const base64 = (hash: Buffer): string => hash.toString('base64');

@Resolver()
export class ChangeResolver {
  @Use('read')
  @Query(() => ChangeOutcome, {
    nullable: true,
    description:
      'What became of a change, by the id of the entry by which it was begun (`extensions.entry` of `CHANGE_MAY_STAND`). Answered for sixty days, for the viewer’s own changes and for those whose entries the viewer may read. `null` for any other.',
  })
  changeOutcome(
    @Arg('entry', () => ID, { description: 'Id of the entry by which the change was begun.' }) entry: string,
    @Ctx() { loaders }: AuditContext,
  ): Promise<ChangeOutcome | null> {
    return loaders.changeOutcome(entry);
  }
}

@Resolver(() => AuditEntry)
export class AuditEntryResolver {
  @FieldResolver(() => [String], { description: 'Schema coordinates asked for, such as `Citizen.name`.' })
  async fields(@Root() { operation }: AuditEntry, @Ctx() { loaders }: AuditContext): Promise<string[]> {
    return (await loaders.definition.load(operation.definition))?.fields ?? [];
  }
}

@Resolver(() => AuditedOperation)
export class AuditedOperationResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'Its text; `null` if it was not valid GraphQL, because it could then hold anything.',
  })
  async text(@Root() { definition }: AuditedOperation, @Ctx() { loaders }: AuditContext): Promise<string | null> {
    return (await loaders.definition.load(definition))?.text ?? null;
  }
}

@Resolver(() => Citizen)
export class CitizenResolver {
  @PageSize()
  @FieldResolver(() => CitizenAccessConnection, {
    description:
      'Who looked the citizen up, newest first. The citizen and readers of the log may see it; for anybody else it is empty. The citizen’s own look-ups and attempts that disclosed nothing are left out.',
  })
  async accessLog(
    @Root() { id }: Citizen,
    @Arg('first', () => Int, { nullable: true, description: firstDescription }) first: number | null,
    @Arg('after', () => String, { nullable: true, description: afterDescription }) after: string | null,
    @Ctx() { loaders }: AuditContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<CitizenAccess>> {
    const paging = pagingOf({ first, after }, info, isTimeKey);
    return connection(await loaders.accessLog.load({ citizen: storable(id), paging }), after, accessOf);
  }
}
