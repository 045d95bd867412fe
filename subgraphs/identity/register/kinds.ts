/**
 * The kinds of register files and their columns: one table for the reader, the templates and the staging tables. docs/register.md
 * describes the same columns, and a test compares.
 */
import { authorityCodes } from '../../protocol/compartments.js';
import { folded } from '../../protocol/folded.js';
import { keysOf } from '../clients/keys.js';
import { shippedBank } from '../courses/default-bank.js';
import { isUsableHash } from '../sign-in/linking-password.js';
import * as values from './values.js';

export interface Column {
  readonly name: string;
  readonly required: boolean;
  readonly form: values.ValueForm;
  /** For the template. Of nobody who exists. */
  readonly example: string;
}

export interface Kind {
  readonly name: KindName;
  readonly columns: readonly Column[];
  /** The columns by which a row is known again. */
  readonly key: readonly string[];
  /** For the template, in place of the made-up row. */
  readonly shipped?: readonly (readonly string[])[];
}

/** In the order in which they are written: who is referred to comes first. */
export const kindNames = [
  'organisations',
  'units',
  'employees',
  'citizens',
  'relatives',
  'clients',
  'secretariats',
  'accounts',
  'questions',
] as const;
export type KindName = (typeof kindNames)[number];

const needed = (name: string, form: values.ValueForm, example: string): Column => ({
  ...{ name, form, example },
  required: true,
});
const optional = (name: string, form: values.ValueForm, example = ''): Column => ({
  ...{ name, form, example },
  required: false,
});

/** Scopes that a system may hold. None of them administers anything. */
const clientScopes = [
  ...['citizen:read', 'citizen:reference', 'citizen:browse', 'citizen:match', 'citizen:protected-address'],
  ...['employee:read', 'case:read', 'case:write'],
  ...['smdb:read', 'smdb:report', 'smdb:health'],
];
const scopes: values.ValueForm = {
  expected: `some of ${clientScopes.join(', ')}, separated by spaces`,
  read(given) {
    const listed = given.split(/\s+/).filter(Boolean);
    return listed.every((scope) => clientScopes.includes(scope)) ? [...new Set(listed)].join(' ') : null;
  },
};

const jwks: values.ValueForm = {
  expected:
    'a JWK Set of 1 to 10 public keys for signatures, each with a kid of its own, of RSA (2048 to 8192 bits), P-256 or Ed25519',
  read(given) {
    try {
      const keys = keysOf(JSON.parse(given)).map(({ kid, jwk }) => ({ kid, jwk }));
      return new Set(keys.map(({ kid }) => kid)).size === keys.length ? JSON.stringify(keys) : null;
    } catch {
      return null;
    }
  },
};

const userName: values.ValueForm = {
  expected: 'a user name of at most 200 characters',
  read(given) {
    const read = values.line(200).read(given);
    return read !== null && folded(read).length <= 200 ? folded(read) : null;
  },
};

const hash: values.ValueForm = {
  expected:
    'a hash of argon2id (PHC, up to 256 MiB and 10 passes), or of pbkdf2-sha256 or pbkdf2-sha512 as passlib writes it',
  read: (given) => (isUsableHash(given) ? given : null),
};

const boards = values.oneOf(...authorityCodes.filter((authority) => authority !== 'MUNICIPALITY'));

