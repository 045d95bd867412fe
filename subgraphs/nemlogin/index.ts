/**
 * A stand-in of NemLog-in, for the embedded mode and for tests: an identity provider (SAML 2.0, OIOSAML 3) for one service
 * provider, at which nobody proves anything. It stands outside of all that runs in production: main opens it in embedded
 * mode alone, and the layer rules keep everybody else from it.
 */
export { credentialsFile } from './credentials.js';
export { type Issue, issue } from './response.js';
export { startNemLogin } from './serve.js';
