/**
 * `POST /internal/match-citizens`: whether people are in the register, for a room that is to name them. One call for all. The answer
 * says who is there and nothing more: not who is protected, dead or moved away. The asking room has checked that its caller may ask.
 */
import { z } from 'zod';
import type { RoomServices } from '../../kit/room.js';
import { Fault } from '../../protocol/faults.js';
import { formats } from '../../protocol/scalars.js';
import { isUuid } from '../../protocol/text.js';
import { matchedCitizens } from './store.js';

/** A batch of cases names at most fifty parties in each of a thousand. */
const most = 50_000;
const matchBody = z.object({
  municipality: z.string().regex(/^\d{4}$/),
  cprs: z.array(z.string().refine(formats.CPR!.accepts)).max(most),
  ids: z.array(z.string().refine(isUuid)).max(most),
});

/** `found`: pairs of the CPR number or id that was asked for, and the citizen's id. Who is not in it is not in the register. */
async function matchCitizens(
  { database }: RoomServices,
  body: unknown,
): Promise<{ found: readonly (readonly [asked: string, id: string])[] }> {
  const asked = matchBody.safeParse(body);
  if (!asked.success) throw new Fault('BAD_USER_INPUT');
  const { municipality, cprs, ids } = asked.data;
  const rows = await database.asTask(
    'match-citizens',
    municipality,
    (tx) => matchedCitizens(tx, municipality, cprs, ids),
    'read',
  );
  return { found: rows.map(({ asked, id }) => [asked, id] as const) };
}

export const peopleEndpoints = { 'match-citizens': matchCitizens } as const;
