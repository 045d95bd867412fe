/**
 * The two edges side by side: the same request goes to the gateway and to a room itself, with the same access token, and what both
 * answer and log is compared. Where they differ, the difference is named here with its reason.
 */
import { expect } from '@jest/globals';
import { audit } from '../../subgraphs/audit/index.js';
import { type FaultCode, faultBody, faults } from '../../subgraphs/protocol/faults.js';
import type { Append, LogEntry } from '../../subgraphs/protocol/log-entry.js';
import { caseSystem, drawToken, newKey, registered } from '../support/client.js';
import { openWorld, type World } from '../support/world.js';

export type RoomName = 'identity' | 'cases' | 'smdb' | 'audit';

export interface Asked {
  readonly room: RoomName;
  /** As it is, or as JSON. */
  readonly body: unknown;
  /** `undefined` leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The scopes of the access token, all by default; or another token as it is. `null`: no token. */
  readonly as?: string | null;
  /** Sends the body in chunks, so that no header says how long it is. */
  readonly inChunks?: boolean;
  /** A change is sent to the gateway once only. */
  readonly isChange?: boolean;
}

/** What an edge answered, and what it logged first. */
export interface Heard {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly logged: readonly Logged[];
}
type Logged = Omit<LogEntry, 'id' | 'at' | 'follows' | 'operation'> & {
  hash: string;
  name: string | null;
  text: string | null;
};

export interface Both {
  /** New to the gateway: through Apollo Server. */
  readonly gateway: Heard;
  /** Known to the gateway: past Apollo Server. */
  readonly again: Heard;
  readonly room: Heard;
}

export interface Edges {
  readonly world: World;
  ask(asked: Asked): Promise<Both>;
  close(): Promise<void>;
}

/** All that a case system could be given. */
export const scopes = [
  'admin',
  'audit:read',
  'case:read',
  'case:write',
  'citizen:match',
  'citizen:read',
  'employee:read',
  'smdb:read',
  'smdb:report',
] as const;

export async function openEdges(): Promise<Edges> {
  const logged: Logged[] = [];
  const heardAudit = {
    ...audit,
    internal: {
      ...audit.internal,
      append: async (services: never, body: Append) => {
        logged.push(...entriesIn(body));
        return audit.internal!.append!(services, body);
      },
    },
  };
  const key = newKey('ES256');
  const now = () => new Date();
  const world = await openWorld({
    ...{ shielded: true, now, closedSchema: true, trustedProxies: ['127.0.0.1'] },
    rooms: { audit: heardAudit as never },
  });
  await registered(world, { keys: [key.jwk] });
  const all = `{${scopes.join()}}`;
  await world.database.sql('UPDATE identity.system_client SET scopes = $2::text[] WHERE id = $1', [caseSystem, all]);
  const tokens = new Map<string, Promise<string>>();
  const tokenFor = (as: string) => {
    const drawn = tokens.get(as) ?? drawToken(world, key, now(), { scope: as });
    tokens.set(as, drawn);
    return drawn;
  };
  const send = async (origin: string, { body, headers, inChunks, as = scopes.join(' ') }: Asked): Promise<Heard> => {
    logged.length = 0;
    const isScoped = as?.split(' ').every((scope) => (scopes as readonly string[]).includes(scope));
    const token = isScoped ? await tokenFor(as!) : as;
    const sent = {
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...headers,
    };
    const bytes = typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body);
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: Object.entries(sent).filter((pair): pair is [string, string] => pair[1] !== undefined),
      ...(inChunks ? { body: new Blob([bytes]).stream(), duplex: 'half' } : { body: bytes }),
    });
    return {
      status: response.status,
      text: await response.text(),
      headers: Object.fromEntries(told.map((name) => [name, response.headers.get(name)])),
      logged: [...logged],
    };
  };
  return {
    world,
    async ask(asked) {
      const gateway = await send(world.url, asked);
      const again = asked.isChange ? gateway : await send(world.url, asked);
      return { gateway, again, room: await send(world.origins.get(asked.room)!, asked) };
    },
    close: () => world.close(),
  };
}

const told = ['content-type', 'cache-control', 'retry-after', 'allow', 'www-authenticate'];

const entriesIn = ({ entries, operations }: Append): Logged[] =>
  entries.map(({ id, at, follows, operation: { hash, name, definition }, ...entry }) => ({
    ...entry,
    ...{ hash, name, text: operations[definition]!.text, fields: operations[definition]!.fields },
  }));

const bodyOf = ({ text }: Heard) => JSON.parse(text);
export const codesOf = (heard: Heard): string[] =>
  (bodyOf(heard).errors ?? []).map((error: { extensions: { code: string } }) => error.extensions.code);
const messagesOf = (heard: Heard): string[] =>
  (bodyOf(heard).errors ?? []).map(({ message }: { message: string }) => message);

/** Refused as a whole: the table's message, no data, and nothing beside it. */
function expectWhole(heard: Heard, code: FaultCode) {
  expect(heard.text).toBe(JSON.stringify(faultBody(code)));
  const isMasked =
    heard.headers['content-type']!.startsWith('application/graphql-response') && faults[code].status < 300;
  expect(heard.status).toBe(isMasked ? 400 : faults[code].status);
}

const answerOf = ({ logged, ...answer }: Heard) => answer;

interface Difference {
  readonly reason: string;
  /** Expects exactly this difference. */
  expect(gateway: Heard, room: Heard): void;
}

const difference = (reason: string, expected: Difference['expect']): Difference => ({ reason, expect: expected });

