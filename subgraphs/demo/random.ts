/**
 * Randomness that depends on its purpose only: the tenth citizen is the same person whatever was made before. This keeps the two demo
 * worlds alike in every row except the shielded ones.
 */

import { hash } from 'node:crypto';
import { da, en, Faker } from '@faker-js/faker';

const digest = (purpose: string) => hash('sha256', purpose, 'buffer');

// One instance for all: making one takes as long as drawing a hundred names.
const faker = new Faker({ locale: [da, en] });

/** Draws a value for one purpose, such as `citizen/10`, with a seed made from that purpose. */
export function drawnFor<Value>(purpose: string, draw: (faker: Faker) => Value): Value {
  faker.seed(digest(purpose).readUInt32BE(0));
  return draw(faker);
}

/** A UUID (in the form of version 4) fixed by its purpose. */
export function idFor(purpose: string): string {
  const bytes = digest(`id ${purpose}`).subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A whole number from 0 up to but not including `below`, fixed by its purpose. Cheaper than a faker. */
export const numberFor = (purpose: string, below: number): number => digest(purpose).readUInt32BE(0) % below;
