/** So many pieces of work at once; the rest wait in the order in which they came. */
export class Turns {
  private busy = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly atOnce: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy >= this.atOnce) await new Promise<void>((next) => this.waiting.push(next));
    else this.busy += 1;
    try {
      return await work();
    } finally {
      // The place goes to the next in line, if there is one.
      const next = this.waiting.shift();
      if (next) next();
      else this.busy -= 1;
    }
  }
}
