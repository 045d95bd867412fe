/**
 * `npm run schema`: decorators → SDL of each room → composed supergraph, into this folder. With `--check` nothing is written;
 * a difference to what is committed is an error, so that the schema which is reviewed is the one that runs.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { parse, print, printSchema } from 'graphql';
import { readSupergraph } from '../src/supergraph/rules.js';
import { accessMatrix } from '../subgraphs/access-matrix.js';
import { audit } from '../subgraphs/audit/index.js';
import { cases } from '../subgraphs/cases/index.js';
import { identity } from '../subgraphs/identity/index.js';
import { roomSchema } from '../subgraphs/kit/room-schema.js';
import { smdb } from '../subgraphs/smdb/index.js';
import { ports } from './compose.js';
import { withCosts } from './costs.js';

async function emit(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const services = [];
  for (const room of [identity, cases, smdb, audit]) {
    const { sdl } = await roomSchema(room);
    files.set(`${room.name}.graphql`, `${sdl.trim()}\n`);
    services.push({
      name: room.name,
      url: `http://localhost:${ports[room.name as keyof typeof ports]}/graphql`,
      typeDefs: parse(sdl),
    });
  }
  const composed = composeServices(services);
  if (composed.errors) throw new Error(composed.errors.map((error) => error.message).join('\n'));
  // Refuses what the gateway would refuse, here where it can still be changed.
  const { document } = readSupergraph(composed.supergraphSdl);
  files.set('supergraph.graphql', `${composed.supergraphSdl.trim()}\n`);
  // What callers see: for typed documents, and for a reader.
  const api = printSchema(Supergraph.build(print(document)).apiSchema().toGraphQLJSSchema());
  files.set('api.graphql', `${withCosts(api, document)}\n`);
  files.set('access-matrix.md', await accessMatrix(composed.supergraphSdl));
  return files;
}

const checking = process.argv.includes('--check');
const differing: string[] = [];
for (const [name, text] of await emit()) {
  const file = `schema/${name}`;
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed === text) continue;
  differing.push(file);
  if (!checking) await writeFile(file, text);
}
if (checking && differing.length > 0) {
  process.stderr.write(
    `Not what the decorators say: ${differing.join(', ')}. Run \`npm run schema\` and commit the result.\n`,
  );
  process.exit(1);
}
process.stdout.write(differing.length > 0 ? `Written: ${differing.join(', ')}\n` : 'The schema is up to date.\n');
