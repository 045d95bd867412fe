/**
 * The table of all errors that callers may see. Anything else is masked as `INTERNAL` with a reference id.
 *
 * Two rules keep it from revealing rows. A denied *type* is forbidden, but a denied *row* is not found: an unknown row and a hidden
 * one share one code and one message. And no message repeats what the caller sent.
 */
import { GraphQLError } from 'graphql';

export const faults = {
  UNAUTHENTICATED: {
    status: 401,
    message: 'Sign in first: send the session cookie or `Authorization: Bearer <token>`.',
  },
  FORBIDDEN_FIELD: { status: 200, message: 'Your rights do not include this field.' },
  FRESH_LOGIN_REQUIRED: {
    status: 200,
    message: 'Sign in again for this: it takes a sign-in of the last 15 minutes (`/login?again=1`).',
  },
  FORBIDDEN: { status: 200, message: 'Your rights do not include this operation.' },
  NOT_FOUND: { status: 200, message: 'There is no such thing, or you may not know of it.' },
  BAD_USER_INPUT: { status: 400, message: 'A value is malformed.' },
  WRONG_CREDENTIALS: { status: 200, message: 'User name or password is wrong.' },
  LOCKED_OUT: {
    status: 200,
    message: 'Too many attempts were rejected. An administrator must record why before you can try again.',
  },
  CONFLICT: { status: 200, message: 'The change contradicts what is already stored.' },
  MALFORMED_REQUEST: {
    status: 400,
    message: 'Send a JSON object with `query`, and optionally `operationName` and `variables`.',
  },
  // Clients of persisted operations compare this exact message. On reading it they send the text instead.
  PERSISTED_QUERY_NOT_SUPPORTED: { status: 200, message: 'PersistedQueryNotSupported' },
  PERSISTED_QUERY_NOT_FOUND: {
    status: 400,
    message: 'No trusted document has this id. Send the text, or have the operator add the document.',
  },
  DOCUMENT_NOT_TRUSTED: {
    status: 403,
    message: 'Ask a trusted document: this server takes no other text from callers of your kind.',
  },
  METHOD_NOT_ALLOWED: { status: 405, message: 'Use POST with `Content-Type: application/json`.' },
  BATCHING_NOT_ALLOWED: { status: 400, message: 'Send one operation per request.' },
  BODY_TOO_LARGE: { status: 400, message: 'The request body is over 100 kB.' },
  TOO_MANY_TOKENS: { status: 400, message: 'The operation is too long.' },
  DEPTH_LIMIT: {
    status: 400,
    message: 'The operation is nested deeper than 15 levels, or one field more than 3 times within itself.',
  },
  FIELD_LIMIT: {
    status: 400,
    message: 'The operation selects more than 1,000 fields once its fragments are expanded.',
  },
  ALIAS_LIMIT: { status: 400, message: 'The operation asks for one field under more than 30 names.' },
  DIRECTIVE_LIMIT: { status: 400, message: 'The operation carries more than 200 directives.' },
  VARIABLE_LIMIT: {
    status: 400,
    message: 'The values given are nested deeper than 15 levels, or are more than 5,000.',
  },
  COST_LIMIT: {
    status: 400,
    message: 'The operation may cost more than your budget allows. Ask for smaller pages, or for less in each item.',
  },
  ANSWER_LIMIT: {
    status: 400,
    message: 'The answer is too large to be made at once. Ask for smaller pages, or for less in each item.',
  },
  PAGE_LIMIT: { status: 400, message: 'A page holds 0 to 500 items.' },
  INTROSPECTION_NOT_ALLOWED: { status: 400, message: 'Only administrators may introspect the schema of this server.' },
  TOO_MANY_REQUESTS: { status: 429, message: 'Too many requests. Wait before you try again.' },
  SUBGRAPH_UNAVAILABLE: { status: 200, message: 'A system behind this field did not answer. Try again later.' },
  ACCESS_CHANGED: {
    status: 409,
    message: 'Your access changed while this was answered, so the answer was withheld. Ask again.',
  },
  CHANGE_MAY_STAND: {
    status: 200,
    message:
      'The change was made, or may have been, but its answer cannot be given. Ask `changeOutcome(entry)` with `extensions.entry` before you repeat it.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    message: 'This `Idempotency-Key` came with another operation before. Send a new key with each change.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    message: 'Accept `application/json` or `application/graphql-response+json`. Nothing was changed.',
  },
  SIGN_IN_REFUSED: { status: 403, message: 'Signing in or out did not succeed. Start again.' },
  SIGN_IN_CANCELLED: { status: 200, message: 'Signing in was cancelled at the identity provider.' },
  SIGN_IN_UNAVAILABLE: { status: 503, message: 'Signing in is not possible at the moment. Try again later.' },
  AUDIT_UNAVAILABLE: { status: 503, message: 'The answer could not be logged, so it was withheld. Try again later.' },
  SESSION_UNAVAILABLE: { status: 503, message: 'Sessions cannot be checked at the moment. Try again later.' },
  INTERNAL: { status: 200, message: 'Something went wrong on our side. Quote the reference when you report it.' },
} as const;

