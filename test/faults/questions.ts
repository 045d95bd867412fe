/** What the clients ask: operations of several people that name citizens and cases, and what an answer to them has told. */
import type { Postgres } from './postgres.js';

export interface Question {
  readonly person: string;
  readonly operation: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Ids of those whom this much of an answer names. */
  named(text: string): Named;
}

export interface Named {
  readonly citizens: readonly string[];
  readonly cases: readonly string[];
}

const lookUp = `query Lookup($cpr: CPR!) {
  citizen(cpr: $cpr) { __typename id name cases { totalCount nodes { __typename id category } } }
}`;
/** Without any id: whom it names only the asker knows. */
const nameOf = 'query NameOf($cpr: CPR!) { citizen(cpr: $cpr) { name } }';
const caseList = `query CaseList($citizen: ID!) {
  cases(filter: { citizen: $citizen }) { nodes { __typename id title primaryParty { __typename id name } } }
}`;
const newest =
  'query Newest { cases(first: 15) { nodes { __typename id title primaryParty { __typename id name } } } }';

/** The last three leave sealed entries. */
export const people = [
  'guidance-worker',
  'housing-caseworker',
  'records-officer',
  'placement-secretary',
  'fraud-investigator',
  'board-secretary',
];

/** Any of them, about anybody. */
export async function questionsOn(database: Postgres): Promise<() => Question> {
  const { rows: citizens } = await database.as((owner) =>
    owner.query<{ id: string; cpr: string }>('SELECT id, cpr FROM identity.citizen'),
  );
  const any = <Value>(values: readonly Value[]): Value => values[Math.floor(Math.random() * values.length)]!;
  return () => {
    const person = any(people);
    const { id, cpr } = any(citizens);
    const kind = Math.random();
    if (kind < 0.5) return { person, operation: 'Lookup', query: lookUp, variables: { cpr }, named: namedById };
    if (kind < 0.65)
      return {
        person,
        operation: 'NameOf',
        query: nameOf,
        variables: { cpr },
        named: (text) => ({ citizens: text.includes('"name":"') ? [id] : [], cases: [] }),
      };
    if (kind < 0.9)
      return { person, operation: 'CaseList', query: caseList, variables: { citizen: id }, named: namedById };
    return { person, operation: 'Newest', query: newest, variables: {}, named: namedById };
  };
}

function namedById(text: string): Named {
  const ids = (type: string) => [
    ...new Set([...text.matchAll(new RegExp(`"__typename":"${type}","id":"([^"]+)"`, 'g'))].map(([, id]) => id!)),
  ];
  return { citizens: ids('Citizen'), cases: ids('Case') };
}
