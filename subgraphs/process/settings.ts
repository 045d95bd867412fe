/** Reads settings from the environment, for both config files. All wrong and missing settings are refused at once, each by its name. */
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';

export class SettingRefused extends Error {}

/**
 * Reads the variables named in `settings`: one schema per variable, whose description says what is expected. Empty and blank values
 * count as not given. Throws one error that names every wrong or missing variable.
 */
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

/** Reads a key from a setting through `read`. Throws an error that names the setting unless the key is an Ed25519 key. */
export function ed25519Key(read: () => KeyObject, name: string, expected: string): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The error below says what is wrong. The parser's own message may quote the key.
  }
  throw new SettingRefused(`${name}: expected ${expected}.`);
}

/** PEM from a setting, where it is base64 on one line. */
export const decoded = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