export type FaultCode = keyof typeof faults;

/** What is wrong with one value of an input. `path` leads to it from the field's arguments; `message` never repeats the value. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Refuses an input, and says everything that is wrong with it at once. `problems` has at least one. */
export const inputRefused = (problems: readonly Problem[]): Fault =>
  new Fault(
    'BAD_USER_INPUT',
    problems.map(({ path, message }) => `Argument "${path.join('.')}": ${message}.`).join(' '),
    {},
    problems,
  );

/** The problems that an error of a room of ours tells, and nothing else of its extensions. `undefined` if there are none. */
export function problemsIn(extensions: { readonly problems?: unknown } | undefined): Problem[] | undefined {
  const given = extensions?.problems;
  if (!Array.isArray(given) || !given.every(isProblem)) return undefined;
  return given.map(({ path, message }) => ({ path: [...path], message }));
}

function isProblem(value: unknown): value is Problem {
  const { path, message } = (value ?? {}) as Partial<Record<keyof Problem, unknown>>;
  const isStep = (step: unknown) => typeof step === 'string' || Number.isInteger(step);
  return typeof message === 'string' && Array.isArray(path) && path.every(isStep);
}

/**
 * An error from the table. `detail` replaces the table's message; it must hold neither personal data nor a caller's value. `numbers`
 * and `problems` are sent beside the code.
 */
export class Fault extends GraphQLError {
  readonly code: FaultCode;
  constructor(
    code: FaultCode,
    detail?: string,
    readonly numbers: Readonly<Record<string, number>> = {},
    readonly problems: readonly Problem[] = [],
  ) {
    super(detail ?? faults[code].message, {
      extensions: { code, ...numbers, ...(problems.length > 0 && { problems }) },
    });
    this.name = 'Fault';
    this.code = code;
  }
}

export const isFaultCode = (code: unknown): code is FaultCode =>
  typeof code === 'string' && Object.hasOwn(faults, code);

/** HTTP status of an answer that holds this error and no data. With data, the status of `INTERNAL` is 200. */
export const httpStatusOf = (code: FaultCode): number => (code === 'INTERNAL' ? 500 : faults[code].status);

/** Statuses of requests that may be sent again after a second. These answers carry `Retry-After: 1`. */
export const retryableStatuses: ReadonlySet<number> = new Set([429, 503]);

/** A message of graphql-js without the values that it quotes, because a literal may be a CPR number. Names of fields and types stay. */
export const withoutValues = (message: string): string =>
  message
    .replace(/ ?Did you mean .*$/s, '')
    .replace(/, (?:but )?found.*$/s, '')
    .replace(/(cannot represent [\w -]+): .*$/s, '$1')
    .replace(/^Value ".*" does not exist/s, 'The value does not exist');

/** The body sent when there is no GraphQL answer at all. It has the shape of a GraphQL error, so that clients need one parser. */
export const faultBody = (code: FaultCode, detail?: string, numbers: Fault['numbers'] = {}) => ({
  errors: [{ message: detail ?? faults[code].message, extensions: { code, ...numbers } }],
});

/** The body sent about a change that stands or may stand. With the entry's id the caller can ask what became of it. */
export const mayStandBody = (entry: string) => ({
  errors: [
    {
      message: faults.CHANGE_MAY_STAND.message,
      extensions: { code: 'CHANGE_MAY_STAND' satisfies FaultCode, entry },
    },
  ],
  data: null,
});

/** Whether an answer holds no data at all because the systems behind it did not answer. The same request may then be sent again. */
export const isUnavailable = ({
  data,
  errors,
}: {
  readonly data?: object | null;
  readonly errors?: readonly Placed[];
}): boolean =>
  errors !== undefined &&
  errors.length > 0 &&
  errors.every(({ extensions }) => extensions?.code === ('SUBGRAPH_UNAVAILABLE' satisfies FaultCode)) &&
  Object.values(data ?? {}).every((value) => value === null);

interface Placed {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: { readonly code?: unknown } | undefined;
}

/** Sorts errors into one fixed order. The order in which parallel work failed depends on timing, and timing could reveal a hidden row. */
export const inOrder = <Error extends Placed>(errors: readonly Error[]): Error[] =>
  [...errors].sort(
    (one, other) =>
      comparePaths(one.path ?? [], other.path ?? []) ||
      compare(String(one.extensions?.code), String(other.extensions?.code)) ||
      compare(one.message, other.message),
  );

/**
 * The distinct messages of a query about malformed arguments; empty if there are none. Such a query is refused as a whole. How many
 * rows met the argument, and whether one did before a null ended its siblings, would depend on timing.
 */
export const malformedArguments = (errors: readonly Placed[]): string[] => [
  ...new Set(
    errors
      .filter(({ extensions }) => extensions?.code === ('BAD_USER_INPUT' satisfies FaultCode))
      .map(({ message }) => message)
      .sort(),
  ),
];

function comparePaths(one: readonly (string | number)[], other: readonly (string | number)[]): number {
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const order = compare(one[at]!, other[at]!);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

const compare = (one: string | number, other: string | number): number => (one < other ? -1 : one > other ? 1 : 0);
