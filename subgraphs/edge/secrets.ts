/**
 * Arguments whose values must never be written down (`@tag(name: "secret")`), such as a password. The log keeps the text of an
 * operation and the arguments of its root fields. So a secret may be given as a variable only, and its value is masked.
 */
import { type ArgumentNode, type DocumentNode, Kind, visit } from 'graphql';
import { Fault } from '../protocol/faults.js';
import type { Rules } from './rules.js';

/**
 * Refuses a document that contains a secret: as a literal, or as the default of the variable that carries it, in any of its
 * operations and fragments, because the whole text would be kept. Fields are matched by name alone, whatever their type.
 */
export function refuseSecretsIn(document: DocumentNode, { secrets }: Rules): void {
  if (secrets.size === 0) return;
  const byField = new Map<string, string[]>();
  for (const [coordinate, names] of secrets) {
    const field = coordinate.slice(coordinate.indexOf('.') + 1);
    byField.set(field, [...(byField.get(field) ?? []), ...names]);
  }
  const carrying = new Set<string>();
  visit(document, {
    Field(field) {
      for (const name of byField.get(field.name.value) ?? []) {
        for (const given of field.arguments?.filter((argument) => argument.name.value === name) ?? []) {
          if (given.value.kind !== Kind.VARIABLE) throw inTheText(given);
          carrying.add(given.value.name.value);
        }
      }
    },
  });
  if (carrying.size === 0) return;
  visit(document, {
    VariableDefinition({ variable, defaultValue }) {
      if (defaultValue && carrying.has(variable.name.value))
        throw new Fault('BAD_USER_INPUT', `Variable "$${variable.name.value}" is secret: it has no default.`);
    },
  });
}

const inTheText = ({ name }: ArgumentNode) =>
  new Fault('BAD_USER_INPUT', `Argument "${name.value}" is secret: pass it as a variable.`);

/** Arguments as the log may keep them. */
export function maskedArguments<Value>(
  coordinate: string,
  given: Readonly<Record<string, Value>>,
  { secrets }: Rules,
): Readonly<Record<string, Value | string>> {
  const secret = secrets.get(coordinate);
  if (!secret) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, secret.has(name) ? '(secret)' : value]),
  );
}
