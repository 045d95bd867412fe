/**
 * Linking at the first sign-in: people who had an account in the old SMDB are asked once for its user name and password, and never
 * again afterwards. People who had none say so, and go straight in.
 *
 * A wrong name, a wrong password and an account that is linked already are refused alike, in the same time.
 */

import type { RoomServices } from '../../kit/room.js';
import type { Transaction } from '../../postgres/database.js';
import { folded } from '../../protocol/folded.js';
import { storable } from '../../protocol/text.js';
import type { PersonReference } from '../../protocol/viewer.js';
import type { Guarded, LockOut } from '../lock-out/lock-out.js';
import { hashOfNobody, passwordFits } from './linking-password.js';
import * as store from './linking-store.js';

export interface Linker {
  readonly municipality: string;
  readonly person: PersonReference;
  readonly workstation: string | null;
}

export const isAsked = ({ database }: RoomServices, { municipality, person }: Linker): Promise<boolean> =>
  database.asTask('linking', municipality, (tx) => store.legacyQuestion(tx, municipality, person));

/**
 * Links the account of `userName` to the person. Rejected if the name or the password is wrong, or the account cannot be linked any
 * more.
 */
export async function link(
  services: RoomServices,
  lockOut: LockOut,
  { municipality, person, workstation }: Linker,
  userName: string,
  password: string,
): Promise<Guarded<true>> {
  const name = storable(userName.trim(), 200);
  const task = <T>(work: Parameters<typeof services.database.asTask<T>>[2], mode: 'write' | 'change' = 'write') =>
    services.database.asTask('linking', municipality, work, mode);
  const who = { municipality, workstation, subject: `account:${folded(name)}`, guesser: person.id };
  return lockOut.guarded(services, who, async () => {
    const account = await task((tx) => store.accountToTry(tx, municipality, name));
    const fits = await passwordFits(password, account?.passwordHash ?? hashOfNobody);
    if (!fits || !account?.own) return null;
    const linked = await task(
      unlessNothing((tx) => store.linkAccount(tx, municipality, name, person.id, services.now())),
      'change',
    ).catch(nothing);
    return linked || null;
  });
}

/** Records that there was no old account. True if that is the first answer. */
export const decline = (services: RoomServices, { municipality, person }: Linker): Promise<boolean> =>
  services.database
    .asTask(
      'linking',
      municipality,
      unlessNothing((tx) => store.answerQuestion(tx, municipality, person.id, null, services.now())),
      'change',
    )
    .catch(nothing);

/** Thrown in a transaction that changed nothing, so that it is not recorded as a change that was made. */
class Nothing extends Error {}

const unlessNothing =
  (work: (tx: Transaction) => Promise<boolean>) =>
  async (tx: Transaction): Promise<boolean> => {
    if (!(await work(tx))) throw new Nothing();
    return true;
  };

function nothing(error: unknown): false {
  if (error instanceof Nothing) return false;
  throw error;
}
