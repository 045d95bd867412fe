/** The two worlds side by side: the same persona asks both the same, and every difference in what comes back is a leak. */
import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { makeIdentityRoom } from '../../../subgraphs/identity/index.js';
import { encodeCursor } from '../../../subgraphs/protocol/connection.js';
import { openWorld, type World, type WorldOptions } from '../../support/world.js';
import { type Draw, entities, type Operation, operation, type Pools } from './generate.js';

/** Everybody in the demo who is cleared for nothing that differs between the worlds. */
export const uncleared = [
  'guidance-worker',
  'housing-caseworker',
  'smdb-reporter',
  'smdb-health',
  'smdb-leader',
  'centre-reporter',
  'manager',
  'security-officer',
  'administrator',
  'director',
  'citizen',
  'other-citizen',
  'case-system',
  'records-officer',
  'register-system',
] as const;
/** Who is cleared for some of it: what they do may leave no trace for the others. Their own answers differ, of course. */
export const cleared = [
  'placement-secretary',
  'board-secretary',
  'fraud-investigator',
  'cleared-security-officer',
] as const;

export interface Worlds {
  /** With the shielded cases, and without. */
  readonly world: World;
  readonly other: World;
  readonly schema: ReturnType<typeof buildSchema>;
  readonly pools: Pools;
  /** Makes one random operation, asks it in both worlds, and answers with the difference, if there is one. */
  step(draw: Draw): Promise<Leak | null>;
  /** Asks one given operation. */
  ask(persona: string, asked: Operation): Promise<Leak | null>;
  close(): Promise<void>;
}

export interface Leak {
  readonly persona: string;
  readonly operation: Operation;
  /** Where the answers part, with what stands around it. */
  readonly world: string;
  readonly otherWorld: string;
}

export async function openWorlds(options: Omit<WorldOptions, 'shielded'> = {}): Promise<Worlds> {
  // Parents see for their children, so that what a parent is shown is compared too.
  const rooms = { identity: makeIdentityRoom({ parentsSee: () => true }), ...options.rooms };
  const world = await openWorld({ ...options, rooms, shielded: true });
  const other = await openWorld({ ...options, rooms, shielded: false });
  const schema = buildSchema(readFileSync('schema/api.graphql', 'utf8'), { assumeValid: true });
  const pools = await poolsOf(world);

  const ask = async (persona: string, asked: Operation): Promise<Leak | null> => {
    const [here, there] = await Promise.all([seen(world, persona, asked), seen(other, persona, asked)]);
    return difference(persona, asked, here, there);
  };
  const askSubgraph = async (persona: string, room: string, asked: Operation): Promise<Leak | null> => {
    const [here, there] = await Promise.all([
      seenInside(world, persona, room, asked),
      seenInside(other, persona, room, asked),
    ]);
    return difference(`${persona} at ${room}`, asked, here, there);
  };
  return {
    world,
    other,
    schema,
    pools,
    ask,
    async step(draw) {
      const kind = draw(10);
      if (kind === 0) {
        // Somebody cleared does something in both worlds. Nobody compares what they get; the others must not notice.
        const persona = cleared[draw(cleared.length)]!;
        const asked = operation(schema, pools, draw);
        await Promise.all([seen(world, persona, asked), seen(other, persona, asked)]);
        return null;
      }
      const persona = uncleared[draw(uncleared.length)]!;
      if (kind === 1) {
        const room = pick(['cases', 'smdb', 'audit', 'identity'] as const, draw);
        return askSubgraph(persona, room, entities(entityTypes[room], draw, pools, entityFields[room]));
      }
      return ask(persona, operation(schema, pools, draw));
    },
    async close() {
      await world.close();
      await other.close();
    },
  };
}

/** What is said of a leak fits on a page: some answers are megabytes long. */
function difference(persona: string, operation: Operation, here: string, there: string): Leak | null {
  if (here === there) return null;
  let at = 0;
  while (here[at] === there[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 300), at + 300);
  return { persona, operation, world: around(here), otherWorld: around(there) };
}

const entityTypes = {
  cases: ['Case', 'Citizen', 'Compartment'],
  smdb: ['TreatmentCourse', 'Citizen', 'SmdbForm'],
  audit: ['AuditEntry', 'Citizen'],
  identity: ['Citizen', 'Employee', 'Organisation'],
};
const entityFields: Record<keyof typeof entityTypes, Record<string, string>> = {
  cases: {
    Case: '{ id clearance category title number }',
    Citizen: '{ cases(first: 20) { totalCount nodes { id category } } }',
    Compartment: '{ id category shielded }',
  },
  smdb: {
    TreatmentCourse: '{ id requestedOn case { id } }',
    Citizen: '{ treatmentCourses { id case { id } } }',
    SmdbForm: '{ id kind }',
  },
  audit: {
    AuditEntry: '{ id at cases { id } citizens { id } }',
    Citizen: '{ accessLog { totalCount nodes { at use } } }',
  },
  identity: { Citizen: '{ name }', Employee: '{ name }', Organisation: '{ name }' },
};

