/**
 * A disk of one's own for a database: ext4 in an image file, so that it can be full, and so that a copy of the image holds what
 * was flushed and nothing else, as after a power cut. Where mounting is not allowed it is a plain directory, and says so.
 */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDirectory } from '../support/processes.js';
import { run } from './run.js';

export interface Disk {
  readonly directory: string;
  /** Whether it is a file system of its own: only then can it be full, and only then does a copy lose what was not flushed. */
  readonly real: boolean;
  /** Takes all space that is left. */
  fill(): void;
  clear(): void;
  /** What the disk holds at this moment, as a disk of its own. The files of a plain directory as programs see them. */
  copy(): Promise<Disk>;
  end(): void;
}

const megabytes = 512;

export async function openDisk(): Promise<Disk> {
  const image = join(await dataDirectory(), 'image');
  try {
    await writeFile(image, '');
    await truncate(image, megabytes * 1024 * 1024);
    // None kept back for root; the place for inodes written at once and not by the kernel, later, beside the test.
    run({}, 'mkfs.ext4', '-q', '-m', '0', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
    return await mounted(image);
  } catch (error) {
    process.stderr.write(
      `\nNo disk of its own for the database, a directory instead (${said(error)}): it is not filled, PostgreSQL is forbidden to write instead; and a copy of it does not lose what was not flushed.\n`,
    );
    return plain(await dataDirectory());
  }
}

async function mounted(image: string): Promise<Disk> {
  const directory = await dataDirectory();
  // The file system's own journal is written when somebody asks for it: what nobody flushed does not get there by chance.
  run({}, 'mount', '-o', 'loop,noatime,commit=300', image, directory);
  const ballast = join(directory, 'ballast');
  return {
    directory,
    real: true,
    fill: () => fill(directory, ballast),
    clear: () => rmSync(ballast, { force: true }),
    async copy() {
      const copied = join(await dataDirectory(), 'image');
      run({}, 'cp', '--sparse=always', image, copied);
      return mounted(copied);
    },
    end() {
      try {
        run({}, 'umount', directory);
      } catch {
        run({}, 'umount', '--lazy', directory);
      }
    },
  };
}

const plain = (directory: string): Disk => ({
  directory,
  real: false,
  fill: () => {
    throw new Error('a plain directory cannot be filled');
  },
  clear: () => {},
  async copy() {
    const copied = await dataDirectory();
    run({}, 'cp', '-a', `${directory}/.`, copied);
    return plain(copied);
  },
  end: () => {},
});

/** At first in one piece, then in ever smaller ones. */
function fill(directory: string, ballast: string) {
  const { bavail, bsize } = statfsSync(directory);
  const file = openSync(ballast, 'a');
  try {
    run({}, 'fallocate', '--length', String(Math.max(1, bavail - 512) * bsize), ballast);
    for (const size of [65_536, 4_096]) {
      try {
        for (;;) {
          writeSync(file, Buffer.alloc(size));
          fsyncSync(file);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

const said = (error: unknown): string =>
  ((error as { stderr?: Buffer }).stderr?.toString() || (error as Error).message).trim().split('\n').at(-1)!;
