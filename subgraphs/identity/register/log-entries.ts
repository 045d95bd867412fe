/**
 * What the log keeps of commands that change the register. Nobody was signed in, so there is no actor: the entry names the account of
 * the operating system, the machine, and the name that was given. It holds hashes and counts, and nobody's data.
 */
import { createHash, randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { lineOf } from '../../protocol/lines.js';
import type { AuditOutcome, LogEntry, UseType } from '../../protocol/log-entry.js';

export interface Operator {
  /** Account of the operating system. */
  readonly account: string;
  /** The name given with --as; the account by default. */
  readonly name: string;
  readonly machine: string;
}

export function operatorOf(given: string | undefined): Operator {
  const { username, uid } = userInfo();
  const account = lineOf(username, 100) ?? `uid ${uid}`;
  return { account, name: lineOf(given ?? '', 100) ?? account, machine: hostname() };
}

export interface CommandRun {
  readonly municipality: string;
  readonly command: 'import' | 'appoint';
  readonly use: UseType;
  readonly outcome: AuditOutcome;
  /** Codes of the table of errors. */
  readonly faults?: readonly string[];
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly purpose?: string | null;
}

export const commandEntry = (operator: Operator, run: CommandRun, now: Date): LogEntry => ({
  id: randomUUID(),
  at: now.toISOString(),
  municipality: run.municipality,
  session: null,
  actor: null,
  subject: null,
  organisation: null,
  right: null,
  use: run.use,
  outcome: run.outcome,
  // Commands have no GraphQL text. The hash groups the entries of one command.
  operation: {
    hash: createHash('sha256').update(`sluse ${run.command}`).digest('hex'),
    name: `sluse ${run.command}`,
    text: null,
  },
  fields: [],
  citizens: [],
  cases: [],
  criterion: [{ field: run.command, arguments: { ...run.arguments, account: operator.account } }],
  faults: run.faults ?? [],
  purpose: run.purpose ?? null,
  workstation: operator.machine,
  transactionId: null,
  requestId: null,
  onBehalfOf: operator.name,
  sealedBy: [],
});
