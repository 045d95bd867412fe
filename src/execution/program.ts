/** What a plan is compiled into (compile.ts) and what is then run (run-compiled.ts). The terms are those of compile.ts. */
import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import type { JsonObject } from '../operation/json.js';
import type { LeafKind } from './leaf-value.js';

export interface Compiled {
  /** With what callers may not see, for keys that only subgraphs exchange. */
  readonly schema: GraphQLSchema;
  readonly root: Readonly<JsonObject>;
  readonly steps: ProgramStep;
  /** How many entity fetches there are: objects wait for each under its index. */
  readonly waits: number;
}

export type ProgramStep =
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly ProgramStep[] }
  | { readonly kind: 'root'; readonly call: Call; readonly part: ProgramPart }
  | { readonly kind: 'entities'; readonly call: Call; readonly index: number };

/** One subgraph call, its body written as far as it is known beforehand. */
export interface Call {
  readonly node: FetchNode;
  /** Up to and including the brace that opens the variables. */
  readonly start: string;
  /** Name and the start of the JSON member, by variable. */
  readonly variables: readonly (readonly [name: string, member: string])[];
}

export interface ProgramPart {
  readonly template: Readonly<JsonObject>;
  readonly leaves: readonly ProgramLeaf[];
  readonly children: readonly Child[];
  /** Keys of the answer that this part writes. */
  readonly keys: readonly string[];
  /** What arrives for objects made here, by the representation under which it is asked for. */
  readonly awaited: readonly Awaited[];
  /** Key under which the owner vouches; a shielded object whose part has none of its own is vouched for by an arrival. */
  readonly vouch: string | null;
  /** Of a Relay edge to a shielded node: it goes with the node. */
  readonly edge: { readonly node: string; readonly vouch: string } | null;
  /** Whom it names, for the log. */
  readonly named: { readonly type: string; readonly key: string } | null;
  /** Name that the raw object must bear, where it was asked for. */
  readonly typeName: string | null;
  /** Whether all that was asked of this shape comes from somewhere. */
  complete: boolean;
}

export interface ProgramLeaf {
  readonly key: string;
  readonly rawKey: string;
  readonly value: ValueForm;
  readonly visible: boolean;
}

export interface Child extends ProgramLeaf {
  /** The part, or of an abstract type the parts by the name of the type. */
  readonly part: ProgramPart | ReadonlyMap<string, ProgramPart>;
}

/** What a value must look like. */
export type ValueForm = {
  readonly nonNull: boolean;
} & (
  | { readonly kind: 'list'; readonly item: ValueForm }
  | { readonly kind: 'object' }
  | { readonly kind: 'leaf'; readonly leaf: LeafKind }
);

/** The object by which a subgraph finds an entity again: JSON member by member. */
export interface Representation {
  /** The key that alone tells one from another, where all that wait for its fetch are of one type. */
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
  /** By the entity fetch that brings it. */
  readonly arrivals: readonly { readonly index: number; readonly part: ProgramPart }[];
}
