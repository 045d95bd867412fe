/** The supergraph of our own rooms as this version ships it: what a vendor's may not change. */
import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { type Costs, costsOf } from '../../subgraphs/edge/cost-rules.js';
import { type Rules, rulesOf } from '../../subgraphs/edge/rules.js';
import { featuresOf } from './features.js';
import { fieldsIn, joinsIn } from './joins.js';

interface Shipped {
  readonly rules: Rules;
  readonly costs: Costs;
  /** Of every type and field. */
  readonly coordinates: ReadonlySet<string>;
}

let read: Shipped | undefined;

/** Reads the file at first use: a supergraph without vendors does not need it. */
export function shippedSupergraph(): Shipped {
  read ??= readShipped();
  return read;
}

function readShipped(): Shipped {
  const document = parse(readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8'), {
    noLocation: true,
  });
  const features = featuresOf(document);
  const coordinates = joinsIn(document).types.flatMap((type) => [
    type.name.value,
    ...fieldsIn(type).map((field) => `${type.name.value}.${field.name.value}`),
  ]);
  return {
    rules: rulesOf(document, features),
    costs: costsOf(document, features.cost),
    coordinates: new Set(coordinates),
  };
}
