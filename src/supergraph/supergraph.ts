/**
 * Loads the supergraph, watches it, swaps it. A new one is first checked in full (its rules are read, its planner is
 * built); if anything about it is refused, the old one goes on serving and the reason is logged.
 *
 * `ApolloGateway` handles the supergraph for Apollo Server; the executor it would bring is replaced by our engine.
 */
// First: Apollo's packages read their environment while they are loaded.
import './set-environment.js';
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ApolloGateway } from '@apollo/gateway';
import type { GatewayExecutor, GatewayInterface } from '@apollo/server-gateway-interface';
import { type DirectiveNode, type DocumentNode, type GraphQLSchema, Kind, print, visit } from 'graphql';
import type { Logger } from 'pino';
import { noRules } from '../../subgraphs/edge/rules.js';
import { Engine } from '../execution/engine.js';
import { readSupergraph } from './rules.js';

export interface SupergraphSource extends Pick<GatewayInterface, 'onSchemaLoadOrUpdate' | 'stop'> {
  /** For Apollo Server, which from then on hands what it let through to this executor. */
  load(given: Parameters<GatewayInterface['load']>[0], executor: GatewayExecutor): ReturnType<GatewayInterface['load']>;
  /** The engine of the supergraph in use. */
  engine(): Engine;
  /** The engine that belongs to an API schema: a request that began on the old supergraph ends on it. */
  engineOf(schema: GraphQLSchema): Engine;
  /** Where each subgraph of the current supergraph answers GraphQL. */
  urlOf(subgraph: string): URL;
  /** Subgraphs that have a root field of `Mutation`. */
  mutationIn(field: string): readonly string[];
  /** Reads the file again now; resolves to whether it is in use. */
  reload(): Promise<boolean>;
}

export interface SupergraphOptions {
  readonly file: string;
  /** URLs that replace those in the file, by subgraph name; an origin alone stands for its `/graphql`. */
  readonly urls: ReadonlyMap<string, string>;
  /** `false` for the bare gateway only: the supergraph's rules are read and then not followed. */
  readonly walls?: boolean;
  /** Subgraphs that keep to our own conventions; all of them by default. */
  readonly rooms?: ReadonlySet<string>;
  /** Milliseconds since the epoch, by the clock of sign-ins. */
  readonly now?: () => number;
  readonly log: Logger;
}

export async function loadSupergraph(options: SupergraphOptions): Promise<SupergraphSource> {
  const { file, log } = options;
  const engines = new WeakMap<GraphQLSchema, Engine>();
  const names: Record<string, true> = Object.create(null);
  let update: ((sdl: string) => void) | undefined;

  /** Everything that can refuse a supergraph, without touching the one in use. */
  const examine = (text: string) => {
    keepNarrow(names, text);
    const read = readSupergraph(text);
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
        // A supergraph that ApolloGateway refuses throws here, synchronously.
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
    mutationIn: (field) => current.mutations.get(field) ?? [],
    reload,
  };
}

/**
 * V8 keeps a text that has one character beyond Latin-1 in two bytes a character, and so the names that are cut from it; JSON with
 * such keys is written at half the speed. Each name is therefore made known in Latin-1 first, and stays so as long as `known` does.
 */
function keepNarrow(known: Record<string, true>, sdl: string): void {
  for (const name of new Set(sdl.match(/[A-Za-z_]\w*/g))) known[Buffer.from(name).toString('latin1')] = true;
}

/** `name` and `url` of every `@join__graph`; what the options say comes first. */
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

/** Names of the subgraphs that have each root field of `Mutation`, by `@join__field`; of a field without one, those that have the type. */
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
