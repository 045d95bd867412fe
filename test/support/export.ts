/** Drawing an export of the log: a ticket from the graph, then the download. */
import type { World } from './world.js';

export type Form = 'NDJSON' | 'CSV' | 'FHIR' | 'OCSF';

const exportQuery = `query Requisition($filter: AuditEntryFilter, $format: AuditExportFormat!) {
  auditExport(filter: $filter, format: $format) { format mediaType path expiresAt }
}`;

export async function ticketFor(
  world: World,
  person: string,
  format: Form,
  filter: object | null = null,
): Promise<{ format: Form; mediaType: string; path: string; expiresAt: string }> {
  const { body, text } = await world.ask(person, exportQuery, { format, filter });
  if (!body.data?.auditExport) throw new Error(`${person}: ${text}`);
  return body.data.auditExport;
}

export const fetchAs = async (world: World, person: string, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${world.url}${path}`, { ...init, headers: { authorization: `Bearer ${await world.tokenOf(person)}` } });

export async function drawn(
  world: World,
  person: string,
  format: Form,
  filter: object | null = null,
): Promise<{ headers: Headers; text: string }> {
  const { path } = await ticketFor(world, person, format, filter);
  const response = await fetchAs(world, person, path);
  // `text()` would take the BOM away.
  const text = Buffer.from(await response.arrayBuffer()).toString();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return { headers: response.headers, text };
}

export const linesOf = (text: string): any[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** RFC 4180. */
export function csvOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  while (cells.lastIndex < text.length) {
    const match = cells.exec(text);
    if (!match) throw new Error(`no CSV at ${cells.lastIndex}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
