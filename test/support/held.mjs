/**
 * Fills caches with the worst entries, one after the other, and prints as JSON by how much the heap grew and how much the cache says
 * that it holds. `node --expose-gc test/support/held.mjs texts KIND=COUNT/BYTES…` for what is known of texts, `… others
 * KIND=COUNT/GRANTS…` for all else, after `npm run build`; a process of its own, so that nothing else moves the heap.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

process.env.NODE_ENV = 'production';
process.env.APOLLO_TELEMETRY_DISABLED = 'true';
const from = (file) => import(new URL(`../../dist/${file}`, import.meta.url));

const heap = () => {
  for (let turn = 0; turn < 3; turn += 1) gc();
  return process.memoryUsage().heapUsed;
};

const person = { kind: 'Employee', id: '00000000-0000-4000-8000-000000000001' };
const scopes = ['citizen:read', 'case:read', 'smdb:read', 'audit:read', 'admin', 'employee:read'];
const viewerOf = (session, grants, held = scopes) => ({
  ...{ session, municipality: '0999', subject: person, actor: person, organisation: null, right: null },
  ...{ actingFor: null, powerOfAttorney: null, scopes: held },
  clearance: Array.from({ length: grants }, (_, index) => ({
    compartment: `0999.MUNICIPALITY.CATEGORY_${index}`,
    level: 'DOCUMENTS',
    operations: ['SEARCH', 'ENTER', 'DELETE'],
    shielded: index % 2 === 0,
  })),
  seal: { compartments: [], always: false, singleCases: [] },
  authenticatedAt: Date.now() / 1000,
  assurance: 'High',
});

const below = 'id name cpr address { street } municipality { code name } relatives { citizen { id name } }';
const wide = `${below} cases { totalCount nodes { id number title clearance parties { citizen { id name } } } }`;
const list = (count, make) => Array.from({ length: count }, (_, index) => make(index)).join(' ');
/** Distinct texts that are small and hold much, or that are as large as may be. */
const texts = {
  'one fragment under many names': (nth) =>
    `query Q${nth} { ${list(28, (at) => `a${at}_${nth}: citizen(cpr: "0201609995") { ...F }`)} } fragment F on Citizen { ${wide} }`,
  'the same without a fragment': (nth) =>
    `query Q${nth} { ${list(20, (at) => `a${at}_${nth}: citizen(cpr: "0201609995") { ${wide} }`)} }`,
  'fragments in fragments': (nth) =>
    `query Q${nth} { ${list(4, (at) => `a${at}_${nth}: citizen(cpr: "0201609995") { ...A }`)} }
     fragment A on Citizen { ${list(5, (at) => `r${at}: relatives { ...B }`)} } fragment B on Relative { ${list(5, (at) => `c${at}: citizen { ...C }`)} } fragment C on Citizen { ${below} }`,
  'long names': (nth) =>
    `query Q${nth} { citizen(cpr: "0201609995") { ${list(30, (at) => `${'x'.repeat(2_000)}${at}_${nth}: name`)} } }`,
  'many operations': (nth) =>
    list(150, (at) => `query Q${nth}_${at} { citizen(cpr: "0201609995") { id name cpr address { street } } }`),
  'long arguments': (nth) =>
    `query Q${nth} { ${list(25, (at) => `a${at}_${nth}: cases(filter: { categories: [${list(100, () => 'SOCIAL_FRAUD')}] }) { totalCount nodes { id title } }`)} }`,
  'ordinary ones': (nth) => `query Q${nth}($cpr: CPR!) { citizen(cpr: $cpr) { id name a${nth}: name ${wide} } }`,
  'names beyond Latin-1': (nth) =>
    `query Q${nth} { ${list(5, (at) => `a${at}_${nth}: employees(filter: { nameContains: "${'ж'.repeat(1_000)}" }) { totalCount nodes { id name } }`)} }`,
};

/** One engine for all, warm: what is made once for all, at the first questions, is no part of what a text holds. */
async function anEngine() {
  const { print } = await import('graphql');
  const [{ readSupergraph }, { Engine }, { openKnownTexts }] = await Promise.all([
    from('src/supergraph/rules.js'),
    from('src/execution/engine.js'),
    from('src/documents/known-texts.js'),
  ]);
  const { rules, document } = readSupergraph(readFileSync('schema/supergraph.graphql', 'utf8'));
  return { engine: new Engine({ supergraphSdl: print(document), rules }), open: openKnownTexts };
}

/** Distinct texts, each asked once; by their faults one sees that they are not what they should be. */
async function ask(engine, into, kind, nth) {
  const { document } = into.keep(texts[kind](nth), engine);
  const names = document.definitions.filter((one) => one.kind === 'OperationDefinition').map(({ name }) => name.value);
  for (const name of names.slice(0, 20))
    await engine.answer(document, name, { cpr: '0201609995' }, viewerOf('s', 0), nobodyThere);
}

async function knownTexts({ engine, open }, kind, count, maxBytes = 100_000_000) {
  const warm = open({ maxBytes: 1e9 });
  const put = variants[kind] ?? ((into, nth) => ask(engine, into, kind, nth));
  for (let nth = 0; nth < 3; nth += 1) await put(warm, 1_000_000 + nth, engine);
  warm.prune(() => false);
  const cache = open({ maxBytes });
  const before = heap();
  for (let nth = 0; nth < count; nth += 1) await put(cache, nth, engine);
  return { kind, held: heap() - before, declared: cache.bytes, entries: cache.size };
}

