/**
 * Caches texts that passed validation once, with the document, plans and programs made for each. The limit is in bytes:
 * a text is weighed again whenever the engine caches more for it, and the least recently used texts are evicted.
 */
import { type DocumentNode, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { introspects } from '../../subgraphs/edge/limits.js';
import { hashOf } from '../../subgraphs/edge/request-record.js';
import { heldBytes } from '../../subgraphs/process/held.js';
import type { Engine } from '../execution/engine.js';
import { keepText } from '../operation/source-text.js';

/** What is known of a text that passed Apollo's pipeline, for one supergraph. */
export interface KnownText {
  readonly engine: Engine;
  readonly document: DocumentNode;
  readonly introspects: boolean;
  readonly hash: string;
  /** Whether its last answer was long. */
  isLong: boolean;
}

export interface KnownTexts {
  /** Returns what is known of a text for this engine. */
  find(text: string, engine: Engine): KnownText | undefined;
  /** Adds a text. It stays if there is room for it. */
  keep(text: string, engine: Engine): KnownText;
  /** Removes the texts for which `stays` returns false. */
  prune(stays: (text: string, known: KnownText) => boolean): void;
  /** Bytes currently held, as weighed. */
  readonly bytes: number;
  readonly size: number;
}

export interface KnownTextsOptions {
  readonly maxBytes: number;
  /** Called with the bytes by which the data of a text has grown. */
  readonly onGrown?: (bytes: number) => void;
}

/** One text may use at most one part in this many of the whole, so that no text evicts all others. */
const largestShare = 4;

/** Opens an empty cache of at most `maxBytes` bytes. */
export function openKnownTexts({ maxBytes, onGrown }: KnownTextsOptions): KnownTexts {
  const texts = new LRUCache<string, KnownText>({ maxSize: maxBytes, maxEntrySize: maxBytes / largestShare });
  return {
    find(text, engine) {
      const known = texts.get(text);
      return known?.engine === engine ? known : undefined;
    },
    keep(text, engine) {
      // Parse without source locations: they are needed for errors only, and take more memory than the words.
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
        // Delete first, because the cache does not update the size of a value that it already holds.
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

/** Bytes per entry for hash, key and the cache's own records. */
const overhead = 1_000;
