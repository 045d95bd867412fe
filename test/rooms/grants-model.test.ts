/**
 * Grants, agreements, the course, units and the clock together, held against a model: whatever people do in whatever order, the model's
 * clearance and the room's agree after every step. SLUSE_GRANT_RUNS sets how many lives are lived, SLUSE_SEED which.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeIdentity } from '../../subgraphs/demo/identity.js';
import { employeeId, makeCitizens, makeEmployees, organisationId } from '../../subgraphs/demo/people.js';
import { seed } from '../../subgraphs/demo/seed.js';
import { identity } from '../../subgraphs/identity/index.js';
import type { Viewer } from '../../subgraphs/protocol/viewer.js';
import { asked, compartment, manages, verbs } from '../support/grants.js';
import { hire } from '../support/powers.js';
import { aViewer, openRoom, type RoomUnderTest } from '../support/room.js';

const runs = Number(process.env.SLUSE_GRANT_RUNS ?? 60);
const start = Date.parse('2026-11-02T12:00:00.000Z');
const day = 86_400_000;
const compartments = [
  compartment('HOUSING_BENEFIT'),
  compartment('PLACEMENT'),
  compartment('BOARD_MATTER', 'CHILDREN_AND_YOUTH_COMMITTEE'),
] as const;

let room: RoomUnderTest;
let now = new Date(start);
let manager: Viewer;
let requester: Viewer;
let secretary: Viewer;
beforeAll(async () => {
  room = await openRoom(
    identity,
    async ({ url }) => {
      const [citizens, employees] = [makeCitizens().slice(0, 10), makeEmployees()];
      await seed(url, { shielded: true }, () => ({ identity: makeIdentity({ citizens, employees }) }));
    },
    { now: () => now },
  );
  const person = (id: string, unit: string, right: string, scopes: string[]) =>
    aViewer({
      ...{ subject: { kind: 'Employee', id }, organisation: organisationId(unit), right },
      scopes: ['employee:read', ...scopes],
    });
  const boss = await hire(room.database, 'family', ['MANAGER']);
  await manages(room.database, 'family', boss);
  manager = person(boss, 'family', 'MANAGER', ['grant:request', 'grant:decide']);
  requester = person(await hire(room.database, 'family', ['CASEWORKER']), 'family', 'CASEWORKER', ['grant:request']);
  secretary = person(employeeId('board-secretary'), 'board-secretariat', 'CASEWORKER', ['disclosure:agree']);
});
afterAll(() => room.close());

/** What the cases room knows of the authority is not asked: this room is alone. */
const agree = 'mutation Agree($input: AgreeDisclosureInput!) { agreeDisclosure(input: $input) { id } }';

// ── the model ──

interface Agreement {
  readonly id: string;
  /** The moment from which it is no longer in force. */
  readonly until: number;
  isEnded: boolean;
}
interface Grant {
  readonly id: string;
  readonly compartment: string;
  readonly agreement: Agreement | null;
  status: 'REQUESTED' | 'GIVEN' | 'OVER';
  confirmBy: number;
}
interface Model {
  unit: 'family' | 'housing';
  readonly needsCourse: boolean;
  /** When the course that was passed last expires. */
  courseUntil: number;
  readonly agreements: Agreement[];
  readonly grants: Grant[];
}

const time = () => now.getTime();
const stands = ({ isEnded, until }: Agreement) => !isEnded && until > time();
const lasts = ({ status, confirmBy, agreement }: Grant) =>
  status === 'GIVEN' && confirmBy > time() && (agreement === null || stands(agreement));
const clearance = ({ grants, needsCourse, courseUntil }: Model): string[] =>
  needsCourse && courseUntil <= time() ? [] : grants.filter(lasts).map((grant) => grant.compartment);

/** Minutes by which the clock in Denmark is ahead of UTC. */
const ahead = (at: number) => {
  const name = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Copenhagen', timeZoneName: 'longOffset' });
  const offset = name.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')!.value;
  return Number(offset.slice(4, 6)) * 60;
};
/** The same time of day on the wall, so many months later; the last day of a shorter month. */
function monthsLater(at: number, months: number): number {
  const wall = new Date(at + ahead(at) * 60_000);
  const later = new Date(wall);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + months);
  const last = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth() + 1, 0)).getUTCDate();
  later.setUTCDate(Math.min(wall.getUTCDate(), last));
  return later.getTime() - ahead(later.getTime()) * 60_000;
}
const midnight = (date: string) => Date.parse(`${date}T00:00:00Z`) - ahead(Date.parse(`${date}T00:00:00Z`)) * 60_000;
const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);

// ── what may happen ──

type Step = readonly [what: number, which: number];

