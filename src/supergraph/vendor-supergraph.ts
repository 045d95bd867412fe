/** A supergraph in which some subgraphs are vendors': not one of our rooms. */
import type { TypeDefinitionNode } from 'graphql';
import type { Costs } from '../../subgraphs/edge/cost-rules.js';
import type { Rules } from '../../subgraphs/edge/rules.js';
import type { Field, Joins } from './joins.js';

export interface VendorSupergraph {
  readonly joins: Joins;
  readonly rules: Rules;
  readonly costs: Costs;
  /** What `@tag` is called in it. */
  readonly tag: string;
  /** Names of our own subgraphs. */
  readonly rooms: ReadonlySet<string>;
}

/** Whether one of our rooms has the type. */
export const isOurs = (type: TypeDefinitionNode, { joins, rooms }: VendorSupergraph): boolean =>
  joins.ofType(type).some(({ graph }) => rooms.has(graph));

/** Whether only vendors resolve the field. */
export const isVendors = (type: TypeDefinitionNode, field: Field, { joins, rooms }: VendorSupergraph): boolean => {
  const resolving = joins.ofField(type, field).filter(({ isExternal }) => !isExternal);
  return resolving.length > 0 && resolving.every(({ graph }) => !rooms.has(graph));
};