const nobodyThere = async () => ({ data: null });
/** The same text under all conditions, and in all rights: each is a plan and a program of its own. */
const variants = { conditions: underConditions, rights: inRights };
async function underConditions(into, nth, engine) {
  const names = Array.from({ length: 7 }, (_, at) => `v${at}`);
  const text = `query Q${nth}(${names.map((name) => `$${name}: Boolean!`).join(' ')}) { citizen(cpr: "0201609995") { id ${names.map((name, at) => `a${at}_${nth}: relatives @skip(if: $${name}) { citizen { id name cpr } }`).join(' ')} } }`;
  const { document } = into.find(text, engine) ?? into.keep(text, engine);
  for (let mask = 0; mask < 60; mask += 1)
    await engine.answer(
      document,
      undefined,
      Object.fromEntries(names.map((name, at) => [name, Boolean((mask >> at) & 1)])),
      viewerOf('s', 0),
      nobodyThere,
    );
}
async function inRights(into, nth, engine) {
  const text = `query Q${nth} { citizen(cpr: "0201609995") { a${nth}: name ${wide} } cases(first: 3) { nodes { id title } } auditEntries(first: 1) { totalCount } employees(first: 1) { totalCount } compartments { id } }`;
  const { document } = into.find(text, engine) ?? into.keep(text, engine);
  for (let mask = 0; mask < 32; mask += 1)
    await engine.answer(
      document,
      undefined,
      {},
      viewerOf(
        's',
        0,
        scopes.filter((_, at) => (mask >> at) & 1),
      ),
      nobodyThere,
    );
}

/** People with that many grants, one after the other, as often as it takes to fill the cache and more. */
let grants = 0;
const pair = generateKeyPairSync('ed25519');
const kinds = {
  async sessions(count) {
    const { openSessions } = await from('src/sessions/sessions.js');
    const identity = async (name, { token }) =>
      name === 'access-changes'
        ? { revision: 0, persons: [] }
        : {
            viewer: { ...viewerOf(token, grants), actor: { kind: 'Employee', id: token } },
            revision: 0,
            goodFor: 600_000,
            touchIn: 600_000,
          };
    const sessions = openSessions(identity, { municipality: '0999', revocations: null, cache: null });
    return filled(count, (nth) => sessions.viewerOf(`token-${nth}-${randomUUID()}`));
  },
  async 'viewer tokens signed'(count) {
    const { viewerSigner } = await from('subgraphs/protocol/viewer.js');
    const signer = viewerSigner(pair.privateKey);
    // Sessions keep viewers: what is measured are the tokens.
    return filled(count, async (nth) => {
      const viewer = viewerOf(`s${nth}`, grants);
      for (const room of ['identity', 'cases', 'smdb', 'audit']) await signer.sign(viewer, room);
    });
  },
  async 'viewer tokens verified'(count) {
    const { viewerSigner, viewerVerifier } = await from('subgraphs/protocol/viewer.js');
    const verifier = viewerVerifier(pair.publicKey);
    return filled(count, async (nth) =>
      verifier.verify(await viewerSigner(pair.privateKey).sign(viewerOf(`s${nth}`, grants), 'cases'), 'cases'),
    );
  },
  async clients(count) {
    const { openClients } = await from('subgraphs/edge/clients.js');
    const tokens = { verify: async (token) => ({ id: token }) };
    const clients = openClients(
      tokens,
      async (_name, { id }) => ({ viewer: viewerOf(id, grants) }),
      () => new Date(),
    );
    return filled(count, (nth) => clients.viewerOf(`token ${nth}`));
  },
  async 'access tokens'(count) {
    const { signAccess, accessVerifier } = await from('subgraphs/edge/access-token.js');
    const verifier = accessVerifier([pair.publicKey], () => 'http://issuer');
    return filled(count, async () => {
      const grant = {
        municipality: '0999',
        client: randomUUID(),
        key: randomUUID(),
        scopes: list(60, (at) => `scope:${at}`).split(' '),
      };
      const token = await signAccess(pair.privateKey, 'http://issuer', grant, { now: new Date(), id: randomUUID() });
      await verifier.verify(token, new Date());
    });
  },
  async 'documents of a room'(count) {
    const { parse } = await import('graphql');
    const { openDocumentStore } = await from('subgraphs/edge/document-store.js');
    const store = openDocumentStore();
    return filled(count, (nth) =>
      store.set(
        `key ${nth}`,
        parse(`query Q${nth} { ${list(900, (at) => `a${at}_${nth}: name`)} }`, { noLocation: true }),
      ),
    );
  },
};

async function filled(count, put) {
  for (let nth = 0; nth < 2; nth += 1) await put(1_000_000 + nth);
  const before = heap();
  for (let nth = 0; nth < count; nth += 1) await put(nth);
  const held = heap() - before;
  // The cache has to be alive until here.
  await put(count);
  return { held, entries: count };
}

/** Each as `KIND=COUNT` or `KIND=COUNT/BYTES`. */
const measured = [];
const engine = process.argv[2] === 'texts' ? await anEngine() : null;
for (const asked of process.argv.slice(3)) {
  const [kind, numbers] = asked.split('=');
  const [count, more] = numbers.split('/').map(Number);
  if (engine) measured.push(await knownTexts(engine, kind, count, more));
  else {
    grants = more;
    measured.push({ kind, ...(await kinds[kind](count)) });
  }
}
process.stdout.write(JSON.stringify(measured));