/** Where the edges differ. Anything else in which they differ is a mistake. */
export const differences = {
  denied: difference(
    'A frontend shows what it may of a page; a system that asks for too much is to be put right. So the gateway answers the rest, and a room refuses the whole.',
    (gateway, room) => {
      expect(['FORBIDDEN_FIELD', 'FRESH_LOGIN_REQUIRED']).toEqual(
        expect.arrayContaining([...new Set(codesOf(gateway))]),
      );
      expect(gateway.status).toBe(200);
      expectWhole(room, 'FORBIDDEN');
      expect(['DENIED', 'PARTLY_DENIED']).toContain(gateway.logged.at(-1)!.outcome);
      expect(room.logged).toMatchObject([{ outcome: 'DENIED', faults: ['FORBIDDEN'], text: null, fields: [] }]);
    },
  ),
  wording: difference(
    'The gateway’s scalars take any value, because in a vendor’s subgraph their names may mean another form: it judges the arguments of our fields, and names them. A room’s own scalars judge each value where it stands.',
    (gateway, room) => {
      expect(messagesOf(room)).not.toEqual(messagesOf(gateway));
      expect(messagesOf(room).map(unplaced)).toEqual(messagesOf(gateway).map(unplaced));
      expect([gateway, room].map(codesOf)).toEqual([['BAD_USER_INPUT'], ['BAD_USER_INPUT']]);
      expect([bodyOf(gateway).data, bodyOf(room).data]).toEqual([undefined, undefined]);
      expect({ ...room, text: '' }).toEqual({ ...gateway, text: '' });
    },
  ),
  judgedEarly: difference(
    'The gateway judges page sizes and cursors before wall 1, and whether or not a row will meet them: a refusal costs no call. A room judges them where it reads a list.',
    (gateway, room) => {
      expect([gateway.status, bodyOf(gateway).data]).toEqual([400, undefined]);
      expect([['PAGE_LIMIT'], ['BAD_USER_INPUT']]).toContainEqual(codesOf(gateway));
      expect(gateway.logged).toMatchObject([{ outcome: 'FAILED', text: null, fields: [] }]);
      expect(room.status).toBe(200);
      expect([[], ['FORBIDDEN']]).toContainEqual(codesOf(room));
    },
  ),
  loggedWithText: difference(
    'The same, where a row does meet them: the room has executed the operation, so its entry says what was asked for.',
    (gateway, room) => {
      expect(answerOf(room)).toEqual(answerOf(gateway));
      const [early, late] = [gateway.logged.at(-1)!, room.logged.at(-1)!];
      expect([early.text, early.criterion, early.fields]).toEqual([null, null, []]);
      expect(late.text).not.toBeNull();
      const { use, text, criterion, fields } = late;
      expect({ ...early, use, text, criterion, fields }).toEqual(late);
    },
  ),
  leftOut: difference(
    'A room’s own scalars judge the whole text, also what a condition leaves out. The gateway judges what is asked for.',
    (gateway, room) => {
      expect(gateway.status).toBe(200);
      for (const code of codesOf(gateway)) expect(code).toBe('FORBIDDEN_FIELD');
      expect([room.status, codesOf(room), bodyOf(room).data]).toEqual([400, ['BAD_USER_INPUT'], undefined]);
    },
  ),
  asSent: difference(
    'A room logs variables as they were sent, the gateway as they are read: one value for a list of one.',
    (gateway, room) => {
      expect(answerOf(room)).toEqual(answerOf(gateway));
      const unread = (criterion: unknown) =>
        JSON.stringify(criterion).replace('["HOUSING_BENEFIT"]', '"HOUSING_BENEFIT"');
      expect(room.logged.map(({ criterion }) => unread(criterion))).toEqual(
        gateway.logged.map(({ criterion }) => unread(criterion)),
      );
      expect(room.logged.map((entry) => ({ ...entry, criterion: null }))).toEqual(
        gateway.logged.map((entry) => ({ ...entry, criterion: null })),
      );
    },
  ),
  located: difference(
    'A room executes the caller’s own text, and says where in it an error arose. The gateway’s fetches have other places.',
    (gateway, room) => {
      const { errors, ...rest } = bodyOf(room);
      for (const { locations } of errors) expect(locations).toHaveLength(1);
      const unlocated = errors.map(({ locations, ...error }: { locations: unknown }) => error);
      expect({ ...room, text: JSON.stringify({ errors: unlocated, ...rest }) }).toEqual(gateway);
    },
  ),
  schema: difference(
    'Administrators may introspect the graph at the gateway. A room’s schema is its own affair.',
    (gateway, room) => {
      expect([gateway.status, codesOf(gateway)]).toEqual([200, []]);
      expectWhole(room, 'INTROSPECTION_NOT_ALLOWED');
    },
  ),
  federation: difference(
    'What the gateway itself asks of a room is in the room’s schema only. The SDL is for the gateway alone.',
    (gateway, room) => {
      expect(gateway.status).toBe(400);
      expect(new Set(codesOf(gateway))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
      expect(room.status).toBe(200);
      expect([[], ['FORBIDDEN']]).toContainEqual(codesOf(room));
    },
  ),
} satisfies Record<string, Difference>;

export type DifferenceName = keyof typeof differences;

/** Expects that both edges answer and log the same, or that they differ in this way only. Returns what the room says. */
export async function expectAlike(edges: Edges, asked: Asked, differs?: DifferenceName): Promise<Heard> {
  const { gateway, again, room } = await edges.ask(asked);
  expect(again).toEqual(gateway);
  if (!differs) expect(room).toEqual(gateway);
  else {
    expect(room).not.toEqual(gateway);
    differences[differs].expect(gateway, room);
  }
  return room;
}

/** A message about a value, without the place that it names. */
const unplaced = (message: string): string =>
  message
    .replace(/^(?:Argument|Variable) "[^"]*": /, '')
    .replace(/^E/, 'e')
    .replace(/^(expected (?:CPR|Date|KLE|DateTime)), /, '$1: ');
