/**
 * One change, as the room that makes it knows it, and how rooms and edges tell each other about it.
 *
 * An **entry** of the log says that the change begins, before anything is changed. Its id travels with the change into the room's
 * transaction (make-change.ts). If an answer was lost, the caller asks by that id. The caller is told one of three things: the change
 * was made; it was not made and may be repeated; or it stands or may stand (`CHANGE_MAY_STAND`).
 */
import type { GraphQLSchema } from 'graphql';

/** Header by which the gateway tells a room the log entry under which a change is begun. */
export const changeHeader = 'x-sluse-change';

/** Time limits in milliseconds. Each lies within the next, so that whoever waits is told the result before giving up. */
export interface TimeLimits {
  /** One database statement of a viewer. */
  readonly statement: number;
  /** Time after which a room commits no more changes. A room begins no statement of a change that could not end before it. */
  readonly room: number;
  /** How long the gateway waits for a room that changes something. */
  readonly gateway: number;
  /** All calls to rooms for one operation. No call is begun whose answer could not be waited for. */
  readonly operation: number;
}

export const timeLimits: TimeLimits = { statement: 3_000, room: 7_000, gateway: 10_000, operation: 15_000 };

/** Throws if a limit is not within the next one: a caller would then give up on a change that may still be made. */
export function checkNested({ statement, room, gateway, operation }: TimeLimits): TimeLimits {
  if (!(0 < statement && statement < room && room < gateway && gateway < operation))
    throw new Error(
      `Time limits: expected statement < room < gateway < operation, got ${[statement, room, gateway, operation].join(', ')} ms.`,
    );
  return { statement, room, gateway, operation };
}

/** What became of a change as a whole. `UNKNOWN` until a room was asked. */
export type Fate = 'MADE' | 'NOT_MADE' | 'UNKNOWN';

/** What a change made. */
export interface Made {
  /** Root fields of the operation, by their response keys. */
  readonly parts: readonly string[];
  /** Ids of the cases and citizens concerned, whatever the answer shows. */
  readonly cases: readonly string[];
  readonly citizens: readonly string[];
  /** Shielded compartments of those cases. */
  readonly compartments: readonly string[];
}

/** What a room reports about a change beside its answer (`extensions.change`). */
export interface ChangeReport extends Omit<Made, 'compartments'> {
  /** Root fields whose fate the room itself does not know, because the commit was not acknowledged. */
  readonly inDoubt: readonly string[];
}

/** What a change is about, as far as the log names it. */
export interface About {
  readonly case?: string;
  readonly citizens?: readonly string[];
  /** The case's compartment, if it is a shielded one. */
  readonly compartment?: string | null;
}

export class ChangeUnderWay {
  /** The root field under way, by its response key. Root fields are executed one after the other. */
  part: string | null = null;
  readonly made = new Set<string>();
  readonly inDoubt = new Set<string>();
  readonly cases = new Set<string>();
  readonly citizens = new Set<string>();
  /** What the current transaction is about. */
  private pending: About[] = [];

  constructor(
    readonly entry: string,
    /** On the monotonic clock. Nothing is committed after this. */
    readonly until: number,
  ) {}

  /** Called in the transaction of a change. The log names `about`, whatever the answer shows. */
  isAbout(about: About): void {
    this.pending.push(about);
  }

  /** What the current transaction has been about so far. */
  described(): Omit<Made, 'parts'> {
    return {
      cases: this.pending.flatMap((about) => about.case ?? []),
      citizens: this.pending.flatMap((about) => about.citizens ?? []),
      compartments: this.pending.flatMap((about) => about.compartment ?? []),
    };
  }

  begin(): void {
    this.pending = [];
  }

  committed(part: string): void {
    this.made.add(part);
    const { cases, citizens } = this.described();
    for (const id of cases) this.cases.add(id);
    for (const id of citizens) this.citizens.add(id);
  }

  report(): ChangeReport {
    return {
      parts: [...this.made],
      inDoubt: [...this.inDoubt],
      cases: [...this.cases],
      citizens: [...this.citizens],
    };
  }
}

/** A symbol property, because Apollo Server hands resolvers a copy of the context. */
const bound = Symbol('change');

/** The change to which a request's context belongs, or `null`. */
export const changeOf = (context: object): ChangeUnderWay | null =>
  (context as { [bound]?: ChangeUnderWay })[bound] ?? null;

export const bindChange = (context: object, change: ChangeUnderWay): object =>
  Object.assign(context, { [bound]: change });

/** Wraps every root field of `Mutation`, in place, so that it is recorded as the part under way while it is resolved. */
export function tellParts(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (!resolve) continue;
    field.resolve = async (source, args, context, info) => {
      const change = changeOf(context as object);
      if (!change) return resolve(source, args, context, info);
      change.part = String(info.path.key);
      try {
        return await resolve(source, args, context, info);
      } finally {
        change.part = null;
      }
    };
  }
  return schema;
}
