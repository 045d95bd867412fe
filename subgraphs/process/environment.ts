/**
 * First import of every program: what packages would read from the environment while they are loaded or later. Variables that
 * Sluse and Node know stay; all others are taken out, since one of them may weaken a check (`APOLLO_DISABLE_SECURITY_…`,
 * `NODE_TLS_REJECT_UNAUTHORIZED`), lead a connection elsewhere (`PGHOST`, `HTTPS_PROXY`) or change its form (`PGOPTIONS`).
 */

/** As the program was started. */
export const givenEnvironment = process.env.NODE_ENV;

const kept =
  /^(SLUSE_\w+|PORT|HOST|DATABASE_URL|REDIS_URL|PATH|HOME|TMPDIR|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_V8_COVERAGE)$/;
/** Of those that are taken out: what somebody may have set on purpose, and would wait for. */
const missed = /^(PG\w+|APOLLO_\w+|OTEL_\w+|NODE_TLS_\w+|NODE_PG_\w+|\w+_proxy|REDIS_\w+)$/i;

/** Names of variables that were set and are not read, in the order of the alphabet. */
export const ignoredVariables: readonly string[] = Object.keys(process.env)
  .filter((name) => !kept.test(name) && missed.test(name))
  .sort();

for (const name of Object.keys(process.env)) if (!kept.test(name)) delete process.env[name];
// Apollo's packages: no telemetry, and no query plans for whoever sends the right header. graphql: without its check, at every
// value, for a second copy of itself. Dates are calendar dates in UTC wherever the machine stands.
Object.assign(process.env, { APOLLO_TELEMETRY_DISABLED: 'true', NODE_ENV: 'production', TZ: 'UTC' });
