/** SQL of custody: whose cases and log a parent sees, where the municipality has decided so. Policies: 018_custody.sql. */
import type { Transaction } from '../../postgres/database.js';

export interface ChildRow {
  readonly id: string;
  /** The fifteenth birthday, at which the child speaks for itself. */
  readonly until: Date;
}

/** Children under 15 of whom the citizen holds custody at that time. Not who died, moved away or left the register. */
export const childrenOf = (tx: Transaction, municipality: string, parent: string, now: Date): Promise<ChildRow[]> =>
  tx.rows(
    `SELECT child.id, fifteen_at(child.born_on) AS until
     FROM relation held
     JOIN citizen child ON child.municipality = held.municipality AND child.id = held.relative
     WHERE held.municipality = $1 AND held.citizen = $2 AND held.kind = 'CHILD' AND held.custody
       AND fifteen_at(child.born_on) > $3
     ORDER BY child.id`,
    [municipality, parent, now],
  );
