/** A program of the system, run to its end as this user or that; throws with what it said where it fails. */
import { execFileSync } from 'node:child_process';

export const run = (user: { uid?: number; gid?: number }, command: string, ...values: string[]): void =>
  void execFileSync(command, values, { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
