/**
 * Finds where shielding cannot hold in a supergraph.
 *
 * A shielded object vanishes by being left out of its list or by its field being null. If the schema promises a value
 * there, its absence would null the parent and so reveal it. If more than one subgraph resolves the vouching field, any
 * of them could vouch for what the owner hides.
 */
import { type DocumentNode, Kind, type ObjectTypeDefinitionNode } from 'graphql';
import { argument } from '../../subgraphs/edge/rules.js';
import { type Finding, refused } from './findings.js';
import { directivesIn, namedType } from './joins.js';

/** `shielded`: as in `Rules`. */
export function shieldingFindings(document: DocumentNode, shielded: ReadonlyMap<string, string>): Finding[] {
  if (shielded.size === 0) return [];
  const hiding = hidingTypes(document, shielded);
  const findings: Finding[] = [];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const type = definition.name.value;
    for (const { name, type: promised } of definition.fields ?? []) {
      if (promised.kind !== Kind.NON_NULL_TYPE || promised.type.kind !== Kind.NAMED_TYPE) continue;
      const target = namedType(promised);
      if (!hiding.has(target)) continue;
      const problem = `must be nullable: it leads to ${target}, whose existence may be secret.`;
      findings.push(refused(`${type}.${name.value}`, problem, 'Leave out the exclamation mark, or answer a list.'));
    }
    const by = shielded.get(type);
    if (by !== undefined && definition.kind === Kind.OBJECT_TYPE_DEFINITION)
      findings.push(...vouchingFindings(definition, by));
  }
  return findings;
}

/** The shielded types, and the unions and interfaces through which a field can lead to one. */
function hidingTypes(document: DocumentNode, shielded: ReadonlyMap<string, string>): Set<string> {
  const hiding = new Set(shielded.keys());
  for (const definition of document.definitions) {
    if (
      definition.kind === Kind.UNION_TYPE_DEFINITION &&
      definition.types?.some((type) => shielded.has(type.name.value))
    )
      hiding.add(definition.name.value);
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION && shielded.has(definition.name.value)) {
      for (const implemented of definition.interfaces ?? []) hiding.add(implemented.name.value);
    }
  }
  return hiding;
}

function vouchingFindings(definition: ObjectTypeDefinitionNode, by: string): Finding[] {
  const type = definition.name.value;
  const coordinate = `${type}.${by}`;
  const vouching = definition.fields?.find((field) => field.name.value === by);
  if (!vouching)
    return [
      refused(type, `is @shielded(by: "${by}"), which names no field of it.`, 'Name one that its owner resolves.'),
    ];
  const owners = directivesIn(vouching, 'join__field').filter((directive) => argument(directive, 'external') !== true);
  const homes = new Set(directivesIn(definition, 'join__type').map((directive) => argument(directive, 'graph')));
  if (owners.length > 1 || (owners.length === 0 && homes.size > 1)) {
    const problem = 'vouches for a shielded type and must be resolved by exactly one subgraph.';
    return [refused(coordinate, problem, 'Leave it to its owner.')];
  }
  if (owners.some((directive) => argument(directive, 'override') !== undefined)) {
    const problem = 'vouches for a shielded type: no subgraph may take it over from its owner with @override.';
    return [refused(coordinate, problem, 'Leave it to its owner.')];
  }
  return [];
}
