/**
 * Cleans the environment. This is the first import of every program, because packages read variables while they are loaded or later.
 * Variables that Sluse and Node know stay. All others are removed: one of them may weaken a check (`APOLLO_DISABLE_SECURITY_…`,
 * `NODE_TLS_REJECT_UNAUTHORIZED`), redirect a connection (`PGHOST`, `HTTPS_PROXY`) or change how it behaves (`PGOPTIONS`).
 */

/** `NODE_ENV` as the program was started with it. */
export const givenEnvironment = process.env.NODE_ENV;

const kept =
  /^(SLUSE_\w+|PORT|HOST|DATABASE_URL|REDIS_URL|PATH|HOME|TMPDIR|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_V8_COVERAGE)$/;
/** Removed variables that somebody may have set on purpose. They are reported, because their effect would be missed. */
const missed = /^(PG\w+|APOLLO_\w+|OTEL_\w+|NODE_TLS_\w+|NODE_PG_\w+|\w+_proxy|REDIS_\w+)$/i;

/** Names of variables that were set and are ignored, in alphabetical order. */
export const ignoredVariables: readonly string[] = Object.keys(process.env)
  .filter((name) => !kept.test(name) && missed.test(name))
  .sort();

for (const name of Object.keys(process.env)) if (!kept.test(name)) delete process.env[name];
// Apollo's packages send no telemetry, and return no query plans to a caller who sends the right header. In production mode graphql
// skips its duplicate-module check on every value. Dates are calendar dates in UTC, whatever the machine's time zone.
Object.assign(process.env, { APOLLO_TELEMETRY_DISABLED: 'true', NODE_ENV: 'production', TZ: 'UTC' });
