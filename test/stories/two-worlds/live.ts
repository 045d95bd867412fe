/**
 * The two worlds, lived in: people sign in and out, enter, change, delete and report, guess and are locked out, switch rights and draw
 * exports, one after the other as chance has it, and then everybody reads. Whatever somebody does is done in both worlds; of
 * whoever is not cleared the answers are compared. What is counted tells that it happened, and not only that it was tried.
 *
 * Left out of what is read: `checkpoint`, `inclusionProof` and `consistencyProof`. A note signs the size, root and time of the moment
 * in which it was signed, and leaves bear ids and salts; the test of single operations compares them, in worlds in which nothing
 * was made. How many entries the logs have, which a hidden case could change, is read here too (`auditLogs`).
 */
import { employeeId } from '../../../subgraphs/demo/people.js';
import { grant, setApart } from '../../support/single-case.js';
import type { Answer, World } from '../../support/world.js';
import { cleared, type Leak, uncleared, type Worlds } from './compare.js';
import { type Draw, type Operation, operation } from './generate.js';
import { Likeness } from './likeness.js';

export interface Life {
  /** One step; the difference that it shows, if there is one. */
  step(): Promise<Leak | null>;
  /** How often each kind of step came to something. */
  readonly counts: ReadonlyMap<Kind, number>;
  readonly likeness: Likeness;
}

export const kinds = [
  'entered',
  'entered under cover',
  'changed',
  'changed under cover',
  'deleted',
  'reported',
  'signed out',
  'locked out',
  'unlocked',
  'switched rights',
  'exported',
  'a single case met',
  'any change',
  'log read',
  'forms read',
  'read',
] as const;
export type Kind = (typeof kinds)[number];

/** Changes, each kind once and in any order, and then reads. */
const readsBetween = 20;

/** Cleared in one world for one single case, of which there is none in the other: in one of them an answer of hers has it. */
const holder = 'manager';
/** Party of the case and of ordinary ones. */
const cpr = '0201609995';
const others = uncleared.filter((persona) => persona !== holder);

