/** Accepts a path of this server as a redirect target, and never another origin, however it is spelled. */

/**
 * Returns the path, or `null` for anything else.
 *
 * @example
 * ownPath('/case/1?tab=2'); // '/case/1?tab=2'
 * ownPath('//evil.example'); // null
 */
export function ownPath(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 2_000) return null;
  // Browsers read `\` as `/` and drop tabs and line breaks: `/\evil.example` and `/<tab>/evil.example` lead elsewhere.
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text)) return null;
  const own = 'http://own.invalid';
  return URL.canParse(text, own) && new URL(text, own).origin === own ? text : null;
}
