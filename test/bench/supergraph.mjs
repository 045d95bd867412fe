/** Composes the benchmark's supergraph over running subgraphs: once plain, for everybody, and once with Sluse's walls. */
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { federation2Sdl, names, roomSdl, walledSdl } from './schema.mjs';

export const plainSupergraph = (urls) =>
  compose(names.map((name) => ({ name, url: urls[name], typeDefs: parse(federation2Sdl(name)) })));

export const walledSupergraph = (urls) =>
  compose([
    ...names.map((name) => ({ name, url: urls[name], typeDefs: parse(walledSdl(name)) })),
    ...['identity', 'audit'].map((name) => ({ name, url: urls[name], typeDefs: parse(roomSdl(name)) })),
  ]);

function compose(services) {
  const { supergraphSdl, errors } = composeServices(services);
  if (errors) throw new Error(errors.map((error) => error.message).join('\n'));
  return supergraphSdl;
}
