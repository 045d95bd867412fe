/** Whether an agreement is in force, as the store asks it in SQL. */
import type { AgreementRow } from './store.js';

export const isInForce = ({ endedAt, beginsAt, endsAt }: AgreementRow, now: Date): boolean =>
  endedAt === null && beginsAt <= now && (endsAt === null || endsAt > now);
