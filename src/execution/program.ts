/** The program that `compile.ts` makes from a plan and `run-compiled.ts` runs. `compile.ts` defines the terms. */
import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import type { JsonObject } from '../operation/json.js';
import type { LeafKind } from './leaf-value.js';

export interface Compiled {
  /** The schema including what callers may not see, for keys that only subgraphs exchange. */
  readonly schema: GraphQLSchema;
  readonly root: Readonly<JsonObject>;
  readonly steps: ProgramStep;
  /** Number of entity fetches. Objects wait for each under its index. */
  readonly waits: number;
}

export type ProgramStep =
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly ProgramStep[] }
  | { readonly kind: 'root'; readonly call: Call; readonly part: ProgramPart }
  | { readonly kind: 'entities'; readonly call: Call; readonly index: number };

/** One subgraph call. Its body is written in advance as far as possible. */
export interface Call {
  readonly node: FetchNode;
  /** Body up to and including the brace that opens the variables. */
  readonly start: string;
  /** Variable name, and the start of its JSON member. */
  readonly variables: readonly (readonly [name: string, member: string])[];
}

export interface ProgramPart {
  readonly template: Readonly<JsonObject>;
  readonly leaves: readonly ProgramLeaf[];
  readonly children: readonly Child[];
  /** Keys of the answer that this part writes. */
  readonly keys: readonly string[];
  /** What arrives later for objects made here, by representation. */
  readonly awaited: readonly Awaited[];
  /**
   * Key of the field by which the owner vouches. If a shielded object's part has none, an arrival must vouch for it.
   */
  readonly vouch: string | null;
  /** For a Relay edge to a shielded node, which is removed together with the node. */
  readonly edge: { readonly node: string; readonly vouch: string } | null;
  /** Type and id key of the object that this part names in the log. */
  readonly named: { readonly type: string; readonly key: string } | null;
  /** Type name that the raw object must have, if `__typename` was asked for. */
  readonly typeName: string | null;
  /** Whether some fetch brings everything that was asked of this shape. */
  complete: boolean;
}

export interface ProgramLeaf {
  readonly key: string;
  readonly rawKey: string;
  readonly value: ValueForm;
  readonly visible: boolean;
}

export interface Child extends ProgramLeaf {
  /** The part. For an abstract type: the parts, by type name. */
  readonly part: ProgramPart | ReadonlyMap<string, ProgramPart>;
}

/** The form that a value must have. */
export type ValueForm = {
  readonly nonNull: boolean;
} & (
  | { readonly kind: 'list'; readonly item: ValueForm }
  | { readonly kind: 'object' }
  | { readonly kind: 'leaf'; readonly leaf: LeafKind }
);

/** The representation by which a subgraph finds an entity, as JSON members. */
export interface Representation {
  /** The key that distinguishes representations by itself, if all objects that wait for the fetch are of one type. */
  readonly idKey: string | null;
  readonly start: string;
  readonly members: readonly {
    readonly key: string;
    readonly member: string;
    readonly inner: readonly QueryPlanSelectionNode[] | null;
  }[];
}

export interface Awaited {
  readonly representation: Representation;
  /** The arriving parts, each with the index of the entity fetch that brings it. */
  readonly arrivals: readonly { readonly index: number; readonly part: ProgramPart }[];
}
