/**
 * Reads a supergraph's access rules from its SDL, and says what of it cannot be served.
 *
 * The rules are read from the SDL, not from a schema object, because the planner's schema drops directives. A
 * supergraph that requires an unknown security feature is refused: serving it would mean serving it unprotected.
 */
import { type DocumentNode, Kind, parse } from 'graphql';
import { type Costs, costsOf } from '../../subgraphs/edge/cost-rules.js';
import { argument, type Rules, rulesOf } from '../../subgraphs/edge/rules.js';
import { contradiction } from '../planning/required-aliases.js';
import { featuresOf } from './features.js';
import { type Finding, refused, SupergraphRefused, sentenceOf } from './findings.js';
import { joinsIn } from './joins.js';
import { shieldingFindings } from './shielding.js';
import { vendorFindings } from './vendors.js';

export interface ReadSupergraph {
  readonly rules: Rules;
  readonly costs: Costs;
  /**
   * The same supergraph without its security purposes. `ApolloGateway` refuses security features it does not know; we
   * enforce them in its place.
   */
  readonly document: DocumentNode;
  /** What could be better, and is served. */
  readonly findings: readonly Finding[];
}

/**
 * Reads rules and costs from a supergraph's SDL. `rooms`: our own subgraphs; every other one is a vendor's, and held to
 * the rules for vendors. Throws if the gateway cannot enforce what it asks for.
 */
export function readSupergraph(sdl: string, rooms?: ReadonlySet<string>): ReadSupergraph {
  const read = examineSupergraph(sdl, rooms);
  const reasons = read.findings.filter(({ isTolerated }) => !isTolerated);
  if (reasons.length > 0) throw new SupergraphRefused(reasons.map(sentenceOf).join('\n'));
  return read;
}

/** Does the same, and returns what refuses it among the findings. Throws where nothing can be read at all. */
export function examineSupergraph(sdl: string, rooms?: ReadonlySet<string>): ReadSupergraph {
  const document = parse(sdl);
  const features = featuresOf(document);
  const joins = joinsIn(document);
  const rules = rulesOf(document, features);
  const costs = costsOf(document, features.cost);
  return {
    rules,
    costs,
    document: withoutSecurityPurpose(document),
    findings: [
      ...shieldingFindings(document, rules.shielded),
      ...planningFindings(document),
      ...(rooms ? vendorFindings({ joins, rules, costs, tag: features.tag, rooms }) : []),
    ],
  };
}

/**
 * Finds a field that requires one field with different arguments. The planner can give each its own name
 * (`planning/required-aliases.ts`), but a representation has only one place for the field.
 */
function planningFindings(document: DocumentNode): Finding[] {
  const found = contradiction(document);
  if (!found) return [];
  const problem = `requires "${found.text}": the same field with arguments that differ, of which a subgraph can be handed only one.`;
  return [refused(found.coordinate, problem, 'Require it with the same arguments, or under another name.')];
}

/** Removes `for: SECURITY` from the features enforced here. Everything else stays as it is. */
function withoutSecurityPurpose(document: DocumentNode): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.map((definition) => {
      if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) return definition;
      const directives = (definition.directives ?? []).map((directive) =>
        argument(directive, 'for') === 'SECURITY'
          ? { ...directive, arguments: (directive.arguments ?? []).filter((given) => given.name.value !== 'for') }
          : directive,
      );
      return { ...definition, directives };
    }),
  };
}
