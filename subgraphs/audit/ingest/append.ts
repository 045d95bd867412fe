/**
 * `POST /internal/append`: how edges write to the log. An entry that no edge would make (a malformed id, an unknown outcome, text
 * that cannot be stored) is refused alone, with the reason. The other entries of its batch are written.
 */

import { Fault } from '../../protocol/faults.js';
import { type Append, type Appended, auditOutcomes, type Counted, useTypes } from '../../protocol/log-entry.js';
import { isStorable, isUuid, longestCriterion, unstorableEscape } from '../../protocol/text.js';
import type { PersonKind, PersonReference } from '../../protocol/viewer.js';
import { canonicalJson, definitionOf, type OperationDefinition, type StorableEntry } from '../tree/leaf.js';
import type { GroupCommit } from './group-commit.js';

/**
 * Appends the entries of a call, as `packed` makes it, and resolves once they are durable. Throws `BAD_USER_INPUT` for a body of
 * another shape, and `AUDIT_UNAVAILABLE` if the entries cannot be written.
 */
export async function append(writer: GroupCommit<StorableEntry>, body: unknown): Promise<Appended> {
  const { entries, refused } = read(body);
  await writer.append(entries);
  return { appended: entries.length, refused };
}

function read(body: unknown): { entries: StorableEntry[]; refused: Appended['refused'] } {
  const { operations, entries: given } = (body ?? {}) as Partial<Append>;
  if (!Array.isArray(operations) || !Array.isArray(given))
    throw new Fault('BAD_USER_INPUT', 'Expected `operations` and `entries`: lists as `packed` makes them.');
  const entries: StorableEntry[] = [];
  const refused: { index: number; reason: string }[] = [];
  const definitions = operations.map((operation) => attempt(() => readDefinition(operation)));
  for (const [index, one] of given.entries()) {
    const entry = attempt(() => readEntry(one, definitions));
    if (entry instanceof Malformed) refused.push({ index, reason: entry.message });
    else entries.push(entry);
  }
  return { entries, refused };
}

/** What is wrong with an entry: the member, and what was expected of it, never its value. */
class Malformed extends Error {}

function attempt<Value>(work: () => Value): Value | Malformed {
  try {
    return work();
  } catch (error) {
    if (error instanceof Malformed) return error;
    throw error;
  }
}

function readDefinition(given: unknown): OperationDefinition {
  const { text, fields } = membersOf(given, 'operations');
  return definitionOf({
    text: textOrNull(text, 'operations.text', 100_000),
    fields: texts(fields, 'operations.fields', 300),
  });
}

/**
 * Checks an entry by hand and without a schema library, because every answer of the municipality waits for this. Only members of
 * `LogEntry` are kept. Throws `Malformed`.
 */
function readEntry(given: unknown, definitions: readonly (OperationDefinition | Malformed)[]): StorableEntry {
  const entry = membersOf(given, 'entry');
  const operation = membersOf(entry.operation, 'operation');
  const definition = Number.isInteger(operation.definition) && definitions[operation.definition as number];
  if (!definition) throw new Malformed('operation.definition: expected a place in `operations`');
  if (definition instanceof Malformed) throw definition;
  return {
    id: matching(entry.id, 'id', isUuid, 'a UUID').toLowerCase(),
    at: matching(entry.at, 'at', isTime, 'a time such as 2026-11-25T09:00:00.000Z, from 1970 on'),
    follows: entry.follows == null ? null : matching(entry.follows, 'follows', isUuid, 'a UUID').toLowerCase(),
    municipality: matching(entry.municipality, 'municipality', isMunicipality, '4 digits'),
    session: textOrNull(entry.session, 'session', 200),
    actor: personOf(entry.actor, 'actor'),
    subject: personOf(entry.subject, 'subject'),
    organisation: entry.organisation === null ? null : idOf(entry.organisation, 'organisation'),
    right: textOrNull(entry.right, 'right', 100),
    actingFor: entry.actingFor == null ? null : idOf(entry.actingFor, 'actingFor'),
    powerOfAttorney: entry.powerOfAttorney == null ? null : idOf(entry.powerOfAttorney, 'powerOfAttorney'),
    use: oneOf(useTypes, entry.use, 'use'),
    outcome: oneOf(auditOutcomes, entry.outcome, 'outcome'),
    operation: {
      hash: operationHash(operation.hash),
      name: textOrNull(operation.name, 'operation.name', 200),
      definition,
    },
    citizens: ids(entry.citizens, 'citizens'),
    cases: ids(entry.cases, 'cases'),
    criterion: criterionOf(entry.criterion),
    searched: searchedIn(entry.criterion),
    faults: texts(entry.faults, 'faults', 100),
    purpose: textOrNull(entry.purpose, 'purpose', 500),
    workstation: textOrNull(entry.workstation, 'workstation', 200),
    transactionId: textOrNull(entry.transactionId, 'transactionId', 200),
    requestId: textOrNull(entry.requestId, 'requestId', 200),
    onBehalfOf: textOrNull(entry.onBehalfOf, 'onBehalfOf', 200),
    counted: entry.counted == null ? null : countedOf(entry.counted, entry.outcome),
    sealedBy: [
      ...new Set(
        listOf(entry.sealedBy, 'sealedBy').map((seal) =>
          matching(seal, 'sealedBy', isCompartment, 'ids of compartments'),
        ),
      ),
    ].sort(),
  };
}

