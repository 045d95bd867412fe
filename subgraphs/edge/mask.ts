/** Errors as they leave an edge or a room, for any caller: from the table or masked, in one order, and without a word about a row. */
import { randomUUID } from 'node:crypto';
import type { GraphQLFormattedError, SourceLocation } from 'graphql';
import type { Logger } from 'pino';
import {
  faultBody,
  faults,
  inOrder,
  isFaultCode,
  malformedArguments,
  problemsIn,
  withoutValues,
} from '../protocol/faults.js';

/** Lets faults of the table pass. Any other error could hold a row's data, so it is masked, with a reference to the server's own log. */
export function masked(formatted: GraphQLFormattedError, error: unknown, log: Logger): GraphQLFormattedError {
  const code = formatted.extensions?.code;
  const place = {
    ...(formatted.locations && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
  };
  if (isFaultCode(code)) {
    const problems = problemsIn(formatted.extensions);
    return { message: formatted.message, ...place, extensions: { code, ...(problems && { problems }) } };
  }
  if (typeof code === 'string' && code.startsWith('GRAPHQL_'))
    return { message: formatted.message, ...place, extensions: { code } };
  const reference = randomUUID();
  log.error({ err: error, reference }, 'masked error');
  return { message: faults.INTERNAL.message, ...place, extensions: { code: 'INTERNAL', reference } };
}

/** An error of graphql-js about a text: without the values that it quotes, and without its guesses about the schema. */
export const toldByGraphQL = (
  { message, locations }: { readonly message: string; readonly locations?: readonly SourceLocation[] | undefined },
  code: string,
): GraphQLFormattedError => ({
  message: withoutValues(message),
  ...(locations && { locations }),
  extensions: { code },
});

interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** Makes the errors of an answer depend on the operation and the rows only, never on which of two loads was quicker. */
export function settled<Answer extends Result>(result: Answer, isQuery: boolean): Result {
  if (!result.errors) return result;
  const malformed = isQuery ? malformedArguments(result.errors) : [];
  return malformed.length > 0
    ? { errors: malformed.map((text) => faultBody('BAD_USER_INPUT', text).errors[0]!) }
    : { ...result, errors: inOrder(result.errors) };
}
