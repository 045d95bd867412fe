/**
 * Writes CSV by RFC 4180, in UTF-8 with a BOM, because spreadsheets assume another encoding without one.
 *
 * The threat: cells contain what callers sent, strangers included (`x-TransaktionsId`), and a spreadsheet executes a
 * cell that starts like a formula. A leading apostrophe keeps it text. Danish spreadsheets use `;` as the separator and
 * then end a row at a line break within a cell, so the text after either is treated as the start of a cell, and quotes
 * before it as those around a cell.
 *
 * A reader that needs every character unchanged takes NDJSON.
 */
import type { ExportedEntry, ExportFormat } from './exported-entry.js';

export type Column<Row> = readonly [name: string, value: (row: Row) => string | null | undefined];

/** Names and order are stable: new columns come last. */
const columns: readonly Column<ExportedEntry>[] = [
  ['id', ({ id }) => id],
  ['at', ({ at }) => at],
  ['actor_kind', ({ actor }) => actor?.kind],
  ['actor_id', ({ actor }) => actor?.id],
  ['actor_name', ({ actor }) => actor?.name],
  ['subject_kind', ({ subject }) => subject?.kind],
  ['subject_id', ({ subject }) => subject?.id],
  ['subject_name', ({ subject }) => subject?.name],
  ['organisation_id', ({ organisation }) => organisation?.id],
  ['organisation_name', ({ organisation }) => organisation?.name],
  ['right_code', ({ right }) => right?.code],
  ['right_name', ({ right }) => right?.name],
  ['use', ({ use }) => use],
  ['outcome', ({ outcome }) => outcome],
  ['operation_name', ({ operation }) => operation.name],
  ['operation_hash', ({ operation }) => operation.hash],
  ['operation_text', ({ operation }) => operation.text],
  ['fields', ({ fields }) => fields.map(({ name }) => name).join(' ')],
  [
    'field_descriptions',
    ({ fields }) =>
      fields.map(({ name, description }) => (description === null ? name : `${name}: ${description}`)).join('; '),
  ],
  ['citizens', ({ citizens }) => citizens.map(({ id }) => id).join(' ')],
  ['cases', ({ cases }) => cases.map(({ id }) => id).join(' ')],
  ['criterion', ({ criterion }) => (criterion === null ? null : JSON.stringify(criterion))],
  ['faults', ({ faults }) => faults.join(' ')],
  ['purpose', ({ purpose }) => purpose],
  ['workstation', ({ workstation }) => workstation],
  ['transaction_id', ({ transactionId }) => transactionId],
  ['request_id', ({ requestId }) => requestId],
  ['on_behalf_of', ({ onBehalfOf }) => onBehalfOf],
  ['follows', ({ follows }) => follows],
  ['acting_for_id', ({ actingFor }) => actingFor?.id],
  ['acting_for_name', ({ actingFor }) => actingFor?.name],
  ['power_of_attorney', ({ powerOfAttorney }) => powerOfAttorney],
  ['attempts', ({ counted }) => counted && String(counted.attempts)],
  ['attempts_first', ({ counted }) => counted?.first],
  ['attempts_last', ({ counted }) => counted?.last],
  ['attempts_sources', ({ counted }) => counted && String(counted.sources)],
];

export const csvOf = <Row>(columns: readonly Column<Row>[]): ExportFormat<Row> => ({
  mediaType: 'text/csv; charset=utf-8',
  extension: 'csv',
  head: `\uFEFF${columns.map(([name]) => name).join(',')}\r\n`,
  write: (row) => `${columns.map(([, value]) => cell(value(row) ?? '')).join(',')}\r\n`,
});

const cell = (value: string): string => {
  const guarded = value.replace(formula, "$1'");
  return /[",;\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
};

const formula = /(^|[;\r\n])(?="*[=+\-@\t\r])/g;

export const csv: ExportFormat = csvOf(columns);
