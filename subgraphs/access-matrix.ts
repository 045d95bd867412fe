/**
 * `npx sluse access-matrix`: who may ask for what, as a table for people who do not read code. It is made from what is enforced: the
 * rules in the supergraph, the scopes that each right opens, and the row-level policies in the rooms' SQL.
 */
import { readdir, readFile } from 'node:fs/promises';
import {
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  parse,
} from 'graphql';
import { rightCodes, scopesOf } from './identity/sessions/rights.js';
import { fieldRules } from './kit/field-rules.js';
import { labels } from './protocol/labels.js';

/** Folders of numbered `.sql` files, by the heading under which their policies stand. */
const migrations = [
  ...['identity', 'cases', 'smdb', 'audit'].map((room) => [room, `./${room}/`] as const),
  ['every room, of its changes', './postgres/changes/'],
] as const;

interface Caller {
  readonly heading: string;
  readonly name: string;
  readonly scopes: readonly string[];
}

const callers: readonly Caller[] = [
  ...rightCodes.map((code) => ({
    heading: code.replaceAll('_', '<br>'),
    name: `${labels.RightCode![code]![0]}`,
    scopes: scopesOf('Employee', code),
  })),
  { heading: 'Citizen', name: 'A citizen who is signed in', scopes: scopesOf('Citizen', null) },
];

/** The whole document. `supergraphSdl`: what the gateway serves. Throws if it is no GraphQL schema. */
export async function accessMatrix(supergraphSdl: string): Promise<string> {
  const document = parse(supergraphSdl, { noLocation: true });
  return `${[...introduction(), ...fieldsOf(document), ...(await rowsOf())].join('\n')}\n`;
}

const introduction = (): string[] => [
  '# Access matrix',
  '',
  'Who may ask for what. This page is made by `npx sluse access-matrix` from what is enforced, and compared with it by `npm run check`: do not edit it.',
  '',
  'Three walls decide. [Fields](#fields) says which *types* of information each right may ask for; a field that is not allowed is null, with an error. [Rows](#rows) says which *rows* exist for somebody, by their grants and their municipality; a row that is not allowed does not exist. The third wall checks every reference to a case once more at the gateway.',
  '',
  '| column | who |',
  '|---|---|',
  ...callers.map(
    ({ heading, name, scopes }) => `| ${heading.replaceAll('<br>', ' ')} | ${name} (scopes: ${listed(scopes)}) |`,
  ),
  '',
  '- A system client has the scopes in its own row of the register. The column *scopes* says which it needs.',
  '- `SMDB_DELEGATED_…` opens nothing without a power of attorney (fuldmagt). The scope `admin` is for employees of the municipality only.',
  '- **yes**: allowed. **at METADATA**, **at DOCUMENTS**: allowed where the viewer’s grant for the compartment of the case reaches this level; otherwise null. A grant says the level, not the right: staff who guide (`CITIZEN_SERVICE`) are meant to have EXISTENCE, and citizens have their level by their role in the case (`subgraphs/cases/own-cases.ts`). **fresh**: allowed within 15 minutes of signing in. **–**: refused, or nothing that is allowed leads there.',
  '- *Level*: of a case, the field is null unless a grant for its compartment reaches this level. Without a grant the case does not exist.',
];

function fieldsOf(document: DocumentNode): string[] {
  const { schema, rules, field: ruled, reachedWith } = fieldRules(document);
  const reached = callers.map(({ scopes }) => reachedWith(scopes));
  const lines = ['', '## Fields', ''];
  for (const type of typesIn(schema)) {
    const groups = new Map<string, string[]>();
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const { scopes, level } = ruled(coordinate)!;
      const needed = scopes.map((lists) => lists.map((list) => list.join(' and ')).join(' or '));
      const allowed = level ? `at ${level}` : 'yes';
      const cells = reached.map((of) => ({ yes: allowed, again: 'fresh', no: '–' })[of.get(coordinate) ?? 'no']);
      const row = [listed([...new Set(needed)]), level ?? '', ...cells].join(' | ');
      groups.set(row, [...(groups.get(row) ?? []), field.name]);
    }
    lines.push(
      `### ${type.name}${rules.shielded.has(type.name) ? ' (its existence may be secret)' : ''}`,
      '',
      `| fields | scopes | level | ${callers.map(({ heading }) => heading).join(' | ')} |`,
      `|---|---|---|${callers.map(() => '---').join('|')}|`,
      ...[...groups].map(([row, fields]) => `| ${fields.map((name) => `\`${name}\``).join(' ')} | ${row} |`),
      '',
    );
  }
  return lines;
}

/** Object types and interfaces of callers, the root types first. Connections and edges only carry the type that they list. */
function typesIn(schema: GraphQLSchema) {
  const roots: GraphQLNamedType[] = [schema.getQueryType()!, schema.getMutationType()!].filter(Boolean);
  const others = Object.values(schema.getTypeMap())
    .filter((type) => !/^(__|join__|link__)|(Connection|Edge|^PageInfo)$/.test(type.name) && !roots.includes(type))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return [...roots, ...others].filter((type) => isObjectType(type) || isInterfaceType(type));
}

/** The policies in the rooms' SQL, as the migrations leave them. */
async function rowsOf(): Promise<string[]> {
  const lines = [
    '## Rows',
    '',
    'Row-level security of PostgreSQL: a row that no policy lets through does not exist for the room’s role. Names with a dollar sign are set for each transaction from the signed viewer: `$municipality`, `$scopes`, `$person`, `$sees` (compartments that may be searched), `$enters`, `$deletes`, `$task` (the room itself, while it signs somebody in). A row is there if one policy lets it through, and every policy that says *only if*.',
    '',
  ];
  for (const [heading, path] of migrations) {
    lines.push(`### ${heading}`, '', '| table | for | policy | a row is there if |', '|---|---|---|---|');
    const policies = new Map<string, string>();
    for (const statement of await statementsOf(path)) {
      const [, dropped, of] = /^DROP POLICY (\w+) ON (\w+)$/.exec(statement) ?? [];
      if (dropped) policies.delete(`${of} ${dropped}`);
      const made = /^CREATE POLICY (\w+) ON (\w+)( AS RESTRICTIVE)?(?: FOR (\w+))?(?: TO :room)? (.+)$/.exec(statement);
      if (!made) continue;
      const [, name, table, restricts, command = 'ALL', condition] = made;
      policies.set(
        `${table} ${name}`,
        `| ${table} | ${command} | ${name} | ${restricts ? 'only if ' : ''}${plain(condition!)} |`,
      );
    }
    lines.push(...[...policies].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row), '');
  }
  return lines.slice(0, -1);
}

/** Without comments and line breaks, in the order in which they run. */
async function statementsOf(path: string): Promise<string[]> {
  const folder = new URL(path, import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^\d+_\w+\.sql$/.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
  return texts
    .join('\n')
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim());
}

const setting = /\(SELECT nullif\(current_setting\('sluse\.(\w+)', true\), ''\)(::[\w[\]]+)?\)(::[\w[\]]+)?/g;
const plain = (condition: string): string =>
  `\`${condition.replaceAll(setting, '$$$1').replaceAll(/\( /g, '(').replaceAll(/ \)/g, ')').replaceAll('|', '\\|')}\``;

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ') || 'none';
