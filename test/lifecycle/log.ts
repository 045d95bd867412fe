/** Requests of a test's own, told apart in the log by their `x-TransaktionsId`. */
import { randomBytes } from 'node:crypto';
import type { RunningSluse } from '../support/processes.js';

const lookUp = 'query Lookup { citizen(cpr: "0201609995") { name cases { totalCount } } }';

export interface Crowd {
  /** Transaction ids of requests whose whole answer, with the citizen's name in it, reached the client. */
  readonly answered: string[];
  /** Statuses of other answers. */
  readonly refused: number[];
  /** Resolves once every client has been cut off. */
  readonly over: Promise<void>;
}

/** Clients that ask one look-up after the other until the server goes away. */
export function startCrowd(sluse: RunningSluse, token: string, clients = 12): Crowd {
  const run = randomBytes(4).toString('hex');
  const answered: string[] = [];
  const refused: number[] = [];
  let number = 0;
  const client = async () => {
    for (;;) {
      number += 1;
      const id = `${run}-${number}`;
      try {
        const response = await sluse.ask(token, lookUp, {}, { 'x-TransaktionsId': id });
        const text = await response.text();
        if (response.status === 200 && text.includes('"name":"')) answered.push(id);
        else refused.push(response.status);
      } catch {
        return; // cut off: no answer was received
      }
    }
  };
  const over = Promise.all(Array.from({ length: clients }, client)).then(() => {});
  return { answered, refused, over };
}

/** Transaction ids of all look-ups in the log, as the security officer reads it, one per entry. */
export async function loggedTransactions(sluse: RunningSluse): Promise<string[]> {
  const officer = await sluse.signIn('security-officer');
  const found: string[] = [];
  let after: string | null = null;
  do {
    const response = await sluse.ask(
      officer,
      `query Log($after: String) {
        auditEntries(filter: { operation: "Lookup" }, first: 500, after: $after) {
          nodes { transactionId } pageInfo { hasNextPage endCursor }
        }
      }`,
      { after },
    );
    const { data } = (await response.json()) as any;
    const { nodes, pageInfo } = data.auditEntries;
    for (const { transactionId } of nodes) if (transactionId) found.push(transactionId);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after);
  return found;
}

export const twice = (ids: readonly string[]): string[] => ids.filter((id, place) => ids.indexOf(id) !== place);
export const missing = (wanted: readonly string[], there: readonly string[]): string[] => {
  const known = new Set(there);
  return wanted.filter((id) => !known.has(id));
};
