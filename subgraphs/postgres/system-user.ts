/**
 * The system user that the embedded PostgreSQL runs as, and its way to the data directory. PostgreSQL refuses to run as root, so root
 * starts it as the user `postgres`.
 */
import { execFileSync } from 'node:child_process';
import { chmod, chown, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** Empty for our own user. */
export type SystemUser = { uid?: number; gid?: number };

export async function runAs(): Promise<SystemUser> {
  if (userInfo().uid !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
    return { uid: id('-u'), gid: id('-g') };
  }
}

/**
 * Lets PostgreSQL's user pass through a directory that root made for itself alone. Its group may then pass through and not list it;
 * everybody else stays shut out. Directories above are not ours to open: throws and names the first one that is closed.
 */
export async function letThrough(home: string, user: SystemUser): Promise<void> {
  if (user.gid === undefined || maySearch(home, user)) return;
  const { mode, uid } = await stat(home);
  if ((mode & 0o077) === 0) {
    await chown(home, uid, user.gid);
    await chmod(home, (mode & 0o700) | 0o010);
  }
  const closed = wayTo(home).find((folder) => !maySearch(folder, user));
  if (closed === undefined) return;
  throw new Error(
    `SLUSE_DATA_DIR: under root, PostgreSQL runs as the system user "postgres", who may not pass through ${closed}. Allow it with \`chmod o+x ${closed}\`, or set SLUSE_DATA_DIR to another directory.`,
  );
}

/** The directory and all above it, from the top. */
function wayTo(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [...wayTo(above), folder];
}

/** Asked of the system as that user: the mode alone does not say it, because there may be access control lists. */
function maySearch(folder: string, user: SystemUser): boolean {
  try {
    execFileSync('test', ['-x', folder], { ...user, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
