/**
 * The rules that a schema carries: who may have which type and field (Federation's `@authenticated`, `@requiresScopes`, `@policy`),
 * which types are shielded (ours), and what the log must name (`@tag`). The gateway reads them from the supergraph; a room that a
 * case system calls directly reads them from its own SDL.
 */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  Kind,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { type UseType, useTypes } from '../protocol/log-entry.js';

/** All parts must hold. Within `scopes` and `policies`, every name of at least one list must hold. */
export interface Requirement {
  readonly authenticated: boolean;
  readonly scopes: readonly (readonly string[])[] | null;
  readonly policies: readonly (readonly string[])[] | null;
}

export interface Rules {
  /** Requirement by schema coordinate: `Type` or `Type.field`. */
  readonly requirements: ReadonlyMap<string, Requirement>;
  /** Shielded object types, and the field by which their owning room confirms that an entity may be seen. */
  readonly shielded: ReadonlyMap<string, string>;
  /** Object types whose ids the log names. */
  readonly auditedTypes: ReadonlySet<string>;
  /** By object type: the fields that are always selected too, because they lead to the person whom the type is about. */
  readonly auditedFields: ReadonlyMap<string, readonly string[]>;
  /** Type of use by root field coordinate, such as `Query.citizens` → `SEARCH`. */
  readonly uses: ReadonlyMap<string, UseType>;
  /** Types and fields through which something shielded can be met, including the shielded types. Their use is logged under seal. */
  readonly sealing: ReadonlySet<string>;
  /** Mutations that change the caller's own session. */
  readonly ownSession: ReadonlySet<string>;
  /** Arguments whose values must never be written down, by field coordinate. */
  readonly secrets: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Types whose ids a log entry can name. */
export const namedTypes = ['Citizen', 'Case'];

/** The rules of the bare gateway. */
export const noRules: Rules = {
  requirements: new Map(),
  shielded: new Map(),
  auditedTypes: new Set(),
  auditedFields: new Map(),
  uses: new Map(),
  sealing: new Set(),
  ownSession: new Set(),
  secrets: new Map(),
};

export type SecurityFeature = 'authenticated' | 'requiresScopes' | 'policy';

/** The names of the directives in the schema at hand. */
export interface FeatureNames {
  security: Map<string, SecurityFeature>;
  shielded: string;
  tag: string;
}

/**
 * Reads the rules of a schema document. Throws for a rule that could not be kept, such as `audited` on a type that the log cannot
 * name.
 */
export function rulesOf(document: DocumentNode, names: FeatureNames): Rules {
  const requirements = new Map<string, Requirement>();
  const shielded = new Map<string, string>();
  const auditedTypes = new Set<string>();
  const auditedFields = new Map<string, string[]>();
  const uses = new Map<string, UseType>();
  const sealing = new Set<string>();
  const ownSession = new Set<string>();
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
    if (tagsOf(definition.directives, names.tag).includes('audited')) {
      if (!namedTypes.includes(type))
        throw new Error(
          `The type ${type} has the tag audited; an entry of the log can name ${namedTypes.join(' and ')} only.`,
        );
      auditedTypes.add(type);
    }
    if (!('fields' in definition)) continue;
    for (const field of definition.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`;
      const ofField = requirementOf(field.directives, names.security);
      if (ofField) requirements.set(coordinate, ofField);
      const tags = tagsOf(field.directives, names.tag);
      if (tags.includes('sealing')) sealing.add(coordinate);
      if (tags.includes('own-session')) ownSession.add(coordinate);
      if (tags.includes('audited')) auditedFields.set(type, [...(auditedFields.get(type) ?? []), field.name.value]);
      const use = tags.find((tag) => tag.startsWith('use-'));
      if (use) uses.set(coordinate, useOf(use, coordinate));
      const secret = (('arguments' in field && field.arguments) || []).filter((one) =>
        tagsOf(one.directives, names.tag).includes('secret'),
      );
      if (secret.length > 0) secrets.set(coordinate, new Set(secret.map((one) => one.name.value)));
    }
  }
  return { requirements, shielded, auditedTypes, auditedFields, uses, sealing, ownSession, secrets };
}

/**
 * The rules of one room alone. It adds what only the supergraph knows of types that other rooms own: persons in references are
 * logged, and a case may be shielded whichever room refers to it.
 */
export function roomRules(sdl: string): Rules {
  const document = parse(sdl, { noLocation: true });
  const security = new Map<string, SecurityFeature>(
    (['authenticated', 'requiresScopes', 'policy'] as const).map((name) => [name, name]),
  );
  const rules = rulesOf(document, { security, shielded: 'shielded', tag: 'tag' });
  const defined = new Set(document.definitions.flatMap((one) => ('name' in one && one.name ? [one.name.value] : [])));
  return {
    ...rules,
    auditedTypes: new Set([...rules.auditedTypes, ...namedTypes.filter((type) => defined.has(type))]),
    sealing: new Set([...rules.sealing, 'Case']),
  };
}

/**
 * The coordinates that must be allowed for a field: the field, the type it leads to, and, if it is asked of an interface, the same
 * field of every type that implements it. Otherwise the interface would be a way around the type's rule (CVE-2025-64173).
 */
export function coordinates(
  schema: GraphQLSchema,
  parent: GraphQLCompositeType,
  { name, type }: { readonly name: string; readonly type: GraphQLOutputType },
): string[] {
  const own = [`${parent.name}.${name}`, getNamedType(type).name];
  if (!isAbstractType(parent)) return own;
  const behind = [
    ...schema.getPossibleTypes(parent),
    ...(isInterfaceType(parent) ? schema.getImplementations(parent).interfaces : []),
  ];
  return [...own, ...behind.flatMap((type) => [type.name, `${type.name}.${name}`])];
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

/** Throws for a type of use that no entry can hold: every answer of the field would be withheld. */
function useOf(tag: string, coordinate: string): UseType {
  const use = useTypes.find((one) => tag === `use-${one.toLowerCase()}`);
  if (use) return use;
  const known = useTypes.map((one) => `use-${one.toLowerCase()}`).join(', ');
  throw new Error(`${coordinate} has the tag ${tag}; expected one of ${known}.`);
}

const isTypeDefinition = (definition: DefinitionNode) =>
  definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
  definition.kind === Kind.OBJECT_TYPE_EXTENSION ||
  definition.kind === Kind.INTERFACE_TYPE_DEFINITION ||
  definition.kind === Kind.INTERFACE_TYPE_EXTENSION ||
  definition.kind === Kind.UNION_TYPE_DEFINITION ||
  definition.kind === Kind.SCALAR_TYPE_DEFINITION ||
  definition.kind === Kind.ENUM_TYPE_DEFINITION;

type Directives = readonly ConstDirectiveNode[] | undefined;

/** The value of a directive's argument. */
export function argument(directive: ConstDirectiveNode, name: string): unknown {
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
