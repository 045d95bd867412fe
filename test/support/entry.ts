/** An entry of the log as an edge would have made it, for tests that append. */
import { randomUUID } from 'node:crypto';
import type { LogEntry } from '../../subgraphs/protocol/log-entry.js';

const employee = { kind: 'Employee', id: 'an employee' } as const;

export const aLogEntry = (over: Partial<LogEntry> = {}): LogEntry => ({
  id: randomUUID(),
  at: '2026-10-01T09:00:00.000Z',
  municipality: '0999',
  session: null,
  actor: employee,
  subject: employee,
  organisation: 'a unit',
  right: 'CASEWORKER',
  use: 'SEARCH',
  outcome: 'ANSWERED',
  operation: { hash: 'hash of A', name: 'A', text: 'query A { viewer { __typename } }' },
  fields: ['Query.viewer'],
  citizens: [],
  cases: [],
  criterion: null,
  faults: [],
  purpose: null,
  workstation: null,
  transactionId: null,
  requestId: null,
  onBehalfOf: null,
  sealedBy: [],
  ...over,
});
