/** What a room is: a plain description, from which `room-schema.ts` makes a schema and `serve-room.ts` a running subgraph. */
import type { GraphQLResolveInfo, GraphQLScalarType } from 'graphql';
import type { Logger } from 'pino';
import type { NonEmptyArray } from 'type-graphql';
import type { Database } from '../postgres/database.js';
import type { ChangeUnderWay } from '../protocol/change.js';
import type { Internal } from '../protocol/internal.js';
import type { Viewer } from '../protocol/viewer.js';

/** Everything that a room is given. */
export interface RoomServices {
  readonly database: Database;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly log: Logger;
  /** The change that the request makes, if it makes one. The room tells it what it is about, for the log. */
  readonly change?: ChangeUnderWay;
  /** Calls the identity room. Without it, what needs the register is answered as if the register did not answer. */
  readonly identity?: Internal;
}

type ReferenceResolver = (reference: any, context: any, info: GraphQLResolveInfo) => unknown;

export interface Room {
  readonly name: string;
  /** Folder of the numbered .sql files. */
  readonly migrations: URL;
  readonly resolvers: NonEmptyArray<Function>;
  /** Types that no resolver names: entities that only references lead to. */
  readonly orphanedTypes?: Function[];
  readonly scalars?: { type: Function | GraphQLScalarType; scalar: GraphQLScalarType }[];
  /** SDL added before the room's own, beside the standard header. */
  readonly header?: string;
  /** How each entity is resolved from its key. `null` for a row that does not exist for this viewer. */
  readonly references: Readonly<Record<string, ReferenceResolver>>;
  /**
   * The context of one request: its viewer, and loaders that live as long as the request. `workstation`: the address a change comes
   * from, as the gateway says, or `null` if the gateway did not say.
   */
  context(services: RoomServices, viewer: Viewer, workstation: string | null): object;
  /** Runs before the room is opened. Throws, naming the setting, if the room could not keep its promises. */
  check?(services: RoomServices): Promise<void>;
  /** Throws if a request could not be answered although the database is available. */
  ready?(services: RoomServices): Promise<void>;
  /** Starts the room's own background work. The result stops it. */
  start?(services: RoomServices): { stop(): Promise<void> };
  /** `POST /internal/<name>`: called by the gateway itself, never by a viewer. */
  readonly internal?: Readonly<Record<string, (services: RoomServices, body: any) => Promise<unknown>>>;
  /** Names of internal endpoints that other rooms may call too. Keep this to what an edge needs. */
  readonly openToRooms?: readonly string[];
}
