/**
 * Verifies logs from their records, whether from the database or from an export, and trusts neither: only the given keys, and
 * retained checkpoints. Besides each log on its own (`log-check.ts`) it checks the chain, in which each log tells how the previous
 * one ended, and that no log is missing of which there is a checkpoint.
 */

import { following, monthOf } from '../ingest/log-router.js';
import type { ArchiveRecord, Selection } from './archive-form.js';
import { type Findings, openFindings, printable } from './findings.js';
import { type CheckedLog, checkLog, type EventRecord, entries, type LogCheck } from './log-check.js';
import type { Trust } from './trust.js';

export interface Verdict {
  /** Name of the log; `-` for a finding about no log. */
  readonly log: string;
  readonly ok: boolean;
  /** One or more findings. For an intact log, how much of it there is. */
  readonly says: readonly string[];
}

/** Verifies all logs of a stream of records. Returns one verdict per log, and one under `-` for findings about no log. */
export async function verify(records: AsyncIterable<ArchiveRecord>, trust: Trust): Promise<Verdict[]> {
  const logs = new Map<string, CheckedLog>();
  /** Findings about logs that do not exist; those about no log are under `-`. */
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

/** A verdict as it is printed. */
export const lineOfVerdict = ({ log, ok, says }: Verdict): string =>
  says.map((text) => `${ok ? 'ok  ' : 'FAIL'} ${printable(`${log}  ${text}`)}\n`).join('');

const fail = (log: string, findings: Findings): Verdict => ({ log, ok: false, says: findings.all() });

/** Only the maker of the export says that it is partial; nothing else can confirm it. */
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

/** Compares what the events of later logs say of earlier ones. */
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
    // Whoever sets the date could set a future one. Then the verifier's clock decides.
    if (log.header.droppedAt.slice(0, 7) < soonest || monthOf(now) < soonest)
      log.findings.add('', 'was dropped before six whole months had passed since it ended');
    // If only single logs were asked for, the one that records the dropping need not be among them.
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
 * Whether a later log records that this one was dropped. The record is written into the log of that month before the drop; when that
 * log is dropped too, no record is left. A record in a log from before the earliest possible month was written by somebody else.
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

/** The first month in which a log may be dropped: after six whole months. */
const soonestDropping = (month: string): string => [1, 2, 3, 4, 5, 6, 7].reduce((later) => following(later), month);

const isWanted = (log: string, { municipality, logs }: Selection): boolean =>
  (municipality === undefined || log.startsWith(`${municipality}/`)) && (logs === undefined || logs.includes(log));
