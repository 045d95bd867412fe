/** The demo municipality as rows, room by room, and its log. */
import type { LogEntry } from '../protocol/log-entry.js';
import { drugTreatmentCases, makeCases, ordinaryCases, shieldedCases } from './cases.js';
import { makeIdentity } from './identity.js';
import { makeLog } from './log.js';
import { firstEmployees, makeCitizens, makeEmployees } from './people.js';
import type { DemoRows, World } from './seed.js';
import { makeSmdb } from './smdb.js';

export function makeDemo({ shielded }: World): DemoRows {
  const citizens = makeCitizens();
  const employees = makeEmployees();
  const hidden = shieldedCases(citizens);
  return {
    identity: makeIdentity({ citizens, employees }),
    ...makeCases({ shielded, citizens, employees }),
    smdb: makeSmdb({
      shielded,
      citizens,
      employees,
      drugTreatmentCases: drugTreatmentCases(citizens),
      shieldedCases: hidden,
    }),
  };
}

export function makeDemoLog({ shielded }: World): LogEntry[] {
  const citizens = makeCitizens();
  const ordinary = ordinaryCases(citizens);
  const employees = makeEmployees().slice(0, firstEmployees);
  return makeLog({ shielded, citizens, employees, ordinary, shieldedCases: shieldedCases(citizens) });
}
