/**
 * What a supergraph asks of whoever serves it, read from its SDL: who may have which type and field (Federation's
 * `@authenticated`, `@requiresScopes`, `@policy`), which types are shielded (ours), and what the log must name (`@tag`).
 *
 * Read from the SDL and not from a schema object, because the planner's schema drops directives. A supergraph that asks
 * for a security feature that is not known here is refused: serving it would mean serving it unprotected.
 */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  Kind,
  parse,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql';
import { requiredWithArguments } from '../execution/planned.js';

/** All parts must hold; within `scopes` and `policies`, every name of at least one list. */
export interface Requirement {
  readonly authenticated: boolean;
  readonly scopes: readonly (readonly string[])[] | null;
  readonly policies: readonly (readonly string[])[] | null;
}

export interface Rules {
  /** Requirement by schema coordinate: `Type` or `Type.field`. */
  readonly requirements: ReadonlyMap<string, Requirement>;
  /** Shielded object types, and the field by which their owner vouches for them. */
  readonly shielded: ReadonlyMap<string, string>;
  /** Object types whose ids the log names. */
  readonly auditedTypes: ReadonlySet<string>;
  /** By object type: the fields selected along, because they lead to the person whom the type is about. */
  readonly auditedFields: ReadonlyMap<string, readonly string[]>;
  /** Type of use by root field coordinate, such as `Query.citizens` → `SEARCH`. */
  readonly uses: ReadonlyMap<string, string>;
  /** Types and fields by which something shielded can be met, the shielded types among them: their use is logged under seal. */
  readonly sealing: ReadonlySet<string>;
  /** Arguments whose values must never be written down, by field coordinate. */
  readonly secrets: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What the bare gateway follows. */
export const noRules: Rules = {
  requirements: new Map(),
  shielded: new Map(),
  auditedTypes: new Set(),
  auditedFields: new Map(),
  uses: new Map(),
  sealing: new Set(),
  secrets: new Map(),
};

export interface ReadSupergraph {
  readonly rules: Rules;
  /** The same supergraph for a gateway that refuses security features it does not know: we enforce them in its place. */
  readonly document: DocumentNode;
}

class SupergraphRefused extends Error {}

const shieldedFeature = 'https://sluse.example/shielded';
const securityFeatures = new Map([
  ['https://specs.apollo.dev/authenticated/v0.1', 'authenticated'],
  ['https://specs.apollo.dev/requiresScopes/v0.1', 'requiresScopes'],
  ['https://specs.apollo.dev/policy/v0.1', 'policy'],
] as const);
type SecurityFeature = 'authenticated' | 'requiresScopes' | 'policy';

export function readSupergraph(sdl: string): ReadSupergraph {
  const document = parse(sdl);
  const names = featureNames(document);
  const requirements = new Map<string, Requirement>();
  const shielded = new Map<string, string>();
  const auditedTypes = new Set<string>();
  const auditedFields = new Map<string, string[]>();
  const uses = new Map<string, string>();
  const sealing = new Set<string>();
  const secrets = new Map<string, ReadonlySet<string>>();

  for (const definition of document.definitions) {
    if (!isTypeDefinition(definition)) continue;
    const type = definition.name.value;
    const ofType = requirementOf(definition.directives, names.security);
    if (ofType) requirements.set(type, ofType);
    const by = argumentOf(definition.directives, names.shielded, 'by');
    if (typeof by === 'string') {
      shielded.set(type, by);
      sealing.add(type);
    }
    if (tagsOf(definition.directives, names.tag).includes('audited')) auditedTypes.add(type);
    if (!('fields' in definition)) continue;
    for (const field of definition.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`;
      const ofField = requirementOf(field.directives, names.security);
      if (ofField) requirements.set(coordinate, ofField);
      const tags = tagsOf(field.directives, names.tag);
      if (tags.includes('sealing')) sealing.add(coordinate);
      if (tags.includes('audited')) auditedFields.set(type, [...(auditedFields.get(type) ?? []), field.name.value]);
      const use = tags.find((tag) => tag.startsWith('use-'));
      if (use) uses.set(coordinate, use.slice('use-'.length).toUpperCase());
      const secret = (('arguments' in field && field.arguments) || []).filter((argument) =>
        tagsOf(argument.directives, names.tag).includes('secret'),
      );
      if (secret.length > 0) secrets.set(coordinate, new Set(secret.map((argument) => argument.name.value)));
    }
  }
  refuseWhereShieldingCannotHold(document, shielded);
  refuseWhatCannotBePlanned(document);
  return {
    rules: { requirements, shielded, auditedTypes, auditedFields, uses, sealing, secrets },
    document: withoutSecurityPurpose(document),
  };
}

interface FeatureNames {
  security: Map<string, SecurityFeature>;
  shielded: string;
  tag: string;
}

/** Directive names as this supergraph uses them: a link may rename (`as`, or an aliased import). */
function featureNames(document: DocumentNode): FeatureNames {
  const names: FeatureNames = { security: new Map(), shielded: 'shielded', tag: 'tag' };
  for (const link of linksOf(document)) {
    const url = argument(link, 'url');
    if (typeof url !== 'string') continue;
    const feature = [...securityFeatures].find(([known]) => known === url)?.[1];
    // What is inaccessible is not in the API schema that callers are served: Apollo's own packages see to it.
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
    if (url.startsWith('https://specs.apollo.dev/tag/')) names.tag = nameIn(link, 'tag');
    if (url.startsWith(`${shieldedFeature}/`)) {
      if (!url.startsWith(`${shieldedFeature}/v1.`))
        throw new SupergraphRefused(`The supergraph uses ${url}; this gateway knows v1.`);
      names.shielded = nameIn(link, 'shielded');
    }
  }
  return names;
}

function nameIn(link: ConstDirectiveNode, feature: string): string {
  const imports = (argument(link, 'import') as unknown[] | undefined) ?? [];
  for (const item of imports) {
    if (item === `@${feature}`) return feature;
    if (isRecord(item) && item.name === `@${feature}`) return String(item.as ?? item.name).slice(1);
  }
  const as = argument(link, 'as');
  const prefix = typeof as === 'string' ? as : feature;
  // The directive that carries its feature's own name is the feature's main one and takes no prefix but the rename.
  return prefix;
}

function requirementOf(directives: Directives, security: FeatureNames['security']): Requirement | undefined {
  const found: { authenticated: boolean; scopes: string[][] | null; policies: string[][] | null } = {
    authenticated: false,
    scopes: null,
    policies: null,
  };
  let any = false;
  for (const directive of directives ?? []) {
    const feature = security.get(directive.name.value);
    if (!feature) continue;
    any = true;
    if (feature === 'authenticated') found.authenticated = true;
    if (feature === 'requiresScopes') found.scopes = argument(directive, 'scopes') as string[][];
    if (feature === 'policy') found.policies = argument(directive, 'policies') as string[][];
  }
  return any ? found : undefined;
}

/**
 * A shielded thing vanishes by being left out of its list or by its field being null. Where the schema promises a value,
 * its absence would take the parent along and so tell: such a supergraph is refused. So is one in which more than one
 * subgraph answers the field that vouches: any of them could vouch for what the owner hides.
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
 * The planner knows a required field by its name alone. With arguments it is planned rightly as long as nobody else wants that
 * field of the same object: of two requirements that differ one is lost, and so is either what is required or what a caller
 * asks for without arguments. Whether they meet depends on the operation, which may ask for both any time: all are refused.
 */
function refuseWhatCannotBePlanned(document: DocumentNode) {
  const [found] = requiredWithArguments(document);
  if (!found) return;
  throw new SupergraphRefused(
    `${found.coordinate} requires "${found.text}": fields with arguments in @requires are not served rightly by the query planner. Require a field without arguments.`,
  );
}

/** Without `for: SECURITY` on the features enforced here; all else is left as it is. */
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

type Directives = readonly ConstDirectiveNode[] | undefined;

const linksOf = (document: DocumentNode): ConstDirectiveNode[] =>
  document.definitions
    .filter((definition) => definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION)
    .flatMap((definition) => (definition.directives as ConstDirectiveNode[] | undefined) ?? [])
    .filter((directive) => argument(directive, 'url') !== undefined);

const isTypeDefinition = (definition: DefinitionNode) =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
  definition.kind === Kind.INTERFACE_TYPE_DEFINITION ||
  definition.kind === Kind.UNION_TYPE_DEFINITION ||
  definition.kind === Kind.SCALAR_TYPE_DEFINITION ||
  definition.kind === Kind.ENUM_TYPE_DEFINITION;

function argument(directive: ConstDirectiveNode, name: string): unknown {
  const given = directive.arguments?.find((candidate) => candidate.name.value === name);
  return given && valueFromASTUntyped(given.value);
}

const argumentOf = (directives: Directives, directive: string, name: string): unknown => {
  const found = directives?.find((candidate) => candidate.name.value === directive);
  return found && argument(found, name);
};

const tagsOf = (directives: Directives, tag: string): string[] =>
  (directives ?? [])
    .filter((directive) => directive.name.value === tag)
    .map((directive) => String(argument(directive, 'name')));

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
