/**
 * Writes OCSF 1.3, class API Activity (6003), one event per line, for security monitoring. Data without a place in OCSF
 * is under `unmapped`.
 */
import { isIP } from 'node:net';
import type { UseType } from '../../subgraphs/protocol/log-entry.js';
import type { ExportedEntry, ExportedPerson, ExportFormat } from './exported-entry.js';

export const ocsf: ExportFormat = {
  mediaType: 'application/x-ndjson',
  extension: 'ocsf.ndjson',
  head: '',
  write: (entry, municipality) => `${JSON.stringify(event(entry, municipality))}\n`,
};

const classId = 6003;
const activities: Readonly<Record<UseType, readonly [id: number, name: string]>> = {
  SEARCH: [2, 'Read'],
  READ: [2, 'Read'],
  EXTRACT: [2, 'Read'],
  ENTER: [1, 'Create'],
  CHANGE: [3, 'Update'],
  DELETE: [4, 'Delete'],
};
const userTypes = { Employee: 1, Citizen: 1, SystemClient: 3 } as const;

function event(entry: ExportedEntry, municipality: string): object {
  const { id, at, actor, subject, organisation, right, use, outcome, operation, workstation, faults } = entry;
  const [activity, activityName] = activities[use];
  // The outcome of a change that was begun is a separate event.
  const succeeded = outcome === 'ANSWERED' || outcome === 'BEGUN' || outcome === 'MADE';
  return {
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: classId,
    class_name: 'API Activity',
    activity_id: activity,
    activity_name: activityName,
    type_uid: classId * 100 + activity,
    type_name: `API Activity: ${activityName}`,
    time: Date.parse(at),
    ...(entry.counted && {
      count: entry.counted.attempts,
      start_time: Date.parse(entry.counted.first),
      end_time: Date.parse(entry.counted.last),
    }),
    // Informational, or low for what was refused or failed.
    severity_id: succeeded ? 1 : 2,
    severity: succeeded ? 'Informational' : 'Low',
    status_id: succeeded ? 1 : 2,
    status: succeeded ? 'Success' : 'Failure',
    status_code: outcome,
    ...(faults.length > 0 && { status_detail: faults.join(' ') }),
    metadata: {
      version: '1.3.0',
      uid: id,
      product: { name: 'Sluse', vendor_name: 'Sluse' },
      ...(entry.transactionId && { correlation_uid: entry.transactionId }),
      tenant_uid: municipality,
    },
    actor: {
      user: actor
        ? {
            ...user(actor),
            ...(organisation && {
              org: { uid: organisation.id, ...(organisation.name && { name: organisation.name }) },
            }),
            ...(right && { groups: [{ uid: right.code, name: right.name }] }),
          }
        : { name: 'unknown', type_id: 0, type: 'Unknown' },
    },
    api: {
      operation: operation.name ?? use,
      service: { name: 'Sluse' },
      request: { uid: entry.requestId ?? id },
    },
    src_endpoint: workstation && isIP(workstation) ? { ip: workstation } : { name: workstation ?? 'unknown' },
    resources: [
      ...entry.citizens.map((one) => ({ uid: one.id, type: 'Citizen' })),
      ...entry.cases.map((one) => ({ uid: one.id, type: 'Case' })),
    ],
    unmapped: {
      use,
      subject: subject && subject.id !== actor?.id ? user(subject) : null,
      acting_for: entry.actingFor && {
        uid: entry.actingFor.id,
        ...(entry.actingFor.name && { name: entry.actingFor.name }),
      },
      power_of_attorney: entry.powerOfAttorney,
      operation_hash: operation.hash,
      operation_text: operation.text,
      fields: entry.fields.map(({ name }) => name),
      criterion: entry.criterion,
      purpose: entry.purpose,
      on_behalf_of: entry.onBehalfOf,
      follows: entry.follows,
      ...(entry.counted && { sources: entry.counted.sources }),
    },
  };
}

const user = ({ kind, id, name }: ExportedPerson) => ({
  uid: id,
  ...(name && { name }),
  type_id: userTypes[kind],
  type: { 1: 'User', 3: 'System' }[userTypes[kind]],
});
