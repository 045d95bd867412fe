/**
 * What one viewer may know of, as SQL. It is decided in this one place; the policies of 001_cases.sql stand behind it.
 */
import { type CaseLevel, compartments, shieldedCompartments, type Viewer } from '../protocol/viewer.js';
import { childRolesAt, rolesAt } from './own-cases.js';
import { asUuid } from './wellformed.js';

/** Walls that tests take down one by one, to check that another test notices. Never set in a running system. */
export interface DisabledWalls {
  /** Leaves out the store's own predicate and names the shielded tables for everyone: only row-level security remains. */
  readonly withoutClearancePredicate?: boolean;
  /** Leaves out the store's own predicate on the parties that a case system is shown. */
  readonly withoutPartyPredicate?: boolean;
  /** Takes totals from `leaking_case_count(citizen uuid)`, which the test creates. */
  readonly leakingTotalCount?: boolean;
}

export type Bind = (value: unknown, type: string) => string;

/** The parts of one viewer's SQL. */
export interface Sight {
  readonly municipality: string;
  /** First part of the table names. `ordinary`: SQL in which the shielded tables do not occur. */
  readonly storage: 'ordinary' | 'every';
  /** Wall 2a, for a row of a case or of its parties. `key` is the column that holds the case's id. */
  readonly predicate: (bind: Bind, key: 'id' | 'case_id') => string;
  /**
   * Wall 2a for lists, beside `predicate`. At EXISTENCE a list shows the running ordinary cases of a citizen who was looked up, and
   * nothing without one: that is what guidance needs.
   */
  readonly listed: (bind: Bind, isOfCitizen: boolean) => string;
  /** Whether the number, title and handler of a row of a case may be known. */
  readonly seesMetadata: (bind: Bind) => string;
  readonly seesDocuments: (bind: Bind) => string;
  /** Wall 2a for a party: whether it may be shown, not only be named in the log. */
  readonly partyShown: (bind: Bind) => string;
  /** Whether some parties in reach are not shown. */
  readonly hidesParties: boolean;
  readonly leakingTotalCount: boolean;
}

/** Whether the viewer is a case system that may not read citizens: it is shown the parties of the cases that it entered. */
const seesOwnParties = ({ actor, scopes }: Viewer): boolean =>
  actor.kind === 'SystemClient' && !scopes.includes('citizen:read') && !scopes.includes('citizen:reference');

/**
 * The viewer, for whom the parties of every case in reach are there: the log names whom a case is about, also to a case system that
 * may not be told (010_parties.sql).
 */
export const knowingParties = (viewer: Viewer): Viewer => ({ ...viewer, scopes: [...viewer.scopes, 'party:logged'] });

/** The SQL that decides which cases and parties exist for this viewer. */
export function visible(viewer: Viewer, disabled: DisabledWalls = {}): Sight {
  const citizen = viewer.actor.kind === 'Citizen';
  const cleared = !citizen && shieldedCompartments(viewer).length > 0;
  const held = (level: CaseLevel) => (bind: Bind) =>
    `compartment = ANY (${bind(citizen ? [] : compartments(viewer, 'SEARCH', level), 'text[]')})`;
  const ofParty = (key: string, who: string, roles: readonly string[], bind: Bind) =>
    `${key} IN (SELECT own.case_id FROM ordinary_party own
      WHERE own.municipality = ${bind(viewer.municipality, 'text')} AND own.citizen ${who}
        AND own.role = ANY (${bind(roles, 'text[]')}))`;
  const ownCases = (level: 'EXISTENCE' | 'METADATA', bind: Bind, key: string) => {
    const own = ofParty(key, `= ${bind(asUuid(viewer.actor.id), 'uuid')}`, rolesAt(level), bind);
    if (!viewer.children) return own;
    return `(${own} OR ${ofParty(key, `= ANY (${bind(viewer.children, 'uuid[]')})`, childRolesAt(level), bind)})`;
  };
  const heldInFull = [...compartments(viewer, 'SEARCH', 'METADATA'), ...shieldedCompartments(viewer)];
  const guided = compartments(viewer, 'SEARCH').some((compartment) => !heldInFull.includes(compartment));
  const hidesParties = seesOwnParties(viewer);
  return {
    municipality: viewer.municipality,
    storage: cleared || disabled.withoutClearancePredicate ? 'every' : 'ordinary',
    predicate: (bind, key) => {
      if (disabled.withoutClearancePredicate) return 'true';
      return citizen ? ownCases('EXISTENCE', bind, key) : held('EXISTENCE')(bind);
    },
    listed: (bind, isOfCitizen) => {
      if (citizen || !guided) return 'true';
      const inFull = `compartment = ANY (${bind(heldInFull, 'text[]')})`;
      return isOfCitizen ? `(${inFull} OR closed_on IS NULL)` : inFull;
    },
    seesMetadata: citizen ? (bind) => ownCases('METADATA', bind, 'id') : held('METADATA'),
    seesDocuments: held('DOCUMENTS'),
    partyShown: (bind) =>
      hidesParties && !disabled.withoutPartyPredicate
        ? `entered_by = ${bind(asUuid(viewer.actor.id), 'uuid')}`
        : 'true',
    hidesParties,
    leakingTotalCount: disabled.leakingTotalCount ?? false,
  };
}

/** The values of one statement. `bind` stores a value and returns its placeholder. Values never become part of the SQL. */
export function statement(): { values: unknown[]; bind: Bind } {
  const values: unknown[] = [];
  return { values, bind: (value, type) => `$${values.push(value)}::${type}` };
}