/** `now`: the time by which a day is past. */
export function kindsOf(now: () => Date): Readonly<Record<KindName, Kind>> {
  const day = values.pastDay(now);
  const kinds: readonly Kind[] = [
    {
      name: 'organisations',
      key: ['cvr'],
      columns: [
        needed('cvr', values.cvr, '11111111'),
        needed('name', values.line(200), 'Korsbæk Kommune'),
        needed('kind', values.oneOf('MUNICIPALITY', 'TREATMENT_CENTRE', 'VENDOR'), 'MUNICIPALITY'),
        optional('p_number', values.pNumber),
      ],
    },
    {
      name: 'units',
      key: ['code'],
      columns: [
        needed('code', values.code, 'BS-01'),
        needed('name', values.line(200), 'Borgerservice'),
        needed('cvr', values.cvr, '11111111'),
        optional('p_number', values.pNumber),
        optional('parent', values.code),
        optional('manager', values.uuid, '00000000-0000-4000-8000-000000000001'),
      ],
    },
    {
      name: 'employees',
      key: ['uuid'],
      columns: [
        needed('uuid', values.uuid, '00000000-0000-4000-8000-000000000001'),
        needed('name', values.line(200), 'Test Testesen'),
        needed('cvr', values.cvr, '11111111'),
        optional('unit', values.code, 'BS-01'),
        optional('email', values.email, 'test@korsbaek.example'),
        optional('left_on', day),
      ],
    },
    {
      name: 'citizens',
      key: ['cpr'],
      columns: [
        needed('cpr', values.cpr, '610180-0001'),
        optional('previous_cpr', values.cpr),
        optional('uuid', values.uuid),
        needed('name', values.line(200), 'Test Borger'),
        needed('born_on', day, '1980-01-01'),
        optional('street', values.line(200), 'Algade 1, 2. tv.'),
        optional('postcode', values.postcode, '4999'),
        optional('city', values.line(100), 'Korsbæk'),
        optional('name_protected', values.truth, 'false'),
        optional('address_protected', values.truth, 'true'),
        optional('moved_away_on', day),
        optional('died_on', day),
      ],
    },
    {
      name: 'relatives',
      key: ['cpr', 'relative_cpr', 'kind'],
      columns: [
        needed('cpr', values.cpr, '610180-0001'),
        needed('relative_cpr', values.cpr, '610110-0002'),
        needed('kind', values.oneOf('PARENT', 'CHILD', 'SPOUSE'), 'CHILD'),
        optional('custody', values.truth, 'true'),
      ],
    },
    {
      name: 'clients',
      key: ['id'],
      columns: [
        needed('id', values.uuid, '00000000-0000-4000-8000-000000000009'),
        needed('name', values.line(200), 'Sagsystem'),
        needed('cvr', values.cvr, '33333333'),
        needed('scopes', scopes, 'case:read case:write'),
        optional('jwks', jwks),
        optional('left_on', day),
      ],
    },
    {
      name: 'secretariats',
      key: ['authority', 'unit'],
      columns: [needed('authority', boards, 'RENT_BOARD'), needed('unit', values.code, 'BS-01')],
    },
    {
      name: 'accounts',
      key: ['user_name'],
      columns: [
        needed('user_name', userName, 'rus01'),
        needed(
          'hash',
          hash,
          '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        ),
        optional('cvr', values.cvr),
      ],
    },
    {
      name: 'questions',
      key: ['code'],
      columns: [
        needed('code', values.code, 'DS-01'),
        needed('question', values.line(500), 'Må du slå en nabo op?'),
        needed('right_answer', values.line(300), 'Nej'),
        needed('wrong_1', values.line(300), 'Ja'),
        optional('wrong_2', values.line(300)),
        optional('wrong_3', values.line(300)),
        optional('source', values.line(200), '§ 4'),
      ],
      shipped: shippedBank.map(({ code, question, right, wrong: [first = '', second = '', third = ''], source }) => [
        ...[code, question, right, first, second, third, source ?? ''],
      ]),
    },
  ];
  return Object.fromEntries(kinds.map((kind) => [kind.name, kind])) as Record<KindName, Kind>;
}

export const isKindName = (name: string): name is KindName => (kindNames as readonly string[]).includes(name);

/** A CSV file with one made-up row, or with what is shipped. */
export function templateOf({ columns, shipped = [columns.map(({ example }) => example)] }: Kind): string {
  const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [columns.map(({ name }) => name), ...shipped].map((row) => `${row.map(quoted).join(',')}\n`).join('');
}
