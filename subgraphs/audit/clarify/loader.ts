/**
 * Which attempts belong to a block, and who may see them: administrators, because they lift it, and readers of the log; while it is in
 * force and for thirty days afterwards.
 *
 * The block is the identity room's. The gateway hands it over as that room showed it to the same viewer (`@requires`), so nobody asks
 * about a person who was never locked out.
 */
import DataLoader from 'dataloader';
import { noPage, type Paging, pageOf } from '../../kit/paging.js';
import type { RoomServices } from '../../kit/room.js';
import type { Page } from '../../protocol/connection.js';
import { isStorable, isUuid } from '../../protocol/text.js';
import type { Viewer } from '../../protocol/viewer.js';
import { readsLog } from '../read/rights.js';
import type { EntryRow } from '../read/store.js';
import * as store from './store.js';
import type { AccessBlock } from './types.js';

export interface ClarifyKey {
  readonly block: AccessBlock;
  readonly paging: Paging;
}

export type Clarifier = DataLoader<ClarifyKey, Page<EntryRow>, string>;

const day = 86_400_000;
/** How long before the block attempts count: they are consecutive, however far apart a person makes them. */
const before = { person: 30 * day, workstation: day } as const;
const after = { block: day, lifting: 30 * day } as const;

export function makeClarifier({ database, now }: Pick<RoomServices, 'database' | 'now'>, viewer: Viewer): Clarifier {
  const may = viewer.actor.kind === 'Employee' && (viewer.scopes.includes('admin') || readsLog(viewer));
  return new DataLoader<ClarifyKey, Page<EntryRow>, string>(
    async (keys) => {
      const suspects = keys.map(({ block }) => (may ? suspectsOf(block, now()) : null));
      if (suspects.every((one) => one === null)) return keys.map(noPage);
      return database.asViewer(viewer, async (tx) => {
        const pages: Page<EntryRow>[] = [];
        for (const [index, { paging }] of keys.entries()) {
          const asked = suspects[index];
          if (!asked) {
            pages.push(noPage());
            continue;
          }
          await store.nameSuspects(tx, asked);
          const rows = await store.attemptsOf(tx, viewer.municipality, asked, paging);
          const total = paging.counted ? await store.countAttempts(tx, viewer.municipality, asked) : 0;
          pages.push(pageOf(rows, paging, total, ({ at, id }) => ({ key: at, id })));
        }
        return pages;
      });
    },
    { cacheKeyFn: ({ block, paging }) => JSON.stringify([block.id, paging]) },
  );
}

/** `null` for a block that was clarified long ago, or that nobody could be found by. */
function suspectsOf({ employee, workstation, blockedAt, liftedAt }: AccessBlock, now: Date): store.Suspects | null {
  const [blocked, lifted] = [Date.parse(blockedAt), liftedAt == null ? null : Date.parse(liftedAt)];
  const person = employee?.id && isUuid(employee.id) ? employee.id.toLowerCase() : null;
  const place = workstation && isStorable(workstation) ? workstation : null;
  if (Number.isNaN(blocked) || Number.isNaN(lifted) || (person === null && place === null)) return null;
  if (lifted !== null && lifted + after.lifting <= now.getTime()) return null;
  const time = (at: number) => new Date(at).toISOString();
  return {
    person,
    workstation: place,
    personFrom: time(blocked - before.person),
    workstationFrom: time(blocked - before.workstation),
    until: time(Math.min(blocked + after.block, lifted ?? Number.POSITIVE_INFINITY)),
  };
}
