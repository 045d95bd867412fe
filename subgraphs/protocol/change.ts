/**
 * One change, as the room that is to make it knows it, and as it is told of between rooms and edges.
 *
 * An **entry** of the log says that the change is begun, before anything is changed; its id goes with the change into the room's
 * transaction (make-change.ts). Whoever asks later, because an answer was lost, asks by that id. What a caller is told is one of
 * three: it was made; it was not made and may be repeated; it stands or may stand (`CHANGE_MAY_STAND`).
 */
import type { GraphQLSchema } from 'graphql';

/** Header by which the gateway tells a room under which entry of the log a change is begun. */
export const changeHeader = 'x-sluse-change';

/** Milliseconds. Each limit lies within the next, so that whoever waits is told before giving up. */
export interface TimeLimits {
  /** Of one statement of somebody's in the database. */
  readonly statement: number;
  /** After which a room commits no change any more; no statement of it is begun that could not end before. */
  readonly room: number;
  /** How long the gateway waits for a room that changes something. */
  readonly gateway: number;
  /** Of all that an operation asks of rooms. Nothing is begun that could not be waited for. */
  readonly operation: number;
}

export const timeLimits: TimeLimits = { statement: 3_000, room: 7_000, gateway: 10_000, operation: 15_000 };

/** Refuses limits that would have somebody give up on what may still happen behind. */
export function checkNested({ statement, room, gateway, operation }: TimeLimits): TimeLimits {
  if (!(0 < statement && statement < room && room < gateway && gateway < operation))
    throw new Error(
      `Time limits: expected statement < room < gateway < operation, got ${[statement, room, gateway, operation].join(', ')} ms.`,
    );
  return { statement, room, gateway, operation };
}

/** What became of a change as a whole; `UNKNOWN` until a room was asked. */
export type Fate = 'MADE' | 'NOT_MADE' | 'UNKNOWN';

/** What of a change was made. */
export interface Made {
  /** Root fields of the operation, by the keys of its answer. */
  readonly parts: readonly string[];
  /** Ids of what they were about, whatever the answer shows. */
  readonly cases: readonly string[];
  readonly citizens: readonly string[];
  /** Shielded compartments of those cases. */
  readonly compartments: readonly string[];
}

/** What a room says of a change beside its answer (`extensions.change`). */
export interface ChangeReport extends Omit<Made, 'compartments'> {
  /** Root fields of which the room itself does not know: the commit was not acknowledged. */
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
  /** The root field under way, by the key of its answer; they are made one after the other. */
  part: string | null = null;
  readonly made = new Set<string>();
  readonly inDoubt = new Set<string>();
  readonly cases = new Set<string>();
  readonly citizens = new Set<string>();
  /** Of the transaction under way. */
  private pending: About[] = [];

  constructor(
    readonly entry: string,
    /** By the monotonic clock: nothing is committed after this. */
    readonly until: number,
  ) {}

  /** Called in the transaction of a change: named in the log, whatever the answer shows. */
  isAbout(about: About): void {
    this.pending.push(about);
  }

  /** What the transaction under way was about so far. */
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

/** A property of its own: Apollo Server hands resolvers a copy of the context. */
const bound = Symbol('change');

/** The change that a request's context belongs to. */
export const changeOf = (context: object): ChangeUnderWay | null =>
  (context as { [bound]?: ChangeUnderWay })[bound] ?? null;

export const bindChange = (context: object, change: ChangeUnderWay): object =>
  Object.assign(context, { [bound]: change });

/** Has every root field of `Mutation` say, while it is resolved, that it is the part under way. */
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
