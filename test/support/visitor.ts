/** A browser as far as signing in needs one: cookies, forms, and redirects only where it is told to follow one. */

export interface Seen {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Where a redirect leads. */
  readonly location: string | null;
  /** Fields of the page's form that are filled in already. */
  readonly fields: Record<string, string>;
  readonly action: string | null;
}

export class Visitor {
  readonly #cookies = new Map<string, string>();

  get(url: string): Promise<Seen> {
    return this.#send(url, {});
  }

  post(url: string, fields: Record<string, string>): Promise<Seen> {
    return this.#send(url, { method: 'POST', body: new URLSearchParams(fields) });
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  async #send(url: string, init: RequestInit): Promise<Seen> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...(cookie && { cookie }) } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value) this.#cookies.set(name!, value);
      else this.#cookies.delete(name!);
    }
    const text = await response.text();
    const fields = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    return {
      status: response.status,
      text,
      headers: response.headers,
      location: response.headers.get('location'),
      fields: Object.fromEntries(fields.map(([, name, value]) => [name!, unescaped(value!)])),
      action: unescaped(/<form method="post" action="([^"]+)"/.exec(text)?.[1] ?? '') || null,
    };
  }
}

export const unescaped = (text: string): string =>
  text.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)));
