/** The demo municipality as rows, room by room, and its log. */
import type { LogEntry } from '../protocol/log-entry.js';
import { drugTreatmentCases, makeCases, ordinaryCases, shieldedCases, shieldedCasesOfParents } from './cases.js';
import { makeIdentity } from './identity.js';
import { makeLog } from './log.js';
import { type DemoCitizen, type DemoEmployee, makeCitizens, makeEmployees } from './people.js';
import type { DemoRows, World } from './seed.js';
import { makeSmdb } from './smdb.js';

let people: { citizens: DemoCitizen[]; employees: DemoEmployee[] } | undefined;
/** The same for both worlds, and made once for the rows and the log. */
function peopleOfTheDemo() {
  people ??= { citizens: makeCitizens(), employees: makeEmployees() };
  return people;
}

export function makeDemo({ shielded }: World): DemoRows {
  const { citizens, employees } = peopleOfTheDemo();
  return {
    identity: makeIdentity({ citizens, employees }),
    ...makeCases({ shielded, citizens, employees }),
    smdb: makeSmdb({
      shielded,
      citizens,
      employees,
      drugTreatmentCases: drugTreatmentCases(citizens),
      shieldedCases: shieldedCasesOfParents(citizens),
    }),
  };
}

export function makeDemoLog({ shielded }: World): LogEntry[] {
  const { citizens, employees } = peopleOfTheDemo();
  const ordinary = ordinaryCases(citizens);
  return makeLog({ shielded, citizens, employees, ordinary, shieldedCases: shieldedCases(citizens) });
}
