/**
 * A vendor as docs/vendors.md describes one: a small case system, a plain Apollo subgraph on a database of its own. It verifies who
 * asks by the guide's own lines, and filters nothing.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, parse } from 'graphql';
import pg from 'pg';
import { composeWithRooms } from '../../schema/compose.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { freshDatabase } from '../support/database.js';

const archiveSdl = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag", "@listSize", "@requiresScopes"])
  type Query {
    archivedCases: [Case!] @requiresScopes(scopes: [["case:read"]]) @tag(name: "use-search") @listSize(assumedSize: 50)
    archivedCase(id: ID!): Case @requiresScopes(scopes: [["case:read"]])
    archivedFiles: [ArchiveFile!] @requiresScopes(scopes: [["case:read"]]) @listSize(assumedSize: 50)
  }
  type Mutation {
    addArchiveNote(case: ID!, text: String!): Case @requiresScopes(scopes: [["case:write"]]) @tag(name: "use-change")
  }
  type Citizen @key(fields: "id") { id: ID!  archivedCases: [Case!] @listSize(assumedSize: 50) }
  type Case implements Archived @key(fields: "id") {
    id: ID!
    archiveBox: String
    archiveNotes: [ArchiveNote!] @listSize(assumedSize: 10)
    besideInArchive: [Case!] @listSize(assumedSize: 10)
  }
  interface Archived { id: ID! }
  type ArchiveFile { case: Case @tag(name: "audited")  pages: Int }
  type ArchiveNote { text: String!  case: Archived }`;

export interface ArchivedRow {
  readonly case: string;
  readonly citizen: string;
}

export interface Archive {
  readonly url: string;
  readonly supergraph: string;
  /** Believes tokens of this gateway from now on. */
  trust(gateway: string): Promise<void>;
  /** What it holds from now on. */
  holds(rows: readonly ArchivedRow[]): Promise<void>;
  close(): Promise<void>;
}

type ViewerOf = (authorization?: string) => Promise<Viewer>;

/** Runs the lines of the guide as they stand there, as the module that a vendor would make of them. */
export async function verifierOfGuide(gateway: string, subgraph = 'archive'): Promise<ViewerOf> {
  const [, code] = /```js\n([\s\S]*?)```/.exec(await readFile('docs/vendors.md', 'utf8')) ?? [];
  if (!code) throw new Error('docs/vendors.md shows no verifier in JavaScript.');
  process.env.SLUSE_URL = gateway;
  process.env.SLUSE_SUBGRAPH = subgraph;
  // Below node_modules, because it imports `jose` by name.
  const folder = resolve('node_modules/.cache/sluse-vendor');
  const file = join(folder, `${process.pid}-${new URL(gateway).port}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, code);
  try {
    return (await import(file)).viewerOf;
  } finally {
    await rm(file);
  }
}

export async function openArchive(): Promise<Archive> {
  const database = await freshDatabase();
  await database.sql(`
    CREATE TABLE archived (municipality text, case_id uuid, citizen uuid, place serial);
    CREATE TABLE note (case_id uuid, text text, place serial)`);
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  let viewerOf: ViewerOf = async () => {
    throw new Error('it trusts nobody yet');
  };
  const server = new ApolloServer<Context>({
    schema: buildSubgraphSchema({ typeDefs: parse(archiveSdl), resolvers: resolvers(pool) as never }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: async ({ req }) => {
      try {
        return { viewer: await viewerOf(req.headers.authorization) };
      } catch {
        throw new GraphQLError('Who asks?', { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
      }
    },
  });
  const { supergraph, findings } = composeWithRooms([{ name: 'archive', url, sdl: archiveSdl }]);
  if (supergraph === null || findings.length > 0) throw new Error(JSON.stringify(findings));
  let isOpen = true;
  return {
    url,
    supergraph,
    async trust(gateway) {
      viewerOf = await verifierOfGuide(gateway);
    },
    async holds(rows) {
      await pool.query('TRUNCATE archived, note RESTART IDENTITY');
      for (const row of rows) {
        await pool.query("INSERT INTO archived VALUES ('0999', $1, $2)", [row.case, row.citizen]);
        await pool.query('INSERT INTO note VALUES ($1, $2)', [row.case, `about ${row.case}`]);
      }
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await server.stop();
      await pool.end();
      await database.drop();
    },
  };
}

interface Context {
  readonly viewer: Viewer;
}
interface Id {
  readonly id: string;
}

function resolvers(pool: pg.Pool) {
  const cases = async ({ viewer }: Context, where = 'true', ...values: unknown[]) => {
    const { rows } = await pool.query(
      `SELECT case_id AS id FROM archived WHERE municipality = $1 AND ${where} ORDER BY place`,
      [viewer.municipality, ...values],
    );
    return rows.map(({ id }: Id) => ({ __typename: 'Case', id }));
  };
  return {
    Query: {
      archivedCases: (_: unknown, _none: unknown, context: Context) => cases(context),
      archivedCase: async (_: unknown, { id }: Id, context: Context) =>
        (await cases(context, 'case_id::text = $2', id))[0] ?? null,
      archivedFiles: async (_: unknown, _none: unknown, context: Context) =>
        (await cases(context)).map((one) => ({ case: one, pages: 3 })),
    },
    Mutation: {
      addArchiveNote: async (_: unknown, given: { readonly case: string; readonly text: string }) => {
        await pool.query('INSERT INTO note VALUES ($1, $2)', [given.case, given.text]);
        return { __typename: 'Case', id: given.case };
      },
    },
    Citizen: {
      __resolveReference: ({ id }: Id) => ({ id }),
      archivedCases: ({ id }: Id, _none: unknown, context: Context) => cases(context, 'citizen = $2', id),
    },
    Case: {
      __resolveReference: ({ id }: Id) => ({ id }),
      archiveBox: ({ id }: Id) => `box ${id.slice(0, 2)}`,
      archiveNotes: async ({ id }: Id) =>
        (await pool.query('SELECT text FROM note WHERE case_id = $1 ORDER BY place', [id])).rows.map(
          (row: { readonly text: string }) => ({ ...row, case: { __typename: 'Case', id } }),
        ),
      besideInArchive: ({ id }: Id, _none: unknown, context: Context) => cases(context, 'case_id <> $2', id),
    },
  };
}
