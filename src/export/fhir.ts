/**
 * Writes FHIR R4 `AuditEvent` resources, one per line, by IHE BALP (Basic Audit Log Patterns): `Query`, or
 * `PatientQuery` if exactly one person is concerned. An entry without a matching BALP pattern gets no profile.
 */
import type { AuditOutcome, UseType } from '../../subgraphs/protocol/log-entry.js';
import type { ExportedEntry, ExportedPerson, ExportFormat, Named } from './exported-entry.js';

export const fhir: ExportFormat = {
  mediaType: 'application/fhir+ndjson',
  extension: 'fhir.ndjson',
  head: '',
  write: (entry, municipality) => `${JSON.stringify(auditEvent(entry, municipality))}\n`,
};

const profiles = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition';
const coding = (system: string, code: string, display: string) => ({ system, code, display });
const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const interaction = 'http://hl7.org/fhir/restful-interaction';
const person = coding('http://terminology.hl7.org/CodeSystem/audit-entity-type', '1', 'Person');
const system = coding('http://terminology.hl7.org/CodeSystem/audit-entity-type', '2', 'System Object');
const role = (code: string, display: string) =>
  coding('http://terminology.hl7.org/CodeSystem/object-role', code, display);

const searched = [coding(interaction, 'search', 'search'), coding(interaction, 'search-type', 'search-type')];
const uses: Readonly<Record<UseType, { action: string; subtype: object[] }>> = {
  SEARCH: { action: 'E', subtype: searched },
  EXTRACT: { action: 'E', subtype: searched },
  READ: { action: 'R', subtype: [coding(interaction, 'read', 'read')] },
  ENTER: { action: 'C', subtype: [coding(interaction, 'create', 'create')] },
  CHANGE: { action: 'U', subtype: [coding(interaction, 'update', 'update')] },
  DELETE: { action: 'D', subtype: [coding(interaction, 'delete', 'delete')] },
};
/**
 * 0: success, 4: minor failure, 8: serious failure. A change that was begun has not failed; its outcome is a separate
 * event.
 */
const outcomes: Readonly<Record<AuditOutcome, string>> = {
  BEGUN: '0',
  ANSWERED: '0',
  PARTLY_DENIED: '4',
  MADE: '0',
  NOT_MADE: '8',
  DENIED: '8',
  FAILED: '8',
};

function auditEvent(entry: ExportedEntry, municipality: string): object {
  const { action, subtype } = uses[entry.use];
  const profile = profileOf(entry);
  return {
    resourceType: 'AuditEvent',
    id: entry.id,
    ...(profile && { meta: { profile: [`${profiles}/${profile}`] } }),
    type: coding('http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest', 'Restful Operation'),
    subtype,
    action,
    recorded: entry.at,
    ...(entry.counted && { period: { start: entry.counted.first, end: entry.counted.last } }),
    outcome: outcomes[entry.outcome],
    ...(entry.faults.length > 0 && { outcomeDesc: entry.faults.join(' ') }),
    ...(entry.purpose && { purposeOfEvent: [{ text: entry.purpose }] }),
    agent: agents(entry, municipality),
    source: {
      site: municipality,
      observer: { display: 'Sluse' },
      type: [coding('http://terminology.hl7.org/CodeSystem/security-source-type', '4', 'Application Server')],
    },
    entity: entities(entry),
  };
}

/** BALP's queries require a criterion, and `PatientQuery` exactly one person. */
function profileOf({ use, criterion, citizens, actor }: ExportedEntry): string | null {
  if ((use !== 'SEARCH' && use !== 'EXTRACT') || criterion === null || !actor) return null;
  return citizens.length === 1 ? 'IHE.BasicAudit.PatientQuery' : 'IHE.BasicAudit.Query';
}

function agents(entry: ExportedEntry, municipality: string): object[] {
  const { actor, subject, organisation, actingFor, powerOfAttorney, right, workstation, purpose } = entry;
  const human = actor && {
    type: {
      coding: [coding('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP', 'information recipient')],
    },
    ...(right && { role: [{ coding: [{ system: 'urn:sluse:right', code: right.code, display: right.name }] }] }),
    who: whoIs(actor),
    ...(actor.name && { name: actor.name }),
    requestor: true,
    // The policy that authorised the event.
    ...(powerOfAttorney && { policy: [`urn:sluse:power-of-attorney:${encodeURIComponent(powerOfAttorney)}`] }),
    ...(purpose && { purposeOfUse: [{ text: purpose }] }),
  };
  const client = {
    type: { coding: [coding(dicom, '110153', 'Source Role ID')] },
    who: { display: workstation ?? 'unknown' },
    requestor: !actor,
    ...(workstation && { network: { address: workstation, type: /^[\d.]+$|:/.test(workstation) ? '2' : '1' } }),
  };
  const server = {
    type: { coding: [coding(dicom, '110152', 'Destination Role ID')] },
    who: { display: `Sluse ${municipality}` },
    requestor: false,
  };
  const forWhom = subject &&
    subject.id !== actor?.id && { type: { text: 'on behalf of' }, who: whoIs(subject), requestor: false };
  const unit = organisation && organisationAgent('organisation', organisation);
  const principal = actingFor && organisationAgent('acting for', actingFor);
  return [human, client, server, forWhom, unit, principal].filter(Boolean) as object[];
}

const organisationAgent = (text: string, { id, name }: Named) => ({
  type: { text },
  who: {
    type: 'Organization',
    identifier: { system: 'urn:sluse:organisation', value: id },
    ...(name && { display: name }),
  },
  requestor: false,
});

const whoIs = ({ kind, id, name }: ExportedPerson) => ({
  type: { Employee: 'Practitioner', Citizen: 'Patient', SystemClient: 'Device' }[kind],
  identifier: { system: `urn:sluse:${kind.toLowerCase()}`, value: id },
  ...(name && { display: name }),
});

function entities({ citizens, cases, criterion, operation, fields, ...entry }: ExportedEntry) {
  const { transactionId, requestId, counted } = entry;
  const detail = Object.entries({
    operation: operation.name,
    'operation-hash': operation.hash,
    'operation-text': operation.text,
    fields: fields.map(({ name }) => name).join(' '),
    ...(counted && { attempts: String(counted.attempts), sources: String(counted.sources) }),
  }).flatMap(([type, value]) => (value ? [{ type, valueString: value }] : []));
  return [
    ...citizens.map(({ id }) => ({ what: referenceTo('Patient', id), type: person, role: role('1', 'Patient') })),
    ...cases.map(({ id }) => ({
      what: { identifier: { system: 'urn:sluse:case', value: id } },
      type: system,
      role: role('4', 'Domain Resource'),
    })),
    {
      type: system,
      role: role('24', 'Query'),
      ...(criterion !== null && { query: Buffer.from(JSON.stringify(criterion)).toString('base64') }),
      detail,
    },
    ...[transactionId, requestId].flatMap((value) =>
      value
        ? [
            {
              what: { identifier: { value } },
              type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
            },
          ]
        : [],
    ),
  ];
}

/**
 * Returns a reference to the id. The log contains whatever was disclosed, including ids that FHIR does not allow in a
 * reference; those become identifiers.
 */
const referenceTo = (type: string, id: string) =>
  /^[A-Za-z0-9.-]{1,64}$/.test(id) ? { reference: `${type}/${id}` } : { type, identifier: { value: id } };
