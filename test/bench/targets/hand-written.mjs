/**
 * What somebody writes who needs these three operations and nothing else: the fewest subgraph calls, through undici, and
 * the answer put together by hand. No parsing of GraphQL, no validation, no errors, no nulls.
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { operations } from '../shapes.mjs';
import { ready, services } from './settings.mjs';

const askers = Object.fromEntries(
  Object.entries(services).map(([name, url]) => {
    const { origin, pathname: path } = new URL(url);
    const pool = new Pool(origin, { connections: 64 });
    const headers = { 'content-type': 'application/json' };
    const ask = (body) =>
      new Promise((done, fail) => {
        const chunks = [];
        pool.dispatch(
          { method: 'POST', path, headers, body },
          {
            onConnect() {},
            onHeaders: () => true,
            onData: (chunk) => {
              chunks.push(chunk);
              return true;
            },
            onComplete: () =>
              done(JSON.parse((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString()).data),
            onError: fail,
          },
        );
      });
    return [name, ask];
  }),
);

/** A root field: the start of its body is made once. */
const root = (service, query) => {
  const start = `{"query":${JSON.stringify(query)},"variables":`;
  return (variables) => askers[service](`${start}${JSON.stringify(variables)}}`);
};

/** Entities by id, each id asked once; answers with a map. */
const entities = (service, type, fields) => {
  const query = `query($r:[_Any!]!){_entities(representations:$r){...on ${type}{${fields}}}}`;
  const start = `{"query":${JSON.stringify(query)},"variables":{"r":[`;
  return async (ids) => {
    const unique = [...new Set(ids)];
    const representations = unique.map((id) => `{"__typename":"${type}","id":${JSON.stringify(id)}}`);
    const { _entities } = await askers[service](`${start}${representations.join(',')}]}}`);
    return new Map(unique.map((id, index) => [id, _entities[index]]));
  };
};

const oneRoot = root('people', 'query($id:ID!){citizen(id:$id){id name bornOn address{street postcode city}}}');
const one = (variables) => oneRoot(variables);

const listRoot = root(
  'cases',
  'query($from:Int!,$first:Int!){cases(from:$from,first:$first){id number title status applicant{id}caseworker{id}}}',
);
const applicants = entities('people', 'Citizen', 'name bornOn');
const employees = entities('people', 'Employee', 'name title');
const titles = entities('documents', 'Case', 'documents{id title}');
async function list(variables) {
  const { cases } = await listRoot(variables);
  const [people, staff, documents] = await Promise.all([
    applicants(cases.map((one) => one.applicant.id)),
    employees(cases.map((one) => one.caseworker.id)),
    titles(cases.map((one) => one.id)),
  ]);
  return {
    cases: cases.map(({ id, number, title, status, applicant, caseworker }) => {
      const person = people.get(applicant.id);
      const worker = staff.get(caseworker.id);
      return {
        id,
        number,
        title,
        status,
        applicant: { id: applicant.id, name: person.name, bornOn: person.bornOn },
        caseworker: { id: caseworker.id, name: worker.name, title: worker.title },
        documents: documents.get(id).documents,
      };
    }),
  };
}

const treeRoot = root(
  'people',
  'query($from:Int!,$first:Int!){citizens(from:$from,first:$first){id name bornOn address{street postcode city}}}',
);
const homes = entities('places', 'Citizen', 'home{name phone}');
const casesOf = entities('cases', 'Citizen', 'cases{id number title status summary caseworker{id}}');
const venues = entities('places', 'Case', 'venue{name phone}');
const offices = entities('places', 'Employee', 'office{name phone}');
const texts = entities('documents', 'Case', 'documents{id title text author{id}}');
async function tree(variables) {
  const { citizens } = await treeRoot(variables);
  const ids = citizens.map((citizen) => citizen.id);
  const home = homes(ids);
  const byCitizen = await casesOf(ids);
  const cases = [...byCitizen.values()].flatMap((entity) => entity.cases);
  const caseIds = cases.map((one) => one.id);
  const workerIds = cases.map((one) => one.caseworker.id);
  const withAuthors = texts(caseIds).then(async (found) => [
    found,
    await employees([...found.values()].flatMap((entity) => entity.documents.map((document) => document.author.id))),
  ]);
  const [homeOf, venueOf, staff, officeOf, [documentsOf, authors]] = await Promise.all([
    home,
    venues(caseIds),
    employees(workerIds),
    offices(workerIds),
    withAuthors,
  ]);
  return {
    citizens: citizens.map(({ id, name, bornOn, address }) => ({
      id,
      name,
      bornOn,
      address,
      home: homeOf.get(id).home,
      cases: byCitizen.get(id).cases.map((one) => {
        const worker = staff.get(one.caseworker.id);
        return {
          id: one.id,
          number: one.number,
          title: one.title,
          status: one.status,
          summary: one.summary,
          venue: venueOf.get(one.id).venue,
          caseworker: {
            id: one.caseworker.id,
            name: worker.name,
            title: worker.title,
            office: officeOf.get(one.caseworker.id).office,
          },
          documents: documentsOf.get(one.id).documents.map((document) => {
            const author = authors.get(document.author.id);
            return {
              id: document.id,
              title: document.title,
              text: document.text,
              author: { id: document.author.id, name: author.name, title: author.title },
            };
          }),
        };
      }),
    })),
  };
}

const handlers = new Map([
  [operations.one, one],
  [operations.list, list],
  [operations.tree, tree],
]);

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    try {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
      const data = await handlers.get(query)(variables);
      const body = Buffer.from(JSON.stringify({ data }));
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
});
server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${server.address().port}/graphql`));
