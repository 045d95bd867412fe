/** People and powers of attorney for tests: sessions in a given right, employees made for a test, and a power brought to a state. */
import { randomUUID } from 'node:crypto';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { employeeId, organisationId } from '../../subgraphs/demo/people.js';
import type { RunningRoom } from '../../subgraphs/kit/serve-room.js';
import type { TestDatabase } from './database.js';
import type { World } from './world.js';

export interface Told {
  readonly data: any;
  readonly faults: readonly { path: string; code: string; message: string }[];
}

/** A Sluse, in whatever processes: what signing people in and asking as them takes. */
export interface Anywhere {
  readonly database: Pick<TestDatabase, 'sql'>;
  readonly rooms: { get(room: string): Pick<RunningRoom, 'internal'> | undefined };
  readonly post: World['post'];
}

/** Somebody signed in, in one right. */
export interface Somebody {
  readonly id: string;
  readonly token: string;
  ask(query: string, variables?: object): Promise<Told>;
}

export async function signIn(world: Anywhere, id: string, right?: string, kind = 'Employee'): Promise<Somebody> {
  const opened = (await world.rooms
    .get('identity')!
    .internal('open-session', { municipality: '0999', person: { kind, id }, right })) as { token?: string };
  if (!opened.token) throw new Error(`${id} cannot sign in: ${JSON.stringify(opened)}`);
  const { token } = opened;
  return {
    id,
    token,
    async ask(query, variables) {
      const response = await world.post('/graphql', { query, variables }, { authorization: `Bearer ${token}` });
      const body = (await response.json()) as any;
      const faults = (body.errors ?? []).map(({ path, extensions, message }: any) => {
        return { path: (path ?? []).join('.'), code: extensions.code, message };
      });
      return { data: body.data ?? null, faults };
    },
  };
}

export const signInAs = (world: Anywhere, key: string, right?: string): Promise<Somebody> => {
  const { id, kind } = demoPeople.find((person) => person.key === key)!;
  return signIn(world, id, right, kind);
};

/** An employee with rights, held where they work unless it is said where. */
export async function hire(
  database: Pick<TestDatabase, 'sql'>,
  organisation: string,
  rights: readonly string[],
  heldIn = organisation,
): Promise<string> {
  const id = randomUUID();
  await database.sql('INSERT INTO identity.employee (municipality, id, name, organisation) VALUES ($1, $2, $3, $4)', [
    ...['0999', id, 'Vikar'],
    organisationId(organisation),
  ]);
  for (const right of rights)
    await database.sql(`INSERT INTO identity.right_assignment VALUES ('0999', $1, $2, $3, 'NEMLOGIN', now())`, [
      ...[id, right],
      organisationId(heldIn),
    ]);
  return id;
}

/** Who takes which step for an organisation. */
export interface Administrators {
  readonly administrator: Somebody;
  readonly smdb: Somebody;
}

export async function administratorsOf(world: Anywhere): Promise<Record<'municipality' | 'centre', Administrators>> {
  return {
    municipality: {
      administrator: await signInAs(world, 'administrator'),
      smdb: await signInAs(world, 'smdb-leader', 'SMDB_ADMINISTRATOR'),
    },
    centre: {
      administrator: await signIn(world, employeeId('centre-administrator'), 'ADMINISTRATOR'),
      smdb: await signIn(world, employeeId('centre-administrator'), 'SMDB_ADMINISTRATOR'),
    },
  };
}

export const steps = {
  request: `mutation RequestPower($giver: ID!, $receiver: ID!, $rights: [RightCode!]!) {
    requestPowerOfAttorney(input: { giver: $giver, receiver: $receiver, rights: $rights }) { id status } }`,
  decide: `mutation DecidePower($id: ID!, $approve: Boolean!) { decidePowerOfAttorney(id: $id, approve: $approve) { id status } }`,
  add: `mutation AddToPower($id: ID!, $employee: ID!) { addToPowerOfAttorney(id: $id, employee: $employee) { id employees { id } } }`,
  remove: `mutation RemoveFromPower($id: ID!, $employee: ID!) { removeFromPowerOfAttorney(id: $id, employee: $employee) { id employees { id } markedInSmdb { id } } }`,
  mark: `mutation MarkInSmdb($id: ID!, $employee: ID!, $marked: Boolean! = true) {
    markInSmdb(powerOfAttorney: $id, employee: $employee, marked: $marked) { id markedInSmdb { id } } }`,
  withdraw: `mutation WithdrawPower($id: ID!) { withdrawPowerOfAttorney(id: $id) { id status } }`,
  actFor: `mutation ActFor($power: ID) { actFor(powerOfAttorney: $power) { actingFor { id } powerOfAttorney { id } actingIn { code } } }`,
  actIn: `mutation ActIn($right: RightCode!) { actIn(right: $right) { actingFor { id } powerOfAttorney { id } actingIn { code } } }`,
};

/** What must have succeeded for the test to mean anything. */
export async function done(who: Somebody, query: string, variables: object): Promise<any> {
  const { data, faults } = await who.ask(query, variables);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return Object.values(data)[0];
}

export interface Sides {
  readonly giver: string;
  readonly receiver: string;
  readonly gives: Administrators;
  readonly receives: Administrators;
}

export type PowerState = 'requested' | 'refused' | 'given' | 'added' | 'marked' | 'withdrawn';

/** A power brought to a state by the people who may, step by step. Answers with its id. */
export async function powerIn(
  state: PowerState,
  { giver, receiver, gives, receives }: Sides,
  rights: readonly string[],
  employee: string,
): Promise<string> {
  const { id } = await done(receives.administrator, steps.request, {
    giver: organisationId(giver),
    receiver: organisationId(receiver),
    rights,
  });
  if (state === 'requested') return id;
  await done(gives.administrator, steps.decide, { id, approve: state !== 'refused' });
  if (state === 'refused' || state === 'given') return id;
  await done(receives.administrator, steps.add, { id, employee });
  if (state === 'added') return id;
  await done(receives.smdb, steps.mark, { id, employee });
  if (state === 'withdrawn') await done(gives.administrator, steps.withdraw, { id });
  return id;
}
