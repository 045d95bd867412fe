/** A crowd that asks without a pause worth mentioning and writes down what it received; and one who keeps checkpoints. */
import { Agent } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../support/processes.js';
import { post } from './post.js';
import { type Named, people, type Question, questionsOn } from './questions.js';
import type { System } from './system.js';

/** One request. */
export interface Asked {
  /** Its `x-TransaktionsId`. */
  readonly id: string;
  readonly person: string;
  readonly operation: string;
  /** Milliseconds on this process's clock; `endedAt` is `null` while it is under way. */
  readonly sentAt: number;
  endedAt: number | null;
  /** `null` when not even the head of an answer arrived. */
  status: number | null;
  whole: boolean;
  /** Codes of the errors in the answer. */
  codes: readonly string[];
  /** Whom the answer names, of what arrived. */
  named: Named;
}

/** A checkpoint as somebody outside was given it. */
export interface Kept {
  readonly log: string;
  readonly note: string;
  readonly keys: readonly string[];
  readonly at: number;
}

export interface Crowd {
  /** Everything since the test began, this crowd's and those before it. */
  readonly asked: readonly Asked[];
  readonly kept: readonly Kept[];
  start(): void;
  /** Ends once every answer has come. */
  stop(): Promise<void>;
  /** Waits until all that is asked by now has come to its end. */
  everyAnswerHasCome(): Promise<void>;
  /** How many were answered in full from a moment on. */
  answered(from?: number): number;
  /** Waits until each of the people has been given an answer without an error to something asked from now on. */
  everybodyIsAnswered(): Promise<void>;
  /** Does `work`, and asks some more; throws if anything that was asked meanwhile was answered with data. */
  nobodyIsAnswered(work: () => Promise<unknown>): Promise<void>;
}

const clients = 24;
/** How long a client waits; longer than the bound on any answer, so that one that is late is seen to be. */
const patience = 30_000;

export async function openCrowd(system: System): Promise<Crowd> {
  const run = Math.random().toString(36).slice(2, 8);
  const asked: Asked[] = [];
  const kept: Kept[] = [];
  const anyQuestion = await questionsOn(system.database);
  const officers = ['security-officer', 'cleared-security-officer'];
  const sessions = new Map<string, string>();
  for (const person of [...people, ...officers]) sessions.set(person, await system.sessionOf(person));
  let going = false;
  let running: Promise<unknown> = Promise.resolve();

  const ask = async (agent: Agent, question: Question) => {
    const { person, operation, query, variables } = question;
    const id = `${run}-${asked.length}`;
    const one: Asked = {
      id,
      person,
      operation,
      sentAt: performance.now(),
      endedAt: null,
      status: null,
      whole: false,
      codes: [],
      named: { citizens: [], cases: [] },
    };
    asked.push(one);
    const headers = { authorization: `Bearer ${sessions.get(person)}`, 'x-TransaktionsId': id };
    const { status, whole, text } = await post(agent, system.url, headers, { query, variables }, patience);
    Object.assign(one, {
      status,
      whole,
      named: question.named(text),
      codes: codesIn(text),
      endedAt: performance.now(),
    });
    return { one, text };
  };

  const client = async () => {
    const agent = new Agent({ keepAlive: true });
    while (going) {
      const { one } = await ask(agent, anyQuestion());
      await wait(one.status === 200 ? Math.random() * 40 : 50);
    }
    agent.destroy();
  };

  const officer = async () => {
    const agent = new Agent({ keepAlive: true });
    while (going) {
      for (const person of officers) {
        const question = { person, variables: {}, named: () => ({ citizens: [], cases: [] }) };
        const logs = await ask(agent, { ...question, operation: 'Logs', query: 'query Logs { auditLogs { name } }' });
        for (const { name } of dataOf(logs)?.auditLogs ?? []) {
          const query = `query Checkpoint { checkpoint(log: "${name}") { log note keys } }`;
          const answer = await ask(agent, { ...question, operation: 'Checkpoint', query });
          const checkpoint = dataOf(answer)?.checkpoint;
          if (checkpoint) kept.push({ ...checkpoint, at: performance.now() });
        }
      }
      await wait(200);
    }
    agent.destroy();
  };

  const everyAnswerHasCome = async () => {
    const underWay = asked.filter(({ endedAt }) => endedAt === null);
    await until('every answer has come', () => underWay.every(({ endedAt }) => endedAt !== null), patience);
  };
  const answered = (from = 0) => asked.filter((one) => one.sentAt >= from && isAnswered(one)).length;
  return {
    asked,
    kept,
    answered,
    everyAnswerHasCome,
    start() {
      going = true;
      running = Promise.all([officer(), ...Array.from({ length: clients }, client)]);
    },
    async stop() {
      going = false;
      await running;
      await everyAnswerHasCome();
    },
    async everybodyIsAnswered() {
      const from = performance.now();
      await until(
        'everybody is answered again',
        () =>
          people.every((person) =>
            asked.some(
              (one) => one.person === person && one.sentAt > from && isAnswered(one) && one.codes.length === 0,
            ),
          ),
        30_000,
      );
    },
    async nobodyIsAnswered(work) {
      const from = performance.now();
      // The crowd itself may be waiting for its answers, all of it.
      const agent = new Agent({ keepAlive: true });
      const more = Array.from({ length: 8 }, () => ask(agent, anyQuestion()));
      await work();
      const to = performance.now();
      void Promise.all(more).then(() => agent.destroy());
      const meanwhile = asked.filter(({ sentAt }) => sentAt >= from && sentAt <= to);
      const told = meanwhile.filter((one) => isAnswered(one) && one.endedAt! <= to);
      if (told.length > 0)
        throw new Error(`answered during the fault: ${told.map(({ id, operation }) => `${id} ${operation}`)}`);
    },
  };
}

/** Whether it was answered with data, in full. */
export const isAnswered = ({ status, whole, named }: Asked): boolean =>
  status === 200 && whole && named.citizens.length + named.cases.length > 0;

const codesIn = (text: string): string[] => [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code]) => code!);

function dataOf({ one, text }: { one: Asked; text: string }): any {
  return one.status === 200 && one.whole ? JSON.parse(text).data : null;
}
