/**
 * Runs a compiled program as long as everything is as expected, which is nearly always: every value has the form that
 * the schema promises, there are no errors, and every reference is vouched for. At the first deviation it gives up
 * (`null`). The general executor then takes over with the answers already received, so nothing is asked twice.
 */
import type { FetchNode } from '@apollo/query-planner';
import { itemsAtOnce, type Pace } from '../../subgraphs/process/precedence.js';
import { isDigits } from '../operation/digits.js';
import { isObject, type Json, type JsonObject } from '../operation/json.js';
import { type Recorded, representValue, type Send, type SubgraphAnswer, usable } from './execute-plan.js';
import { isLeafOf } from './leaf-value.js';
import type { Call, Child, Compiled, ProgramPart, ProgramStep, Representation, ValueForm } from './program.js';

export interface Filled {
  readonly data: JsonObject;
  /** Ids of audited objects in the answer, by type. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Resolves to the filled answer, or to `null` if the general executor must take over. `recorded` receives every answer
 * of a subgraph.
 */
export async function runCompiled(
  compiled: Compiled,
  variables: JsonObject,
  send: Send,
  recorded: Map<FetchNode, Recorded>,
  /** For a long operation, which works in time slices. */
  pace: Pace | null = null,
): Promise<Filled | null> {
  const run = new Run(compiled, variables, send, recorded, pace);
  await run.step(compiled.steps);
  return run.gaveUp ? null : { data: run.data, named: run.named ?? nobody };
}

const nobody: ReadonlyMap<string, ReadonlySet<string>> = new Map();

/** An object that waits for more data: as its subgraph sent it, and as it is in the answer. */
interface AwaitingObject {
  readonly representation: Representation;
  readonly raw: JsonObject;
  readonly out: JsonObject;
  /** Its representation, once it has been needed. */
  text: string;
}

/**
 * The objects that wait for one entity fetch, in the order of the answer, and the part that the fetch brings to each.
 */
interface Queue {
  readonly waiting: AwaitingObject[];
  readonly parts: ProgramPart[];
}

/** A shielded object that nobody vouches for. */
const gone = Symbol('gone');
/**
 * Thrown when a value does not have the promised form. It is one shared error without a stack, because it only unwinds
 * to `attempt`.
 */
const unexpected = new Error('not as promised');
Reflect.deleteProperty(unexpected, 'stack');

class Run {
  readonly data: JsonObject;
  named: Map<string, Set<string>> | null = null;
  gaveUp = false;
  /** By entity fetch. */
  private readonly queues: Queue[];
  private readonly written = new Map<string, string | undefined>();

  constructor(
    private readonly compiled: Compiled,
    private readonly variables: JsonObject,
    private readonly send: Send,
    private readonly recorded: Map<FetchNode, Recorded>,
    private readonly pace: Pace | null,
  ) {
    this.data = { ...compiled.root };
    this.queues = Array.from({ length: compiled.waits }, () => ({ waiting: [], parts: [] }));
  }

  async step(step: ProgramStep): Promise<void> {
    switch (step.kind) {
      case 'sequence':
        for (const one of step.steps) if (!this.gaveUp) await this.step(one);
        return;
      case 'parallel':
        // All steps finish, even if one gives up: their answers are used either way.
        await Promise.all(step.steps.map((one) => this.step(one)));
        return;
      case 'root':
        return this.rootFields(step.call, step.part);
      default:
        return this.entities(step.call, this.queues[step.index]!);
    }
  }

  private async rootFields(call: Call, part: ProgramPart): Promise<void> {
    const answer = await this.ask(call, null);
    // Parsing the answer's text has just taken one long stretch, so pause.
    await this.pace?.rest();
    if (answer && !this.gaveUp) this.attempt(() => this.fillPart(part, answer, this.data));
  }

  private async entities(call: Call, { waiting, parts }: Queue): Promise<void> {
    // Equal representations are asked once. `asked` maps each to its place, and `places` has the place of every waiting
    // object.
    const asked = new Map<string | number, number>();
    const representations: string[] = [];
    const places: number[] = [];
    const asking = this.eachOf(waiting.length, (nth) => {
      const one = waiting[nth]!;
      const key = this.keyOf(one);
      let place = asked.get(key);
      if (place === undefined) {
        place = representations.push(this.textOf(one)) - 1;
        asked.set(key, place);
      }
      places.push(place);
    });
    if (asking) await asking;
    if (this.gaveUp || waiting.length === 0) return;
    const answer = await this.ask(call, representations);
    await this.pace?.rest();
    if (!answer || this.gaveUp) return;
    const entities = answer._entities;
    if (!Array.isArray(entities) || entities.length !== representations.length) {
      this.gaveUp = true;
      return;
    }
    const first: JsonObject[] = [];
    const filling = this.eachOf(waiting.length, (nth) => {
      const place = places[nth]!;
      const { out } = waiting[nth]!;
      const part = parts[nth]!;
      const made = first[place];
      if (made === undefined) {
        const entity = entities[place];
        if (!isObject(entity)) throw unexpected;
        this.fillPart(part, entity, out);
        first.push(out);
      } else {
        // The same entity in another place: copy what was made of it the first time.
        for (const key of part.keys) out[key] = made[key]!;
      }
    });
    if (filling) await filling;
  }

  /** Runs the work for each index, in time slices if the operation is long. */
  private eachOf(count: number, work: (nth: number) => void): Promise<void> | undefined {
    if (this.pace && count > itemsAtOnce) return this.inSlices(this.pace, count, work);
    this.attempt(() => {
      for (let nth = 0; nth < count; nth += 1) work(nth);
    });
    return undefined;
  }

