/** The access matrix says what is enforced: its policies are those of the database, and its cells what people are answered. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLObjectType, getNamedType, isLeafType, isRequiredArgument } from 'graphql';
import { accessMatrix } from '../../subgraphs/access-matrix.js';
import { openWorld, type World } from '../support/world.js';

const rooms = ['identity', 'cases', 'smdb', 'audit'];
const sdl = readFileSync('schema/supergraph.graphql', 'utf8');
let world: World;
let matrix: string;

beforeAll(async () => {
  world = await openWorld({ shielded: true });
  matrix = await accessMatrix(sdl);
});
afterAll(() => world.close());

/** The table under a heading, as rows of cells, without its head. */
function tableUnder(heading: string): string[][] {
  const [, text = ''] = matrix.split(`\n### ${heading}\n`);
  const lines = text
    .split(/\n#/)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const cells = lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return cells.slice(2);
}

it('is what is committed', () => {
  expect(readFileSync('schema/access-matrix.md', 'utf8')).toBe(matrix);
});

describe('rows', () => {
  const policiesUnder = (heading: string) =>
    tableUnder(heading).map(([table, command, name]) => `${table} ${command} ${name}`);

  it.each(rooms)('of %s are decided by the policies that the database has', async (room) => {
    const policies = await world.database.sql(
      `SELECT tablename || ' ' || cmd || ' ' || policyname AS name FROM pg_policies WHERE schemaname = $1`,
      [room],
    );
    const expected = policies.map(({ name }) => name as string).sort();
    expect(expected.length).toBeGreaterThan(10);
    expect([...policiesUnder(room), ...policiesUnder('every room, of its changes')].sort()).toEqual(expected);
  });

  it('of every table are under row-level security', async () => {
    const bare = await world.database.sql(
      `SELECT nspname || '.' || relname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
       WHERE nspname = ANY ($1) AND relkind IN ('r', 'p') AND NOT relrowsecurity AND NOT relispartition
         AND EXISTS (SELECT FROM information_schema.role_table_grants g
                     WHERE g.table_schema = nspname AND g.table_name = relname AND g.grantee LIKE '%' || nspname)`,
      [rooms],
    );
    expect(bare).toEqual([]);
  });
});

describe('fields', () => {
  const people: readonly [heading: string, person: string][] = [
    ['CITIZEN<br>SERVICE', 'guidance-worker'],
    ['CASEWORKER', 'housing-caseworker'],
    ['MANAGER', 'manager'],
    ['SECURITY<br>OFFICER', 'security-officer'],
    ['ADMINISTRATOR', 'administrator'],
    ['SMDB<br>REPORTER', 'smdb-reporter'],
    ['SMDB<br>HEALTH', 'smdb-health'],
    ['SMDB<br>LEADER', 'smdb-leader'],
    ['Citizen', 'citizen'],
  ];
  const headings = () => /^\| fields \| scopes \| level \| (.*) \|$/m.exec(matrix)![1]!.split(' | ');

  it.each(people)('of Query are refused or not to %s as the table says', async (heading, person) => {
    const api = buildSchema(readFileSync('schema/api.graphql', 'utf8'), { assumeValidSDL: true });
    const query = api.getType('Query') as GraphQLObjectType;
    const column = headings().indexOf(heading) + 3;
    const said = new Map(
      tableUnder('Query').flatMap((row) =>
        row[0]!.match(/\w+/g)!.map((name): [string, string] => [name, row[column]!]),
      ),
    );
    const asked = Object.values(query.getFields()).filter(
      (field) => !field.args.some(isRequiredArgument) && !isLeafType(getNamedType(field.type)),
    );
    expect(asked.length).toBeGreaterThan(8);
    for (const { name } of asked) {
      const { body } = await world.ask(person, `{ ${name} { __typename } }`);
      const isDenied = (body.errors ?? []).some(({ extensions }) => extensions.code === 'FORBIDDEN_FIELD');
      expect([name, said.get(name)]).toEqual([name, isDenied ? '–' : 'yes']);
    }
  });

  it('of a case are null below the level that the table says, and not at it', async () => {
    const levels = new Map(
      tableUnder('Case (its existence may be secret)').flatMap(([fields, , level]) =>
        level === '' ? [] : fields!.match(/\w+/g)!.map((name): [string, string] => [name, level!]),
      ),
    );
    expect(Object.fromEntries(levels)).toEqual({
      ...{ number: 'METADATA', title: 'METADATA', handler: 'METADATA', primaryParty: 'METADATA', parties: 'METADATA' },
      documents: 'DOCUMENTS',
    });
    const order = ['EXISTENCE', 'METADATA', 'DOCUMENTS'];
    const fields =
      'id clearance number title handler { id } primaryParty { id } parties { role } documents { totalCount }';
    const isThere = (value: unknown) => value !== null && !(Array.isArray(value) && value.length === 0);
    const seen = new Set<string>();
    for (const person of ['guidance-worker', 'records-officer', 'housing-caseworker']) {
      const { body } = await world.ask(
        person,
        `{ citizens(filter: { nameContains: "nsen" }, first: 40) { nodes { cases(first: 3) { nodes { ${fields} } } } } }`,
      );
      const nodes = body.data.citizens.nodes.flatMap((citizen: any) => citizen.cases.nodes);
      expect(nodes.length).toBeGreaterThan(0);
      for (const { id, clearance, ...rest } of nodes) {
        seen.add(clearance);
        for (const [name, value] of Object.entries(rest))
          expect([id, name, isThere(value)]).toEqual([
            id,
            name,
            order.indexOf(clearance) >= order.indexOf(levels.get(name)!),
          ]);
      }
    }
    expect([...seen].sort()).toEqual([...order].sort());
  });
});
