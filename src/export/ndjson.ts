/** NDJSON: one JSON object a line. */
import type { Format } from './exported-entry.js';

export const ndjson: Format = {
  mediaType: 'application/x-ndjson',
  extension: 'ndjson',
  head: '',
  write: (entry) => `${JSON.stringify(entry)}\n`,
  incomplete: (code) => `${JSON.stringify({ incomplete: true, reason: code })}\n`,
};
