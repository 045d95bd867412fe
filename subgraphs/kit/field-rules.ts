/**
 * What the rules by type (wall 1) of a whole supergraph let somebody with certain scopes ask for: the same rules that the gateway
 * enforces, read from the same file. The access matrix and `explainAccess` are made from it.
 */
import { readFile, stat } from 'node:fs/promises';
import {
  buildASTSchema,
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  parse,
} from 'graphql';
import { type Holding, holding } from '../edge/evaluate-requirement.js';
import { coordinates, type Requirement, type Rules, rulesOf } from '../edge/rules.js';
import { least } from '../edge/type-rules.js';
import type { CaseLevel, Viewer } from '../protocol/viewer.js';

export interface FieldRules {
  readonly schema: GraphQLSchema;
  readonly rules: Rules;
  /** The field at a coordinate such as `Case.title`; `null` if the schema has none that callers meet. */
  field(coordinate: string): RuledField | null;
  /** By coordinate: whether somebody with these scopes can come to it from the root types on. What is missing cannot be reached. */
  reachedWith(scopes: readonly string[]): ReadonlyMap<string, Holding>;
}

export interface RuledField {
  /** Name of the type that it leads to. */
  readonly type: string;
  /** Alternatives of scopes, for each rule that it and its types have. Within an alternative all are needed. */
  readonly scopes: readonly (readonly (readonly string[])[])[];
  /** Below this level of clearance it is null. */
  readonly level: CaseLevel | null;
}

/** Throws if the document is no GraphQL schema. */
export function fieldRules(document: DocumentNode): FieldRules {
  const schema = buildASTSchema(document, { assumeValid: true });
  const rules = rulesOf(document, {
    security: new Map([
      ['authenticated', 'authenticated'],
      ['requiresScopes', 'requiresScopes'],
      ['policy', 'policy'],
    ]),
    shielded: 'shielded',
    tag: 'tag',
  });
  return {
    schema,
    rules,
    field(coordinate) {
      const [, typeName, name] = /^([A-Za-z]\w{0,99})\.([A-Za-z]\w{0,99})$/.exec(coordinate) ?? [];
      const type = typeName === undefined ? undefined : schema.getType(typeName);
      if (!type || !('getFields' in type) || !isCompositeType(type)) return null;
      const fields = type.getFields();
      const field = Object.hasOwn(fields, name!) ? fields[name!] : undefined;
      if (!field) return null;
      const led = getNamedType(field.type).name;
      const scopes = [typeName!, coordinate, led].flatMap((one) => {
        const needed = rules.requirements.get(one)?.scopes;
        return needed ? [needed] : [];
      });
      return { type: led, scopes, level: levelOf(field) };
    },
    reachedWith: (scopes) => reachedWith(schema, rules, scopes),
  };
}

function levelOf({ astNode }: GraphQLField<unknown, unknown>): CaseLevel | null {
  for (const { name, arguments: given } of astNode?.directives ?? []) {
    const value = given?.[0]?.value;
    if (name.value === 'tag' && value?.kind === 'StringValue' && value.value.startsWith('level-'))
      return value.value.slice('level-'.length).toUpperCase() as CaseLevel;
  }
  return null;
}

function reachedWith(schema: GraphQLSchema, rules: Rules, scopes: readonly string[]): Map<string, Holding> {
  const reached = new Map<string, Holding>();
  const seen = new Set<GraphQLNamedType>();
  const visit = (type: GraphQLNamedType) => {
    if (seen.has(type) || !isCompositeType(type)) return;
    seen.add(type);
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(visit);
    if (!('getFields' in type)) return;
    for (const field of Object.values(type.getFields())) {
      const needed = [type.name, ...coordinates(schema, type, field)].flatMap(
        (one) => rules.requirements.get(one) ?? [],
      );
      const how = least(needed.map((requirement) => held(requirement, scopes)));
      if (how === 'no') continue;
      reached.set(`${type.name}.${field.name}`, how);
      visit(getNamedType(field.type));
    }
  };
  visit(schema.getQueryType()!);
  if (schema.getMutationType()) visit(schema.getMutationType()!);
  return reached;
}

/** For somebody who signed in long ago. */
const held = (requirement: Requirement, scopes: readonly string[]): Holding =>
  holding(requirement, { scopes, authenticatedAt: 0 } as Pick<Viewer, 'scopes' | 'authenticatedAt'> as Viewer, 1e9);

/**
 * The rules of the supergraph in a file, read again when it changes. While a new file is no schema, the old rules stay in use, as they
 * do at the gateway. Throws if there never was one.
 */
export function fieldRulesIn(file: string): () => Promise<FieldRules> {
  let known: { readonly changed: number; readonly rules: FieldRules } | undefined;
  return async () => {
    try {
      const { mtimeMs } = await stat(file);
      if (known?.changed !== mtimeMs) {
        const document = parse(await readFile(file, 'utf8'), { noLocation: true });
        known = { changed: mtimeMs, rules: fieldRules(document) };
      }
    } catch (error) {
      if (!known) throw error;
    }
    return known.rules;
  };
}
