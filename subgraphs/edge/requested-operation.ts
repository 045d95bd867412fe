/** Chooses the operation that a request names, at the gateway and at a room that is called directly. */
import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql';
import { Fault } from '../protocol/faults.js';
import type { GraphQLRequest } from './request.js';
import type { RequestRecord } from './request-record.js';

/** Notes the name of the operation for the log. Throws unless the request names one query or mutation of the text. */
export function requestedOperation(
  document: DocumentNode,
  { operationName }: GraphQLRequest,
  record: RequestRecord,
): OperationDefinitionNode {
  const operation = operationOf(document, operationName);
  if (!operation || operation.operation === 'subscription')
    throw new Fault('MALFORMED_REQUEST', 'Name one query or mutation of the text in `operationName`.');
  // Only a name that occurs in the text is logged. Anything else is free text from the caller.
  record.operationName = operation.name?.value.slice(0, 100) ?? null;
  return operation;
}

/**
 * Returns the operation of this name, or the only operation if no name is given. `undefined` if there is none, or more than one.
 */
export function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return name
    ? operations.find((operation) => operation.name?.value === name)
    : operations.length === 1
      ? operations[0]
      : undefined;
}
