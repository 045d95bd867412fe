/**
 * Limits on an operation, checked right after parsing and before validation: some of the standard validation rules are themselves
 * quadratic, and 1 kB of nested fragments can hold the process for seconds.
 *
 * Everything is counted as it will be executed, with fragments expanded, in one walk that stops at the first limit. Counts per
 * fragment are cached, so the walk is linear in the size of the text however much the fragments multiply.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { Fault, type FaultCode } from '../protocol/faults.js';
import type { Viewer } from '../protocol/viewer.js';

export const limits = {
  /** Bytes of a request body. */
  body: 100 * 1024,
  tokens: 12_000,
  depth: 15,
  /** How often one field may occur within itself. Each level multiplies lists of lists with the data. */
  recursion: 3,
  fields: 1_000,
  aliases: 30,
  directives: 200,
  variableDepth: 15,
  variableValues: 5_000,
  /** Values in the text. The contents of a list count twice, because the planner visits them twice. */
  literalVisits: 10_000,
  /** Milliseconds for one operation. */
  time: 15_000,
  /** Rows that a room reads, and entities that the gateway asks for, for one operation. */
  rows: 150_000,
  /** Bytes of what all subgraphs answer to one operation. */
  answerBytes: 48 * 1024 * 1024,
  /** Database connections that one operation may hold at once in a room. */
  connections: 3,
  /** The same for a long operation (process/precedence.ts), because the database's processors are shared too. */
  longConnections: 2,
} as const;

/**
 * What a case system may send in a batch of cases. A row with a title of ten megabytes is refused by itself, and for that it must be
 * read. Every other operation, and everybody else, keeps to `limits`.
 */
const batchLimits = { body: 16 * 1024 * 1024, variableValues: 60_000 } as const;

/** Root fields that take a batch. */
const batchFields: ReadonlySet<string> = new Set(['importCases']);

/** Bytes of a body that are read of this caller, before it is known what is asked. */
export const bodyLimitOf = (viewer: Viewer | null): number =>
  viewer?.actor.kind === 'SystemClient' && viewer.scopes.includes('case:write') ? batchLimits.body : limits.body;

/** Throws a fault of the table if more was sent than this operation may come with. */
export function checkSent(
  { operation, selectionSet: { selections } }: OperationDefinitionNode,
  { bytes, variables }: { readonly bytes: number; readonly variables: unknown },
): void {
  const [root] = selections;
  const isBatch =
    operation === 'mutation' &&
    selections.length === 1 &&
    root?.kind === Kind.FIELD &&
    batchFields.has(root.name.value);
  if (bytes > limits.body && !isBatch) throw new Fault('BODY_TOO_LARGE');
  checkVariables(variables, isBatch ? batchLimits.variableValues : limits.variableValues);
}

/** Parses and checks the limits. Throws a fault of the table. `recursion`: how often one field may occur within itself. */
export function parseWithin(text: string, recursion: number = limits.recursion): DocumentNode {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: limits.tokens, noLocation: false });
  } catch (error) {
    if (error instanceof GraphQLError && /\d+ tokens/.test(error.message)) throw new Fault('TOO_MANY_TOKENS');
    // The parser recurses: at some thousand levels the stack ends before the tokens do.
    if (error instanceof RangeError) throw new Fault('DEPTH_LIMIT');
    // The parser's message quotes the text, which may hold personal data.
    const place = error instanceof GraphQLError ? error.locations?.[0] : undefined;
    throw new Fault(
      'MALFORMED_REQUEST',
      `The operation is no valid GraphQL${place ? ` (line ${place.line}, column ${place.column})` : ''}.`,
    );
  }
  checkDocument(document, recursion);
  return document;
}

interface Size {
  fields: number;
  depth: number;
  /** For each field, how often it occurs on one path at most. */
  onPath: Map<string, number>;
  directives: number;
  /** How many argument values the planner visits. */
  visits: number;
  /** The response names under which each field is asked for. */
  aliases: Map<string, Set<string>>;
}

