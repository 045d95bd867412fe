/**
 * Texts that were let through once, with the document, plans and programs that are kept of each. The bound is in bytes held: what a
 * text holds is weighed anew whenever the engine keeps more of it, and the texts that were asked for longest ago go.
 */
import { type DocumentNode, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { introspects } from '../../subgraphs/edge/limits.js';
import { hashOf } from '../../subgraphs/edge/request-record.js';
import { heldBytes } from '../../subgraphs/process/held.js';
import type { Engine } from '../execution/engine.js';
import { keepText } from '../operation/source-text.js';

/** What is known of a text once Apollo's pipeline has let it through, for one supergraph. */
export interface KnownText {
  readonly engine: Engine;
  readonly document: DocumentNode;
  readonly introspects: boolean;
  readonly hash: string;
  /** Whether its last answer was long. */
  isLong: boolean;
}

export interface KnownTexts {
  /** What is known of a text for this engine. */
  find(text: string, engine: Engine): KnownText | undefined;
  /** From now on known, if there is room for it. */
  keep(text: string, engine: Engine): KnownText;
  /** Lets go the texts for which it does not hold. */
  prune(stays: (text: string, known: KnownText) => boolean): void;
  /** How much is held now, as it was weighed. */
  readonly bytes: number;
  readonly size: number;
}

export interface KnownTextsOptions {
  readonly maxBytes: number;
  /** Called with the bytes by which what is kept of a text has grown. */
  readonly onGrown?: (bytes: number) => void;
}

/** Of one text at most, as a share of the whole: no single one drives out all others. */
const largestShare = 4;

export function openKnownTexts({ maxBytes, onGrown }: KnownTextsOptions): KnownTexts {
  const texts = new LRUCache<string, KnownText>({ maxSize: maxBytes, maxEntrySize: maxBytes / largestShare });
  return {
    find(text, engine) {
      const known = texts.get(text);
      return known?.engine === engine ? known : undefined;
    },
    keep(text, engine) {
      // Without the places of its words, which are needed for errors only and take more memory than the words.
      const document = parse(text, { noLocation: true });
      keepText(document, text);
      const known: KnownText = {
        engine,
        document,
        introspects: introspects(document),
        hash: hashOf(text),
        isLong: false,
      };
      const own = overhead + 2 * text.length + heldBytes(document);
      let held = 0;
      const weigh = (bytes: number) => {
        onGrown?.(Math.max(0, own + bytes - held));
        held = own + bytes;
        // Anew: for the value that it has already the cache keeps the weight that it had.
        texts.delete(text);
        texts.set(text, known, { size: held });
      };
      weigh(0);
      engine.watch(document, (bytes) => {
        if (texts.peek(text) === known) weigh(bytes);
      });
      return known;
    },
    prune(stays) {
      for (const [text, known] of [...texts.entries()]) if (!stays(text, known)) texts.delete(text);
    },
    get bytes() {
      return texts.calculatedSize;
    },
    get size() {
      return texts.size;
    },
  };
}

/** Of one entry: hash, key and the cache's own records. */
const overhead = 1_000;
