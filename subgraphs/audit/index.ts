/**
 * The audit room: the log of who looked at what, and what may be read of it.
 *
 * Writing: `ingest/append.ts` takes entries, `ingest/group-commit.ts` commits them in groups, `ingest/log-router.ts` knows which log
 * they go to, `ingest/store.ts` and `001_audit.sql` store them. Maintenance: `maintain/checkpoint-signer.ts` signs,
 * `maintain/maintenance.ts` opens new months and drops expired ones. Formats: `tree/leaf.ts` (RFC 8785), `tree/merkle.ts` (RFC 6962)
 * and `tree/note.ts` (C2SP). Reading: `read/` for those who may read the log; `read/tickets.ts` serves exports, which the gateway
 * streams; `changes/endpoints.ts` and `changes/store.ts` know what became of changes. Verifying: `verify/verify.ts` trusts none of it.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import type { Room, RoomServices } from '../kit/room.js';
import type { Database } from '../postgres/database.js';
import { changeEndpoints } from './changes/endpoints.js';
import { AccessBlockResolver } from './clarify/resolvers.js';
import { AccessBlock } from './clarify/types.js';
import { makeContext } from './context.js';
import { append } from './ingest/append.js';
import { openWriter } from './ingest/log-router.js';
import { openCheckpointSigner } from './maintain/checkpoint-signer.js';
import { type Maintenance, openMaintenance } from './maintain/maintenance.js';
import { checkDurability, checkWritable } from './maintain/store.js';
import type { DisabledWalls } from './read/relations.js';
import {
  AuditEntriesResolver,
  AuditEntryResolver,
  AuditedOperationResolver,
  AuditLogsResolver,
  ChangeResolver,
  CitizenResolver,
} from './read/resolvers.js';
import { redeem } from './read/tickets.js';
import { references } from './references.js';
import { verifierKey } from './tree/note.js';
import { AuditEntry, Case, Citizen, Employee, Organisation, SystemClient } from './types.js';

export { checkDurability } from './maintain/store.js';

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
  readonly disabled?: DisabledWalls;
}

export interface AuditRoom extends Room {
  /** The log's maintenance, for a caller that does not want to wait for its timer. */
  maintenance(services: RoomServices): Maintenance;
}

/** Makes the audit room. Without `keys` it signs with a key made for this process. */
export function makeAuditRoom(options: AuditOptions = {}): AuditRoom {
  const origin = options.origin ?? 'sluse';
  const keys = options.keys ?? [generateKeyPairSync('ed25519').privateKey];
  const opened = new WeakMap<Database, Parts>();
  /** One instance per database that the room is opened with, because all calls must share its queue. */
  const partsOf = (services: RoomServices): Parts => {
    const parts = opened.get(services.database) ?? openParts(services, { ...options, origin, keys });
    opened.set(services.database, parts);
    return parts;
  };
  return {
    name: 'audit',
    migrations: new URL('.//', import.meta.url),
    resolvers: [
      AuditEntriesResolver,
      AuditLogsResolver,
      AuditEntryResolver,
      AuditedOperationResolver,
      ChangeResolver,
      CitizenResolver,
      AccessBlockResolver,
    ],
    orphanedTypes: [AuditEntry, AccessBlock, Citizen, Employee, SystemClient, Organisation, Case],
    references,
    context: (services, viewer) =>
      makeContext(services, viewer, {
        signer: partsOf(services).signer,
        disabled: options.disabled ?? {},
        makeTicket: options.ticket ?? randomTicket,
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
      append: (services, body) => append(partsOf(services).writer, body),
      'export-ticket': redeem,
      ...changeEndpoints((services) => partsOf(services).writer),
    },
    openToRooms: ['append', 'claim-key', 'keep-answer'],
    start: (services) => partsOf(services).maintenance.start(),
    maintenance: (services) => partsOf(services).maintenance,
  };
}

const randomTicket = (): string => randomBytes(32).toString('base64url');

type Parts = ReturnType<typeof openParts>;

function openParts(services: RoomServices, options: AuditOptions & { origin: string; keys: readonly KeyObject[] }) {
  const writer = openWriter(services, {
    salt: options.salt ?? (() => randomUUID()),
    employeesShown: options.employeesShown ?? (() => false),
  });
  const signer = openCheckpointSigner(services, options);
  return {
    writer,
    signer,
    maintenance: openMaintenance(services, { writer, signer, retention: options.retention ?? (() => 6) }),
  };
}

export const audit = makeAuditRoom();
