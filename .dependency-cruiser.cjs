/** The directions of the house. A change here is a change of design: say why in the README's Decisions. */
const rooms = ['identity', 'cases', 'smdb', 'audit'];
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-rings', 'Two files that need each other are one file, or three.', {}, { circular: true }),
    forbid(
      'kit-stands-alone',
      'The kit imports npm only.',
      { path: '^subgraphs/kit/' },
      { path: '^(src|schema|test|subgraphs/(?!kit/))' },
    ),
    ...rooms.map((room) =>
      forbid(
        `${room}-meets-nobody`,
        'A room imports itself and the kit.',
        { path: `^subgraphs/${room}/` },
        {
          path: '^(src|schema|test|subgraphs/)',
          pathNot: `^subgraphs/(${room}|kit)/`,
        },
      ),
    ),
    forbid(
      'demo-stands-beside',
      'The demo knows the kit and itself.',
      { path: '^subgraphs/demo/' },
      {
        path: '^(src|schema|test|subgraphs/)',
        pathNot: '^subgraphs/(demo|kit)/',
      },
    ),
    forbid(
      'nemlogin-stands-beside',
      'The stand-in of NemLog-in knows npm, the kit and itself.',
      { path: '^subgraphs/nemlogin/' },
      {
        path: '^(src|schema|test|subgraphs/)',
        pathNot: '^subgraphs/(nemlogin|kit)/',
      },
    ),
    forbid(
      'nemlogin-is-not-production',
      'At the stand-in anyone may sign in as anyone: only main opens it, and tests do.',
      { pathNot: '^(src/main\\.ts$|test/|subgraphs/nemlogin/)' },
      { path: '^subgraphs/nemlogin/' },
    ),
    forbid(
      'nemlogin-is-loaded-late',
      'Main loads it in embedded mode alone: a server that holds real sessions does not even read its files.',
      { path: '^src/main\\.ts$' },
      { path: '^subgraphs/nemlogin/', dynamic: false },
    ),
    forbid(
      'only-main-opens-rooms',
      'The gateway knows no room; main wires.',
      { path: '^src/', pathNot: '^src/main\\.ts$' },
      {
        path: '^subgraphs/(?!kit/)',
      },
    ),
    forbid(
      'gateway-shares-little',
      'Both edges, the gateway and a room that is called directly, share the tokens, the errors, the rules, the limits, the log, when an answer may leave, the formats, and how bytes become text.',
      { path: '^src/', pathNot: '^src/main\\.ts$' },
      {
        path: '^subgraphs/kit/(?!(viewer|environment|faults|entry|scalars|connection|settings|urls|access-token|client-assertion|clients|footprint|secrets|holds|parts|internal|ledger|limits|release|readiness|rules|trail|canonical|reading|seal|parts|connections|fair-limit|once|source|answers|request|documents|held|change|begin-change|idempotency|budgets|cost|cost-rules|precedence|heap|slow-rejections)\\.ts$)',
      },
    ),
    forbid(
      'gateway-has-no-database',
      'No database access of the gateway’s own.',
      { path: '^src/' },
      { path: 'node_modules/pg/' },
    ),
    forbid(
      'store-holds-the-sql',
      'Resolvers go through loaders and stores; only the kit speaks to PostgreSQL.',
      { path: '^subgraphs/(?!kit/|demo/)' },
      { path: 'node_modules/pg/' },
    ),
    forbid(
      'resolvers-not-back',
      'index → resolvers → loaders → store.',
      { path: '^subgraphs/[^/]+/([\\w-]*store|loaders)\\.ts$' },
      {
        path: '^subgraphs/[^/]+/(index|[\\w-]*resolvers)\\.ts$',
      },
    ),
    forbid(
      'store-is-last',
      'The store needs nothing above it.',
      { path: '^subgraphs/[^/]+/[\\w-]*store\\.ts$' },
      { path: '^subgraphs/[^/]+/loaders\\.ts$' },
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
