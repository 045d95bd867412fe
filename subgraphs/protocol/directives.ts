/**
 * Directives by which the rooms tell composition and enforcement about their types: Federation's own, `@shielded` (ours), and
 * standard `@tag`s that tell the gateway what the log must name and what it must not.
 */
import 'reflect-metadata'; // type-graphql's decorators need it before the first class that bears one
import { Directive } from 'type-graphql';

/** Specification of our composed directive. Its document is this repository's README. */
const shieldedSpec = 'https://sluse.example/shielded/v1.0';

export const schemaHeader = (extraImports: readonly string[] = []): string => `
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@tag", "@composeDirective", "@requiresScopes", "@authenticated", "@policy", "@cost", "@listSize", "@external", "@requires"${extraImports.map((name) => `, "${name}"`).join('')}])
`;

export const shieldedHeader = `
extend schema
  @link(url: "${shieldedSpec}", import: ["@shielded"])
  @composeDirective(name: "@shielded")
directive @shielded(by: String!) on OBJECT
`;

type Decorator = PropertyDecorator & MethodDecorator & ClassDecorator;

/** An entity that can be resolved by `id`. */
export const Key = (fields = 'id', resolvable = true): ClassDecorator =>
  Directive(`@key(fields: "${fields}"${resolvable ? '' : ', resolvable: false'})`) as ClassDecorator;

/** A field of another room's, which this room is handed where it `Requires` it. */
export const External = (): Decorator => Directive('@external') as Decorator;

/** The room is handed these fields of the entity, as their owner showed them to the same viewer. */
export const Requires = (fields: string): Decorator => Directive(`@requires(fields: "${fields}")`) as Decorator;

/** Wall 1: only viewers who hold every scope of at least one of the lists. */
export const RequiresScopes = (...anyOf: string[][]): Decorator =>
  Directive(`@requiresScopes(scopes: ${JSON.stringify(anyOf)})`) as Decorator;

const Tag = (name: string): Decorator => Directive(`@tag(name: "${name}")`) as Decorator;

/**
 * On `Citizen` and `Case` only: the log names the id of each one in an answer. On a field: it is selected whenever its type is,
 * because it leads to the person whom the type is about.
 */
export const Audited = (): Decorator => Tag('audited');

/** On a root field: the type of use that the log records. `READ` by default. */
export const Use = (use: 'search' | 'read' | 'enter' | 'change' | 'delete' | 'extract'): Decorator => Tag(`use-${use}`);

/** On a field of a case: the level of clearance below which it is null. The room's store sees to it; the access matrix says it. */
export const AtLevel = (level: 'METADATA' | 'DOCUMENTS'): Decorator => Tag(`level-${level.toLowerCase()}`);

/**
 * On a mutation: it changes the caller's own session, or what the caller may know of by an own doing, and its answer tells of that
 * change only. Such an answer leaves although the viewer is not the same any more.
 */
export const OwnSession = (): Decorator => Tag('own-session');

/**
 * Wall 1: only while every policy of at least one of the lists holds. `fresh-login` holds for a while
 * after signing in, `log-only` never: only the log selects such a field (edge/evaluate-requirement.ts).
 */
export const Policy = (...anyOf: string[][]): Decorator =>
  Directive(`@policy(policies: ${JSON.stringify(anyOf)})`) as Decorator;

/**
 * On a field: it can lead to something shielded, although its type is not shielded (the log, a deletion). When a viewer with shielded
 * clearance uses it, the entry is sealed, whatever the result.
 */
export const Sealing = (): Decorator => Tag('sealing');

/**
 * On an argument: its value must never be written down. It is masked in the log. It may be given as a variable only, because the text
 * of an operation is kept.
 */
export const Secret = (): ParameterDecorator => Directive('@tag(name: "secret")') as ParameterDecorator;

/** Weight of an object, a field or an argument (edge/cost.ts). The default is 1 for an object, 0 for a leaf and 10 for a mutation. */
export const Cost = (weight: number): Decorator & ParameterDecorator =>
  Directive(`@cost(weight: ${weight})`) as Decorator & ParameterDecorator;

/** A list without a size argument, and how many items to assume for it. */
export const ListSize = (assumedSize: number): Decorator =>
  Directive(`@listSize(assumedSize: ${assumedSize}, requireOneSlicingArgument: false)`) as Decorator;

/** A page of a list (connection.ts): as long as `first` says, or the default page size. */
export const PageSize = (): Decorator =>
  Directive(
    '@listSize(assumedSize: 50, slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)',
  ) as Decorator;
