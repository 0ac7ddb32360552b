/** Methods of arrays that ask or compute what is known only at run time: written out, element for element. */
import { equality, negate, truth } from "./comparisons.ts";
import { arrayOf, itemsOf } from "./arrays.ts";
import { booleanValue } from "./conditions.ts";
import { Label, bind, decide, jump } from "./flow.ts";
import type { Unit } from "./unit.ts";
import { isStatic, statik, undefinedValue, type Value } from "./values.ts";

/** A call of a method of an array. */
interface ArrayCall {
  readonly unit: Unit;
  readonly fn: Function;
  readonly array: Value;
  readonly items: readonly Value[];
  readonly args: readonly Value[];
  /** Calls what the method was given. */
  readonly apply: (args: readonly Value[]) => Value;
}

/** Goes over the elements until one is found: `found` of it, `otherwise` without one. */
const search = (
  { unit, items }: ArrayCall,
  isFound: (item: Value, at: number) => Value,
  found: (item: Value, at: number) => Value,
  otherwise: Value,
): Value => {
  const end = new Label(unit);
  items.forEach((item, at) => {
    if (!unit.builder.reachable) return;
    const [here, next] = [new Label(unit), new Label(unit)];
    decide(unit, truth(unit, isFound(item, at)), here, next);
    bind(unit, here);
    if (unit.builder.reachable) jump(unit, end, found(item, at));
    bind(unit, next);
  });
  jump(unit, end, otherwise);
  return bind(unit, end);
};

const isGiven =
  ({ unit, args: [wanted = undefinedValue] }: ArrayCall) =>
  (item: Value): Value =>
    booleanValue(equality(unit, "===", item, wanted));
const holds =
  ({ apply, array }: ArrayCall) =>
  (item: Value, at: number): Value =>
    apply([item, statik(at), array]);
const fails =
  (call: ArrayCall) =>
  (item: Value, at: number): Value =>
    booleanValue(negate(truth(call.unit, holds(call)(item, at))));
const yes = (): Value => statik(true);
const place = (_: Value, at: number): Value => statik(at);

const filtered = (call: ArrayCall): Value => {
  const { unit, items } = call;
  return arrayOf(
    items.filter((item, at) => {
      const test = truth(unit, holds(call)(item, at));
      if (typeof test === "boolean") return test;
      return unit.refuse(
        "HM1004",
        "how many elements are left must be known while compiling; go over the array with for..of, and test each there",
      );
    }),
  );
};

const reduced = ({ unit, items, args, apply, array }: ArrayCall): Value => {
  const [first = args[1], ...others] = args.length > 1 ? [args[1], ...items] : items;
  if (first === undefined)
    return unit.refuse("HM1007", "reduce of an empty array throws; give it a value to start with, as in reduce(fn, 0)");
  const skipped = args.length > 1 ? 0 : 1;
  return (others as Value[]).reduce((sum, item, at) => apply([sum, item, statik(at + skipped), array]), first);
};

/** What JavaScript does by places alone. */
const rearranged = ({ unit, fn, items, args }: ArrayCall): Value => {
  const given = args.map((arg) => (fn === Array.prototype.concat ? (itemsOf(arg) ?? arg) : constant(unit, arg)));
  const result: unknown = Reflect.apply(fn, items, given);
  return Array.isArray(result) ? arrayOf(result as Value[]) : ((result as Value | undefined) ?? undefinedValue);
};

const constant = (unit: Unit, value: Value): unknown =>
  isStatic(value)
    ? value.value
    : unit.refuse("HM1004", "where an array is cut must be known while compiling; go over it with for..of");

type Method = (call: ArrayCall) => Value;

const includes: Method = (call) => search(call, isGiven(call), yes, statik(false));

const methods: ReadonlyMap<unknown, Method> = new Map<unknown, Method>([
  [Array.prototype.includes, includes],
  [Array.prototype.indexOf, (call) => search(call, isGiven(call), place, statik(-1))],
  [Array.prototype.some, (call) => search(call, holds(call), yes, statik(false))],
  [Array.prototype.every, (call) => search(call, fails(call), () => statik(false), statik(true))],
  [Array.prototype.find, (call) => search(call, holds(call), (item) => item, undefinedValue)],
  [Array.prototype.findIndex, (call) => search(call, holds(call), place, statik(-1))],
  [Array.prototype.map, (call) => arrayOf(call.items.map(holds(call)))],
  [Array.prototype.filter, filtered],
  [Array.prototype.reduce, reduced],
  [
    Array.prototype.forEach,
    (call) => {
      call.items.forEach(holds(call));
      return undefinedValue;
    },
  ],
  [Array.prototype.slice, rearranged],
  [Array.prototype.concat, rearranged],
  [Array.prototype.at, rearranged],
  [Set.prototype.has, includes],
  [Map.prototype.has, (call) => includes({ ...call, items: call.items.map(keyOf) })],
  [
    Map.prototype.get,
    (call) => {
      const isKey = isGiven(call);
      const valueOf = (entry: Value): Value => (itemsOf(entry) as readonly Value[])[1] as Value;
      return search(call, (entry) => isKey(keyOf(entry)), valueOf, undefinedValue);
    },
  ],
]);

const keyOf = (entry: Value): Value => (itemsOf(entry) as readonly Value[])[0] as Value;

/**
 * The result of a method of an array, a Set or a Map of which something is not known while compiling; null of what JavaScript
 * itself can call, and of methods that are not here.
 */
export const callArrayMethod = (
  unit: Unit,
  fn: Function,
  array: Value,
  args: readonly Value[],
  apply: (fn: Value, args: readonly Value[]) => Value,
): Value | null => {
  const method = methods.get(fn);
  const items = elementsOf(array);
  if (method === undefined || items === null) return null;
  if (array.kind !== "array" && args.every(isStatic)) return null;
  const [first = undefinedValue] = args;
  return method({ unit, fn, array, items, args, apply: (given) => apply(first, given) });
};

/** Null of an array with holes, too, over which JavaScript steps. */
const elementsOf = (value: Value): readonly Value[] | null => {
  const object = isStatic(value) ? value.value : undefined;
  if (object instanceof Set || object instanceof Map) return Array.from(object as Iterable<unknown>, statik);
  if (Array.isArray(object) && Object.keys(object).length < object.length) return null;
  return itemsOf(value);
};
