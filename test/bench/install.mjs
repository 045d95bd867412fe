/** What must be there before anything starts: the peers, installed on first use, and a build of Sluse that nobody else touches. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from './processes.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Answers with why the peers are not there, or `null`. Without them the gateways that Sluse itself depends on are still measured. */
export async function installPeers() {
  const time = (file) => {
    try {
      return statSync(`${here}${file}`).mtimeMs;
    } catch {
      return 0;
    }
  };
  if (time('node_modules/.package-lock.json') >= time('package-lock.json')) return null;
  process.stdout.write('Installing the peers (once, 190 MB) …\n');
  try {
    await run('npm ci', {
      program: 'npm',
      args: ['ci', '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund'],
      core: null,
    });
    return null;
  } catch (error) {
    return error.message;
  }
}

/**
 * `dist/` is rebuilt by whoever runs a test; a measurement must not lose its modules half-way. Answers with the folder. `BENCH_BUILD`: a
 * build that is there, for the tests of the benchmarks.
 */
export async function buildSluse() {
  if (process.env.BENCH_BUILD) return process.env.BENCH_BUILD;
  const folder = `${root}node_modules/.cache/sluse-bench`;
  mkdirSync(folder, { recursive: true });
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const [compile, bundle] = scripts.build.split(' && ');
  const [program, ...args] = compile.replace('--out-dir dist', `--out-dir ${folder}`).split(' ');
  await run('build', { program: `${root}node_modules/.bin/${program}`, args, core: null, cwd: root });
  const [node, ...script] = bundle.split(' ');
  await run('bundle', { program: node, args: [...script, folder], core: null, cwd: root });
  // Under `node_modules` no package.json above says that these are ES modules.
  writeFileSync(`${folder}/package.json`, '{"type":"module"}\n');
  return folder;
}
