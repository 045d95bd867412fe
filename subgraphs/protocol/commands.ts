/**
 * The operations that entries about an operator's commands name. Commands have no GraphQL text, and no GraphQL document has such a
 * name or hash: an entry with both was written by a command, and by no edge.
 */
import { createHash } from 'node:crypto';

const commands = ['import', 'appoint'] as const;
export type Command = (typeof commands)[number];

export interface CommandOperation {
  readonly name: string;
  readonly hash: string;
}

export function commandOperation(command: Command): CommandOperation {
  const name = `sluse ${command}`;
  return { name, hash: createHash('sha256').update(name).digest('hex') };
}

export const commandOperations: readonly CommandOperation[] = commands.map(commandOperation);
