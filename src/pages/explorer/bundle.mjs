/** `npm run build`: the explorer's and the Sandbox's scripts, each one file with all that it imports, into `src/pages/bundles` of `dist`, or of the folder that is named. */
import { build } from 'esbuild';

await build({
  entryPoints: ['explorer', 'sandbox'].map((name) => new URL(`./${name}.js`, import.meta.url).pathname),
  outdir: `${process.argv[2] ?? 'dist'}/src/pages/bundles`,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  loader: { '.woff': 'dataurl', '.woff2': 'dataurl' },
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'linked',
  logLevel: 'warning',
});
