/**
 * The logs as a stream of **records**, and the form in which `export-log` writes it: JSON, one record per line. A log begins with its
 * header. Then come the definitions of its operations, and its leaves in order. Each checkpoint follows the leaf at which it was
 * signed, so that a verifier needs to keep neither leaves nor roots. A checkpoint of more leaves than there are comes last.
 *
 *     {"log":"0999/2026-11","municipality":"0999","month":"2026-11","size":2,"sealedBy":[],"droppedAt":null}
 *     {"definition":"{\"fields\":[\"Citizen.name\"],\"text\":\"{ … }\"}"}
 *     {"leaf":"{\"actor\":…}"}
 *     {"leaf":"{\"actor\":…}"}
 *     {"checkpoint":"sluse/0999/2026-11\n2\n…"}
 */
import { z } from 'zod';

export interface LogHeader {
  /** Name of the log. */
  readonly log: string;
  readonly municipality: string;
  readonly month: string;
  /** Number of entries that the log claims to have. */
  readonly size: number;
  readonly sealedBy: readonly string[];
  /** RFC 3339, UTC. */
  readonly droppedAt: string | null;
}

/** The logs that were asked for. A missing member means all. */
export interface Selection {
  readonly municipality?: string | undefined;
  readonly logs?: readonly string[] | undefined;
}

/** The columns that repeat a leaf. */
export interface Columns {
  readonly id: string;
  readonly at: Date;
  readonly actorId: string | null;
  readonly use: string;
  readonly outcome: string;
  readonly operationHash: string;
  readonly operationName: string | null;
  /** For a sealed log. */
  readonly sealedBy?: readonly string[];
}

export type ArchiveRecord =
  /** The first record, if not everything was asked for. */
  | { readonly only: Selection }
  | LogHeader
  | { readonly definition: string }
  | { readonly leaf: string; readonly seq?: number; readonly columns?: Columns }
  /** `at`: the column that repeats the time of the note; from a database only. */
  | { readonly checkpoint: string; readonly at?: Date }
  /** From a database only: the hash of 256^`level` leaves. It follows the last of them. */
  | { readonly subtree: { readonly level: number; readonly index: number; readonly hash: Buffer } }
  /** A fault that the reader itself found, about the log of the last header or the one named in `of`. */
  | { readonly finding: string; readonly where: string; readonly of?: string };

export const lineOf = (record: ArchiveRecord): string => `${JSON.stringify(record)}\n`;

/** Reads records from the lines of an export. */
export async function* recordsIn(lines: AsyncIterable<string>): AsyncGenerator<ArchiveRecord> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    yield recordIn(line) ?? { finding: 'cannot be read: the export is broken or cut off', where: `line ${number}` };
  }
}

function recordIn(line: string): ArchiveRecord | null {
  try {
    return record.parse(JSON.parse(line)) as ArchiveRecord;
  } catch {
    return null;
  }
}

/** Whether a text has the form of a log's name. Somebody who writes to the database could put anything there. */
export const isLogName = (text: string): boolean => logName.safeParse(text).success;

const municipalityCode = z.string().regex(/^\d{4}$/);
const logName = z.string().regex(/^\d{4}\/\d{4}-\d\d(\/[0-9a-f]{32})?$/);

/** Empty lists are refused: they would select nothing, and could hide that something was left out. */
const selection = z.strictObject({
  municipality: municipalityCode.optional(),
  logs: z.array(logName).min(1).optional(),
});

export const isSelection = (value: unknown): boolean => selection.safeParse(value).success;

/** Strict: members that an export does not have are refused, because whoever made the file cannot speak for the reader. */
const record = z.union([
  z.strictObject({ leaf: z.string() }),
  z.strictObject({ checkpoint: z.string() }),
  z.strictObject({ definition: z.string() }),
  z.strictObject({
    log: logName,
    municipality: municipalityCode,
    month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/),
    size: z.number().int().min(0),
    sealedBy: z.array(z.string()),
    droppedAt: z.iso.datetime({ precision: 3 }).nullable(),
  }),
  z.strictObject({ only: selection }),
]);
