/**
 * What the log must name of a vendor's answer. An entry names every `Citizen` and `Case` in it; data of a person that
 * is reached past both would be read without a trace in that person's log.
 */
import { Kind, type TypeDefinitionNode } from 'graphql';
import { argument, namedTypes } from '../../subgraphs/edge/rules.js';
import { type Finding, refused } from './findings.js';
import { directivesIn, fieldsIn, isRoot, namedType } from './joins.js';
import { isOurs, isVendors, type VendorSupergraph } from './vendor-supergraph.js';

/** On a type: it holds nobody's data, such as a form or an opening hour. */
const nobodysTag = 'no-person';

export function vendorLogFindings(supergraph: VendorSupergraph): Finding[] {
  const { joins, rules } = supergraph;
  const findings: Finding[] = [];
  const starts: string[] = [];
  for (const type of joins.types) {
    const name = type.name.value;
    const isStart = (isRoot(name) || isOurs(type, supergraph)) && !namedTypes.includes(name);
    for (const field of fieldsIn(type)) {
      if (!isVendors(type, field, supergraph)) continue;
      const coordinate = `${name}.${field.name.value}`;
      if (isStart) starts.push(namedType(field.type));
      if (rules.ownSession.has(coordinate))
        findings.push(
          refused(coordinate, 'has the tag own-session, by which its answer leaves unchecked.', 'Leave the tag out.'),
        );
      if (name === 'Mutation' && !changing.has(rules.uses.get(coordinate) ?? ''))
        findings.push(
          refused(
            coordinate,
            'would be logged as reading.',
            'Add @tag(name: "use-enter"), "use-change" or "use-delete".',
          ),
        );
    }
  }
  return [...findings, ...unnamed(starts, supergraph)];
}

const changing: ReadonlySet<string> = new Set(['ENTER', 'CHANGE', 'DELETE']);

/** Walks from where a vendor's data can be reached past `Citizen` and `Case`, until each way is sure to lead to one. */
function unnamed(starts: readonly string[], supergraph: VendorSupergraph): Finding[] {
  const { joins } = supergraph;
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const walk = (name: string) => {
    const type = joins.typeOf.get(name);
    if (!type || seen.has(name) || namedTypes.includes(name)) return;
    seen.add(name);
    if (isOurs(type, supergraph) || isAbout(type, supergraph)) return;
    for (const member of membersOf(type, supergraph)) walk(member);
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) return;
    if (holdsData(type, supergraph)) {
      const remedy = `Add a field to ${namedTypes.join(' or ')} with @tag(name: "audited"), which the log then always asks for; or put @tag(name: "${nobodysTag}") on the type if it holds nobody's data.`;
      findings.push(refused(name, 'can be read without the log naming whom it is about.', remedy));
    } else for (const field of fieldsIn(type)) walk(namedType(field.type));
  };
  for (const start of starts) walk(start);
  return findings;
}

/** Whether every object of the type leads to a person through fields that the log always asks for. */
function isAbout(type: TypeDefinitionNode, supergraph: VendorSupergraph, above: readonly string[] = []): boolean {
  const { joins, rules } = supergraph;
  const name = type.name.value;
  if (namedTypes.includes(name)) return true;
  if (above.includes(name)) return false;
  const leads = (target: string) => {
    const found = joins.typeOf.get(target);
    return found !== undefined && isAbout(found, supergraph, [...above, name]);
  };
  const members = membersOf(type, supergraph);
  if (members.length > 0) return members.every(leads);
  const audited = rules.auditedFields.get(name) ?? [];
  return fieldsIn(type).some((field) => audited.includes(field.name.value) && leads(namedType(field.type)));
}

function membersOf(type: TypeDefinitionNode, { joins }: VendorSupergraph): string[] {
  if (type.kind === Kind.UNION_TYPE_DEFINITION) return (type.types ?? []).map(({ name }) => name.value);
  if (type.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
  return joins.types
    .filter(
      (one) =>
        one.kind === Kind.OBJECT_TYPE_DEFINITION && one.interfaces?.some(({ name }) => name.value === type.name.value),
    )
    .map(({ name }) => name.value);
}

/** Whether the type has values of its own. A page of a list and its edges only carry what they list. */
function holdsData(type: TypeDefinitionNode, { joins, tag }: VendorSupergraph): boolean {
  if (directivesIn(type, tag).some((one) => argument(one, 'name') === nobodysTag)) return false;
  const isPage = /(Connection|Edge)$/.test(type.name.value);
  return fieldsIn(type).some((field) => {
    const target = joins.typeOf.get(namedType(field.type));
    const isLeaf = !target || target.kind === Kind.SCALAR_TYPE_DEFINITION || target.kind === Kind.ENUM_TYPE_DEFINITION;
    return isLeaf && !(isPage && pageFields.has(field.name.value));
  });
}

const pageFields: ReadonlySet<string> = new Set(['cursor', 'totalCount']);
