/** XML and HTML by hand. Every inserted value is escaped. */

type MarkupValue = string | Markup | readonly Markup[];

/** A tagged template whose values are escaped, except results of another `markup`. */
export const markup = (texts: TemplateStringsArray, ...values: MarkupValue[]): Markup =>
  new Markup(
    texts
      .map((text, index) => {
        const value = values[index];
        if (value === undefined) return text;
        if (typeof value === 'string') return text + escaped(value);
        return text + (value instanceof Markup ? value.text : value.map((one) => one.text).join(''));
      })
      .join(''),
  );

/** Construct it directly only for text that is markup already: a signed or an encrypted element. */
export class Markup {
  constructor(readonly text: string) {}
}

export const nothing = new Markup('');

/** Also escapes line ends and tabs: a parser would turn them into blanks in an attribute. */
const escaped = (text: string): string => text.replace(/[&<>"'\t\r\n]/g, (found) => `&#${found.charCodeAt(0)};`);
