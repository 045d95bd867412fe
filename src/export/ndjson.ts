/** Writes NDJSON: one JSON object per line. */
import type { ExportFormat } from './exported-entry.js';

export const ndjson: ExportFormat = {
  mediaType: 'application/x-ndjson',
  extension: 'ndjson',
  head: '',
  write: (entry) => `${JSON.stringify(entry)}\n`,
  incomplete: (code) => `${JSON.stringify({ incomplete: true, reason: code })}\n`,
};
