/**
 * Does what `process/environment.ts` does, for tests: they load the gateway into their own process, whose environment
 * is not ours to change. Apollo's packages and graphql read these variables while they load.
 */
process.env.APOLLO_TELEMETRY_DISABLED = 'true';
process.env.NODE_ENV ??= 'production';
