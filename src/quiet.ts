/**
 * Packages read these while they are loaded. Apollo's: no telemetry, and no query plans for whoever sends the right header.
 * graphql: without its check, at every value, for a second copy of itself.
 */
export const givenEnvironment = process.env.NODE_ENV;

process.env.APOLLO_TELEMETRY_DISABLED = 'true';
process.env.NODE_ENV ??= 'production';
