/** From the API schema: what a field means and what a right is called, so that the log is understood without the schema at hand. */
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

/** `null` for a field that the schema has no more: the log is older than the schema. */
function fieldIn(schema: GraphQLSchema, coordinate: string): string | null {
  const [typeName, fieldName] = coordinate.split('.');
  const type = schema.getType(typeName ?? '');
  const fields = type && 'getFields' in type ? type.getFields() : {};
  return (Object.hasOwn(fields, fieldName ?? '') && fields[fieldName!]?.description) || null;
}

/** The Danish name, which the description of a right gives in backticks or in brackets. */
function rightIn(schema: GraphQLSchema, code: string): string | undefined {
  const type = schema.getType('RightCode');
  const description = isEnumType(type) ? type.getValue(code)?.description : undefined;
  const [, ticked, bracketed] = /`([^`]+)`|\(([^)]+)\)/.exec(description ?? '') ?? [];
  return ticked ?? bracketed;
}

/** Coordinates in the log come from schemas, but an edge may have sent anything: what is kept is bounded. */
function kept<Value>(map: Map<string, Value>, key: string, value: Value): Value {
  const known = map.get(key);
  if (known) return known;
  if (map.size < 10_000) map.set(key, value);
  return value;
}
