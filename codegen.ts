/**
 * Typed documents for whoever queries the graph: `npm run codegen`. The project's own stories use them, so that a change of
 * the schema which breaks a frontend breaks the build first.
 *
 * Documents are strings: what is generated needs no GraphQL library when it runs.
 */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema/api.graphql',
  documents: ['test/stories/**/*.ts', '!test/stories/two-worlds/**'],
  ignoreNoDocuments: true,
  generates: {
    'schema/generated/': {
      preset: 'client',
      // The manifest is what `npx sluse documents add` takes.
      presetConfig: { fragmentMasking: false, persistedDocuments: true },
      config: {
        importExtension: '.js',
        useTypeImports: true,
        documentMode: 'string',
        enumType: 'string-literal',
        strictScalars: true,
        scalars: {
          CPR: 'string',
          CVR: 'string',
          PNumber: 'string',
          MunicipalityCode: 'string',
          KLE: 'string',
          Date: 'string',
          DateTime: 'string',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;
