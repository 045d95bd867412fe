/**
 * Shape: ways around a rule by the form of the schema. Small supergraphs, composed here, each with one way in to a field that needs
 * a scope; asked without it the field is answered with null and one error, and no subgraph is asked for it. Where composition
 * itself closes the way, that it does so is the test.
 */
import { composeServices } from '@apollo/composition';
import { describe, expect, it } from '@jest/globals';
import { parse, print } from 'graphql';
import { Engine } from '../../src/execution/engine.js';
import { readSupergraph } from '../../src/supergraph/rules.js';
import { aViewer } from '../support/room.js';
import { federationHeader } from './vendor.js';

const need = '@requiresScopes(scopes: [["secret:read"]])';

function compose(...sdl: string[]): { text: string; errors: string[] } {
  const services = sdl.map((text, index) => ({
    name: ['a', 'b', 'c'][index]!,
    url: `http://127.0.0.1:1/${index}`,
    typeDefs: parse(`${text.startsWith('extend') ? '' : federationHeader} ${text}`),
  }));
  const composed = composeServices(services);
  return {
    text: composed.supergraphSdl ?? '',
    errors: (composed.errors ?? []).map((error) => `${error.extensions.code}: ${error.message}`),
  };
}

/** Asks with the given scopes; every subgraph answers `secret` wherever it is asked for anything. */
async function ask(
  supergraph: string,
  query: string,
  scopes: string[] = [],
  answers: (service: string) => unknown = () => null,
) {
  const { rules, document } = readSupergraph(supergraph);
  const engine = new Engine({ supergraphSdl: print(document), rules });
  const sent: string[] = [];
  const answer = await engine.answer(parse(query), undefined, {}, aViewer({ scopes }), async (service, body) => {
    sent.push(JSON.parse(body).query);
    return { data: (answers(service) ?? { thing: { __typename: 'Thing', id: '1', secret: 'told' } }) as never };
  });
  return { data: answer.data, denied: answer.denied.map(({ path }) => path), sent: sent.join('\n') };
}

/** Nothing of the field is fetched without the scope, and it is fetched with it: so the field is really there. */
async function expectClosed(supergraph: string, query: string, path: string[]) {
  const without = await ask(supergraph, query);
  expect(without.denied).toEqual([path]);
  expect(without.sent).not.toMatch(/\bsecret\b/);
  expect(JSON.stringify(without.data)).not.toContain('told');
  const withScope = await ask(supergraph, query, ['secret:read']);
  expect([withScope.denied, withScope.sent]).toEqual([[], expect.stringMatching(/\bsecret\b/)]);
}

