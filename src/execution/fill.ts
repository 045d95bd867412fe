/**
 * Runs a compiled plan as long as all goes well, which is nearly always: every value has the form that the schema promises,
 * nobody reports an error, every reference is vouched for. At the first sign of anything else it gives up (`null`) and the
 * general executor takes over, with the answers that are in hand: nothing is asked twice.
 */
import type { FetchNode } from '@apollo/query-planner';
import type { Arrival, Call, Child, Compiled, Part, Step, Value } from './compile.js';
import { isLeafOf } from './leaf.js';
import { isObject, type Json, type JsonObject } from './own.js';
import { type Recorded, representValue, type Send, type SubgraphAnswer } from './run.js';

export interface Filled {
  readonly data: JsonObject;
  /** Ids of audited objects in the answer, by type. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function fill(
  compiled: Compiled,
  variables: JsonObject,
  send: Send,
  recorded: Map<FetchNode, Recorded>,
): Promise<Filled | null> {
  const run = new Run(compiled, variables, send, recorded);
  await run.step(compiled.steps);
  return run.gaveUp ? null : { data: run.data, named: run.named };
}

/** An object for which more is to come: as its subgraph sent it, and as it stands in the answer. */
interface Waiting {
  readonly arrival: Arrival;
  readonly raw: JsonObject;
  readonly out: JsonObject;
}

/** Shielded, and nobody vouches for it. */
const gone = Symbol('gone');
/** Thrown where the form is not the promised one: once for all, because a stack trace tells nobody anything. */
const unexpected = new Error('not as promised');
Reflect.deleteProperty(unexpected, 'stack');

class Run {
  readonly data: JsonObject;
  readonly named = new Map<string, Set<string>>();
  gaveUp = false;
  /** By entity fetch, in the order of the answer. */
  private readonly waiting: Waiting[][];
  private readonly written = new Map<string, string | undefined>();

  constructor(
    private readonly compiled: Compiled,
    private readonly variables: JsonObject,
    private readonly send: Send,
    private readonly recorded: Map<FetchNode, Recorded>,
  ) {
    this.data = { ...compiled.root };
    this.waiting = Array.from({ length: compiled.waits }, () => []);
  }

  async step(step: Step): Promise<void> {
    switch (step.kind) {
      case 'sequence':
        for (const one of step.steps) if (!this.gaveUp) await this.step(one);
        return;
      case 'parallel':
        // All of them end, well or not: what they bring is used either way.
        await Promise.all(step.steps.map((one) => this.step(one)));
        return;
      case 'root': {
        const answer = await this.ask(step.call, null);
        if (answer && !this.gaveUp) this.attempt(() => this.fillPart(step.part, answer, this.data));
        return;
      }
      default:
        return this.entities(step.call, this.waiting[step.index]!);
    }
  }

  private async entities(call: Call, waiting: readonly Waiting[]): Promise<void> {
    // Equal representations are asked once.
    const groups = new Map<string, { part: Part; outs: JsonObject[] }>();
    this.attempt(() => {
      for (const { arrival, raw, out } of waiting) {
        const text = this.representation(arrival, raw);
        const group = groups.get(text);
        if (group) group.outs.push(out);
        else groups.set(text, { part: arrival.part, outs: [out] });
      }
    });
    if (this.gaveUp || groups.size === 0) return;
    const representations = [...groups.keys()];
    const answer = await this.ask(call, representations);
    if (!answer || this.gaveUp) return;
    this.attempt(() => {
      const entities = answer._entities;
      if (!Array.isArray(entities) || entities.length !== representations.length) throw unexpected;
      let index = 0;
      for (const { part, outs } of groups.values()) {
        const entity = entities[index++];
        if (!isObject(entity)) throw unexpected;
        const [first] = outs;
        this.fillPart(part, entity, first!);
        // The same entity in many places: what was made of it once stands in all of them.
        for (let nth = 1; nth < outs.length; nth += 1) for (const key of part.keys) outs[nth]![key] = first![key]!;
      }
    });
  }

  private representation({ start, members }: Arrival, raw: JsonObject): string {
    let text = start;
    for (const { key, member, inner } of members) {
      const value = raw[key];
      if (value === undefined) throw unexpected;
      text += member + JSON.stringify(inner ? representValue(this.compiled.schema, value, inner) : value);
    }
    return `${text}}`;
  }

  /** The data of an answer in which nothing is wrong. Whatever came is kept, for the general executor to go on with. */
  private async ask(call: Call, representations: readonly string[] | null): Promise<JsonObject | null> {
    let answer: SubgraphAnswer;
    try {
      answer = await this.send(call.node.serviceName, this.bodyOf(call, representations));
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

  private fillPart(part: Part, raw: JsonObject, out: JsonObject): void {
    if (!part.complete) throw unexpected;
    if (part.vouch !== null && isNothing(raw[part.vouch])) throw unexpected;
    for (const { key, value, visible } of part.leaves) {
      const given = this.leafOf(value, raw[key]);
      if (visible) out[key] = given;
    }
    for (const child of part.children) {
      const given = this.childOf(child.value, raw[child.key], child);
      if (child.visible) out[child.key] = given === gone ? null : given;
    }
    if (part.named !== null) this.note(part.named.type, raw[part.named.key]);
    for (const arrival of part.awaited) this.waiting[arrival.index]!.push({ arrival, raw, out });
  }

  private leafOf(value: Value, raw: Json | undefined): Json {
    if (raw === null || raw === undefined) return nothing(value);
    if (value.kind === 'leaf') {
      if (!isLeafOf(value.leaf, raw)) throw unexpected;
      return raw;
    }
    if (value.kind !== 'list' || !Array.isArray(raw)) throw unexpected;
    for (const item of raw) this.leafOf(value.item, item);
    return raw;
  }

  private childOf(value: Value, raw: Json | undefined, child: Child): Json | typeof gone {
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
    if (typeof id !== 'string') return;
    const ids = this.named.get(type);
    if (ids) ids.add(id);
    else this.named.set(type, new Set([id]));
  }
}

function partFor({ part }: Child, raw: JsonObject): Part {
  const { __typename: name } = raw;
  const found = part instanceof Map ? part.get(name) : (part as Part);
  if (!found || (found.typeName !== null && found.typeName !== name)) throw unexpected;
  return found;
}

function nothing({ nonNull }: Value): null {
  if (nonNull) throw unexpected;
  return null;
}

const isNothing = (value: Json | undefined): boolean => value === null || value === undefined;
