/**
 * Follows a change through the calls that ask rooms to make it, and finds out its outcome before the caller is told.
 * Rooms report the outcome with their answers; a room that did not answer is asked again (`close-change`), and makes
 * nothing under that entry afterwards.
 */

import type { RequestRecord } from '../../subgraphs/edge/request-record.js';
import { type Fate, type Made, timeLimits } from '../../subgraphs/protocol/change.js';
import type { Send, SubgraphAnswer } from '../execution/execute-plan.js';
import { getOwn, isObject, type Json } from '../operation/json.js';
import { NotSent } from '../subgraph-client/subgraph-transport.js';

/** Asks a room what it made under an entry. Rejects if the room does not say. */
export type CloseChange = (room: string, municipality: string, entry: string) => Promise<Made>;

export interface Settled {
  readonly fate: Fate;
  /** Response keys of the root fields that stand. */
  readonly made: ReadonlySet<string>;
  /** Whom the change was about, by type. */
  readonly about: ReadonlyMap<'Case' | 'Citizen', ReadonlySet<string>>;
}

export interface FollowOptions {
  /** Rooms that report what they made. */
  readonly trusted: ReadonlySet<string>;
  readonly close: CloseChange;
}

/** Follows one change. Send the operation through `following`, then call `settle` to learn the outcome. */
export class FollowedChange {
  private readonly made = new Set<string>();
  private readonly about = new Map([
    ['Case', new Set<string>()],
    ['Citizen', new Set<string>()],
  ] as const);
  /** Subgraphs that were asked to change something and did not report the outcome. */
  private readonly silent = new Set<string>();
  private readonly until = Date.now() + timeLimits.operation - timeLimits.gateway;

  constructor(
    private readonly record: RequestRecord,
    private readonly options: FollowOptions,
  ) {}

  following(send: Send): Send {
    return async (service, body, entities) => {
      if (!isMutation(body)) return send(service, body, entities);
      // There is not enough time left to wait for the answer.
      if (Date.now() > this.until) throw new NotSent(`${service}: no time was left for a change`);
      try {
        const answer = await send(service, body, entities);
        this.note(service, answer);
        return answer;
      } catch (error) {
        if (!(error instanceof NotSent)) this.silent.add(service);
        throw error;
      }
    };
  }

  private note(service: string, answer: SubgraphAnswer): void {
    if (this.options.trusted.has(service)) {
      const report = reportIn(answer);
      if (!report || texts(report.inDoubt).length > 0) this.silent.add(service);
      if (report) this.add(report);
      return;
    }
    // A foreign subgraph reports nothing beyond its answer.
    for (const [key, value] of Object.entries(isObject(answer.data) ? answer.data : {}))
      if (value !== null) this.made.add(key);
    if (answer.errors?.length) this.silent.add(service);
  }

  private add({ parts, cases, citizens }: Readonly<Record<'parts' | 'cases' | 'citizens', unknown>>): void {
    for (const part of texts(parts)) this.made.add(part);
    for (const id of texts(cases)) this.about.get('Case')!.add(id);
    for (const id of texts(citizens)) this.about.get('Citizen')!.add(id);
  }

  async settle(): Promise<Settled> {
    const { viewer, begun } = this.record;
    await Promise.all(
      [...this.silent].map(async (service) => {
        if (!this.options.trusted.has(service)) return;
        const found = await inTime(this.options.close(service, viewer!.municipality, begun!)).catch(() => null);
        if (!found) return;
        this.add(found);
        this.silent.delete(service);
      }),
    );
    const { made, about } = this;
    if (this.silent.size > 0) return { fate: 'UNKNOWN', made, about };
    return { fate: made.size > 0 ? 'MADE' : 'NOT_MADE', made, about };
  }
}

/** Milliseconds that a caller waits for a certain outcome. */
const patience = 4_000;

const inTime = <Value>(work: Promise<Value>): Promise<Value | null> => {
  let timer: NodeJS.Timeout;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patience);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** Matches requests as the planner and the engine write them. */
export const isMutation = (body: string): boolean => body.startsWith('{"query":"mutation');

function reportIn(
  answer: SubgraphAnswer,
): Readonly<Record<'parts' | 'inDoubt' | 'cases' | 'citizens', unknown>> | null {
  const extensions = (answer as { extensions?: Json }).extensions;
  const report = isObject(extensions) ? getOwn(extensions, 'change') : null;
  return isObject(report) ? (report as never) : null;
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
