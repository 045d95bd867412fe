/** Which directives a supergraph uses, under whatever names its links give to them. */
import { type ConstDirectiveNode, type DocumentNode, Kind } from 'graphql';
import { type CostNames, defaultCostNames } from '../../subgraphs/edge/cost-rules.js';
import { argument, type FeatureNames } from '../../subgraphs/edge/rules.js';
import { SupergraphRefused } from './findings.js';

export interface Features extends FeatureNames {
  readonly cost: CostNames;
}

const shieldedFeature = 'https://sluse.example/shielded';
const securityFeatures = new Map([
  ['https://specs.apollo.dev/authenticated/v0.1', 'authenticated'],
  ['https://specs.apollo.dev/requiresScopes/v0.1', 'requiresScopes'],
  ['https://specs.apollo.dev/policy/v0.1', 'policy'],
] as const);

/** Returns the directive names that this supergraph uses: a link may rename them (`as`, or an aliased import). */
export function featuresOf(document: DocumentNode): Features {
  const cost: CostNames = { ...defaultCostNames };
  const names: Features = { security: new Map(), shielded: 'shielded', tag: 'tag', cost };
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

const linksOf = (document: DocumentNode): ConstDirectiveNode[] =>
  document.definitions
    .filter((definition) => definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION)
    .flatMap((definition) => (definition.directives as ConstDirectiveNode[] | undefined) ?? [])
    .filter((directive) => argument(directive, 'url') !== undefined);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