describe('a field that needs a scope is not reached without it', () => {
  const plain = `type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! secret: String ${need} }`;

  it('12: by another name', async () => {
    await expectClosed(compose(plain).text, '{ thing { id open: secret } }', ['thing', 'open']);
    await expectClosed(compose(plain).text, '{ thing { id: secret __typename } }', ['thing', 'id']);
  });

  it('3: in fragments, named, nested and inline', async () => {
    const query =
      '{ ...A } fragment A on Query { thing { ... on Thing { ...B } id } } fragment B on Thing { ... { secret } }';
    await expectClosed(compose(plain).text, query, ['thing', 'secret']);
  });

  it('2: through an interface that it implements (CVE-2025-64173)', async () => {
    const { text, errors } = compose(`type Query { thing: Node } interface Node { id: ID! secret: String }
      type Thing implements Node @key(fields: "id") { id: ID! secret: String ${need} } type Open implements Node { id: ID! secret: String }`);
    expect(errors).toEqual([]);
    await expectClosed(text, '{ thing { id secret } }', ['thing', 'secret']);
    await expectClosed(text, '{ thing { id ... on Thing { secret } } }', ['thing', 'secret']);
  });

  it('4: as a member of a union', async () => {
    const sdl = `type Query { thing: Any } union Any = Thing | Open type Open { id: ID! } type Thing { id: ID! secret: String ${need} }`;
    await expectClosed(compose(sdl).text, '{ thing { __typename ... on Open { id } ... on Thing { secret } } }', [
      'thing',
      'secret',
    ]);
  });

  it('4: as a whole type that is denied, in a union and behind an interface', async () => {
    const sdl = `type Query { thing: Any node: Node } union Any = Thing | Open interface Node { id: ID! }
      type Open implements Node { id: ID! } type Thing implements Node ${need} { id: ID! secret: String }`;
    const { text } = compose(sdl);
    const answer = await ask(text, '{ thing { __typename ... on Thing { secret } } }');
    expect(answer.sent).not.toMatch(/\bsecret\b/);
    expect(JSON.stringify(answer.data)).not.toContain('told');
    expect(answer.denied.length).toBeGreaterThan(0);
  });

  it('5: through an @interfaceObject that adds it to every implementation (CVE-2025-64530)', async () => {
    const owner = `type Query { thing: Node } interface Node @key(fields: "id") { id: ID! } type Thing implements Node @key(fields: "id") { id: ID! }`;
    const adding = `type Node @interfaceObject @key(fields: "id") { id: ID! secret: String ${need} }`;
    const { text, errors } = compose(owner, adding);
    expect(errors).toEqual([]);
    for (const query of ['{ thing { id secret } }', '{ thing { id ... on Thing { secret } } }'])
      await expectClosed(text, query, ['thing', 'secret']);
  });

  it('6: with its directive under another name (GHSA-m8jr-fxqx-8xx6)', async () => {
    const link =
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", { name: "@requiresScopes", as: "@must" }])';
    const sdl = `${link} type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! secret: String @must(scopes: [["secret:read"]]) }`;
    await expectClosed(compose(sdl).text, '{ thing { secret } }', ['thing', 'secret']);
    // And where the supergraph itself renames it.
    const renamed = compose(plain)
      .text.replace('requiresScopes/v0.1", for: SECURITY', 'requiresScopes/v0.1", as: "must", for: SECURITY')
      .replaceAll('@requiresScopes', '@must')
      .replaceAll('requiresScopes__', 'must__');
    await expectClosed(renamed, '{ thing { secret } }', ['thing', 'secret']);
    const imported = compose(plain)
      .text.replace(
        'requiresScopes/v0.1", for: SECURITY',
        'requiresScopes/v0.1", import: [{ name: "@requiresScopes", as: "@must" }], for: SECURITY',
      )
      .replaceAll(/@requiresScopes\(scopes/g, '@must(scopes');
    await expectClosed(imported, '{ thing { secret } }', ['thing', 'secret']);
  });

  it('7: through a field of another subgraph that requires it (CVE-2025-64347): composition refuses a laxer one', async () => {
    const lax = (rule: string) =>
      `type Thing @key(fields: "id") { id: ID! secret: String @external copy: String @requires(fields: "secret") ${rule} }`;
    expect(compose(plain, lax('')).errors.join()).toMatch(/MISSING_TRANSITIVE_AUTH_REQUIREMENTS/);
    const { text, errors } = compose(plain, lax(need));
    expect(errors).toEqual([]);
    const answer = await ask(text, '{ thing { copy } }');
    expect([answer.denied, /\b(secret|copy)\b/.test(answer.sent)]).toEqual([[['thing', 'copy']], false]);
  });

  it('8: as a copy that another subgraph provides', async () => {
    const providing =
      'type Query { other: Thing @provides(fields: "secret") } type Thing @key(fields: "id") { id: ID! secret: String @external }';
    const owner = plain.replace('secret: String', 'secret: String @shareable');
    const { text, errors } = compose(owner, providing);
    expect(errors).toEqual([]);
    expect((await ask(text, '{ other { secret } }')).denied).toEqual([['other', 'secret']]);
    expect((await ask(text, '{ other { secret } }')).sent).not.toMatch(/\bsecret\b/);
  });

  it('9: as a twin in a subgraph that has no such rule', async () => {
    const strict = plain.replace('secret: String', 'secret: String @shareable');
    const lax = 'type Query { twin: Thing } type Thing @key(fields: "id") { id: ID! secret: String @shareable }';
    for (const text of [compose(strict, lax).text, compose(lax, strict).text]) {
      const answer = await ask(text, '{ twin { id secret } }');
      expect([answer.denied, /\bsecret\b/.test(answer.sent)]).toEqual([[['twin', 'secret']], false]);
    }
  });

  it('10: after another subgraph took it over without the rule', async () => {
    const taking = 'type Thing @key(fields: "id") { id: ID! secret: String @override(from: "a") }';
    const { text, errors } = compose(plain, taking);
    expect(errors).toEqual([]);
    await expectClosed(text, '{ thing { secret } }', ['thing', 'secret']);
  });

  it('15: where its absence is not allowed: the nearest parent that may be null is, and nothing beyond', async () => {
    const sdl = `type Query { thing: Thing open: String } type Thing { id: ID! secret: String! ${need} }`;
    const answer = await ask(compose(sdl).text, '{ open thing { id secret } }', [], () => ({
      open: 'yes',
      thing: { id: '1', secret: 'told' },
    }));
    expect(answer.data).toEqual({ open: 'yes', thing: null });
    expect(answer.denied).toEqual([['thing', 'secret']]);
  });

  it('14: under a name of the prototype', async () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      await expectClosed(compose(plain).text, `{ thing { ${name}: secret } }`, ['thing', name]);
  });
});

describe('a supergraph is refused', () => {
  it('where a shielded type stands behind an interface or in a union that cannot be empty', () => {
    const shielded = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"]) @link(url: "https://sluse.example/shielded/v1.0", import: ["@shielded"]) @composeDirective(name: "@shielded")
      directive @shielded(by: String!) on OBJECT
      type Case implements Node @key(fields: "id") @shielded(by: "level") { id: ID! level: Int } interface Node { id: ID! } union Any = Case | Open type Open { id: ID! }`;
    const refused = ['node: Node!', 'any: Any!', 'case: Case!'];
    for (const field of refused)
      expect(() => readSupergraph(compose(`${shielded} type Query { ${field} }`).text)).toThrow(/must be nullable/);
    for (const field of ['node: Node', 'any: [Any!]!', 'case: [Case!]'])
      expect(() => readSupergraph(compose(`${shielded} type Query { ${field} }`).text)).not.toThrow();
  });

  it('where a tag asks the log for what no entry can say', () => {
    const tagged = (use: string, type: string) =>
      compose(
        `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"]) type Query { thing: Thing @tag(name: "${use}") case: Case } type Thing ${type} @key(fields: "id") { id: ID! } type Case @key(fields: "id") @tag(name: "audited") { id: ID! }`,
      ).text;
    expect(() => readSupergraph(tagged('use-extract', ''))).not.toThrow();
    expect(() => readSupergraph(tagged('use-case', ''))).toThrow(
      'Query.thing has the tag use-case; expected one of use-search, use-read, use-enter, use-change, use-delete, use-extract.',
    );
    expect(() => readSupergraph(tagged('use-read', '@tag(name: "audited")'))).toThrow(
      'The type Thing has the tag audited; an entry of the log can name Citizen and Case only.',
    );
  });
});
