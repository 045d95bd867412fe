/** An identity room with a clock of its own, and the people who take steps about somebody: in it, lives are lived one after the other. */
import pg from 'pg';
import { makeIdentity } from '../../subgraphs/demo/identity.js';
import { employeeId, makeCitizens, makeEmployees, organisationId } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { identity } from '../../subgraphs/identity/index.js';
import { usablePowers } from '../../subgraphs/identity/powers/store.js';
import { withdrawFromLeavers } from '../../subgraphs/identity/register/leave-store.js';
import type { SessionRow } from '../../subgraphs/identity/sessions/store.js';
import { viewerOf } from '../../subgraphs/identity/sessions/viewer-of.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { manages } from './grants.js';
import type { Unit } from './grants-model.js';
import { hire } from './powers.js';
import { aViewer, openRoom, type RoomUnderTest } from './room.js';

export interface Lane {
  now: Date;
  readonly room: RoomUnderTest;
  readonly people: Readonly<Record<'manager' | 'requester' | 'secretary', Viewer>>;
  /** Who speaks for whom in powers of attorney. */
  readonly sides: Readonly<
    Record<'municipality' | 'centre', { readonly administrator: Viewer; readonly smdb: Viewer }>
  >;
  readonly sql: (text: string, values?: readonly unknown[]) => Promise<unknown>;
  /** Somebody new in a unit, with the right and SMDB's to report. */
  hire(right: string): Promise<string>;
  /** As somebody who works in that unit. */
  as(holder: string, unit: Unit): Viewer;
  /** What the register's import does of somebody who leaves, and of somebody who comes back and is given the rights again. */
  leave(holder: string): Promise<unknown>;
  comeBack(holder: string, right: string, unit: Unit): Promise<unknown>;
  /** What the room computes when somebody's session is resolved. */
  seen(holder: string, right: string, power: string | null): Promise<Seen>;
  close(): Promise<void>;
}

interface Seen {
  /** Compartments. */
  readonly clearance: string[];
  /** Powers of attorney that can be used in SMDB's right to report. */
  readonly usable: string[];
  /** Under that power: the organisation acted for, if anything can be done at all. */
  readonly actingFor: string | null;
}

const reporter = 'SMDB_REPORTER';

export async function openLane(start: Date): Promise<Lane> {
  const clock = { now: start };
  const room = await openRoom(
    identity,
    async ({ url }) => {
      const [citizens, employees] = [makeCitizens().slice(0, 10), makeEmployees()];
      await seed(url, { shielded: true }, () => ({ identity: makeIdentity({ citizens, employees }) }));
    },
    { now: () => clock.now },
  );
  const owner = new pg.Client({ connectionString: room.database.url });
  await owner.connect();
  const sql = async (text: string, values?: readonly unknown[]): Promise<any> =>
    (await owner.query(text, values as unknown[])).rows;
  const person = (id: string, unit: string, right: string, ...scopes: string[]) =>
    aViewer({
      ...{ subject: { kind: 'Employee', id }, organisation: organisationId(unit), right },
      scopes: ['employee:read', ...scopes],
    });
  const hired = async (unit: string, right: string, ...scopes: string[]) =>
    person(await hire({ sql }, unit, [right]), unit, right, ...scopes);
  const speakers = async (unit: string) => ({
    administrator: await hired(unit, 'ADMINISTRATOR', 'power:administer'),
    smdb: await hired(unit, 'SMDB_ADMINISTRATOR', 'power:mark'),
  });
  const manager = await hired('family', 'MANAGER', 'grant:request', 'grant:decide');
  await manages({ sql }, 'family', manager.actor.id);
  const rights = (holder: string, unit: Unit, right: string) =>
    sql(
      `INSERT INTO identity.right_assignment SELECT '0999', $1, code, $2, 'NEMLOGIN', now() FROM unnest($3::text[]) AS code
       ON CONFLICT DO NOTHING`,
      [holder, organisationId(unit), [right, reporter]],
    );
  return {
    room,
    sql,
    get now() {
      return clock.now;
    },
    set now(now) {
      clock.now = now;
    },
    people: {
      manager,
      requester: await hired('family', 'CASEWORKER', 'grant:request'),
      secretary: person(employeeId('board-secretary'), 'board-secretariat', 'CASEWORKER', 'disclosure:agree'),
    },
    sides: { municipality: await speakers('it'), centre: await speakers('centre') },
    hire: (right) => hire({ sql }, 'family', [right, reporter]),
    as: (holder, unit) => person(holder, unit, 'CASEWORKER'),
    leave: async (holder) => {
      await sql('UPDATE identity.employee SET left_at = $2 WHERE id = $1', [holder, clock.now]);
      await sql('SET search_path = identity');
      await withdrawFromLeavers(sql, '0999', clock.now);
    },
    comeBack: async (holder, right, unit) => {
      await sql('UPDATE identity.employee SET left_at = NULL WHERE id = $1', [holder]);
      await rights(holder, unit, right);
    },
    seen: (holder, right, power) =>
      room.services.database.asTask(
        'session',
        '0999',
        async (tx) => {
          const session: SessionRow = {
            ...{ id: 'a session', municipality: '0999', personKind: 'Employee', person: holder, right, power: null },
            ...{ assurance: 'Substantial', nameId: null, sessionIndex: null, closedAt: null },
            ...{ authenticatedAt: clock.now, lastUsedAt: clock.now, expiresAt: clock.now },
          };
          const own = (await viewerOf(tx, session, clock.now))?.viewer;
          const usable = await usablePowers(tx, '0999', holder, reporter);
          const under = power && (await viewerOf(tx, { ...session, right: reporter, power }, clock.now))?.viewer;
          return {
            clearance: (own?.clearance ?? []).map(({ compartment }) => compartment).sort(),
            usable: usable.map(({ id }) => id).sort(),
            actingFor: under && under.scopes.length > 0 ? under.actingFor : null,
          };
        },
        'read',
      ),
    async close() {
      await owner.end();
      await room.close();
    },
  };
}
