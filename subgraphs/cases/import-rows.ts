/**
 * The rows of a batch, each checked by itself: one that is wrong does not lose the others. Nothing here depends on which cases exist.
 */
import { createHash } from 'node:crypto';
import type { Problem } from '../protocol/faults.js';
import { isLine } from '../protocol/lines.js';
import { keptForm, malformed } from '../protocol/scalars.js';
import type { NewParty } from './change-store.js';
import { type Draft, draftOf, type Rules } from './drafts.js';
import type { ExternalId, ExternalKey } from './external-store.js';
import type { ExternalIdInput, ImportCaseInput } from './inputs.js';
import { inspect, type Path } from './quality.js';

/** A row of the batch. It is refused if it has problems. */
export interface Row {
  readonly index: number;
  readonly externalId: ExternalId;
  readonly version: bigint;
  readonly draft: Draft;
  readonly problems: Problem[];
}

/** A row that is right by itself, with the parties that the register knows. */
export interface Ready extends Row {
  readonly key: ExternalKey;
  readonly parties: readonly NewParty[];
  /** Of all that the row says of the case. */
  readonly digest: string;
}

export function rowsOf(batch: readonly ImportCaseInput[], rules: Rules): Row[] {
  const rows = batch.map((input, index): Row => {
    const problems: Problem[] = [];
    const externalId = externalIdOf(input.externalId, ['externalId'], problems);
    const version = versionOf(input.sourceVersion);
    inspect(problems, []).expect(
      version !== null,
      'sourceVersion',
      'a whole number of at most 18 digits, or a time as in RFC 3339',
    );
    return { index, externalId, version: version ?? 0n, draft: draftOf(input, rules, problems, []), problems };
  });
  refuseRepeated(rows);
  return rows;
}

/** Which of the two the source meant, nobody can know. */
function refuseRepeated(rows: readonly Row[]): void {
  const times = new Map<string, number>();
  const nameOf = ({ draft, externalId }: Row) => keyText({ compartment: draft.details.compartment, ...externalId });
  for (const row of rows) times.set(nameOf(row), (times.get(nameOf(row)) ?? 0) + 1);
  for (const row of rows)
    inspect(row.problems, []).expect(times.get(nameOf(row)) === 1, 'externalId', 'each case once in a batch');
}

export const keyText = ({ compartment, source, id }: ExternalKey): string => JSON.stringify([compartment, source, id]);

export function externalIdOf(given: ExternalIdInput, at: Path, problems: Problem[]): ExternalId {
  const { expect } = inspect(problems, at);
  const { source, id } = given;
  expect(source.length <= 200 && isLine(source, 100), 'source', 'one line of 1 to 100 characters');
  expect(id.length <= 400 && isLine(id, 200), 'id', 'one line of 1 to 200 characters');
  return { source, id };
}

/** A number as it is, and a time as nanoseconds since 1970. `null` for anything else. */
function versionOf(given: string): bigint | null {
  if (/^\d{1,18}$/.test(given)) return BigInt(given);
  const time = given.length > 40 ? given : (keptForm('DateTime', given) as string);
  if (malformed('DateTime', time)) return null;
  const [, whole, fraction = '', zone] = /^(.*?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(time)!;
  const seconds = Date.parse(`${whole}${zone}`) / 1000;
  const version = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return version >= 0n && version < 2n ** 63n ? version : null;
}

/** Of the content, whatever the order of its parties. */
export function digestOf({ details, facet }: Draft, parties: readonly NewParty[]): string {
  const { title, kle, progress, sensitivity, openedOn, closedOn, handler } = details;
  const people = parties.map(({ citizen, role }) => `${citizen} ${role}`).sort();
  const content = [title, kle, facet, progress, sensitivity, openedOn, closedOn, handler, people];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}
