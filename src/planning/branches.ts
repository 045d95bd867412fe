/**
 * Gives fields under different type conditions of one place separate raw keys if different things are asked of them.
 *
 * The planner combines fetches by path alone. Take this selection:
 *
 *     … on Barn { plan { drawn(scale: 100) } }
 *     … on Shed { plan { drawn(scale: 200) } }
 *
 * The planner makes one fetch at `plan`, which answers 100 for both. And if a non-null field that is asked of barns only
 * fails, the plans of sheds are lost with it.
 *
 * Terminology. A *place* is a position of an object in the raw tree, given by raw keys. A *wish* is everything that all
 * type conditions of a place ask under one key of an object of one type. Types with equal wishes form a *branch*. If
 * there are several branches, each gets its own raw key; the completed response uses the caller's key again.
 *
 * Operations without such a difference are returned as they are, as the same object.
 */
import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  print,
} from 'graphql';
import { Fault } from '../../subgraphs/protocol/faults.js';
import {
  alwaysHolds,
  type FieldSelection,
  fieldOf,
  type Selections,
  type TypedSelections,
} from '../operation/selection.js';

export interface BranchOptions {
  readonly schema: GraphQLSchema;
  /** A prefix that no field name of the supergraph starts with. */
  readonly prefix: string;
  /**
   * Interfaces that some subgraph defines as an `@interfaceObject`. Their leaf fields, too, are fetched without a type
   * condition.
   */
  readonly interfaceObjects: ReadonlySet<string>;
}

/** Maximum number of field visits per operation. Nested branches multiply: a text of 1 kB could cause billions. */
const maxLooks = 20_000;

/** Returns the selections with a separate raw key for every branch. Throws `FIELD_LIMIT` for too many field visits. */
export function withBranches(options: BranchOptions, selections: Selections): Selections {
  return new Branches(options, selections).apart(selections);
}

interface FieldUse {
  readonly item: FieldSelection;
  /** Types of the place for which the field is asked. */
  readonly types: readonly string[];
  /** Directives of the fragments of the place in which it stands. */
  readonly around: string;
}

interface Branch {
  readonly types: readonly string[];
  readonly uses: readonly FieldUse[];
}

interface FieldVariant {
  readonly types: readonly string[];
  readonly item: FieldSelection;
}

type SelectionsOfPlace = readonly Selections[];

class Branches {
  private readonly prefix: string;
  private branches = 0;
  private looks = 0;
  private readonly numbers = new WeakMap<Selections, number>();
  private numbered = 0;
  private readonly known = new Map<string, string>();
  /** Short names for wishes. Their full texts would grow with every level. */
  private readonly names = new Map<string, string>();

  constructor(
    private readonly options: BranchOptions,
    selections: Selections,
  ) {
    const taken = [...rawKeysIn(selections)];
    let { prefix } = options;
    while (taken.some((key) => key.startsWith(prefix))) prefix += '_';
    this.prefix = prefix;
  }

  apart(selections: Selections): Selections {
    return this.place([selections])[0]!;
  }

  /** Returns the selections of one place with branches separated, in the order given. */
  private place(sets: SelectionsOfPlace): Selections[] {
    const types = this.typesOf(sets);
    const variants = new Map<FieldSelection, FieldVariant[]>();
    for (const [key, uses] of this.usesIn(sets, types)) {
      const branches = this.branchesOf(key, uses, types);
      const isHidden = uses.some(({ item }) => item.hidden);
      branches.forEach((branch, nth) => {
        // A hidden field keeps the key that the gateway chose, because it is read under that key.
        const rawKey =
          branches.length === 1 || (nth === 0 && !isHidden) ? key : `${this.prefix}${this.branches++}_${key}`;
        const below = this.below(branch.uses);
        branch.uses.forEach(({ item, types: asked }, index) => {
          if (item.hidden) return;
          const own = asked.filter((type) => branch.types.includes(type));
          const selections = below ? below[index]! : item.selections;
          const same = rawKey === item.rawKey && selections === item.selections;
          const known = variants.get(item) ?? [];
          variants.set(item, known);
          const nth = known.findIndex((variant) => variant.item.rawKey === rawKey);
          if (nth < 0) known.push({ types: own, item: same ? item : { ...item, rawKey, selections } });
          else known[nth] = { ...known[nth]!, types: [...new Set([...known[nth]!.types, ...own])] };
        });
      });
    }
    const isSplit = [...variants.values()].some((several) => several.length > 1);
    const changed = [...variants].some(([item, several]) => several.length > 1 || several[0]!.item !== item);
    return changed ? sets.map((set) => this.rebuilt(set, variants, isSplit)) : [...sets];
  }

  private below(uses: readonly FieldUse[]): Selections[] | null {
    const sets = uses.flatMap(({ item }) => item.selections ?? []);
    return sets.length === uses.length ? this.place(sets) : null;
  }

  private rebuilt(
    set: Selections,
    variants: ReadonlyMap<FieldSelection, readonly FieldVariant[]>,
    isSplit: boolean,
  ): Selections {
    const items = set.items.flatMap((item): (FieldSelection | TypedSelections)[] => {
      if (item.kind === 'fragment') return [{ ...item, selections: this.rebuilt(item.selections, variants, isSplit) }];
      const several = variants.get(item);
      if (!several) return [item];
      if (several.length === 1) return [several[0]!.item];
      return several.flatMap((variant) =>
        variant.types.map((type): TypedSelections => {
          const parent = this.options.schema.getType(type) as GraphQLCompositeType;
          return { kind: 'fragment', selections: { parent, items: [variant.item] } };
        }),
      );
    });
    return { ...set, items, ...(isSplit && { isSplit }) };
  }

