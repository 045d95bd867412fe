/**
 * Verifies logs from their records, whether they come from the database or from an export, and trusts neither: only the given keys,
 * and what was retained elsewhere. Beyond each log by itself (`log-check.ts`): the chain, in which each log tells how the one before
 * it ended, and that no log is missing of which there is a checkpoint.
 */

import { following, monthOf } from '../ingest/log-router.js';
import type { ArchiveRecord, Selection } from './archive-form.js';
import { type Findings, openFindings, printable } from './findings.js';
import { type CheckedLog, checkLog, type EventRecord, entries, type LogCheck } from './log-check.js';
import type { Trust } from './trust.js';

export interface Verdict {
  /** Name of the log; `-` for what concerns none. */
  readonly log: string;
  readonly ok: boolean;
  /** One or more findings; of a log that is whole, how much of it there is. */
  readonly says: readonly string[];
}

export async function verify(records: AsyncIterable<ArchiveRecord>, trust: Trust): Promise<Verdict[]> {
  const logs = new Map<string, CheckedLog>();
  /** Findings about logs that are not there; under `-` those about none. */
  const others = new Map<string, Findings>();
  const other = (log: string): Findings => {
    const findings = others.get(log) ?? openFindings();
    others.set(log, findings);
    return findings;
  };
  let only: Selection = {};
  let isFirst = true;
  let current: LogCheck | null = null;
  const close = () => {
    const log = current?.end();
    current = null;
    if (!log) return;
    if (logs.has(log.header.log)) log.findings.add('', 'the log is there twice');
    logs.set(log.header.log, log);
  };
  for await (const record of records) {
    if ('only' in record) {
      if (isFirst) only = record.only;
      else other('-').add('', 'the export says that it is of a part only, and not at its beginning');
    } else if ('log' in record) {
      close();
      current = checkLog(record, trust);
    } else if ('finding' in record && record.of !== undefined) {
      close();
      (logs.get(record.of)?.findings ?? other(record.of)).add(record.where, record.finding);
    } else if (current) current.take(record);
    else if ('finding' in record) other('-').add(record.where, record.finding);
    else other('-').add('', 'the export does not begin with the header of a log');
    isFirst = false;
  }
  close();
  checkChain(logs, only, trust.now, other);
  for (const log of trust.retained.keys())
    if (!logs.has(log)) other(log).add('', 'the log is missing here: a checkpoint of it was retained');
  if (logs.size === 0 && others.size === 0) other('-').add('', 'there is no log: nothing was verified');
  return [
    ...(only.municipality !== undefined || only.logs !== undefined ? [partOnly(only)] : []),
    ...[...logs.values()].map(verdictOf),
    ...[...others].map(([log, findings]) => fail(log, findings)),
  ];
}

/** How a verdict is printed. */
export const lineOfVerdict = ({ log, ok, says }: Verdict): string =>
  says.map((text) => `${ok ? 'ok  ' : 'FAIL'} ${printable(`${log}  ${text}`)}\n`).join('');

const fail = (log: string, findings: Findings): Verdict => ({ log, ok: false, says: findings.all() });

/** Whoever made the export says so, and nothing else can tell that it is so. */
const partOnly = ({ municipality, logs }: Selection): Verdict => ({
  log: '-',
  ok: true,
  says: [
    `the export is of a part only: ${[...(municipality === undefined ? [] : [municipality]), ...(logs ?? [])].join(', ')}`,
  ],
});

function verdictOf({ header, findings, end, checkpoints, lastSigned, unsigned, counted }: CheckedLog): Verdict {
  if (findings.all().length > 0) return fail(header.log, findings);
  const parts = [
    header.droppedAt
      ? `${entries(end?.size ?? 0)} dropped ${header.droppedAt} after their retention`
      : entries(end?.size ?? 0),
    `${checkpoints.toLocaleString('en')} ${checkpoints === 1 ? 'checkpoint' : 'checkpoints'}`,
    lastSigned ? `last signed ${lastSigned}` : 'not signed yet',
    ...(unsigned > 0 ? [`${entries(unsigned)} since then`] : []),
    ...(counted > 0 ? [`${counted.toLocaleString('en')} rejections counted`] : []),
  ];
  return { log: header.log, ok: true, says: [parts.join(', ')] };
}

/** What the events of later logs say of earlier ones. */
function checkChain(
  logs: ReadonlyMap<string, CheckedLog>,
  only: Selection,
  now: Date,
  other: (log: string) => Findings,
) {
  for (const teller of logs.values())
    for (const event of teller.events) {
      const about = logs.get(event.about);
      if (about) compare(about, teller, event);
      else if (isWanted(event.about, only))
        other(event.about).add('the log is missing', `${tells(teller, event)} its last checkpoint`);
    }
  for (const log of logs.values()) {
    if (log.header.droppedAt === null) continue;
    const soonest = soonestDropping(log.header.month);
    // Whoever sets the date can set one that is still to come: then the clock of whoever verifies has the word.
    if (log.header.droppedAt.slice(0, 7) < soonest || monthOf(now) < soonest)
      log.findings.add('', 'was dropped before six whole months had passed since it ended');
    // Where single logs were asked for, the one that tells of it need not be among them.
    if (only.logs === undefined && !isDroppingTold(log, soonest, [...logs.values()]))
      log.findings.add('', 'was dropped, and no later log tells of it');
  }
}

function compare(about: CheckedLog, teller: CheckedLog, event: EventRecord) {
  const { size, root } = event.checkpoint;
  if (about.end?.size === size && about.end.root.equals(root)) return;
  about.findings.add(
    '',
    about.end?.size === size
      ? `has another root than the last checkpoint: ${tells(teller, event)} it`
      : `has ${entries(about.end?.size ?? 0)} where ${tells(teller, event)} a last checkpoint of ${size}`,
  );
}

const tells = (teller: CheckedLog, event: EventRecord): string =>
  `entry ${event.index} of ${teller.header.log} (${event.event}) holds`;

/**
 * Before a log is dropped, that is written into the log of that later month, which goes in its turn; then nothing tells of it. What
 * a log of an earlier month than the soonest says was written by somebody else.
 */
function isDroppingTold(log: CheckedLog, soonest: string, logs: readonly CheckedLog[]): boolean {
  return logs.some(
    ({ header, events }) =>
      header.municipality === log.header.municipality &&
      header.sealedBy.join() === log.header.sealedBy.join() &&
      header.month >= soonest &&
      (header.droppedAt !== null ||
        events.some(({ event, about }) => event === 'LOG_DROPPED' && about === log.header.log)),
  );
}

/** Six whole months after it, and no sooner, a log is dropped. */
const soonestDropping = (month: string): string => [1, 2, 3, 4, 5, 6, 7].reduce((later) => following(later), month);

const isWanted = (log: string, { municipality, logs }: Selection): boolean =>
  (municipality === undefined || log.startsWith(`${municipality}/`)) && (logs === undefined || logs.includes(log));
