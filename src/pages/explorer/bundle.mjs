/** `npm run build`: the explorer's and the Sandbox's scripts, each one file with all that it imports, into `dist/src/pages/bundles`. */
import { build } from 'esbuild';

await build({
  entryPoints: ['explorer', 'sandbox'].map((name) => new URL(`./${name}.js`, import.meta.url).pathname),
  outdir: 'dist/src/pages/bundles',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  loader: { '.woff': 'dataurl', '.woff2': 'dataurl' },
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'linked',
  logLevel: 'warning',
});
