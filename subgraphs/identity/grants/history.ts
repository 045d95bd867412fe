/** The history of a grant: its request, and the steps that followed. */
import type { GrantStep } from '../enums.js';
import type { GrantRow, StepRow } from './store.js';

export interface Event {
  readonly step: `${GrantStep}`;
  readonly takenBy: string | null;
  readonly at: Date;
  readonly reason: string | null;
}

export const eventOf = ({ step, takenBy, takenAt, reason }: StepRow): Event => ({ step, takenBy, at: takenAt, reason });

export const historyOf = (
  { requestedBy, requestedAt, reason }: Pick<GrantRow, 'requestedBy' | 'requestedAt' | 'reason'>,
  taken: readonly StepRow[],
): Event[] => [{ step: 'REQUESTED', takenBy: requestedBy, at: requestedAt, reason }, ...taken.map(eventOf)];
