/** Ids in cursors of lists of grants: as callers see them (key.ts), so that a cursor names the case of a single case's grant. */
import { isUuid } from '../../protocol/text.js';

/** Whether a cursor's id can be that of a grant. */
export function isGrantId(id: string): boolean {
  const parts = id.split('.');
  return parts.length <= 2 && parts.every(isUuid);
}

/** The row's own id in a grant's id. */
export const rowIdIn = (id: string): string => id.split('.').at(-1)!;

/** A step's place in a list: its grant's id, and its number. */
export const stepId = (grant: string, number: number): string => `${grant}#${number}`;

export function stepIn(id: string): { readonly grant: string; readonly number: number } | null {
  const [grant, number, ...others] = id.split('#');
  if (others.length > 0 || grant === undefined || !isGrantId(grant) || !/^-?\d{1,6}$/.test(number ?? '')) return null;
  return { grant: rowIdIn(grant), number: Number(number) };
}
