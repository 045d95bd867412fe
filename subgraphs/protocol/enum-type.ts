/** Enums of the schema: each value stands once, with its description. */
import { registerEnumType } from 'type-graphql';

/**
 * Registers the enum `name` with its values in this order, and returns it: an object that holds each value under its own name. Its
 * type is `keyof typeof` the result.
 */
export function enumType<Value extends string>(
  name: string,
  description: string,
  values: Readonly<Record<Value, string>>,
): { readonly [V in Value]: V } {
  const entries = Object.entries<string>(values);
  const made = Object.fromEntries(entries.map(([value]) => [value, value])) as { readonly [V in Value]: V };
  registerEnumType(made, {
    name,
    description,
    valuesConfig: Object.fromEntries(entries.map(([value, meaning]) => [value, { description: meaning }])) as never,
  });
  return made;
}