  private async inSlices(pace: Pace, count: number, work: (nth: number) => void): Promise<void> {
    for (let at = 0; at < count && !this.gaveUp; at += itemsAtOnce) {
      if (pace.isDue) await pace.rest();
      const upTo = Math.min(count, at + itemsAtOnce);
      this.attempt(() => {
        for (let nth = at; nth < upTo; nth += 1) work(nth);
      });
    }
  }

  /**
   * Returns what distinguishes the representations of one fetch: the id if there is nothing else, otherwise the whole
   * text.
   */
  private keyOf(waiting: AwaitingObject): string | number {
    const { idKey } = waiting.representation;
    if (idKey === null) return this.textOf(waiting);
    const id = waiting.raw[idKey];
    // Never mix the two kinds of key: an id may look like the text of a representation.
    if (typeof id !== 'string' && typeof id !== 'number') throw unexpected;
    return id;
  }

  private textOf(waiting: AwaitingObject): string {
    if (waiting.text !== '') return waiting.text;
    let text = waiting.representation.start;
    for (const { key, member, inner } of waiting.representation.members) {
      const value = waiting.raw[key];
      if (value === undefined) throw unexpected;
      text += member + JSON.stringify(inner ? representValue(this.compiled.schema, value, inner) : value);
    }
    waiting.text = `${text}}`;
    return waiting.text;
  }

  /**
   * Returns the data of an answer without errors. Every answer is recorded, so that the general executor can continue
   * with it.
   */
  private async ask(call: Call, representations: readonly string[] | null): Promise<JsonObject | null> {
    let answer: SubgraphAnswer;
    try {
      const { serviceName } = call.node;
      const body = this.bodyOf(call, representations);
      answer = usable(await this.send(serviceName, body, representations?.length ?? 0), serviceName);
    } catch (error) {
      this.recorded.set(call.node, { representations, failed: error as Error });
      this.gaveUp = true;
      return null;
    }
    this.recorded.set(call.node, { representations, answer });
    if (isObject(answer.data) && !answer.errors?.length) return answer.data;
    this.gaveUp = true;
    return null;
  }

  private bodyOf({ start, variables }: Call, representations: readonly string[] | null): string {
    let body = start;
    let first = true;
    for (const [name, member] of variables) {
      const text = this.variableText(name);
      if (text === undefined) continue;
      body += first ? member + text : `,${member}${text}`;
      first = false;
    }
    if (representations) body += `${first ? '' : ','}"representations":[${representations.join(',')}]`;
    return `${body}}}`;
  }

  private variableText(name: string): string | undefined {
    if (!this.written.has(name))
      this.written.set(name, Object.hasOwn(this.variables, name) ? JSON.stringify(this.variables[name]) : undefined);
    return this.written.get(name);
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error !== unexpected) throw error;
      this.gaveUp = true;
    }
  }

  private fillPart(part: ProgramPart, raw: JsonObject, out: JsonObject): void {
    if (!part.complete) throw unexpected;
    if (part.vouch !== null && isNothing(raw[part.vouch])) throw unexpected;
    for (const { key, rawKey, value, visible } of part.leaves) {
      const given = this.leafOf(value, raw[rawKey]);
      if (visible) out[key] = given;
    }
    for (const child of part.children) {
      const given = this.childOf(child.value, raw[child.rawKey], child);
      if (child.visible) out[child.key] = given === gone ? null : given;
    }
    if (part.named !== null) this.note(part.named.type, raw[part.named.key]);
    for (const { representation, arrivals } of part.awaited) {
      const waiting: AwaitingObject = { representation, raw, out, text: '' };
      for (const { index, part: arriving } of arrivals) {
        const queue = this.queues[index]!;
        queue.waiting.push(waiting);
        queue.parts.push(arriving);
      }
    }
  }

  private leafOf(value: ValueForm, raw: Json | undefined): Json {
    if (raw === null || raw === undefined) return nothing(value);
    if (value.kind === 'leaf') {
      if (!isLeafOf(value.leaf, raw)) throw unexpected;
      return raw;
    }
    if (value.kind !== 'list' || !Array.isArray(raw)) throw unexpected;
    for (const item of raw) this.leafOf(value.item, item);
    return raw;
  }

  private childOf(value: ValueForm, raw: Json | undefined, child: Child): Json | typeof gone {
    if (raw === null || raw === undefined) return nothing(value);
    if (value.kind === 'list') {
      if (!Array.isArray(raw)) throw unexpected;
      const items: Json[] = [];
      for (const item of raw) {
        const given = this.childOf(value.item, item, child);
        if (given !== gone) items.push(given);
      }
      return items;
    }
    if (!isObject(raw)) throw unexpected;
    const part = partFor(child, raw);
    if (part.vouch !== null && isNothing(raw[part.vouch])) return gone;
    if (part.edge !== null) {
      const node = raw[part.edge.node];
      if (!isObject(node) || isNothing(node[part.edge.vouch])) return gone;
    }
    const out = { ...part.template };
    this.fillPart(part, raw, out);
    return out;
  }

  private note(type: string, id: Json | undefined): void {
    if (typeof id !== 'string' || isDigits(id)) return;
    this.named ??= new Map();
    const ids = this.named.get(type);
    if (ids) ids.add(id);
    else this.named.set(type, new Set([id]));
  }
}

function partFor({ part }: Child, raw: JsonObject): ProgramPart {
  const { __typename: name } = raw;
  const found = part instanceof Map ? part.get(name) : (part as ProgramPart);
  if (!found || (found.typeName !== null && found.typeName !== name)) throw unexpected;
  return found;
}

function nothing({ nonNull }: ValueForm): null {
  if (nonNull) throw unexpected;
  return null;
}

const isNothing = (value: Json | undefined): boolean => value === null || value === undefined;
