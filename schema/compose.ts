/**
 * `npx sluse compose`: composes vendors' subgraphs with our rooms, and says in plain words what of it the gateway would
 * refuse, and what could be better.
 */
import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { type DocumentNode, type GraphQLError, parse } from 'graphql';
import { type Finding, refused } from '../src/supergraph/findings.js';
import { examineSupergraph } from '../src/supergraph/rules.js';
import { ownRooms } from '../src/supergraph/vendors.js';
import { inPlainWords } from './composition-errors.js';
import { droppedDirectives } from './dropped-directives.js';

export interface Subgraph {
  readonly name: string;
  /** Where the gateway reaches it, unless `SLUSE_SUBGRAPHS` says otherwise. */
  readonly url: string;
  /** It can be parsed. */
  readonly sdl: string;
}

export interface Composed {
  /** `null` where it does not compose, or the gateway would refuse it. */
  readonly supergraph: string | null;
  readonly findings: readonly Finding[];
}

export const ports = { identity: 4001, cases: 4002, smdb: 4003, audit: 4004 } as const;

/** Composes vendors' subgraphs with the rooms as they are shipped. Says everything that is wrong, not the first only. */
export function composeWithRooms(vendors: readonly Subgraph[]): Composed {
  const old = vendors.flatMap((vendor) => federationFindings(vendor));
  if (old.length > 0) return { supergraph: null, findings: old };
  const all = [...shippedRooms(), ...vendors].map(({ sdl, ...rest }) => ({ ...rest, typeDefs: parse(sdl) }));
  // Without the search for unreachable fields first: a stub without our key makes hundreds of these, and one finding.
  const merged = composeServices(all, { runSatisfiability: false });
  if (merged.errors) return { supergraph: null, findings: inPlainWords(merged.errors as GraphQLError[]) };
  const findings = [
    ...vendors.flatMap((vendor) => droppedIn(vendor, merged.supergraphSdl)),
    ...examined(merged.supergraphSdl),
  ];
  if (findings.some(({ isTolerated }) => !isTolerated)) return { supergraph: null, findings };
  const whole = composeServices(all);
  if (whole.errors)
    return { supergraph: null, findings: [...findings, ...inPlainWords(whole.errors as GraphQLError[])] };
  return { supergraph: `${whole.supergraphSdl.trim()}\n`, findings };
}

/** The rooms' SDL as committed, which lies beside this file in the build too. */
const shippedRooms = (): Subgraph[] =>
  Object.entries(ports).map(([name, port]) => ({
    name,
    url: `http://localhost:${port}/graphql`,
    sdl: readFileSync(new URL(`./${name}.graphql`, import.meta.url), 'utf8'),
  }));

const federation2 = /^https:\/\/specs\.apollo\.dev\/federation\/v2\.\d+$/;

function federationFindings({ name, sdl }: Subgraph): Finding[] {
  if (linksOf(parse(sdl)).some((url) => federation2.test(url))) return [];
  const problem = 'is a subgraph of Federation 1, in which every type is shared: it has no @link to Federation 2.';
  const remedy = 'Begin with: extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]).';
  return [refused(name, problem, remedy)];
}

const linksOf = (document: DocumentNode): string[] =>
  document.definitions
    .flatMap((one) => (one.kind === 'SchemaDefinition' || one.kind === 'SchemaExtension' ? (one.directives ?? []) : []))
    .filter((one) => one.name.value === 'link')
    .flatMap((one) => one.arguments ?? [])
    .flatMap(({ name, value }) => (name.value === 'url' && value.kind === 'StringValue' ? [value.value] : []));

/** What the gateway finds in it. What it cannot read at all is a finding too. */
function examined(supergraph: string): readonly Finding[] {
  try {
    return examineSupergraph(supergraph, ownRooms).findings;
  } catch (error) {
    return [refused('supergraph', `cannot be served: ${(error as Error).message}`, 'Change what it names.')];
  }
}

function droppedIn({ sdl }: Subgraph, supergraph: string): Finding[] {
  try {
    return droppedDirectives(parse(sdl), examineSupergraph(supergraph).rules);
  } catch {
    // `examined` says why it cannot be read.
    return [];
  }
}
