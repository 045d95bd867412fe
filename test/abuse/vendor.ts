/** A vendor's subgraph: plain `@apollo/subgraph`, composed beside the rooms. It filters nothing, and hands out what it is told to. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { type Impostor, json, listen } from './impostor.js';

const header = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible", "@authenticated", "@requiresScopes"])`;

const vendorSdl = `${header}
  type Query { vendorCase(id: ID!): Case  vendorCases: [Case!]  vendorGrid: [[Case!]!] }
  type Citizen @key(fields: "id") {
    id: ID!
    vendorCases: [Case!]!
    vendorCase: Case
    vendorFiles: VendorFileConnection!
    vendorThings: [VendorThing!]!
    vendorKept: [VendorKept!]!
    vendorCabinets: [VendorCabinet!]!
  }
  type Case implements VendorKept @key(fields: "id") { id: ID!  vendorNote: String  vendorPages: Int!  related: [Case!]! }
  interface VendorKept { id: ID! }
  type VendorFileConnection { edges: [VendorFileEdge!]!  nodes: [Case!]! }
  type VendorFileEdge { node: Case  cursor: String! }
  type VendorCabinet implements VendorKept { id: ID!  cases: [Case!]!  top: Case }
  union VendorThing = Case | VendorCabinet`;

/** Composed of the rooms as committed and of `sdl`; the errors of composition where it is refused. */
export function composeWith(sdl: string, name = 'vendor'): { supergraph?: string; errors?: string[] } {
  const rooms = ['identity', 'cases', 'smdb', 'audit'].map((room) => ({
    name: room,
    url: `http://127.0.0.1:1/${room}`,
    typeDefs: parse(readFileSync(`schema/${room}.graphql`, 'utf8')),
  }));
  const composed = composeServices([...rooms, { name, url: 'http://127.0.0.1:1/vendor', typeDefs: parse(sdl) }]);
  return composed.errors
    ? { errors: composed.errors.map((error) => `${error.extensions.code}: ${error.message}`) }
    : { supergraph: composed.supergraphSdl };
}
export { header as federationHeader };

/** A file of its own, in a directory of its own. */
export async function asFile(text: string): Promise<{ file: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'sluse-supergraph-'));
  const file = join(directory, 'supergraph.graphql');
  await writeFile(file, text);
  return { file, remove: () => rm(directory, { recursive: true }) };
}

export interface Vendor extends Impostor {
  readonly supergraph: string;
  /** Ids of cases that it hands out from now on, wherever it can; its notes of those in `failing` throw. */
  handsOut(ids: readonly string[], failing?: readonly string[]): void;
}

export async function openVendor(): Promise<Vendor> {
  let ids: readonly string[] = [];
  let failing: readonly string[] = [];
  const of = (id: string) => ({ __typename: 'Case', id });
  const all = () => ids.map(of);
  const schema = buildSubgraphSchema({
    typeDefs: parse(vendorSdl),
    resolvers: {
      Query: {
        vendorCase: (_: unknown, { id }: { id: string }) => (ids.includes(id) ? of(id) : null),
        vendorCases: all,
        vendorGrid: () => [all(), all().reverse()],
      },
      Citizen: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        vendorCases: all,
        vendorCase: () => (ids[0] ? of(ids[0]) : null),
        vendorFiles: () => ({ nodes: all(), edges: all().map((node) => ({ node, cursor: `after ${node.id}` })) }),
        vendorThings: () => [{ __typename: 'VendorCabinet', id: 'one' }, ...all()],
        vendorKept: () => [...all(), { __typename: 'VendorCabinet', id: 'one' }],
        vendorCabinets: () => [{ id: 'one' }, { id: 'two' }],
      },
      VendorCabinet: { cases: all, top: () => (ids[0] ? of(ids[0]) : null) },
      Case: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        vendorNote: ({ id }: { id: string }) => {
          if (failing.includes(id)) throw new Error(`the note of case ${id} is torn`);
          return `a note on ${id}`;
        },
        vendorPages: ({ id }: { id: string }) => (failing.includes(id) ? null : 3),
        related: ({ id }: { id: string }) => all().filter((other) => other.id !== id),
      },
    } as never,
  });
  const server = await listen();
  server.does((request, response, body) => {
    const { query, variables, operationName } = JSON.parse(body);
    graphql({ schema, source: query, variableValues: variables, operationName }).then((answer) =>
      json(answer)(request, response, body),
    );
  });
  return {
    ...server,
    supergraph: composeWith(vendorSdl).supergraph!,
    handsOut(given, torn = []) {
      ids = given;
      failing = torn;
    },
  };
}
