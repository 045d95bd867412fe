/**
 * One neutral subgraph as a process. An operation is executed by graphql-js the first time that it comes; from then on the
 * same request body, whoever wrote it and however, is answered with the same bytes from memory. So no gateway is measured
 * by what its subgraphs cost, and none gains by the form of its queries.
 */
import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse } from 'graphql';
import * as data from './data.mjs';
import { federation2Sdl } from './schema.mjs';

const name = process.argv[2];
const references = {
  Citizen: ({ id }) => data.citizen(id),
  Case: ({ id }) => data.caseOf(id),
  Document: ({ id }) => data.documentOf(id),
  Employee: ({ id }) => data.employee(id),
};
const sdl = federation2Sdl(name);
const schema = buildSubgraphSchema({
  typeDefs: parse(sdl),
  resolvers: Object.fromEntries(
    Object.entries(references)
      .filter(([type]) => sdl.includes(`type ${type} `))
      .map(([type, find]) => [type, { __resolveReference: find }]),
  ),
});

const answers = new Map();
const documents = new Map();
let requests = 0;

async function answerTo(body) {
  const known = answers.get(body);
  if (known) return known;
  const { query, variables, operationName } = JSON.parse(body);
  const document = documents.get(query) ?? parse(query);
  documents.set(query, document);
  const result = await execute({ schema, document, rootValue: data.query, variableValues: variables, operationName });
  const bytes = Buffer.from(JSON.stringify(result));
  if (answers.size > 5_000) answers.clear();
  answers.set(body, bytes);
  return bytes;
}

createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method === 'GET') {
    response.end(String(requests));
    return;
  }
  requests += 1;
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString();
    const bytes = await answerTo(text).catch((error) =>
      Buffer.from(JSON.stringify({ errors: [{ message: String(error) }] })),
    );
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
  });
}).listen(0, '127.0.0.1', function listening() {
  process.stdout.write(`ready http://127.0.0.1:${this.address().port}/graphql\n`);
});
