/**
 * The audit room: the log of who looked at what, and what may be read of it.
 *
 * Writing: `ingest/append.ts` takes entries, `ingest/group-commit.ts` commits them in groups, `ingest/log-router.ts` knows which log
 * they go to, `tree/log-store.ts` and `001_audit.sql` store them. Maintenance: `maintain/checkpoint-signer.ts` signs,
 * `maintain/maintenance.ts` opens new months and drops expired ones. Formats: `tree/leaf.ts` (RFC 8785), `tree/merkle.ts` (RFC 6962)
 * and `tree/note.ts` (C2SP). Reading: `read/store.ts`, `read/loaders.ts` and `read/resolvers.ts` for those who may read the log;
 * `read/from-graphql.ts` and `read/to-graphql.ts` convert between the graph and the rows; `read/tickets.ts` serves exports, which the
 * gateway streams; `changes/changes.ts` and `changes/store.ts` know what became of changes. Verifying: `verify/verify.ts` trusts none
 * of it.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import type { Room, RoomServices } from '../kit/subgraph.js';
import type { Database } from '../postgres/database.js';
import { changeEndpoints } from './changes/changes.js';
import { append } from './ingest/append.js';
import { openWriter } from './ingest/log-router.js';
import { openNotary } from './maintain/checkpoint-signer.js';
import { type Keeper, openKeeper } from './maintain/maintenance.js';
import { makeLoaders } from './read/loaders.js';
import {
  type AuditContext,
  AuditEntryResolver,
  AuditedOperationResolver,
  ChangeResolver,
  CitizenResolver,
  LedgerResolver,
  LogResolver,
} from './read/resolvers.js';
import type { AuditFaults } from './read/store.js';
import { openTickets, redeem } from './read/tickets.js';
import { entryOf } from './read/to-graphql.js';
import { checkDurability, checkWritable } from './tree/log-store.js';
import { verifierKey } from './tree/note.js';
import { AuditEntry, Case, Citizen, Employee, Organisation, SystemClient } from './types.js';

export { checkDurability } from './tree/log-store.js';

export interface AuditOptions {
  /** Ed25519 private keys that sign the checkpoints. While keys are being replaced: the new one and the old one. */
  readonly keys?: readonly KeyObject[];
  /** Who runs this log: the first part of the origin of its checkpoints. */
  readonly origin?: string;
  /** Whole months for which entries are kept after the month in which they were made, 6 to 60. */
  readonly retention?: (municipality: string) => number;
  /** Whether citizens of a municipality may know which employee looked them up. Applies to new entries. */
  readonly employeesShown?: (municipality: string) => boolean;
  /** Makes the salt of an entry's leaf. */
  readonly salt?: (id: string) => string;
  /** Makes a ticket for an export: 43 characters of base64url that nobody can guess. */
  readonly ticket?: (id: string) => string;
  /**
   * For the test that takes the walls down and must then see the leak. Sealed entries are read for everyone through two views that
   * the test creates as the owner, who bypasses row-level security: `leaky_entry` with the columns of `every_entry`, and
   * `leaky_entry_citizen` with those of `entry_citizen`.
   */
  readonly faults?: AuditFaults;
}

export interface AuditRoom extends Room {
  /** The log's maintenance, for a caller that does not want to wait for its timer. */
  keeper(services: RoomServices): Keeper;
}

/** Makes the audit room. Without `keys` it signs with a key made for this process. */
export function makeAuditRoom(options: AuditOptions = {}): AuditRoom {
  const origin = options.origin ?? 'sluse';
  const keys = options.keys ?? [generateKeyPairSync('ed25519').privateKey];
  const desks = new WeakMap<Database, AuditServices>();
  /** One instance per database that the room is opened with, because all calls must share its queue. */
  const deskOf = (services: RoomServices): AuditServices => {
    const desk = desks.get(services.database) ?? openDesk(services, { ...options, origin, keys });
    desks.set(services.database, desk);
    return desk;
  };
  return {
    name: 'audit',
    migrations: new URL('.//', import.meta.url),
    resolvers: [
      LogResolver,
      LedgerResolver,
      AuditEntryResolver,
      AuditedOperationResolver,
      ChangeResolver,
      CitizenResolver,
    ],
    orphanedTypes: [AuditEntry, Citizen, Employee, SystemClient, Organisation, Case],
    references: {
      Citizen: ({ id }) => ({ id }),
      AuditEntry: async ({ id }: { id: string }, { loaders }: AuditContext) => {
        const row = await loaders.entry.load(id);
        return row && entryOf(row);
      },
    },
    context: (services, viewer): AuditContext => ({
      loaders: makeLoaders(services.database, viewer, deskOf(services).notary, options.faults ?? {}),
      tickets: openTickets(services, viewer, options.ticket ?? randomTicket),
      now: services.now,
      verifiers: (log) => keys.map((key) => verifierKey(`${origin}/${log}`, key)),
    }),
    check: async ({ database }) => {
      const unsafe = await database.asTask('check', '', checkDurability);
      if (unsafe.length > 0)
        throw new Error(
          `PostgreSQL setting ${unsafe.join(', ')}: expected on. An entry of the log would not survive a power cut.`,
        );
    },
    ready: ({ database }) => database.asTask('ready', '', checkWritable),
    internal: {
      append: (services, body) => append(deskOf(services).ledger, body),
      'export-ticket': redeem,
      ...changeEndpoints((services) => deskOf(services).ledger),
    },
    openToRooms: ['append', 'claim-key', 'keep-answer'],
    start: (services) => deskOf(services).keeper.start(),
    keeper: (services) => deskOf(services).keeper,
  };
}

const randomTicket = (): string => randomBytes(32).toString('base64url');

type AuditServices = ReturnType<typeof openDesk>;

function openDesk(services: RoomServices, options: AuditOptions & { origin: string; keys: readonly KeyObject[] }) {
  const ledger = openWriter(services, {
    salt: options.salt ?? (() => randomUUID()),
    employeesShown: options.employeesShown ?? (() => false),
  });
  const notary = openNotary(services, options);
  return {
    ledger,
    notary,
    keeper: openKeeper(services, { ledger, notary, retention: options.retention ?? (() => 6) }),
  };
}

export const audit = makeAuditRoom();
