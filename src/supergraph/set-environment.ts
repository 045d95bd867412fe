/**
 * The same as process/environment.ts for tests, which load the gateway into a process of their own with an environment that is not ours
 * to change. Apollo's packages and graphql read these while they are loaded.
 */
process.env.APOLLO_TELEMETRY_DISABLED = 'true';
process.env.NODE_ENV ??= 'production';
