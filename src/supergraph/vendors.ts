/**
 * What a vendor's subgraph may do in a supergraph. A vendor is every subgraph that is not one of our rooms.
 *
 * A vendor could take fields of ours over, loosen the rules on them, or hand out people's data of which the log names
 * nobody. `npx sluse compose` and the gateway hold it to the same rules: these.
 */
import { Kind, type TypeDefinitionNode } from 'graphql';
import type { Costs } from '../../subgraphs/edge/cost-rules.js';
import { argument, type Rules } from '../../subgraphs/edge/rules.js';
import { type Finding, refused } from './findings.js';
import { directivesIn, type Field, fieldsIn, isRoot } from './joins.js';
import { shippedSupergraph } from './shipped.js';
import { vendorCostFindings } from './vendor-costs.js';
import { vendorLogFindings } from './vendor-log.js';
import type { VendorSupergraph } from './vendor-supergraph.js';

/** Our own rooms, by their subgraph names. */
export const ownRooms: ReadonlySet<string> = new Set(['identity', 'smdb', 'cases', 'audit']);

/** Returns nothing if all subgraphs are ours. */
export function vendorFindings(supergraph: VendorSupergraph): Finding[] {
  const { joins, rooms } = supergraph;
  if (joins.graphs.every((graph) => rooms.has(graph))) return [];
  return [
    ...joins.types.flatMap((type) => [...typeFindings(type, supergraph), ...fieldFindings(type, supergraph)]),
    ...changedRules(supergraph),
    ...vendorLogFindings(supergraph),
    ...vendorCostFindings(supergraph),
  ];
}

/** The two sides that have a type. */
function sidesOf(type: TypeDefinitionNode, { joins, rooms }: VendorSupergraph) {
  const all = joins.ofType(type);
  return {
    ours: all.filter(({ graph }) => rooms.has(graph)),
    vendors: all.filter(({ graph }) => !rooms.has(graph)),
  };
}

/** A type of ours is a vendor's only as a stub with its key. Scalars and what we share without a key are common. */
function typeFindings(type: TypeDefinitionNode, supergraph: VendorSupergraph): Finding[] {
  const name = type.name.value;
  const { ours, vendors } = sidesOf(type, supergraph);
  if (name === 'Subscription' && vendors.length > 0)
    return [refused(name, 'is not served: there are no subscriptions.', 'Leave the type out.')];
  if (ours.length === 0 || vendors.length === 0 || isRoot(name) || type.kind === Kind.SCALAR_TYPE_DEFINITION) return [];
  if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) {
    const remedy = 'Define a type of your own, under another name.';
    return [refused(name, `is ours, and ${kinds[type.kind]} of ours cannot be defined again.`, remedy)];
  }
  const keys = new Set(ours.flatMap(({ key }) => key ?? []));
  if (keys.size === 0) return [];
  const stub = `type ${name} @key(fields: "${[...keys][0]}")`;
  return vendors
    .filter(({ key }) => key === undefined || !keys.has(key))
    .map(({ key }) =>
      key === undefined
        ? refused(name, 'is ours, and is defined without its key.', `Refer to it as ${stub}.`)
        : refused(name, `is ours, and has no key "${key}".`, `Refer to it as ${stub}.`),
    );
}

const kinds: Readonly<Record<Exclude<TypeDefinitionNode['kind'], Kind.OBJECT_TYPE_DEFINITION>, string>> = {
  [Kind.SCALAR_TYPE_DEFINITION]: 'a scalar',
  [Kind.ENUM_TYPE_DEFINITION]: 'an enum',
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: 'an input type',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'an interface',
  [Kind.UNION_TYPE_DEFINITION]: 'a union',
};

/** Fields that our rooms resolve are theirs alone, but for keys and for what they share. */
function fieldFindings(type: TypeDefinitionNode, supergraph: VendorSupergraph): Finding[] {
  const { joins, rooms } = supergraph;
  if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
  const name = type.name.value;
  const { ours } = sidesOf(type, supergraph);
  const keys = new Set(ours.flatMap(({ key }) => key?.split(/[\s{}]+/) ?? []));
  const isShared = ours.length > 0 && !isRoot(name) && keys.size === 0;
  return fieldsIn(type).flatMap((field): Finding[] => {
    const coordinate = `${name}.${field.name.value}`;
    const all = joins.ofField(type, field).filter(({ isExternal }) => !isExternal);
    const vendors = all.filter(({ graph }) => !rooms.has(graph));
    if (vendors.length === 0) return [];
    const found: Finding[] = [];
    const taken = vendors.find(({ override }) => override !== undefined && rooms.has(override))?.override;
    if (taken !== undefined) {
      const problem = `is taken over from our room ${taken} with @override, and with it what that room hides.`;
      found.push(refused(coordinate, problem, 'Add a field of another name.'));
    } else if (!isShared && !keys.has(field.name.value) && all.some(({ graph }) => rooms.has(graph)))
      found.push(refused(coordinate, 'is a field of ours, and is resolved by the vendor too.', another));
    if (isShared && all.length === vendors.length)
      found.push(refused(coordinate, `is added to ${name}, a type of ours without a key.`, 'Use a type of your own.'));
    if (hasContext(field))
      found.push(
        refused(coordinate, 'takes an argument with @fromContext, which the gateway does not fill.', 'Use @requires.'),
      );
    return found;
  });
}

const another = 'Leave it out; to refer to it for @requires, mark it @external.';

const hasContext = (field: Field): boolean =>
  directivesIn(field, 'join__field').some((one) => argument(one, 'contextArguments') !== undefined);

/**
 * Compares rules and weights where a vendor's definition meets ours with what we ship. A definition can loosen them or
 * tighten them: which, depends on the version of the composition.
 */
function changedRules({ joins, rules, costs, rooms }: VendorSupergraph): Finding[] {
  const shipped = shippedSupergraph();
  const isCommon = (graphs: readonly { readonly graph: string }[]) =>
    graphs.some(({ graph }) => rooms.has(graph)) && graphs.some(({ graph }) => !rooms.has(graph));
  const places = joins.types.flatMap((type) => {
    if (!isCommon(joins.ofType(type))) return [];
    const common = fieldsIn(type).filter((field) => isCommon(joins.ofField(type, field)));
    return [type.name.value, ...common.map((field) => `${type.name.value}.${field.name.value}`)];
  });
  return places
    .filter((coordinate) => shipped.coordinates.has(coordinate))
    .flatMap((coordinate) => {
      const found: Finding[] = [];
      const differs = (what: (of: { rules: Rules; costs: Costs }) => unknown) =>
        JSON.stringify(what({ rules, costs })) !== JSON.stringify(what(shipped));
      if (differs((of) => of.rules.requirements.get(coordinate))) {
        const problem = 'is ours, and who may have it is changed by @authenticated, @requiresScopes or @policy.';
        found.push(refused(coordinate, problem, 'Put these on fields of your own.'));
      }
      if (differs((of) => of.rules.shielded.get(coordinate)))
        found.push(refused(coordinate, 'is ours, and its @shielded is changed.', 'Leave @shielded out.'));
      if (differs((of) => of.costs.weights.get(coordinate)))
        found.push(refused(coordinate, 'is ours, and its @cost is changed.', 'Put @cost on fields of your own.'));
      return found;
    });
}
