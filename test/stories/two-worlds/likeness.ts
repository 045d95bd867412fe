/**
 * Whether two answers are the same but for what chance made: ids that were made while the worlds ran. Which of them stands for which is
 * noted when a pair is seen first; from then on each stands for the other and for nothing else. Ids that both worlds began with
 * must be the same, and so must everything else, so that what a hidden case makes is found as ever.
 *
 * Only these are looked at in pairs:
 * - times of the gateway's clock, which ticks whenever it is asked: a cache that ran out in one of the worlds asks once more. Rooms'
 *   clocks stand still, so that times of rows are compared as they are;
 * - ids that clocks and counters of `openWorld` made (`…-0000-4000-8000-…`): somebody cleared may leave one entry more in one world,
 *   under seal, and what is counted after it is one further. No two entries have one time, so that their order is never by id.
 * - hashes of texts in which such an id stands (`operation { hash }`), and tickets that are made of ids;
 * - the reference of a masked error, which is random.
 */
export class Likeness {
  private readonly there = new Map<string, string>();
  private readonly here = new Map<string, string>();

  /** How many pairs are known. */
  get size(): number {
    return this.there.size;
  }

  /** What is asked in one world, as it has to be asked in the other. */
  translated(text: string): string {
    return text.replace(token, (one) => this.there.get(one) ?? one);
  }

  /** Notes what was made in one step by both, whether anybody compares the rest or not. */
  pair(here: string, there: string): void {
    this.same(here, there);
  }

  alike(here: string, there: string): boolean {
    const [a, b] = [opened(here), opened(there)];
    const [tokensA, tokensB] = [a.match(token) ?? [], b.match(token) ?? []];
    if (tokensA.length !== tokensB.length || a.replace(token, '·') !== b.replace(token, '·')) return false;
    return tokensA.every((one, index) => this.same(one, tokensB[index]!));
  }

  private same(here: string, there: string): boolean {
    const known = this.there.get(here);
    const back = this.here.get(there);
    if (known !== undefined || back !== undefined) return known === there && back === here;
    if (!isMade(here) || !isMade(there)) return here === there;
    this.there.set(here, there);
    this.here.set(there, here);
    return true;
  }
}

/** A UUID, a SHA-256, or the ticket of an export. */
const token =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|(?<=\/log\/export\/)[\w-]+/g;
const isMade = (one: string): boolean => !/^[0-9a-f-]{36}$/.test(one) || /-0000-4000-8000-/.test(one);

/** With cursors as what stands in them, and without references. */
const opened = (text: string): string =>
  text.replace(/(\\*"reference\\*":\\*")[0-9a-f-]{36}/g, '$1·').replace(/[\w-]{24,600}/g, (one) => {
    const inside = Buffer.from(one, 'base64url').toString();
    return /^\[(".*"|,|\d|null)+\]$/.test(inside) ? inside : one;
  });
