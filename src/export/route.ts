/** `GET /log/export/<ticket>`: downloads the log. The ticket (from `Query.auditExport`) says what is wanted. */
import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { Fault } from '../../subgraphs/protocol/faults.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import type { JsonObject } from '../operation/json.js';
import type { CallRoom } from '../subgraph-client/internal-calls.js';
import { csv } from './csv.js';
import { type Descriptions, descriptionsOf } from './describe.js';
import { type DownloadOptions, downloads } from './download.js';
import type { ExportFormat } from './exported-entry.js';
import { fhir } from './fhir.js';
import { ndjson } from './ndjson.js';
import { ocsf } from './ocsf.js';
import { exportName, pagesOf } from './pages.js';

export interface ExportOptions extends DownloadOptions {
  /** The audit room's internal endpoints. */
  readonly audit: CallRoom;
  /** The API schema in use. */
  readonly schema: () => GraphQLSchema;
}

const formats: Readonly<Record<string, ExportFormat>> = { NDJSON: ndjson, CSV: csv, FHIR: fhir, OCSF: ocsf };

/** Registers `GET /log/export/<ticket>`. Formats: NDJSON, CSV, FHIR and OCSF. */
export function exportRoute(app: FastifyInstance, options: ExportOptions): void {
  const descriptions = describedBy(options.schema);
  const download = downloads(exportName, options, async (viewer, { params }, ask) => {
    const { format, filter } = await redeemed(options.audit, viewer, (params as { ticket: string }).ticket);
    return { format, name: 'log', pages: pagesOf(ask, filter, descriptions) };
  });
  // No HEAD: it would run the export and send none of it.
  app.get('/log/export/:ticket', { exposeHeadRoute: false }, download);
}

/** Resolves the ticket. An unknown ticket, an expired one and another viewer's look the same. */
async function redeemed(
  audit: CallRoom,
  viewer: Viewer,
  ticket: string,
): Promise<{ format: ExportFormat; filter: JsonObject }> {
  const { format, filter } = await audit('export-ticket', { viewer, ticket }).catch(() => {
    throw new Fault('SUBGRAPH_UNAVAILABLE');
  });
  const known = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (!known) throw new Fault('NOT_FOUND');
  return { format: known, filter: filter as JsonObject };
}

/** Computed once per schema. */
function describedBy(schema: () => GraphQLSchema): () => Descriptions {
  let known: { schema: GraphQLSchema; descriptions: Descriptions } | undefined;
  return () => {
    const current = schema();
    if (known?.schema !== current) known = { schema: current, descriptions: descriptionsOf(current) };
    return known.descriptions;
  };
}
