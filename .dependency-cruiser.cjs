/**
 * The directions of the house (docs/architecture.md draws them). A change here is a change of design: say why in docs/decisions.md.
 *
 * `above` names, for each folder, the folders that it may import beside itself; everything else of ours is forbidden.
 */
const rooms = ['identity', 'cases', 'smdb', 'audit'];
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Folders of `subgraphs/`. */
const subgraphs = {
  process: [],
  protocol: ['process'],
  edge: ['process', 'protocol'],
  postgres: ['process', 'protocol', 'edge'],
  kit: ['process', 'protocol', 'edge', 'postgres'],
  ...Object.fromEntries([...rooms, 'demo'].map((room) => [room, ['protocol', 'postgres', 'kit']])),
  nemlogin: ['process', 'protocol', 'kit'],
};

/** Folders of `src/`. All of them may import `subgraphs/process`, `protocol` and `edge`. */
const gateway = {
  operation: [],
  authorization: ['operation'],
  planning: ['operation'],
  execution: ['operation', 'authorization', 'planning'],
  supergraph: ['operation', 'planning', 'execution'],
  'subgraph-client': ['operation'],
  documents: ['operation', 'execution', 'supergraph'],
  changes: ['operation', 'execution', 'subgraph-client'],
  sessions: ['operation', 'subgraph-client'],
  http: ['operation', 'execution', 'supergraph', 'subgraph-client', 'documents', 'changes'],
  export: ['operation', 'http', 'subgraph-client'],
  saml: [],
  pages: ['http', 'sessions'],
  'sign-in': ['operation', 'http', 'pages', 'saml', 'sessions', 'subgraph-client'],
};

const only = (root, folder, allowed) => `^(schema|test|${root}/(?!(${[folder, ...allowed].join('|')})/))`;

module.exports = {
  forbidden: [
    forbid('no-rings', 'Two files that need each other are one file, or three. Types count.', {}, { circular: true }),
    ...Object.entries(subgraphs).map(([folder, allowed]) =>
      forbid(
        `subgraphs-${folder}`,
        `subgraphs/${folder} may import ${[...allowed, 'npm'].join(', ')}.`,
        { path: `^subgraphs/${folder}/` },
        { path: `^src/|${only('subgraphs', folder, allowed)}` },
      ),
    ),
    ...Object.entries(gateway).map(([folder, allowed]) =>
      forbid(
        `src-${folder}`,
        `src/${folder} may import ${[...allowed, 'npm'].join(', ')}, and subgraphs/process, protocol and edge.`,
        { path: `^src/${folder}/` },
        { path: `${only('src', folder, allowed)}|^subgraphs/(?!(process|protocol|edge)/)` },
      ),
    ),
    forbid(
      'only-the-embedded-mode-opens-rooms',
      'The gateway knows no room; the embedded mode wires.',
      { path: '^src/[^/]+\\.ts$', pathNot: '^src/embedded-mode\\.ts$' },
      { path: '^subgraphs/(?!(process|protocol|edge)/)' },
    ),
    forbid(
      'nemlogin-is-not-production',
      'At the stand-in anyone may sign in as anyone: only the embedded mode opens it, and tests do.',
      { pathNot: '^(src/embedded-mode\\.ts$|test/|subgraphs/nemlogin/)' },
      { path: '^subgraphs/nemlogin/' },
    ),
    forbid(
      'demo-is-loaded-late',
      'A server that holds real sessions does not even read the files of the demo.',
      { path: '^src/', pathNot: '^src/embedded-mode\\.ts$' },
      {
        path: '^(subgraphs/(nemlogin|demo)/|src/embedded-mode\\.ts$)',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'gateway-has-no-database',
      'No database access of the gateway’s own.',
      { path: '^src/' },
      { path: 'node_modules/pg/' },
    ),
    forbid(
      'sql-stays-in-stores',
      'Resolvers go through loaders and stores; only postgres/ speaks to PostgreSQL.',
      { path: '^subgraphs/(?!postgres/|demo/)' },
      { path: 'node_modules/pg/' },
    ),
    forbid(
      'resolvers-not-back',
      'index → resolvers → loaders → store.',
      { path: '^subgraphs/.*(store|loaders)\\.ts$', pathNot: '^subgraphs/(process|protocol|edge|postgres|kit)/' },
      { path: '^subgraphs/.*(index|resolvers)\\.ts$' },
    ),
    forbid(
      'store-is-last',
      'A store needs nothing above it.',
      { path: '^subgraphs/.*store\\.ts$', pathNot: '^subgraphs/(process|protocol|edge|postgres|kit)/' },
      { path: '^subgraphs/.*loaders\\.ts$' },
    ),
    forbid(
      'resolvers-open-no-transaction',
      'Loaders read and actions change, each in one transaction. A resolver may know the type of a row, and runs no SQL.',
      { path: '^subgraphs/.*(resolvers|references)\\.ts$' },
      { path: '^subgraphs/(postgres/|.*store\\.ts$)', dependencyTypesNot: ['type-only'] },
    ),
    forbid('nobody-imports-main', 'What starts is not imported.', {}, { path: '(^|/)main\\.ts$' }),
    forbid(
      'tests-are-not-imported',
      'Nothing that runs knows the tests.',
      { path: '^(src|schema|subgraphs)/' },
      { path: '^test/' },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|schema/generated)' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
