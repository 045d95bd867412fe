/** From a room's decorated classes to its executable schema. */
import 'reflect-metadata';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLSchema, parse } from 'graphql';
import { buildSchema, createResolversMap } from 'type-graphql';
import { tellParts } from '../protocol/change.js';
import { schemaHeader } from '../protocol/directives.js';
import { paceLists } from './paced.js';
import type { Room } from './room.js';

/** The executable schema of a room, and its SDL. */
export async function roomSchema(room: Room): Promise<{ schema: GraphQLSchema; sdl: string }> {
  const decorated = await buildSchema({
    resolvers: room.resolvers,
    orphanedTypes: room.orphanedTypes ?? [],
    scalarsMap: (room.scalars ?? []) as never,
    validate: false,
    skipCheck: true,
  });
  const sdl = `${schemaHeader()}${room.header ?? ''}\n${printSchemaWithDirectives(decorated)}`;
  const resolvers = createResolversMap(decorated) as Record<string, Record<string, unknown>>;
  for (const [type, resolve] of Object.entries(room.references)) {
    resolvers[type] = { ...resolvers[type], __resolveReference: resolve };
  }
  const schema = paceLists(buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never }));
  return { schema: tellParts(schema), sdl };
}
