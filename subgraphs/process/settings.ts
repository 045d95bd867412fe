/** Settings from the environment, for both config files: all that is wrong or missing is refused at once, each by its name. */
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';

export class SettingRefused extends Error {}

/** `settings`: a schema per variable, whose description says what was expected. Empty and blank values count as not given. */
export function readSettings<Shape extends Readonly<Record<string, z.ZodType>>>(
  settings: Shape,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.keys(settings).map((name) => [name, environment[name]?.trim() || undefined]));
  const parsed = z.object(settings).safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
  throw new SettingRefused(wrong.map((name) => `${name}: expected ${settings[name]!.description}.`).join('\n'));
}

/** A key that a setting holds, by the function that reads it; refused by the setting's name unless it is an Ed25519 one. */
export function ed25519Key(read: () => KeyObject, name: string, expected: string): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below: what the parser has to say may quote the key.
  }
  throw new SettingRefused(`${name}: expected ${expected}.`);
}

/** PEM as it stands in a setting, on one line. */
export const decoded = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