/** One step in the room and in the model; both have to make of it the same. */
async function take(holder: string, model: Model, [what, which]: Step): Promise<void> {
  const grant = model.grants[which % Math.max(1, model.grants.length)];
  const tell = async (who: Viewer, query: string, variables: object, isAllowed: boolean): Promise<any> => {
    const { data, errors } = await room.ask(who, query, variables);
    expect([what, which, errors?.[0]?.message ?? 'done']).toEqual([
      what,
      which,
      isAllowed ? 'done' : expect.not.stringMatching('^done$'),
    ]);
    return Object.values(data ?? {})[0];
  };
  switch (what) {
    case 0: {
      const into = compartments[which % compartments.length]!;
      const open = model.agreements.filter(stands).sort((a, b) => b.until - a.until || (a.id < b.id ? -1 : 1));
      const agreement = into === compartments[2] ? (open[0] ?? null) : null;
      const isAllowed = model.unit === 'family' && (into !== compartments[2] || agreement !== null);
      const made = await tell(requester, verbs.request, asked(holder, { compartment: into }), isAllowed);
      if (made) model.grants.push({ id: made.id, compartment: into, agreement, status: 'REQUESTED', confirmBy: 0 });
      return;
    }
    case 1:
    case 2: {
      if (!grant) return;
      const isGiven = what === 1;
      const isOpen = grant.agreement === null || stands(grant.agreement);
      const isAllowed = grant.status === 'REQUESTED' && (!isGiven || isOpen);
      await tell(manager, verbs.decide, { grant: grant.id, decision: isGiven ? 'GIVE' : 'REFUSE' }, isAllowed);
      if (!isAllowed) return;
      grant.status = isGiven ? 'GIVEN' : 'OVER';
      grant.confirmBy = monthsLater(time(), 6);
      return;
    }
    case 3:
      if (!grant) return;
      await tell(manager, verbs.confirm, { grant: grant.id }, lasts(grant));
      if (lasts(grant)) grant.confirmBy = monthsLater(time(), 6);
      return;
    case 4: {
      if (!grant) return;
      const isAllowed = grant.status === 'REQUESTED' || lasts(grant);
      await tell(manager, verbs.withdraw, { grant: grant.id }, isAllowed);
      if (isAllowed) grant.status = 'OVER';
      return;
    }
    case 5: {
      const validTo = which % 2 === 0 ? null : dateOf(time() + which * 10 * day);
      const input = {
        ...{
          authority: 'CHILDREN_AND_YOUTH_COMMITTEE',
          receiver: organisationId('family'),
          kind: 'DISCLOSURE',
          basis: 'Lov',
        },
        validTo,
      };
      const { id } = await tell(secretary, agree, { input }, true);
      const until = validTo === null ? Number.POSITIVE_INFINITY : midnight(dateOf(Date.parse(validTo) + day));
      model.agreements.push({ id, until, isEnded: false });
      return;
    }
    case 6: {
      const agreement = model.agreements[which % Math.max(1, model.agreements.length)];
      if (!agreement) return;
      await tell(secretary, verbs.end, { agreement: agreement.id }, !agreement.isEnded);
      agreement.isEnded = true;
      return;
    }
    case 7: {
      const input = { employee: holder, kind: 'DATA_SECURITY', passedOn: dateOf(time()), evidence: 'Bevis' };
      await tell(manager, verbs.course, { input }, model.unit === 'family');
      if (model.unit === 'family') model.courseUntil = midnight(dateOf(monthsLater(time(), 24)));
      return;
    }
    case 8:
      model.unit = model.unit === 'family' ? 'housing' : 'family';
      await room.database.sql('UPDATE identity.employee SET organisation = $1 WHERE id = $2', [
        organisationId(model.unit),
        holder,
      ]);
      for (const one of model.grants) one.status = 'OVER';
      return;
    default:
      now = new Date(time() + [1, 29, 92, 181, 184, 400][which % 6]! * day);
  }
}

describe('grants, agreements, the course, units and the clock', () => {
  it(
    `make of ${runs} lives what the model makes of them, step by step`,
    async () => {
      const step = fc.tuple(fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 9, 9), fc.nat(11));
      let held = 0;
      await fc.assert(
        fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 5, maxLength: 25 }), async (needsCourse, steps) => {
          now = new Date(start);
          const right = needsCourse ? 'CITIZEN_SERVICE' : 'CASEWORKER';
          const holder = await hire(room.database, 'family', [right]);
          const model: Model = { unit: 'family', needsCourse, courseUntil: 0, agreements: [], grants: [] };
          try {
            for (const one of steps) {
              await take(holder, model, one);
              const opened = await room.internal('open-session', {
                municipality: '0999',
                person: { kind: 'Employee', id: holder },
                right,
              });
              const { viewer } = await room.internal('resolve-session', { token: opened.token, touch: false });
              const cleared = viewer.clearance.map((one: { compartment: string }) => one.compartment);
              expect([one, cleared.sort()]).toEqual([one, clearance(model).sort()]);
              held += cleared.length;
            }
          } finally {
            await room.database.sql(
              `UPDATE identity.disclosure_agreement SET ended_by = agreed_by, ended_at = agreed_at, end_reason = 'over'
               WHERE ended_at IS NULL AND receiver = $1`,
              [organisationId('family')],
            );
          }
        }),
        { numRuns: runs, ...(process.env.SLUSE_SEED && { seed: Number(process.env.SLUSE_SEED) }) },
      );
      // They came to something. How often depends on the steps drawn: about once a life.
      expect(held).toBeGreaterThan(runs / 6);
    },
    20 * 60_000,
  );
});
