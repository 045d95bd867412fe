/** A path of this server, to send a browser to: never another origin, however it is spelled. */

/** `null` for anything else. */
export function ownPath(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 2_000) return null;
  // Browsers take `\` for `/`, and drop tabs and line breaks: `/\evil.example` and `/<tab>/evil.example` lead away.
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text)) return null;
  const own = 'http://own.invalid';
  return URL.canParse(text, own) && new URL(text, own).origin === own ? text : null;
}
