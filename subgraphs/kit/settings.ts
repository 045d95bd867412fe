/** Settings from the environment, for both config files: all that is wrong or missing is refused at once, each by its name. */
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