  private branchesOf(key: string, uses: readonly FieldUse[], types: readonly string[]): Branch[] {
    const whole: Branch[] = [{ types, uses }];
    // A field that is asked once is the same for all types.
    if (types.length === 1 || uses.length === 1) return whole;
    if (!uses.some(({ item }) => item.selections) && !types.some((type) => this.isInterfaceObject(type))) return whole;
    const byUses = new Map<string, { types: string[]; uses: FieldUse[] }>();
    for (const type of types) {
      const asked = uses.filter((use) => use.types.includes(type));
      if (asked.length === 0) continue;
      const name = asked.map((use) => uses.indexOf(use)).join();
      const known = byUses.get(name) ?? { types: [], uses: asked };
      known.types.push(type);
      byUses.set(name, known);
    }
    if (byUses.size === 1) return whole;
    const byWish = new Map<string, Branch>();
    for (const branch of byUses.values()) {
      const wish = this.wishOf(key, branch.uses, branch.types[0]!);
      const known = byWish.get(wish);
      byWish.set(wish, {
        types: [...(known?.types ?? []), ...branch.types],
        uses: [...new Set([...(known?.uses ?? []), ...branch.uses])],
      });
    }
    return byWish.size === 1 ? whole : [...byWish.values()];
  }

  private wishOf(key: string, uses: readonly FieldUse[], type: string): string {
    const { item } = uses[0]!;
    const parent = this.options.schema.getType(type) as GraphQLCompositeType;
    const { name } = item.definition;
    const field = fieldOf(this.options.schema, parent, name);
    const given = item.arguments.map((argument) => print(argument)).sort();
    const directives = uses.flatMap(({ item: { directives = [] } }) => directives.map((one) => print(one)));
    // Elsewhere the type conditions are sent on, and the directives with them.
    const around = this.isInterfaceObject(type) ? [...new Set(uses.map((use) => use.around))].sort().join('|') : '';
    const sets = uses.flatMap(({ item: { selections } }) => selections ?? []);
    const below = sets.length > 0 ? `{${this.wishesOf(sets)}}` : '';
    return `${key}:${name}(${given.join()})${directives.join('')}${around}:${getNamedType(field.type).name}${below}`;
  }

  /** Returns a name for everything asked at a place. The name is equal wherever the same is asked, in any order. */
  private wishesOf(sets: SelectionsOfPlace): string {
    const name = sets.map((set) => this.numberOf(set)).join();
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const types = this.typesOf(sets);
    const all = [...this.usesIn(sets, types)];
    const texts = types.map((type) =>
      all
        .flatMap(([key, uses]) => {
          const asked = uses.filter((use) => use.types.includes(type));
          return asked.length > 0 ? [this.wishOf(key, asked, type)] : [];
        })
        .sort()
        .join(' '),
    );
    const text = texts.every((one) => one === texts[0])
      ? (texts[0] ?? '')
      : types.map((type, index) => `${type}|${texts[index]}`).join('||');
    const short = this.names.get(text) ?? String(this.names.size);
    this.names.set(text, short);
    this.known.set(name, short);
    return short;
  }

  private usesIn(sets: SelectionsOfPlace, types: readonly string[]): Map<string, FieldUse[]> {
    const found = new Map<string, FieldUse[]>();
    // A fragment that is spread twice at a place is one tree (`operation/selection.ts`). It asks once.
    const seen = new Set<string>();
    const walk = (set: Selections, of: readonly string[], around: string) => {
      const name = `${this.numberOf(set)} ${of.join()} ${around}`;
      if (seen.has(name)) return;
      seen.add(name);
      for (const item of set.items) {
        this.looks += 1;
        if (this.looks > maxLooks) throw new Fault('FIELD_LIMIT');
        if (item.kind === 'fragment') {
          const narrower = of.filter((type) => this.isOf(type, item.selections.parent));
          const directives = (item.directives ?? []).map((one) => print(one));
          if (narrower.length > 0) walk(item.selections, narrower, around + directives.join(''));
          continue;
        }
        if (item.denied || item.definition.name.startsWith('__')) continue;
        const known = found.get(item.rawKey);
        const use = { item, types: of, around };
        if (known) known.push(use);
        else found.set(item.rawKey, [use]);
      }
    };
    for (const set of sets)
      walk(
        set,
        types.filter((type) => this.isOf(type, set.parent)),
        '',
      );
    return found;
  }

  private typesOf(sets: SelectionsOfPlace): string[] {
    const { schema } = this.options;
    const names = new Set<string>();
    for (const { parent } of sets)
      for (const { name } of isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]) names.add(name);
    return [...names];
  }

  private isOf(type: string, condition: GraphQLCompositeType): boolean {
    if (type === condition.name) return true;
    return alwaysHolds(this.options.schema, condition, this.options.schema.getType(type) as GraphQLCompositeType);
  }

  private isInterfaceObject(type: string): boolean {
    const known = this.options.schema.getType(type);
    return (
      isObjectType(known) &&
      known.getInterfaces().some((one) => isInterfaceType(one) && this.options.interfaceObjects.has(one.name))
    );
  }

  private numberOf(set: Selections): number {
    const known = this.numbers.get(set) ?? this.numbered++;
    this.numbers.set(set, known);
    return known;
  }
}

function* rawKeysIn(selections: Selections): Generator<string> {
  for (const item of selections.items) {
    if (item.kind === 'field') yield item.rawKey;
    if (item.selections) yield* rawKeysIn(item.selections);
  }
}
