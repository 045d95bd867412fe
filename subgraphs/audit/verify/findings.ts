/** What is wrong with one log: each kind of finding once, with the first place and the number of further ones. */

/** Statements about a log, never about its contents: no id and no text of an entry. */
export interface Findings {
  add(where: string, finding: string): void;
  all(): readonly string[];
}

export function openFindings(): Findings {
  const kinds = new Map<string, { readonly first: string; more: number }>();
  return {
    add(where, finding) {
      const known = kinds.get(finding);
      if (known) known.more += 1;
      else kinds.set(finding, { first: where, more: 0 });
    },
    all: () =>
      [...kinds].map(([finding, { first, more }]) =>
        [first && `${first}: `, finding, more > 0 ? ` (and ${more.toLocaleString('en')} more)` : ''].join(''),
      ),
  };
}

/**
 * Replaces control and format characters. Text from the database or an export must not move the cursor, hide anything or begin a
 * line.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
