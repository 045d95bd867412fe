/** XML and HTML by hand: everything that is put in is escaped, and nothing else comes in. */

type MarkupValue = string | Markup | readonly Markup[];

/** A tagged template whose values are escaped; the result of another `markup` is taken as it is. */
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

/** Only for what is markup already: a signed or an encrypted element. */
export class Markup {
  constructor(readonly text: string) {}
}

export const nothing = new Markup('');

/** Line ends and tabs too: a parser would make blanks of them in an attribute. */
const escaped = (text: string): string => text.replace(/[&<>"'\t\r\n]/g, (found) => `&#${found.charCodeAt(0)};`);
