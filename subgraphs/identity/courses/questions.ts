/**
 * Draws the questions of an attempt, and counts right answers. The attempt's random id decides which questions are drawn and in which
 * order their options stand. The order says nothing of which is right: it is that of hashes of the texts.
 */
import { createHash } from 'node:crypto';
import { Fault } from '../../protocol/faults.js';

/** A question of the bank. */
export interface BankQuestion {
  readonly code: string;
  readonly question: string;
  readonly source: string | null;
  readonly right: string;
  /** One to three. */
  readonly wrong: readonly string[];
}

/** As it is shown. */
export interface AskedQuestion {
  readonly text: string;
  readonly source: string | null;
  readonly options: readonly string[];
}

export interface Answer {
  /** From 1. */
  readonly number: number;
  readonly letter: string;
}

/** `key`: for each question, the place of the right option, from 1. */
export function draw(
  bank: readonly BankQuestion[],
  attempt: string,
  many: number,
): { readonly questions: AskedQuestion[]; readonly key: number[] } {
  const lot = (text: string) => createHash('sha256').update(`${attempt} ${text}`).digest('hex');
  const shuffled = <T>(items: readonly T[], textOf: (item: T) => string): T[] =>
    items
      .map((item) => ({ item, at: lot(textOf(item)) }))
      .sort((a, b) => (a.at < b.at ? -1 : 1))
      .map(({ item }) => item);
  const drawn = shuffled(bank, ({ code }) => code)
    .slice(0, many)
    .map(({ question, source, right, wrong }) => {
      const options = shuffled([right, ...wrong], (text) => text);
      return { question: { text: question, source, options }, place: options.indexOf(right) + 1 };
    });
  return { questions: drawn.map(({ question }) => question), key: drawn.map(({ place }) => place) };
}

export const letterOf = (place: number): string => String.fromCharCode(96 + place);

/** Throws `BAD_USER_INPUT` unless each question has one answer that names one of its options. */
export function placesChosen(questions: readonly AskedQuestion[], answers: readonly Answer[]): number[] {
  const chosen = new Map<number, number>();
  for (const { number, letter } of answers) {
    const place = 1 + (questions[number - 1]?.options.findIndex((_, index) => letterOf(index + 1) === letter) ?? -1);
    if (place === 0)
      throw new Fault(
        'BAD_USER_INPUT',
        'Argument "answers": expected the number of a question of the attempt and the letter of one of its options.',
      );
    if (chosen.has(number)) throw new Fault('BAD_USER_INPUT', 'Argument "answers": expected each question once.');
    chosen.set(number, place);
  }
  if (chosen.size < questions.length)
    throw new Fault('BAD_USER_INPUT', 'Argument "answers": expected an answer to every question of the attempt.');
  return questions.map((_, index) => chosen.get(index + 1)!);
}

export const countRight = (key: readonly number[], chosen: readonly number[]): number =>
  key.filter((place, index) => chosen[index] === place).length;
