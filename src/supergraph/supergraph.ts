/**
 * Loads the supergraph, watches its file and swaps it. A new supergraph is first checked in full: its rules are read
 * and its planner is built. If anything is refused, the old one stays in use and the reason is logged.
 *
 * `ApolloGateway` handles the supergraph for Apollo Server. Our engine replaces its executor.
 */
// This import comes first because Apollo's packages read their environment while they load.
import './set-environment.js';
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ApolloGateway } from '@apollo/gateway';
import type { GatewayExecutor, GatewayInterface } from '@apollo/server-gateway-interface';
import { type DirectiveNode, type DocumentNode, type GraphQLSchema, Kind, print, visit } from 'graphql';
import type { Logger } from 'pino';
import { noRules } from '../../subgraphs/edge/rules.js';
import { Engine } from '../execution/engine.js';
import { sentenceOf } from './findings.js';
import { readSupergraph } from './rules.js';

export interface SupergraphSource extends Pick<GatewayInterface, 'onSchemaLoadOrUpdate' | 'stop'> {
  /** Loads the schema for Apollo Server, which then passes every validated operation to this executor. */
  load(given: Parameters<GatewayInterface['load']>[0], executor: GatewayExecutor): ReturnType<GatewayInterface['load']>;
  /** The engine of the supergraph in use. */
  engine(): Engine;
  /**
   * The engine that belongs to an API schema: a request that began on the old supergraph also ends on it. Throws for an
   * unknown schema.
   */
  engineOf(schema: GraphQLSchema): Engine;
  /** URL of the GraphQL endpoint of a subgraph in the current supergraph. Throws for an unknown subgraph. */
  urlOf(subgraph: string): URL;
  /** Names of the subgraphs that are not our own rooms. */
  vendors(): readonly string[];
  /** Names of the subgraphs that have this root field of `Mutation`. */
  mutationIn(field: string): readonly string[];
  /** Reads the file again now. Resolves to whether its contents are in use. */
  reload(): Promise<boolean>;
}

export interface SupergraphOptions {
  readonly file: string;
  /** URLs that replace those in the file, by subgraph name. An origin alone stands for its `/graphql`. */
  readonly urls: ReadonlyMap<string, string>;
  /** `false` (bare gateway only): the supergraph's rules are read but not enforced. */
  readonly walls?: boolean;
  /** Subgraphs that follow our own conventions. Default: all. */
  readonly rooms?: ReadonlySet<string>;
  /** Milliseconds since the epoch, by the clock that sign-in times are compared with. */
  readonly now?: () => number;
  readonly log: Logger;
}

/**
 * Loads the supergraph and starts watching its file. Rejects if the file cannot be read or the supergraph is refused.
 */
export async function loadSupergraph(options: SupergraphOptions): Promise<SupergraphSource> {
  const { file, log } = options;
  const engines = new WeakMap<GraphQLSchema, Engine>();
  const names: Record<string, true> = Object.create(null);
  let update: ((sdl: string) => void) | undefined;

  /** Runs every check that can refuse a supergraph, without touching the one in use. */
  const examine = (text: string) => {
    keepNarrow(names, text);
    // Without walls there are no vendors: any supergraph is served.
    const read = readSupergraph(text, options.walls === false ? undefined : options.rooms);
    for (const finding of read.findings) log.warn({ file }, `the supergraph could be better: ${sentenceOf(finding)}`);
    const { document } = read;
    const rules = options.walls === false ? noRules : read.rules;
    const sdl = print(document);
    const { costs } = read;
    const engine = new Engine({
      supergraphSdl: sdl,
      rules,
      costs,
      ...(options.rooms && { rooms: options.rooms }),
      ...(options.now && { now: options.now }),
    });
    return { sdl, urls: subgraphUrls(document, options.urls), engine, mutations: mutationsIn(document) };
  };

  let current = examine(await readFile(file, 'utf8'));
  const apollo = new ApolloGateway({
    supergraphSdl: async (manager) => {
      update = manager.update;
      return { supergraphSdl: current.sdl };
    },
    logger: silent,
  });
  apollo.onSchemaLoadOrUpdate(({ apiSchema }) => {
    engines.set(apiSchema, current.engine);
  });

  const reload = async (): Promise<boolean> => {
    try {
      const next = examine(await readFile(file, 'utf8'));
      if (next.sdl === current.sdl) return true;
      const before = current;
      current = next;
      try {
        // `ApolloGateway` throws here, synchronously, if it refuses the supergraph.
        update?.(next.sdl);
      } catch (error) {
        current = before;
        throw error;
      }
      log.info({ file }, 'supergraph swapped');
      return true;
    } catch (error) {
      log.error({ file, reason: (error as Error).message }, 'the new supergraph is refused; the old one goes on');
      return false;
    }
  };
  watchFile(file, { interval: 1_000, persistent: false }, () => void reload());

  return {
    async load(given, executor) {
      const { schema } = await apollo.load(given as never);
      return { schema, executor };
    },
    onSchemaLoadOrUpdate: (listener) => apollo.onSchemaLoadOrUpdate(listener),
    async stop() {
      unwatchFile(file);
      await apollo.stop();
    },
    engine: () => current.engine,
    engineOf(schema) {
      const engine = engines.get(schema);
      if (!engine) throw new Error('no engine for this schema');
      return engine;
    },
    urlOf(subgraph) {
      const url = current.urls.get(subgraph);
      if (!url) throw new Error(`the supergraph names no subgraph "${subgraph}"`);
      return url;
    },
    vendors: () => [...current.urls.keys()].filter((name) => options.rooms && !options.rooms.has(name)),
    mutationIn: (field) => current.mutations.get(field) ?? [],
    reload,
  };
}

