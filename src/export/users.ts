/**
 * `GET /users/export/csv` and `/ndjson`: downloads the administrator's overview, all users of the organisation with
 * rights, grants, courses, powers of attorney, last use and lock-outs. It is read with ordinary operations on the graph,
 * as the administrator would read it, so the walls apply and every page is logged. It takes no ticket, because there is
 * nothing to choose.
 */
import type { FastifyInstance } from 'fastify';
import { Fault, type FaultCode } from '../../subgraphs/protocol/faults.js';
import { type Column, csvOf } from './csv.js';
import { type DownloadOptions, downloads } from './download.js';
import type { ExportFormat } from './exported-entry.js';
import { ndjson } from './ndjson.js';
import type { Ask } from './pages.js';

/** The log calls an export of the users by this operation name. */
const usersExportName = 'ExportUsers';
const usersQuery = `query ${usersExportName}($first: Int!, $after: String) {
  page: employees(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id name
      organisation { id name }
      rights { code source organisation { id name } }
      grants { id compartment { id } level operations status validFrom validTo confirmBy }
      courses { kind passedOn expiresOn }
      powersOfAttorney { id status giver { id name } }
      account { lastSignedInAt lastUsedAt lacksCourse blocks { id kind blockedAt } }
    }
  }
}`;

interface Named {
  readonly id: string;
  readonly name: string;
}

/** A user as the graph answers it. */
interface ExportedUser extends Named {
  readonly organisation: Named;
  readonly rights: readonly { readonly code: string; readonly source: string; readonly organisation: Named }[];
  readonly grants: readonly {
    readonly id: string;
    readonly compartment: { readonly id: string };
    readonly level: string;
    readonly operations: readonly string[];
    readonly status: string;
  }[];
  readonly courses: readonly { readonly kind: string; readonly passedOn: string; readonly expiresOn: string | null }[];
  readonly powersOfAttorney: readonly { readonly id: string; readonly status: string; readonly giver: Named }[];
  readonly account: {
    readonly lastSignedInAt: string | null;
    readonly lastUsedAt: string | null;
    readonly lacksCourse: boolean;
    readonly blocks: readonly { readonly kind: string; readonly blockedAt: string }[] | null;
  } | null;
}

/** Names and order are stable: new columns come last. */
const columns: readonly Column<ExportedUser>[] = [
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['organisation_id', ({ organisation }) => organisation.id],
  ['organisation_name', ({ organisation }) => organisation.name],
  ['rights', ({ rights }) => rights.map(({ code, organisation }) => `${code} (${organisation.name})`).join(', ')],
  [
    'grants',
    ({ grants }) =>
      grants
        .map(({ compartment, level, operations, status }) =>
          [compartment.id, level, operations.join('+'), status].join(' '),
        )
        .join(', '),
  ],
  [
    'courses',
    ({ courses }) =>
      courses.map(({ kind, passedOn, expiresOn }) => `${kind} ${passedOn}/${expiresOn ?? ''}`).join(', '),
  ],
  [
    'powers_of_attorney',
    ({ powersOfAttorney }) => powersOfAttorney.map(({ giver, status }) => `${giver.name} ${status}`).join(', '),
  ],
  ['last_signed_in_at', ({ account }) => account?.lastSignedInAt],
  ['last_used_at', ({ account }) => account?.lastUsedAt],
  ['lacks_course', ({ account }) => account && String(account.lacksCourse)],
  ['locked_out_since', ({ account }) => account?.blocks?.[0]?.blockedAt],
  ['locked_out_because', ({ account }) => account?.blocks?.map(({ kind }) => kind).join(' ')],
];

const formats: Readonly<Record<string, ExportFormat<ExportedUser>>> = { csv: csvOf(columns), ndjson };

/** Registers `GET /users/export/<format>`. */
export function usersRoute(app: FastifyInstance, options: DownloadOptions): void {
  const download = downloads(usersExportName, options, async (viewer, { params }, ask) => {
    if (viewer.actor.kind !== 'Employee' || !viewer.scopes.includes('admin')) throw new Fault('FORBIDDEN');
    const { format } = params as { format: string };
    const known = Object.hasOwn(formats, format) ? formats[format] : undefined;
    if (!known) throw new Fault('NOT_FOUND');
    return { format: known, name: 'users', pages: pagesOf(ask) };
  });
  // No HEAD: it would run the export and send none of it.
  app.get('/users/export/:format', { exposeHeadRoute: false }, download);
}

const largestPage = 100;

/** By name. A page that costs more than the operator allows is asked for in halves. Throws the fault of a page that could not be read. */
async function* pagesOf(ask: Ask): AsyncGenerator<ExportedUser[]> {
  let first = largestPage;
  let after: string | null = null;
  for (;;) {
    const size = first;
    const asked = await ask(usersQuery, { first, after }, ({ faults }) => faults.includes('COST_LIMIT') && size > 1);
    if (!asked) {
      first = Math.ceil(first / 2);
      continue;
    }
    const page = asked.data?.page as UserPage | null | undefined;
    if (asked.faults.length > 0 || !page) throw new Fault((asked.faults[0] ?? 'INTERNAL') as FaultCode);
    yield [...page.nodes];
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
  }
}

interface UserPage {
  readonly nodes: readonly ExportedUser[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