async function seen(world: World, persona: string, asked: Operation): Promise<string> {
  const answer = await world.ask(persona, asked.query, asked.variables);
  return JSON.stringify({
    status: answer.status,
    fetches: [...answer.fetches].sort(),
    headers: varying(answer.headers),
    body: answer.text,
  });
}

/** Straight to a subgraph, with a token as the gateway would sign it for this persona. */
async function seenInside(world: World, persona: string, room: string, asked: Operation): Promise<string> {
  const viewer = await world.gateway.sessions.viewerOf(await world.tokenOf(persona));
  const response = await fetch(`${world.origins.get(room)}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.signer.sign(viewer!, room)}` },
    body: JSON.stringify(asked),
  });
  // Which session asked is not part of the answer.
  return JSON.stringify({ status: response.status, body: await response.text() });
}

/** All headers but the time of day. */
const varying = (headers: Headers) => [...headers].filter(([name]) => name !== 'date').sort();

async function poolsOf(world: World): Promise<Pools> {
  const column = async (sql: string) => (await world.database.sql<{ value: string }>(sql)).map((row) => row.value);
  const shielded = await column('SELECT id AS value FROM cases.shielded_case ORDER BY id LIMIT 12');
  const ofFixed = await column(
    "SELECT c.id AS value FROM cases.shielded_case c JOIN cases.shielded_party p ON p.case_id = c.id JOIN identity.citizen z ON z.id = p.citizen WHERE z.cpr = '0201609995' ORDER BY 1",
  );
  const ordinary = await column('SELECT id AS value FROM cases.ordinary_case ORDER BY id LIMIT 8');
  const shieldedNumbers = await column('SELECT number AS value FROM cases.shielded_case ORDER BY number LIMIT 6');
  const ordinaryNumbers = await column('SELECT number AS value FROM cases.ordinary_case ORDER BY number LIMIT 6');
  const courses = await column(
    'SELECT course AS value FROM smdb.course_shielded_case UNION (SELECT id FROM smdb.course ORDER BY id LIMIT 4)',
  );
  const sealed = await column('SELECT id AS value FROM audit.sealed_entry_details ORDER BY id LIMIT 4');
  const citizens = await column('SELECT DISTINCT citizen AS value FROM cases.shielded_party ORDER BY 1 LIMIT 8');
  const citizenIds = [
    ...(await column(
      "SELECT id AS value FROM identity.citizen WHERE cpr IN ('0201609995', '0201609996') ORDER BY cpr",
    )),
    ...citizens,
  ];
  const cprs = await column(
    `SELECT cpr AS value FROM identity.citizen WHERE id = ANY('{${citizens.join(',')}}') ORDER BY cpr LIMIT 4`,
  );
  const employees = await column(
    'SELECT DISTINCT handler AS value FROM cases.shielded_case WHERE handler IS NOT NULL ORDER BY 1 LIMIT 4',
  );
  const grants = await column(
    `SELECT id AS value FROM identity.clearance_grant WHERE holder = ANY('{${employees.join(',')}}') ORDER BY id LIMIT 4`,
  );
  const caseIds = [...shielded, ...ofFixed, ...ordinary, '00000000-0000-4000-8000-000000000000', 'not an id'];
  const changed = await column(
    'SELECT to_char(changed_at AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\') AS value FROM cases.shielded_case ORDER BY id LIMIT 4',
  );
  return {
    cpr: ['0201609995', '0201609996', ...cprs, '0101010000'],
    caseId: caseIds,
    id: [...caseIds, ...courses, ...sealed, ...citizenIds, ...employees, ...grants],
    caseNumber: [...shieldedNumbers, ...ordinaryNumbers, '34.10.30-G01-1-26', 'no number'],
    compartment: [
      '0999.MUNICIPALITY.CHILD_CONCERN',
      '0999.MUNICIPALITY.SOCIAL_FRAUD',
      '0999.CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER',
      '0999.MUNICIPALITY.HOUSING_BENEFIT',
      '0999.RENT_BOARD.BOARD_MATTER',
      ...shielded.slice(0, 2).map((id) => `0999.CASE.${id}`),
      'none',
    ],
    // Plain ids, and such as a grant into a single case's compartment would have.
    grantId: [...grants, ...shielded.slice(0, 3).flatMap((id) => grants.map((grant) => `${id}.${grant}`))],
    citizenId: citizenIds,
    employeeId: employees,
    cursor: [
      ...shielded
        .slice(0, 3)
        .flatMap((id, index) => [
          encodeCursor(['CHANGED_AT_DESC', changed[index]!, id]),
          encodeCursor(['NUMBER_ASC', shieldedNumbers[index]!, id]),
          encodeCursor([changed[index]!, id]),
        ]),
      ...ordinary.slice(0, 2).map((id) => encodeCursor(['CHANGED_AT_DESC', '2026-01-01T00:00:00.000Z', id])),
      ...ordinary.slice(0, 2).map((id) => encodeCursor(['2026-01-01T00:00:00.000Z', id])),
      'garbage',
      '%%%',
    ],
    word: ['a', 'bolig', 'sag', 'underretning', 'jensen', ''],
  };
}

const pick = <Item>(items: readonly Item[], draw: Draw): Item => items[draw(items.length)]!;