export async function openLife({ world, other, schema, pools }: Worlds, draw: Draw): Promise<Life> {
  const counts = new Map<Kind, number>();
  const likeness = new Likeness();
  const came = (kind: Kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const caseIds = [...pools.caseId];
  const living = { ...pools, caseId: caseIds };
  const citizens = pools.citizenId;
  await grant(world.database, employeeId(holder), await setApart(world.database, cpr, 'BOARD_MATTER'));

  const both = async (persona: string, asked: Operation, headers: Record<string, string> = {}) => {
    const variables = JSON.parse(likeness.translated(JSON.stringify(asked.variables))) as object;
    return Promise.all([
      world.ask(persona, asked.query, asked.variables, headers),
      other.ask(persona, likeness.translated(asked.query), variables, headers),
    ]);
  };
  const compared = (persona: string, asked: Operation, here: string, there: string): Leak | null => {
    if (likeness.alike(here, there)) return null;
    let at = 0;
    while (at < here.length && here[at] === there[at]) at += 1;
    const around = (text: string) => text.slice(Math.max(0, at - 300), at + 300);
    return { persona, operation: asked, world: around(here), otherWorld: around(there) };
  };
  /** Asks, and compares unless whoever asks is cleared. A session that ended is opened anew in both worlds. */
  const ask = async (persona: string, asked: Operation, headers: Record<string, string> = {}) => {
    const answers = await both(persona, asked, headers);
    const [here, there] = answers;
    const isCompared = others.some((one) => one === persona);
    const leak = isCompared ? compared(persona, asked, seen(here), seen(there)) : null;
    if (here.status === 401 || there.status === 401) for (const one of [world, other]) one.forget(persona);
    return { leak, here, there, data: here.body.data };
  };
  const done = async (kind: Kind, persona: string, query: string, variables: Record<string, unknown>, name: string) => {
    const { leak, here, there } = await ask(persona, { query, variables });
    const [made, madeThere] = [here, there].map(({ body }) => body.data?.[name]);
    if (made) came(kind);
    return { leak, made, madeThere };
  };

  const enter = async (kind: Kind, persona: string, input: object) => {
    const { leak, made, madeThere } = await done(
      kind,
      persona,
      enterCase,
      { input: { title: word(), ...input } },
      'enterCase',
    );
    if (made && madeThere) {
      likeness.pair(made.id, madeThere.id);
      caseIds.push(made.id);
    }
    return leak;
  };
  const word = () => `${pick(pools.word)} ${draw(1_000)}`.trim();
  const pick = <Item>(items: readonly Item[]): Item => items[draw(items.length)]!;
  const parties = () => [{ citizen: pick(citizens), role: 'PRIMARY' }];
  const ordinary = () => ({ category: 'HOUSING_BENEFIT', kle: '32.03.12', parties: parties() });
  const hidden = (): readonly [string, object] =>
    pick([
      ['placement-secretary', { category: 'CHILD_CONCERN', kle: '34.10.30', parties: parties() }],
      ['fraud-investigator', { category: 'SOCIAL_FRAUD', kle: '32.45.04', parties: parties() }],
    ] as const);
  const workers = ['housing-caseworker', 'case-system'] as const;
  const ownCase = async (persona: string) => {
    const listed = `{ cases(first: 20, filter: { compartment: "0999.MUNICIPALITY.HOUSING_BENEFIT" }) { nodes { id } } }`;
    const { leak, data } = await ask(persona, { query: listed, variables: {} });
    return { leak, id: (pick(data?.cases?.nodes ?? []) as { id: string } | undefined)?.id ?? pick(caseIds) };
  };

  const steps: Readonly<Record<Kind, () => Promise<Leak | null>>> = {
    entered: () => enter('entered', pick(workers), ordinary()),
    'entered under cover': () => enter('entered under cover', ...hidden()),
    async changed() {
      const persona = pick(workers);
      const { leak, id } = draw(3) === 0 ? { leak: null, id: pick(caseIds) } : await ownCase(persona);
      return leak ?? (await done('changed', persona, changeCase, { id, input: { title: word() } }, 'changeCase')).leak;
    },
    async 'changed under cover'() {
      // In one world only there is something to change, for the first of them.
      const input = pick([{ title: word() }, { progress: 'AFGJORT' }, { parties: parties() }]);
      for (const persona of ['placement-secretary', 'fraud-investigator'])
        for (const id of caseIds.slice(0, 14))
          if ((await done('changed under cover', persona, changeCase, { id, input }, 'changeCase')).made) return null;
      return null;
    },
    async deleted() {
      const persona = pick(workers);
      const { leak, id } = await ownCase(persona);
      if (leak) return leak;
      const last = caseIds.length > 20 ? caseIds.splice(-1)[0]! : id;
      await done('deleted', 'placement-secretary', deleteCase, { id: last }, 'deleteCase');
      return (await done('deleted', persona, deleteCase, { id }, 'deleteCase')).leak;
    },
    async reported() {
      const input = { kind: 'REQUEST', citizen: pick(citizens), answers: { requestedOn: '2026-10-05' } };
      const found = await done('reported', 'smdb-reporter', reportForm, { input }, 'reportForm');
      if (found.leak || found.made) return found.leak;
      // The citizen is in treatment already: that ends, then, so that it can begin again.
      const end = {
        kind: 'END_TREATMENT',
        citizen: input.citizen,
        answers: { endedOn: '2026-10-05', outcome: 'DRUG_FREE' },
      };
      return (await done('reported', 'smdb-reporter', reportForm, { input: end }, 'reportForm')).leak;
    },
    async 'signed out'() {
      const persona = draw(4) === 0 ? pick(cleared) : pick(others);
      const out = await ask(persona, { query: 'mutation Out { signOut }', variables: {} });
      // The token is none any more; `ask` signs in anew then.
      const after = await ask(persona, { query: '{ viewer { person { id } } }', variables: {} });
      if (out.data?.signOut && after.here.status === 401) came('signed out');
      return out.leak ?? after.leak;
    },
    async 'locked out'() {
      const persona = pick(['smdb-reporter', 'smdb-health', 'placement-secretary', 'housing-caseworker']);
      const from = { 'x-forwarded-for': `10.9.0.${draw(200) + 1}` };
      const guess = {
        query: linkAccount,
        variables: { userName: pick(['rus01', 'rus02', 'nobody']), password: 'wrong' },
      };
      for (let tries = 0; tries < 4; tries += 1) {
        const { leak, here } = await ask(persona, guess, from);
        if (here.status === 401 || here.text.includes('LOCKED_OUT')) came('locked out');
        if (leak) return leak;
      }
      return null;
    },
    async unlocked() {
      const listed = await ask('administrator', {
        query: '{ accessBlocks(first: 20) { totalCount nodes { id kind workstation } } }',
        variables: {},
      });
      for (const { id } of listed.data?.accessBlocks?.nodes ?? []) {
        const { leak } = await done(
          'unlocked',
          'administrator',
          unlock,
          { block: id, clarification: word() || 'asked' },
          'unlockAccess',
        );
        if (leak) return leak;
      }
      return listed.leak;
    },
    async 'switched rights'() {
      const right = pick(['SMDB_LEADER', 'SMDB_ADMINISTRATOR', 'CASEWORKER']);
      const query = 'mutation Switch($right: RightCode!) { actIn(right: $right) { actingIn { code } } }';
      return (await done('switched rights', 'smdb-leader', query, { right }, 'actIn')).leak;
    },
    async exported() {
      const persona = draw(4) === 0 ? 'cleared-security-officer' : 'security-officer';
      const query = `query Draw($filter: AuditEntryFilter) { auditExport(format: ${pick(['NDJSON', 'CSV', 'FHIR', 'OCSF'])}, filter: $filter) { path } }`;
      const asked = { query, variables: { filter: { citizen: pick(citizens) } } };
      const { leak, here, there } = await ask(persona, asked);
      const drawn = await Promise.all(
        (
          [
            [world, here],
            [other, there],
          ] as const
        ).map(([one, answer]) => fetched(one, persona, answer)),
      );
      if (drawn[0]!.startsWith('200')) came('exported');
      return leak ?? (persona === 'security-officer' ? compared(persona, asked, drawn[0]!, drawn[1]!) : null);
    },
    async 'a single case met'() {
      const inner = pick([
        'cases(first: 100) { nodes { id parties { citizen { id } } } }',
        'name cases(first: 90) { totalCount edges { cursor node { id clearance } } }',
        'id cases(filter: { categories: [BOARD_MATTER, HOUSING_BENEFIT] }) { nodes { id handler { id } } } relatives { citizen { id } }',
      ]);
      const { here, there } = await ask(holder, {
        query: `query Single { citizen(cpr: "${cpr}") { ${inner} } }`,
        variables: {},
      });
      if (here.text.length > there.text.length) came('a single case met');
      return null;
    },
    async 'any change'() {
      const persona = draw(4) === 0 ? pick(cleared) : pick(others);
      const { leak, here } = await ask(persona, operation(schema, living, draw, { kind: 'mutation' }));
      if (here.body.data) came('any change');
      return leak;
    },
    async 'log read'() {
      const own = await ask(pick(['citizen', 'other-citizen']), { query: ownLog, variables: {} });
      const filter = pick([
        {},
        { citizen: pick(citizens) },
        { uses: ['CHANGE', 'DELETE'] },
        { outcomes: ['FAILED', 'DENIED'] },
      ]);
      const { leak, data } = await ask('security-officer', { query: wholeLog, variables: { filter } });
      if (data?.auditEntries?.totalCount > 0) came('log read');
      return own.leak ?? leak;
    },
    async 'forms read'() {
      const persona = pick(['smdb-reporter', 'smdb-health', 'smdb-leader']);
      const { leak, data } = await ask(persona, { query: allForms, variables: {} });
      if (data?.smdbForms?.totalCount > 0) came('forms read');
      return leak;
    },
    async read() {
      const persona = draw(10) === 0 ? pick(cleared) : draw(4) === 0 ? 'security-officer' : pick(others);
      const { leak, here } = await ask(persona, operation(schema, living, draw, { kind: 'query', leftOut: proofs }));
      if (here.body.data) came('read');
      return leak;
    },
  };

  let due: Kind[] = [];
  return {
    counts,
    likeness,
    async step() {
      if (due.length === 0)
        due = [
          ...shuffled(
            kinds.filter((kind) => kind !== 'read'),
            draw,
          ),
          ...Array(readsBetween).fill('read'),
        ];
      return steps[due.shift()!]();
    },
  };
}

const proofs = ['Query.checkpoint', 'Query.inclusionProof', 'Query.consistencyProof'];

/** All that comes back but the time of day. */
const seen = ({ status, text, headers, fetches }: Answer): string =>
  JSON.stringify({
    status,
    fetches: [...fetches].sort(),
    headers: [...headers].filter(([name]) => name !== 'date' && name !== 'content-length').sort(),
    text,
  });

async function fetched(world: World, persona: string, answer: Answer): Promise<string> {
  const path = answer.body.data?.auditExport?.path as string | undefined;
  if (!path) return `no ticket: ${answer.text}`;
  const response = await fetch(`${world.url}${path}`, {
    headers: { authorization: `Bearer ${await world.tokenOf(persona)}` },
  });
  return `${response.status} ${await response.text()}`;
}

const allForms =
  '{ smdbForms(first: 500) { totalCount nodes { id kind status course { id case { id } citizen { id } } } } }';
const ownLog =
  '{ viewer { person { ... on Citizen { accessLog(first: 20) { totalCount nodes { at use purpose organisation { id } } } } } } }';
const wholeLog = `query Log($filter: AuditEntryFilter) {
  auditEntries(filter: $filter, first: 100) { totalCount nodes { id at use outcome follows cases { id } citizens { id } operation { name hash } } }
  auditLogs { name size } rejectedAttempts(first: 20) { totalCount nodes { id at } } rejectedSources { attempts } }`;
const enterCase =
  'mutation Enter($input: EnterCaseInput!) { enterCase(input: $input) { id number clearance parties { citizen { id } } } }';
const changeCase =
  'mutation Change($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id title progress changedAt parties { citizen { id cases(first: 3) { totalCount nodes { id } } } } } }';
const deleteCase = 'mutation Delete($id: ID!) { deleteCase(id: $id) }';
const reportForm =
  'mutation Report($input: ReportFormInput!) { reportForm(input: $input) { id kind status course { id requestedOn case { id } } } }';
const linkAccount =
  'mutation Link($userName: String!, $password: String!) { linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked } }';
const unlock =
  'mutation Unlock($block: ID!, $clarification: String!) { unlockAccess(block: $block, clarification: $clarification) { id liftedAt } }';

function shuffled<Item>(items: readonly Item[], draw: Draw): Item[] {
  const left = [...items];
  return items.map(() => left.splice(draw(left.length), 1)[0]!);
}
