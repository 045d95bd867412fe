/**
 * Writes an answer as JSON in pieces. V8 maps and unmaps separate memory for every string over 128 kB: an answer of 280
 * kB takes three times as long as one string than in pieces below that size.
 */

import { Pace } from '../../subgraphs/process/precedence.js';
import { withDigits } from '../operation/digits.js';
import { isObject, type Json } from '../operation/json.js';

/** Approximate characters per piece. They take two bytes each if one of them is beyond Latin-1. */
export const pieceSize = 40_000;

/** Returns UTF-8 buffers. Concatenated they equal `JSON.stringify(value)`. */
export function inPieces(value: Json): Buffer[] {
  const writer = new Writer();
  for (const _piece of writer.write(value));
  return writer.end();
}

/** Does the same in time slices, for long answers. */
export async function inPiecesSlowly(value: Json): Promise<Buffer[]> {
  const writer = new Writer();
  const pace = new Pace();
  for (const _piece of writer.write(value)) if (pace.isDue) await pace.rest();
  return writer.end();
}

class Writer {
  private readonly pieces: Buffer[] = [];
  private text = '';
  /** Characters written so far. */
  private length = 0;

  /** Writes a value and yields after each batch, so that the caller can pause. */
  *write(value: Json): Generator<undefined, void> {
    if (Array.isArray(value)) yield* this.writeList(value);
    else if (isObject(value)) {
      let before = '{';
      for (const key of Object.keys(value)) {
        this.add(`${before}${JSON.stringify(key)}:`);
        const member = value[key]!;
        if (typeof member === 'object' && member !== null) yield* this.write(member);
        else this.add(JSON.stringify(member));
        before = ',';
      }
      this.add(before === '{' ? '{}' : '}');
    } else this.add(JSON.stringify(value));
  }

  /**
   * Writes as many items at once as will fill a piece, estimated from the items just written. V8 writes many at once
   * faster than one by one.
   */
  private *writeList(items: readonly Json[]): Generator<undefined, void> {
    this.add('[');
    let count = 1;
    for (let at = 0; at < items.length; ) {
      if (at > 0) this.add(',');
      const written = this.length;
      if (count > 1) this.add(JSON.stringify(items.slice(at, at + count)).slice(1, -1));
      else yield* this.write(items[at]!);
      yield;
      at += count;
      // Grow step by step: the next items may be longer than these.
      count = Math.max(1, Math.min(2 * count, Math.floor((count * pieceSize) / (this.length - written))));
    }
    this.add(']');
  }

  private add(text: string): void {
    this.text += text;
    this.length += text.length;
    if (this.text.length >= pieceSize) this.flush();
  }

  private flush(): void {
    this.pieces.push(Buffer.from(withDigits(this.text)));
    this.text = '';
  }

  end(): Buffer[] {
    this.flush();
    return this.pieces;
  }
}
