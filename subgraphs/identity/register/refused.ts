/**
 * What is wrong with a register file, by line and column and never by value: an error is read on screens and kept in shells, where a
 * CPR number does not belong.
 */

export interface Problem {
  /** The first line is 1. A row with line breaks in a field is named by the line on which it begins. */
  readonly line: number;
  /** The column's name; `null` for a whole line. */
  readonly column: string | null;
  /** What was expected. */
  readonly expected: string;
}

/** A file that cannot be read any further, or that breaks a rule as a whole. */
export class FileRefused extends Error implements Problem {
  constructor(
    readonly line: number,
    readonly column: string | null,
    readonly expected: string,
  ) {
    super(described({ line, column, expected }));
  }
}

/** An import that was not made. Its message is for the operator. */
export class ImportRefused extends Error {}

export const described = ({ line, column, expected }: Problem): string =>
  `line ${line}${column === null ? '' : `, column ${column}`}: expected ${expected}`;
