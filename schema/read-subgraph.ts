/** Reads the SDL of a vendor's subgraph from a file, or from the subgraph itself (`{ _service { sdl } }`). */
import { readFile, stat } from 'node:fs/promises';
import { type GraphQLError, parse } from 'graphql';
import { utf8In } from '../subgraphs/protocol/reading.js';

/** It could not be read: this says nothing of the subgraph itself. */
export class SubgraphUnread extends Error {}

/** Bytes. The largest schemas that are in use have some megabytes. */
const largest = 16 * 1024 * 1024;
/** Milliseconds, for the whole answer. */
const patience = 10_000;
/** A schema that is larger is none that somebody wrote. */
const maxTokens = 1_000_000;

/** `source`: an `http` or `https` URL, or a path. Throws `SubgraphUnread`. */
export async function readSubgraph(source: string, timeout = patience): Promise<string> {
  const sdl = await (/^https?:\/\//i.test(source) ? fetched(source, timeout) : fromFile(source));
  try {
    parse(sdl, { maxTokens });
  } catch (error) {
    const { message, locations } = error as GraphQLError;
    const at = locations?.[0];
    throw new SubgraphUnread(`${source}: is no SDL${at ? ` (line ${at.line}, column ${at.column})` : ''}: ${message}`);
  }
  return sdl;
}

async function fromFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > largest) throw new SubgraphUnread(`${path}: expected at most ${largest / 1024 / 1024} MB.`);
    return utf8In(await readFile(path), 'SDL');
  } catch (error) {
    if (error instanceof SubgraphUnread) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SubgraphUnread(`${path}: ${code ? `cannot be read (${code}). Expected a file with SDL.` : message}`);
  }
}

async function fetched(source: string, timeout: number): Promise<string> {
  const expected = 'Expected a GraphQL endpoint that answers { _service { sdl } }; or give its SDL as a file.';
  const failed = (what: string) => new SubgraphUnread(`${source}: ${what}. ${expected}`);
  if (!URL.canParse(source)) throw failed('is no URL');
  const ended = AbortSignal.timeout(timeout);
  let text: string;
  let status: number;
  try {
    const response = await fetch(source, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: '{ _service { sdl } }' }),
      // A redirect could lead to another subgraph than the one that was meant.
      redirect: 'error',
      signal: ended,
    });
    status = response.status;
    text = await bounded(response, () => failed(`answered more than ${largest / 1024 / 1024} MB`));
  } catch (error) {
    if (error instanceof SubgraphUnread) throw error;
    throw failed(ended.aborted ? `did not answer within ${timeout / 1000} seconds` : 'cannot be reached');
  }
  const sdl = sdlIn(text);
  if (sdl === null) throw failed(`answered something else (${status})`);
  return sdl;
}

async function bounded(response: Response, tooLarge: () => Error): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).byteLength;
    if (size > largest) throw tooLarge();
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sdlIn(text: string): string | null {
  try {
    const sdl: unknown = JSON.parse(text)?.data?._service?.sdl;
    return typeof sdl === 'string' ? sdl : null;
  } catch {
    return null;
  }
}
