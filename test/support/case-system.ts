/** A case system at work: with its token, at the gateway and at the cases room itself. */
import { expect } from '@jest/globals';
import { drawToken, newKey, registered } from './client.js';
import type { World } from './world.js';

export interface Told {
  readonly status: number;
  readonly text: string;
  readonly data: any;
  readonly errors: {
    message: string;
    extensions: { code: string; problems?: { path: unknown[]; message: string }[] };
  }[];
}

export interface CaseSystem {
  readonly token: string;
  /** Asks at the gateway, or at the room itself. */
  ask(door: Door, query: string, variables?: object, headers?: Record<string, string>): Promise<Told>;
}

export const doors = ['the gateway', 'the room'] as const;
export type Door = (typeof doors)[number];

/** The demo's case system, or another client, with all of its scopes or some. */
export async function openCaseSystem(world: World, scope?: string, client?: string): Promise<CaseSystem> {
  const key = newKey('ES256');
  const { body } = await registered(world, { keys: [key.jwk] }, client);
  expect(body.errors).toBeUndefined();
  const token = await drawToken(world, key, new Date(), scope === undefined ? {} : { scope }, client);
  return {
    token,
    async ask(door, query, variables, headers) {
      const url = door === 'the gateway' ? world.url : world.origins.get('cases')!;
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      const { data, errors = [] } = JSON.parse(text);
      return { status: response.status, text, data, errors };
    },
  };
}
