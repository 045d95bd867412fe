/**
 * Looks up descriptions of fields and names of rights in the API schema, so that the log can be understood without it.
 */
import { type GraphQLSchema, isEnumType } from 'graphql';

export interface Descriptions {
  field(coordinate: string): { name: string; description: string | null };
  right(code: string): { code: string; name: string };
}

export function descriptionsOf(schema: GraphQLSchema): Descriptions {
  const fields = new Map<string, { name: string; description: string | null }>();
  const rights = new Map<string, { code: string; name: string }>();
  return {
    field: (coordinate) => kept(fields, coordinate, { name: coordinate, description: fieldIn(schema, coordinate) }),
    right: (code) => kept(rights, code, { code, name: rightIn(schema, code) ?? code }),
  };
}

/** `null` if the schema no longer has the field: a log entry may be older than the schema. */
function fieldIn(schema: GraphQLSchema, coordinate: string): string | null {
  const [typeName, fieldName] = coordinate.split('.');
  const type = schema.getType(typeName ?? '');
  const fields = type && 'getFields' in type ? type.getFields() : {};
  return (Object.hasOwn(fields, fieldName ?? '') && fields[fieldName!]?.description) || null;
}

/** Returns the right's Danish name, which its description gives in backticks or brackets. */
function rightIn(schema: GraphQLSchema, code: string): string | undefined {
  const type = schema.getType('RightCode');
  const description = isEnumType(type) ? type.getValue(code)?.description : undefined;
  const [, ticked, bracketed] = /`([^`]+)`|\(([^)]+)\)/.exec(description ?? '') ?? [];
  return ticked ?? bracketed;
}

/**
 * Caches a value, up to a limit: coordinates in the log should come from schemas, but an edge may have sent anything.
 */
function kept<Value>(map: Map<string, Value>, key: string, value: Value): Value {
  const known = map.get(key);
  if (known) return known;
  if (map.size < 10_000) map.set(key, value);
  return value;
}
