/**
 * Wall 1, one type and one field at a time: whether the rules by type let a viewer have it. Both edges ask it. The gateway marks what
 * is denied and answers the rest; a room that is called directly refuses the whole operation.
 */
import type { GraphQLCompositeType, GraphQLOutputType, GraphQLSchema } from 'graphql';
import type { Holding } from './evaluate-requirement.js';
import { coordinates, type Requirement, type Rules } from './rules.js';

export interface TypeRules {
  ofType(name: string): Holding;
  /** Of a field of `parent`, with all other coordinates that must be allowed for it (`coordinates`). */
  ofField(parent: GraphQLCompositeType, field: { readonly name: string; readonly type: GraphQLOutputType }): Holding;
}

/** `holding` says whether the viewer meets a requirement. What has no rule is allowed. */
export function typeRules(
  schema: GraphQLSchema,
  { requirements }: Rules,
  holding: (requirement: Requirement) => Holding,
): TypeRules {
  const allowed = (coordinate: string): Holding => {
    const requirement = requirements.get(coordinate);
    return requirement ? holding(requirement) : 'yes';
  };
  return {
    ofType: allowed,
    ofField: (parent, field) => least(coordinates(schema, parent, field).map(allowed)),
  };
}

/** What holds if all of these must: `again` only if nothing else is missing. */
export const least = (answers: readonly Holding[]): Holding =>
  answers.includes('no') ? 'no' : answers.includes('again') ? 'again' : 'yes';
