/**
 * The benchmark's four subgraphs, written once in Federation 1 (all that mercurius reads) and turned into Federation 2 by
 * text. `walled` adds what Sluse enforces and no other gateway does: scopes, one shielded type, what the log must name.
 */
const federation1 = {
  people: `
    extend type Query {
      citizen(id: ID!): Citizen
      citizens(from: Int!, first: Int!): [Citizen!]
    }
    type Citizen @key(fields: "id") { id: ID! name: String! bornOn: String! address: Address! }
    type Address { street: String! postcode: String! city: String! }
    type Employee @key(fields: "id") { id: ID! name: String! title: String! }`,
  cases: `
    extend type Query { cases(from: Int!, first: Int!): [Case!] }
    type Case @key(fields: "id") {
      id: ID! number: String! title: String! status: String! summary: String!
      clearance: String applicant: Citizen caseworker: Employee
    }
    extend type Citizen @key(fields: "id") { id: ID! @external cases: [Case!]! }
    extend type Employee @key(fields: "id") { id: ID! @external }`,
  documents: `
    type Document @key(fields: "id") { id: ID! title: String! text: String! author: Employee }
    extend type Case @key(fields: "id") { id: ID! @external documents: [Document!]! }
    extend type Employee @key(fields: "id") { id: ID! @external }`,
  places: `
    type Place { name: String! phone: String! }
    extend type Citizen @key(fields: "id") { id: ID! @external home: Place! }
    extend type Case @key(fields: "id") { id: ID! @external venue: Place! }
    extend type Employee @key(fields: "id") { id: ID! @external office: Place! }`,
};

const header = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
    import: ["@key", "@tag", "@requiresScopes", "@composeDirective"])`;

const shieldedHeader = `
  extend schema @link(url: "https://sluse.example/shielded/v1.0", import: ["@shielded"]) @composeDirective(name: "@shielded")
  directive @shielded(by: String!) on OBJECT`;

export const names = Object.keys(federation1);

export const federation1Sdl = (name) => federation1[name];

export const federation2Sdl = (name) =>
  header +
  federation1[name]
    .replaceAll(/extend type (?!Query)/g, 'type ')
    .replaceAll('extend type Query', 'type Query')
    .replaceAll(' @external', '');

const scope = (name) => `@requiresScopes(scopes: [["${name}"]])`;

/** Every rule is met by at least one of the three shapes, and holds for the viewer who asks. */
export const walledSdl = (name) => {
  const sdl = federation2Sdl(name)
    .replace('citizen(id: ID!): Citizen', `$& ${scope('citizen:read')}`)
    .replace('citizens(from: Int!, first: Int!): [Citizen!]', `$& ${scope('citizen:read')} @tag(name: "use-search")`)
    .replace('cases(from: Int!, first: Int!): [Case!]', `$& ${scope('case:read')} @tag(name: "use-search")`)
    .replace('documents: [Document!]!', `$& ${scope('case:read')}`);
  if (name === 'people')
    return sdl
      .replace('type Citizen @key(fields: "id")', '$& @tag(name: "audited")')
      .replace('type Employee @key(fields: "id")', `$& ${scope('employee:read')}`);
  if (name === 'cases')
    return (
      shieldedHeader +
      sdl.replace('type Case @key(fields: "id")', '$& @shielded(by: "clearance") @tag(name: "audited")')
    );
  return sdl;
};

/** The gateway looks these two rooms up by name, for sessions and for the log; nothing of them is asked for. */
export const roomSdl = (name) => `${header}
  type Query { ${name}Room: String }`;
