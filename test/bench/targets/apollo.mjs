/** `@apollo/server` and `@apollo/gateway` as their documentation starts them; with `--undici`, subgraphs are asked through undici. */
import { readFileSync } from 'node:fs';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { Pool } from 'undici';
import { ready, supergraphFile } from './settings.mjs';

class UndiciSource {
  constructor(url) {
    const { origin, pathname } = new URL(url);
    this.pool = new Pool(origin, { connections: 64 });
    this.path = pathname;
  }

  async process({ request }) {
    const { query, variables, operationName } = request;
    const { body } = await this.pool.request({
      method: 'POST',
      path: this.path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables, operationName }),
    });
    return JSON.parse(await body.text());
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(supergraphFile, 'utf8'),
  ...(process.argv.includes('--undici') && { buildService: ({ url }) => new UndiciSource(url) }),
});
const server = new ApolloServer({ gateway });
const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
ready(url);