/**
 * Makes every name known to V8 in one-byte form before the SDL is parsed. V8 stores a text with a character beyond
 * Latin-1 in two bytes per character, and so the names cut from it; JSON with such keys is written at half the speed.
 * The one-byte names last as long as `known` does.
 */
function keepNarrow(known: Record<string, true>, sdl: string): void {
  for (const name of new Set(sdl.match(/[A-Za-z_]\w*/g))) known[Buffer.from(name).toString('latin1')] = true;
}

/**
 * Returns the URL of every `@join__graph`, by name. URLs in `replaced` take precedence. Throws if a subgraph has no
 * valid URL.
 */
function subgraphUrls(document: DocumentNode, replaced: ReadonlyMap<string, string>): Map<string, URL> {
  const urls = new Map<string, URL>();
  visit(document, {
    Directive(node) {
      if (node.name.value !== 'join__graph') return;
      const argument = (name: string) => {
        const value = node.arguments?.find((given) => given.name.value === name)?.value;
        return value?.kind === Kind.STRING ? value.value : '';
      };
      const name = argument('name');
      const text = replaced.get(name) ?? argument('url');
      if (!URL.canParse(text))
        throw new Error(`Subgraph "${name}" has no URL. Compose with one, or set SLUSE_SUBGRAPHS.`);
      const url = new URL(text);
      if (replaced.has(name) && url.pathname === '/') url.pathname = '/graphql';
      urls.set(name, url);
    },
  });
  return urls;
}

/**
 * Returns the names of the subgraphs that have each root field of `Mutation`, from `@join__field`. A field without that
 * directive belongs to all subgraphs that have the type.
 */
function mutationsIn(document: DocumentNode): Map<string, readonly string[]> {
  const names = new Map<string, string>();
  const graphsOf = (node: { readonly directives?: readonly DirectiveNode[] | undefined }, directive: string) =>
    (node.directives ?? [])
      .filter(({ name }) => name.value === directive)
      .flatMap((one) => one.arguments?.find(({ name }) => name.value === 'graph')?.value ?? [])
      .flatMap((value) => (value.kind === Kind.ENUM ? (names.get(value.value) ?? []) : []));
  const found = new Map<string, readonly string[]>();
  visit(document, {
    EnumValueDefinition(node) {
      const value = node.directives
        ?.find(({ name }) => name.value === 'join__graph')
        ?.arguments?.find(({ name }) => name.value === 'name')?.value;
      if (value?.kind === Kind.STRING) names.set(node.name.value, value.value);
    },
  });
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || definition.name.value !== 'Mutation') continue;
    for (const field of definition.fields ?? []) {
      const own = graphsOf(field, 'join__field');
      found.set(field.name.value, own.length > 0 ? own : graphsOf(definition, 'join__type'));
    }
  }
  return found;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
