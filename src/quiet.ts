/** Apollo's packages read these while they are loaded: no telemetry, and no query plans for whoever sends the right header. */
export const givenEnvironment = process.env.NODE_ENV;

process.env.APOLLO_TELEMETRY_DISABLED = 'true';
process.env.NODE_ENV ??= 'production';
