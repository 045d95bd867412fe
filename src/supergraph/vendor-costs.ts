/** What makes a vendor's fields cost less than they take, or fail with ours. The gateway serves it all the same. */
import { Kind, type TypeDefinitionNode, type TypeNode } from 'graphql';
import { unsized } from '../../subgraphs/edge/cost-rules.js';
import { type Finding, tolerated } from './findings.js';
import { fieldsIn, isRoot, namedType } from './joins.js';
import { isOurs, isVendors, type VendorSupergraph } from './vendor-supergraph.js';

export function vendorCostFindings(supergraph: VendorSupergraph): Finding[] {
  const { joins, costs } = supergraph;
  const sized = fieldsOfSizedPages(supergraph);
  return joins.types.flatMap((type) => {
    if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return [];
    const name = type.name.value;
    const isAddedToOurs = isRoot(name) || isOurs(type, supergraph);
    return fieldsIn(type).flatMap((field): Finding[] => {
      if (!isVendors(type, field, supergraph)) return [];
      const found: Finding[] = [];
      const coordinate = `${name}.${field.name.value}`;
      const isComposite = hasFields(joins.typeOf.get(namedType(field.type)));
      if (isComposite && isList(field.type) && !costs.sizes.has(coordinate) && !sized.has(coordinate)) {
        const remedy = 'Say with @listSize how long it is: by an argument, or assumedSize.';
        found.push(tolerated(coordinate, `is a list whose cost is guessed, as ${unsized} items.`, remedy));
      }
      if (isAddedToOurs && field.type.kind === Kind.NON_NULL_TYPE) {
        const problem = `must be nullable, so that it fails alone: without it, ${isRoot(name) ? 'the whole answer' : `the ${name}`} is null.`;
        found.push(tolerated(coordinate, problem, 'Leave out the exclamation mark.'));
      }
      return found;
    });
  });
}

/** The lists of pages whose size the field that leads to the page says. */
function fieldsOfSizedPages({ joins, costs }: VendorSupergraph): ReadonlySet<string> {
  const sized = new Set<string>();
  for (const type of joins.types)
    for (const field of fieldsIn(type))
      for (const listed of costs.sizes.get(`${type.name.value}.${field.name.value}`)?.sizedFields ?? [])
        sized.add(`${namedType(field.type)}.${listed}`);
  return sized;
}

const hasFields = (type: TypeDefinitionNode | undefined): boolean =>
  type !== undefined && type.kind !== Kind.SCALAR_TYPE_DEFINITION && type.kind !== Kind.ENUM_TYPE_DEFINITION;

const isList = (type: TypeNode): boolean =>
  type.kind === Kind.LIST_TYPE || (type.kind === Kind.NON_NULL_TYPE && isList(type.type));
