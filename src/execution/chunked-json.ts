/**
 * An answer as JSON, in pieces. V8 gives every text of more than 128 kB memory of its own, mapped for it and unmapped after it: written as
 * one text, an answer of 280 kB takes three times as long as in pieces that are all shorter than that.
 */

import { Pace } from '../../subgraphs/process/precedence.js';
import { withDigits } from '../operation/digits.js';
import { isObject, type Json } from '../operation/json.js';

/** Characters of a piece, about; of two bytes each where there is one beyond Latin-1. */
export const pieceSize = 40_000;

/** UTF-8, to be sent one behind the other: together they are `JSON.stringify(value)`. */
export function inPieces(value: Json): Buffer[] {
  const writer = new Writer();
  for (const _piece of writer.write(value));
  return writer.end();
}

/** The same in slices, for what is long. */
export async function inPiecesSlowly(value: Json): Promise<Buffer[]> {
  const writer = new Writer();
  const pace = new Pace();
  for (const _piece of writer.write(value)) if (pace.isDue) await pace.rest();
  return writer.end();
}

class Writer {
  private readonly pieces: Buffer[] = [];
  private text = '';
  /** Characters so far. */
  private length = 0;

  /** Stops after each batch. */
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

  /** As many items at once as will make a piece, going by those just written: V8 writes many at once faster than one by one. */
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
      // The next may be longer than these were, so that it grows step by step.
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
