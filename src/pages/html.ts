/** Builds HTML for a few small pages. All inserted values are escaped, and scripts come only from our own files. */

/** A tagged template that escapes its values. The result of another `html` is inserted unchanged. */
export function html(texts: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html {
  const parts = texts.map((text, index) => {
    const value = values[index];
    if (value === undefined) return text;
    if (typeof value === 'string') return text + escaped(value);
    return text + (value instanceof Html ? value.text : value.map((one) => one.text).join(''));
  });
  return new Html(parts.join(''));
}

export class Html {
  constructor(readonly text: string) {}
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** What a page may use beyond our own scripts and styles. */
export interface Allowed {
  /** Whether its scripts may add styles, as editors do. */
  readonly styles?: boolean;
  /** An origin whose pages it may show in a frame. */
  readonly frames?: string;
}

export const contentSecurityPolicy = (allowed: Allowed = {}): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${allowed.styles ? " 'unsafe-inline'" : ''}`,
    `frame-src ${allowed.frames ?? "'none'"}`,
    `font-src ${allowed.styles ? "'self' data:" : "'none'"}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
