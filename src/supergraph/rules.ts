/**
 * Reads a supergraph's access rules from its SDL, under whatever names its links give to the directives.
 *
 * The rules are read from the SDL, not from a schema object, because the planner's schema drops directives. A
 * supergraph that requires an unknown security feature is refused: serving it would mean serving it unprotected.
 */
import { type ConstDirectiveNode, type DocumentNode, Kind, parse, type TypeNode } from 'graphql';
import { type CostNames, type Costs, costsOf, defaultCostNames } from '../../subgraphs/edge/cost-rules.js';
import { argument, type FeatureNames, type Rules, rulesOf } from '../../subgraphs/edge/rules.js';
import { contradiction } from '../planning/required-aliases.js';

export interface ReadSupergraph {
  readonly rules: Rules;
  readonly costs: Costs;
  /**
   * The same supergraph without its security purposes. `ApolloGateway` refuses security features it does not know; we
   * enforce them in its place.
   */
  readonly document: DocumentNode;
}

class SupergraphRefused extends Error {}

const shieldedFeature = 'https://sluse.example/shielded';
const securityFeatures = new Map([
  ['https://specs.apollo.dev/authenticated/v0.1', 'authenticated'],
  ['https://specs.apollo.dev/requiresScopes/v0.1', 'requiresScopes'],
  ['https://specs.apollo.dev/policy/v0.1', 'policy'],
] as const);

/** Reads rules and costs from a supergraph's SDL. Throws if the gateway cannot enforce what it asks for. */
export function readSupergraph(sdl: string): ReadSupergraph {
  const document = parse(sdl);
  const cost: CostNames = { ...defaultCostNames };
  const names = featureNames(document, cost);
  const rules = rulesOf(document, names);
  refuseWhereShieldingCannotHold(document, rules.shielded);
  refuseWhatCannotBePlanned(document);
  return {
    rules,
    costs: costsOf(document, cost),
    document: withoutSecurityPurpose(document),
  };
}

/** Returns the directive names that this supergraph uses: a link may rename them (`as`, or an aliased import). */
function featureNames(document: DocumentNode, cost: CostNames): FeatureNames {
  const names: FeatureNames = { security: new Map(), shielded: 'shielded', tag: 'tag' };
  for (const link of linksOf(document)) {
    const url = argument(link, 'url');
    if (typeof url !== 'string') continue;
    const feature = [...securityFeatures].find(([known]) => known === url)?.[1];
    // Inaccessible elements are not in the API schema that callers get. Apollo's own packages remove them.
    if (
      argument(link, 'for') === 'SECURITY' &&
      !feature &&
      !/^https:\/\/specs\.apollo\.dev\/inaccessible\/v0\.[12]$/.test(url)
    ) {
      throw new SupergraphRefused(
        `The supergraph asks for the security feature ${url}, which this gateway does not enforce. Compose without it.`,
      );
    }
    if (feature) names.security.set(nameIn(link, feature), feature);
    if (url.startsWith('https://specs.apollo.dev/cost/')) {
      cost.cost = nameIn(link, 'cost');
      cost.listSize = nameOf(link, 'cost', 'listSize');
    }
    if (url.startsWith('https://specs.apollo.dev/tag/')) names.tag = nameIn(link, 'tag');
    if (url.startsWith(`${shieldedFeature}/`)) {
      if (!url.startsWith(`${shieldedFeature}/v1.`))
        throw new SupergraphRefused(`The supergraph uses ${url}; this gateway knows v1.`);
      names.shielded = nameIn(link, 'shielded');
    }
  }
  return names;
}

/**
 * A directive with its feature's own name is the feature's main directive. Only the rename changes its name, never a
 * prefix.
 */
const nameIn = (link: ConstDirectiveNode, feature: string): string => nameOf(link, feature, feature);

function nameOf(link: ConstDirectiveNode, feature: string, directive: string): string {
  const imports = (argument(link, 'import') as unknown[] | undefined) ?? [];
  for (const item of imports) {
    if (item === `@${directive}`) return directive;
    if (isRecord(item) && item.name === `@${directive}`) return String(item.as ?? item.name).slice(1);
  }
  const as = argument(link, 'as');
  const prefix = typeof as === 'string' ? as : feature;
  return directive === feature ? prefix : `${prefix}__${directive}`;
}

/**
 * Refuses a supergraph in which shielding cannot hold.
 *
 * A shielded object vanishes by being left out of its list or by its field being null. If the schema promises a value
 * there, its absence would null the parent and so reveal it. If more than one subgraph resolves the vouching field, any
 * of them could vouch for what the owner hides.
 */
function refuseWhereShieldingCannotHold(document: DocumentNode, shielded: ReadonlyMap<string, string>) {
  if (shielded.size === 0) return;
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
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const type = definition.name.value;
    for (const field of definition.fields ?? []) {
      if (
        field.type.kind === Kind.NON_NULL_TYPE &&
        field.type.type.kind === Kind.NAMED_TYPE &&
        hiding.has(field.type.type.name.value)
      ) {
        throw new SupergraphRefused(
          `${type}.${field.name.value} must be nullable: it leads to ${namedType(field.type)}, whose existence may be secret.`,
        );
      }
    }
    const by = shielded.get(type);
    if (by === undefined) continue;
    const vouching = definition.fields?.find((field) => field.name.value === by);
    if (!vouching) throw new SupergraphRefused(`@shielded(by: "${by}") on ${type} names no field of it.`);
    const owners = (vouching.directives ?? []).filter(
      (directive) => directive.name.value === 'join__field' && argument(directive, 'external') !== true,
    );
    const homes = new Set(
      (definition.directives ?? [])
        .filter((directive) => directive.name.value === 'join__type')
        .map((directive) => argument(directive, 'graph')),
    );
    if (owners.length > 1 || (owners.length === 0 && homes.size > 1)) {
      throw new SupergraphRefused(
        `${type}.${by} vouches for a shielded type and must be resolved by exactly one subgraph.`,
      );
    }
    if (owners.some((directive) => argument(directive, 'override') !== undefined)) {
      throw new SupergraphRefused(
        `${type}.${by} vouches for a shielded type: no subgraph may take it over from its owner with @override.`,
      );
    }
  }
}

/**
 * Refuses a field that requires one field with different arguments. The planner can give each its own name
 * (`planning/required-aliases.ts`), but a representation has only one place for the field.
 */
function refuseWhatCannotBePlanned(document: DocumentNode) {
  const found = contradiction(document);
  if (!found) return;
  throw new SupergraphRefused(
    `${found.coordinate} requires "${found.text}": the same field with arguments that differ, of which a subgraph can be handed only one. Require it with the same arguments, or under another name.`,
  );
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

const linksOf = (document: DocumentNode): ConstDirectiveNode[] =>
  document.definitions
    .filter((definition) => definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION)
    .flatMap((definition) => (definition.directives as ConstDirectiveNode[] | undefined) ?? [])
    .filter((directive) => argument(directive, 'url') !== undefined);

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
