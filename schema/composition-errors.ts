/** Errors of Apollo's composition as findings: where, what, and what to do. */
import type { GraphQLError } from 'graphql';
import { type Finding, refused } from '../src/supergraph/findings.js';

/** By code of Apollo's: what is wrong, and what to do. */
const known: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  INVALID_FIELD_SHARING: [
    'is resolved by more than one subgraph, and not shared by all of them.',
    'If it is a field of ours, leave it out, or mark it @external to refer to it. If the type is ours, refer to it by its @key.',
  ],
  FIELD_TYPE_MISMATCH: ['has another type in another subgraph.', 'Use the same type, or another name.'],
  EXTERNAL_TYPE_MISMATCH: ['is @external, with another type than its owner gives it.', 'Copy the type of its owner.'],
  EXTERNAL_UNUSED: ['is @external, and nothing needs it.', 'Leave it out, or require it.'],
  EXTERNAL_MISSING_ON_BASE: ['is @external, and no other subgraph has it.', 'Look for its name in schema/api.graphql.'],
  REQUIRES_INVALID_FIELDS: ['requires fields that are not there.', 'Add each of them to the type, as @external.'],
  KEY_INVALID_FIELDS: ['has a @key of fields that it does not have.', 'Add the fields of the key to the type.'],
  ENUM_VALUE_MISMATCH: [
    'is an enum that is also ours, with other values.',
    'Define one of your own, under another name.',
  ],
  TYPE_KIND_MISMATCH: ['is a type of another kind in another subgraph.', 'Use another name.'],
  REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH: [
    'is required by one subgraph and unknown to another.',
    'Use an input type of your own.',
  ],
  REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH: [
    'is required by one subgraph and unknown to another.',
    'Use a field of your own.',
  ],
  MISSING_TRANSITIVE_AUTH_REQUIREMENTS: [
    'requires a field that not everybody may have, without asking as much itself.',
    'Put the same @authenticated, @requiresScopes and @policy on it as on what it requires.',
  ],
  OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE: [
    'has @override beside a directive that excludes it.',
    'Leave @override out.',
  ],
  UNKNOWN_LINK_VERSION: [
    'links to a version of a specification that is not known here.',
    'Link to federation/v2.9 or earlier.',
  ],
};

/** Each finding once: one missing key makes an error for every field behind it. */
export function inPlainWords(errors: readonly GraphQLError[]): Finding[] {
  const findings = errors.flatMap((error) => findingsOf(error));
  return [...new Map(findings.map((finding) => [`${finding.coordinate} ${finding.problem}`, finding])).values()];
}

function findingsOf({ message, extensions }: GraphQLError): Finding[] {
  const code = String(extensions?.code ?? 'INVALID_GRAPHQL');
  if (code === 'SATISFIABILITY_ERROR') return unreachable(message);
  const coordinate = coordinateIn(message);
  const words = known[code];
  if (words) return [refused(coordinate, ...words)];
  const remedy = `Change the subgraph so that it composes (${code}).`;
  return [refused(coordinate, `does not compose: ${oneLine(message)}`, remedy)];
}

/** The message draws the way to a field that no subgraph can go. The fields at its end tell enough. */
function unreachable(message: string): Finding[] {
  const fields = new Set([...message.matchAll(/cannot find field "([\w.]+)"/g)].map(([, field]) => field!));
  return [...fields].map((field) =>
    refused(
      field,
      'cannot be reached from every place that leads to its type.',
      'Give its type a @key that the other subgraphs have, and resolve references by it.',
    ),
  );
}

/** The first coordinate that the message quotes; otherwise the subgraph that it names. */
const coordinateIn = (message: string): string =>
  /"([A-Z_a-z]\w*(?:\.\w+)?(?:\(\w+:\))?)"/.exec(message)?.[1] ?? /^\[(\w+)\]/.exec(message)?.[1] ?? 'supergraph';

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
