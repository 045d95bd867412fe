/** Explanations of access, as people ask for them. */
import type { Somebody, Told } from './powers.js';

export interface Step {
  readonly wall: string;
  readonly kind: string;
  readonly satisfied: boolean | null;
  readonly sentence: string;
  readonly grant: { readonly id: string; readonly status: string } | null;
  readonly agreement: { readonly id: string } | null;
  readonly course: { readonly passedOn: string } | null;
  readonly powerOfAttorney: { readonly id: string } | null;
  readonly changeableBy: readonly { readonly role: string; readonly employees: readonly { readonly id: string }[] }[];
}

export interface Explanation {
  readonly right: string | null;
  readonly powerOfAttorney: { readonly id: string } | null;
  readonly coordinate: string;
  readonly compartment: { readonly id: string } | null;
  readonly citizen: { readonly id: string } | null;
  readonly outcome: 'ALLOWED' | 'DENIED' | 'UNKNOWN';
  readonly level: string | null;
  readonly operations: readonly string[];
  readonly steps: readonly Step[];
}

const explanation = `employee { id } right powerOfAttorney { id } coordinate compartment { id } citizen { id } outcome level operations
  steps { wall kind satisfied sentence grant { id status } agreement { id } course { passedOn } powerOfAttorney { id }
          changeableBy { role employees { id } } }`;

const ofAnything = `query Explain($employee: ID!, $compartment: ID, $coordinate: String, $citizen: ID) {
  explainAccess(employee: $employee, compartment: $compartment, coordinate: $coordinate, citizen: $citizen) { ${explanation} } }`;

export const ofCase = `query ExplainCase($case: ID!, $employee: ID!, $coordinate: String! = "Query.case") {
  explainCaseAccess(case: $case, employee: $employee, coordinate: $coordinate) { explanations { ${explanation} } } }`;

export interface About {
  readonly compartment?: string;
  readonly coordinate?: string;
  readonly citizen?: string;
}

export const askedWhy = (who: Somebody, employee: string, about: About): Promise<Told> =>
  who.ask(ofAnything, { employee, ...about });

/** What must have been answered for the test to mean anything. */
export async function why(who: Somebody, employee: string, about: About): Promise<readonly Explanation[]> {
  const { data, faults } = await askedWhy(who, employee, about);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return data.explainAccess;
}

/** The steps, each as its kind and whether it lets the employee on. */
export const stepsIn = ({ steps }: Explanation) => steps.map(({ kind, satisfied }) => `${kind} ${satisfied}`);

export const stepOf = ({ steps }: Explanation, kind: string): Step => steps.find((step) => step.kind === kind)!;

export const changersOf = ({ changeableBy }: Step): Record<string, string[]> =>
  Object.fromEntries(changeableBy.map(({ role, employees }) => [role, employees.map(({ id }) => id)]));
