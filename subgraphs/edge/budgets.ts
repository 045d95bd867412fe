/**
 * The highest cost of one operation (cost.ts), by the right acted in. A citizen asks about one person, a guidance worker looks
 * through lists, a case system reads in bulk, an account administrator needs little. Rights that are not listed have the budget of
 * `EMPLOYEE`.
 */
import type { Viewer } from '../protocol/viewer.js';

export type Budgets = (viewer: Viewer) => number;

export const defaultBudgets = {
  CITIZEN: 5_000,
  SYSTEM: 40_000,
  EMPLOYEE: 15_000,
  CITIZEN_SERVICE: 25_000,
  CASEWORKER: 25_000,
  MANAGER: 25_000,
  SECURITY_OFFICER: 25_000,
  ADMINISTRATOR: 15_000,
  PROTECTED_ADDRESS: 5_000,
  SMDB_REPORTER: 15_000,
  SMDB_HEALTH: 15_000,
  SMDB_LEADER: 25_000,
  SMDB_DELEGATED_REPORTER: 15_000,
  SMDB_DELEGATED_HEALTH: 15_000,
  SMDB_ADMINISTRATOR: 15_000,
} as const;

export const budgetsExpected = `name=cost pairs such as CITIZEN=5000,SYSTEM=100000; names are ${Object.keys(defaultBudgets).join(', ')}`;

const budgetPairs = (text: string): [name: string, budget: number][] =>
  text.split(',').map((pair) => {
    const [name, budget] = pair.trim().split('=');
    return [name!, Number(budget)];
  });

export const areBudgets = (text: string): boolean =>
  text.split(',').every((pair) => /^\s*[A-Z_]+=[1-9]\d{0,11}\s*$/.test(pair)) &&
  budgetPairs(text).every(([name]) => Object.hasOwn(defaultBudgets, name));

/** All budgets by name: the defaults, overridden by a setting. */
export const budgetTable = (text = ''): ReadonlyMap<string, number> =>
  new Map<string, number>([...Object.entries(defaultBudgets), ...(text ? budgetPairs(text) : [])]);

export const budgetsOf =
  (table: ReadonlyMap<string, number> = budgetTable()): Budgets =>
  ({ actor, right }) => {
    if (actor.kind === 'Citizen') return table.get('CITIZEN')!;
    if (actor.kind === 'SystemClient') return table.get('SYSTEM')!;
    return table.get(right ?? 'EMPLOYEE') ?? table.get('EMPLOYEE')!;
  };
