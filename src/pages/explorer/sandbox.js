/** Apollo's Sandbox in a frame. This script is ours, from npm; what is in the frame comes from Apollo's servers. */
import { ApolloSandbox } from '@apollo/sandbox';
import { query, variables } from './example.js';

const options = {
  target: '#sandbox',
  initialEndpoint: `${location.origin}/graphql`,
  endpointIsEditable: false,
  runTelemetry: false,
  initialState: { document: query, variables, includeCookies: true, pollForSchemaUpdates: false },
};
new ApolloSandbox(options);
