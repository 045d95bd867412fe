/**
 * The power of attorney (digital fuldmagt) under which the centre's reporter acts for the municipality. It is complete: requested,
 * given, the employee added and marked in SMDB.
 */
import { employeeId, municipality, organisationId } from './people.js';
import { idFor } from './random.js';

export const centrePowerId: string = idFor('power/centre');

const sides = { giver: organisationId('municipality'), receiver: organisationId('centre') };
const step = (number: number, what: string, taken_by: string, employee: string | null = null) => ({
  ...{ municipality, power: centrePowerId, number, ...sides, step: what, employee },
  ...{ taken_by: employeeId(taken_by), taken_at: `2020-01-${10 + number}T08:00:00.000Z` },
});

export const centrePower: Record<string, object[]> = {
  power_of_attorney: [
    {
      municipality,
      id: centrePowerId,
      ...sides,
      rights: ['SMDB_DELEGATED_REPORTER', 'SMDB_DELEGATED_HEALTH'],
      requested_by: employeeId('centre-administrator'),
      requested_at: '2020-01-10T08:00:00.000Z',
    },
  ],
  power_step: [
    step(1, 'GIVEN', 'administrator'),
    step(2, 'ADDED', 'centre-administrator', employeeId('centre-reporter')),
    step(3, 'MARKED', 'centre-administrator', employeeId('centre-reporter')),
  ],
};
