/** `npx sluse compose`: its arguments, and what it prints. */
import { rename, writeFile } from 'node:fs/promises';
import type { Finding } from '../src/supergraph/findings.js';
import { ownRooms } from '../src/supergraph/vendors.js';

/** Wrong usage, or something that could not be read. */
export class ComposeRefused extends Error {}

/**
 * `add`: `name=URL` or `name=file`. `out`: a file; `null`: standard output. Returns 1 if something is not well.
 */
export async function compose(add: readonly string[], out: string | null): Promise<number> {
  // Loaded here, because Apollo's composition takes a second that no other command needs.
  const { composeWithRooms } = await import('../schema/compose.js');
  const { readSubgraph, SubgraphUnread } = await import('../schema/read-subgraph.js');
  const named = add.map(pairOf);
  refuseNames(named.map(([name]) => name));
  const vendors = await Promise.all(
    named.map(async ([name, source]) => ({
      name,
      url: /^https?:/i.test(source) ? source : '',
      sdl: await readSubgraph(source).catch((error: Error) => {
        throw error instanceof SubgraphUnread ? new ComposeRefused(error.message) : error;
      }),
    })),
  );
  const { supergraph, findings } = composeWithRooms(vendors);
  for (const line of linesOf(findings)) process.stderr.write(`${line}\n`);
  if (supergraph !== null) await write(supergraph, out);
  return findings.length > 0 ? 1 : 0;
}

function pairOf(text: string): [name: string, source: string] {
  const [, name, source] = /^(\w+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || source === undefined)
    throw new ComposeRefused(
      '--add: expected name=URL or name=file.graphql, the name of letters, digits and underscores.',
    );
  return [name, source];
}

/** Names differ by more than case: they are the audience of tokens, and settings name subgraphs by them. */
function refuseNames(names: readonly string[]): void {
  const taken = new Set(ownRooms);
  for (const name of names) {
    if (taken.has(name.toLowerCase()))
      throw new ComposeRefused(`--add ${name}: a subgraph of this name is there already. Give it a name of its own.`);
    taken.add(name.toLowerCase());
  }
}

/** The gateway watches the file: it must never meet half of one. */
async function write(supergraph: string, out: string | null): Promise<void> {
  if (out === null) {
    process.stdout.write(supergraph);
    return;
  }
  await writeFile(`${out}.new`, supergraph);
  await rename(`${out}.new`, out);
}

/** Findings that are read; a subgraph of hundreds of faults is understood by its first. */
const most = 50;

function linesOf(findings: readonly Finding[]): string[] {
  const sorted = [...findings].sort((one, other) => Number(one.isTolerated) - Number(other.isTolerated));
  const lines = sorted
    .slice(0, most)
    .flatMap(({ coordinate, problem, remedy, isTolerated }) => [
      `${isTolerated ? 'should be mended' : 'refused'}  ${coordinate} ${problem}`,
      `    ${remedy}`,
    ]);
  if (sorted.length > most) lines.push(`And ${sorted.length - most} more.`);
  return lines;
}