function checkDocument(document: DocumentNode, recursion: number): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      // One of the two could be measured, and the other one executed.
      if (fragments.has(definition.name.value))
        throw new Fault('MALFORMED_REQUEST', 'Define each fragment once: two of the operation have one name.');
      fragments.set(definition.name.value, definition);
    }
  const sizes = new Map<string, Size>();
  const open = new Set<string>();

  const sizeOfFragment = (name: string): Size => {
    const known = sizes.get(name);
    if (known) return known;
    const fragment = fragments.get(name);
    // Validation reports an unknown fragment or one that contains itself.
    if (!fragment || open.has(name)) return empty();
    open.add(name);
    const size = sizeOf(fragment.selectionSet, 0, fragment.typeCondition.name.value.startsWith('__'));
    open.delete(name);
    sizes.set(name, size);
    return size;
  };

  /**
   * `ofSchema`: the selection is introspection. It nests types (`ofType`) deep, but does not multiply with data. All list and
   * non-null wrappers around a type count as one level, because tools ask for more of them than any schema has.
   */
  const sizeOf = (set: SelectionSetNode, above = 0, ofSchema = false): Size => {
    const size = empty();
    if (above > limits.depth * 4) throw new Fault('DEPTH_LIMIT');
    for (const node of set.selections) {
      size.directives += node.directives?.length ?? 0;
      for (const directive of node.directives ?? [])
        for (const argument of directive.arguments ?? []) size.visits += visitsOf(argument.value);
      if (node.kind === Kind.FIELD) {
        size.fields += 1;
        for (const argument of node.arguments ?? []) size.visits += visitsOf(argument.value);
        const name = node.name.value;
        note(size.aliases, name, node.alias?.value ?? name);
        const goesToSchema = ofSchema || name === '__schema' || name === '__type';
        const below = node.selectionSet ? sizeOf(node.selectionSet, above + 1, goesToSchema) : empty();
        if (!ofSchema) below.onPath.set(name, (below.onPath.get(name) ?? 0) + 1);
        add(size, below, ofSchema && name === 'ofType' ? 0 : 1);
        size.depth = Math.max(size.depth, 1);
      } else {
        add(
          size,
          node.kind === Kind.FRAGMENT_SPREAD
            ? sizeOfFragment(node.name.value)
            : sizeOf(node.selectionSet, above + 1, ofSchema),
          0,
        );
      }
      refuse(size, recursion);
    }
    return size;
  };

  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const size = sizeOf(definition.selectionSet);
    size.directives += definition.directives?.length ?? 0;
    for (const directive of definition.directives ?? [])
      for (const argument of directive.arguments ?? []) size.visits += visitsOf(argument.value);
    for (const { defaultValue } of definition.variableDefinitions ?? [])
      if (defaultValue) size.visits += visitsOf(defaultValue);
    refuse(size, recursion);
  }
  for (const fragment of fragments.keys()) sizeOfFragment(fragment);
}

function refuse(size: Size, recursion: number): void {
  const over = (code: FaultCode) => {
    throw new Fault(code);
  };
  if (size.depth > limits.depth) over('DEPTH_LIMIT');
  for (const times of size.onPath.values()) if (times > recursion) over('DEPTH_LIMIT');
  if (size.fields > limits.fields) over('FIELD_LIMIT');
  if (size.directives > limits.directives) over('DIRECTIVE_LIMIT');
  if (size.visits > limits.literalVisits) over('VARIABLE_LIMIT');
  for (const names of size.aliases.values()) if (names.size > limits.aliases) over('ALIAS_LIMIT');
}

const empty = (): Size => ({
  fields: 0,
  depth: 0,
  onPath: new Map(),
  directives: 0,
  visits: 0,
  aliases: new Map(),
});

function add(size: Size, below: Size, levels: number): void {
  size.fields += below.fields;
  size.directives += below.directives;
  size.visits += below.visits;
  size.depth = Math.max(size.depth, below.depth + levels);
  for (const [name, times] of below.onPath) size.onPath.set(name, Math.max(times, size.onPath.get(name) ?? 0));
  for (const [name, keys] of below.aliases) for (const key of keys) note(size.aliases, name, key);
}

function note(aliases: Map<string, Set<string>>, field: string, key: string): void {
  const keys = aliases.get(field) ?? new Set<string>();
  keys.add(key);
  aliases.set(field, keys);
}

/** `@apollo/federation-internals` collects the variables of a list twice, and of a list of lists four times: 2^depth in all. */
function visitsOf(value: ValueNode, depth = 0): number {
  if (depth > limits.variableDepth) throw new Fault('VARIABLE_LIMIT');
  if (value.kind === Kind.LIST) return 1 + 2 * value.values.reduce((sum, item) => sum + visitsOf(item, depth + 1), 0);
  if (value.kind === Kind.OBJECT)
    return 1 + value.fields.reduce((sum, field) => sum + visitsOf(field.value, depth + 1), 0);
  return 1;
}

/** Whether any operation of the document asks about the schema itself. */
export function introspects(document: DocumentNode): boolean {
  let found = false;
  const walk = (set: SelectionSetNode) => {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD && (node.name.value === '__schema' || node.name.value === '__type')) found = true;
      if (node.kind !== Kind.FRAGMENT_SPREAD && node.selectionSet) walk(node.selectionSet);
    }
  };
  for (const definition of document.definitions) if ('selectionSet' in definition) walk(definition.selectionSet);
  return found;
}

/** Throws `VARIABLE_LIMIT` if the variables hold too many values or are nested too deeply. */
function checkVariables(variables: unknown, most: number): void {
  let values = 0;
  const walk = (value: unknown, depth: number) => {
    values += 1;
    if (depth > limits.variableDepth || values > most) throw new Fault('VARIABLE_LIMIT');
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) walk(item, depth + 1);
  };
  walk(variables ?? null, 0);
}
