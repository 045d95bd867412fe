/**
 * What became of changes. An entry that begins a change is normally followed by another one. Otherwise a gateway asks here which
 * changes are open (`open-changes`), asks the rooms what was made, and has it recorded (`settle-change`). Keys (`claim-key`,
 * `keep-answer`) make sure that a change that is sent twice is made once.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RoomServices } from '../../kit/room.js';
import { isUuid } from '../../protocol/text.js';
import type { GroupCommit } from '../ingest/group-commit.js';
import { canonicalJson, readLeaf, type StorableEntry } from '../tree/leaf.js';
import { begunEntry, claimKey, forgetOutcomes, keepAnswer, takeOpenChanges } from './store.js';

const municipality = z.string().regex(/^\d{4}$/);
const uuid = z.string().refine(isUuid);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const ids = z.array(z.string().max(200)).max(20_000);

const openBody = z.object({ municipality, after: z.number().int().min(0) });
const settleBody = z.object({
  municipality,
  entry: uuid,
  made: z.boolean(),
  cases: ids,
  citizens: ids,
  compartments: z.array(z.string().regex(/^[\w.-]{1,200}$/)),
});
const claimBody = z.object({ municipality, key: digest, request: digest, entry: uuid });
const keepBody = z.object({ municipality, key: digest, entry: uuid, answer: z.string().max(2_000_000) });

type Endpoint = (services: RoomServices, body: unknown) => Promise<object>;

export const changeEndpoints = (
  writerOf: (services: RoomServices) => GroupCommit<StorableEntry>,
): Readonly<Record<string, Endpoint>> => ({
  'open-changes': async ({ database }, body) => {
    const asked = openBody.parse(body);
    return { changes: await takeOpenChanges(database, asked.municipality, asked.after) };
  },
  'settle-change': async (services, body) => {
    await settle(services, writerOf(services), settleBody.parse(body));
    return {};
  },
  'forget-outcomes': async ({ database }, body) => {
    await forgetOutcomes(database, openBody.pick({ municipality: true }).parse(body).municipality);
    return {};
  },
  'claim-key': ({ database }, body) => claimKey(database, claimBody.parse(body)),
  'keep-answer': async ({ database }, body) => {
    await keepAnswer(database, keepBody.parse(body));
    return {};
  },
});

/** Writes the entry that ends a change, with everything that its first entry says. Settling twice writes one entry. */
async function settle(
  { database, now }: RoomServices,
  writer: GroupCommit<StorableEntry>,
  found: z.output<typeof settleBody>,
): Promise<void> {
  const entry = found.entry.toLowerCase();
  const begun = await begunEntry(database, found.municipality, entry);
  if (begun?.state !== 'OPEN') return;
  const leaf = readLeaf(begun.leaf);
  await writer.append([
    {
      ...leaf,
      id: settledId(entry),
      follows: entry,
      at: now().toISOString(),
      outcome: found.made ? 'MADE' : 'NOT_MADE',
      operation: { ...leaf.operation, definition: { hash: leaf.operation.definition, text: begun.definition } },
      criterion: leaf.criterion === null ? null : canonicalJson(leaf.criterion),
      searched: [],
      cases: [...new Set(found.cases)].sort(),
      citizens: [...new Set(found.citizens)].sort(),
      sealedBy: [...new Set([...leaf.sealedBy, ...found.compartments])].sort(),
    },
  ]);
}

function settledId(entry: string): string {
  const hex = createHash('sha256').update(`settled ${entry}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
