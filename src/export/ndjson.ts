/** Writes NDJSON: one JSON object per line. */
import type { ExportFormat } from './exported-entry.js';

export const ndjson: ExportFormat<object> = {
  mediaType: 'application/x-ndjson',
  extension: 'ndjson',
  head: '',
  write: (row) => `${JSON.stringify(row)}\n`,
  incomplete: (code) => `${JSON.stringify({ incomplete: true, reason: code })}\n`,
};
