/**
 * A stand-in of NemLog-in, for embedded mode and for tests: an identity provider (SAML 2.0, OIOSAML 3) for one service provider, at
 * which nobody proves anything. Nothing that runs in production uses it: main opens it in embedded mode only, and the layer rules
 * keep all other code from importing it.
 */
export { credentialsFile } from './credentials.js';
export { type Issue, issue } from './response.js';
export { startNemLogin } from './serve.js';