/** Only rejections are counted. Every answer has an entry of its own. */
function countedOf(value: unknown, outcome: unknown): Counted {
  const { attempts, first, last, sources } = membersOf(value, 'counted');
  const from = matching(first, 'counted.first', isTime, 'a time such as 2026-11-25T09:00:00.000Z, from 1970 on');
  const to = matching(last, 'counted.last', isTime, 'a time such as 2026-11-25T09:00:00.000Z, from 1970 on');
  if (outcome !== 'DENIED' && outcome !== 'FAILED') throw new Malformed('counted: expected of rejections only');
  if (from > to) throw new Malformed('counted.last: expected no time before counted.first');
  return { attempts: countOf(attempts, 'attempts'), first: from, last: to, sources: countOf(sources, 'sources') };
}

function countOf(value: unknown, member: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > mostCounted)
    throw new Malformed(`counted.${member}: expected a whole number from 1 to ${mostCounted}`);
  return value as number;
}

/** The largest `Int` of GraphQL. */
const mostCounted = 2_147_483_647;

const people: readonly PersonKind[] = ['Citizen', 'Employee', 'SystemClient'];
/** More persons and cases than one answer can name. */
const longestList = 20_000;
const isMunicipality = (value: string) => /^\d{4}$/.test(value);
const isCompartment = (value: string) => /^[\w.-]{1,200}$/.test(value);
/** The form that JavaScript writes. It is canonical, and sorts as text. */
const isTime = (value: string) => {
  if (!/^(19[7-9]|[2-9]\d\d)\d-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/.test(value)) return false;
  const time = new Date(value);
  // JavaScript reads 30 February as 2 March. PostgreSQL would refuse it, together with everything in the same call.
  return !Number.isNaN(time.getTime()) && time.toISOString() === value;
};

function membersOf(value: unknown, member: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(`${member}: expected an object`);
  return value as Record<string, unknown>;
}

function listOf(value: unknown, member: string): unknown[] {
  if (!Array.isArray(value) || value.length > longestList)
    throw new Malformed(`${member}: expected a list of at most ${longestList}`);
  return value;
}

function text(value: unknown, member: string, max: number): string {
  if (typeof value !== 'string' || value.length > max || !isStorable(value))
    throw new Malformed(`${member}: expected text of at most ${max} characters, without NUL or a lone surrogate`);
  return value;
}

const textOrNull = (value: unknown, member: string, max: number): string | null =>
  value === null ? null : text(value, member, max);

const texts = (value: unknown, member: string, max: number): string[] =>
  listOf(value, member).map((item) => text(item, member, max));

/** A UUID in the one form in which filters ask for it. Any other id is returned as it is. */
const idOf = (value: unknown, member: string): string => {
  const id = text(value, member, 200);
  return isUuid(id) ? id.toLowerCase() : id;
};

const ids = (value: unknown, member: string): string[] => listOf(value, member).map((item) => idOf(item, member));

function matching(value: unknown, member: string, fits: (value: string) => boolean, expected: string): string {
  if (typeof value !== 'string' || !fits(value)) throw new Malformed(`${member}: expected ${expected}`);
  return value;
}

function oneOf<Value extends string>(values: readonly Value[], value: unknown, member: string): Value {
  const found = values.find((one) => one === value);
  if (!found) throw new Malformed(`${member}: expected ${values.join(', ')}`);
  return found;
}

/**
 * The hash of an entry's operation. Entries without one are the log's own (`maintain/maintenance.ts`), which do not come this way: no
 * edge may report what happened to a log.
 */
function operationHash(value: unknown): string {
  const hash = text(value, 'operation.hash', 128);
  if (hash === '') throw new Malformed('operation.hash: expected a hash');
  return hash;
}

function personOf(value: unknown, member: string): PersonReference | null {
  if (value === null) return null;
  const { kind, id } = membersOf(value, member);
  return { kind: oneOf(people, kind, `${member}.kind`), id: idOf(id, `${member}.id`) };
}

function criterionOf(value: unknown): string | null {
  if (value === null) return null;
  const written = canonical(value);
  if (written === undefined || written.length > longestCriterion + 1_000 || unstorableEscape.test(unescaped(written)))
    throw new Malformed(
      `criterion: expected JSON of at most ${longestCriterion} bytes, without NUL or a lone surrogate`,
    );
  return written;
}

/** How many values of one criterion an entry can be found by, and their greatest length. An index takes no longer values. */
const mostSearched = 50;
const longestSearched = 200;

/** Texts and numbers among the arguments. Names of fields and arguments do not count. */
function searchedIn(criterion: unknown): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (found.size === mostSearched) return;
    if (typeof value === 'string') {
      if (value && value.length <= longestSearched) found.add(value);
    } else if (typeof value === 'number') found.add(String(value));
    else if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null)
      for (const name of Object.keys(value)) if (name !== 'field') look((value as Record<string, unknown>)[name]);
  };
  look(criterion);
  return [...found];
}

/** Canonical JSON; `undefined` for a value that is nested too deeply. */
function canonical(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
}

/** Removes escaped backslashes, so that a backslash followed by the letters `u0000` does not count as a NUL. */
const unescaped = (written: string): string => (written.includes('\\\\') ? written.replaceAll('\\\\', '') : written);
