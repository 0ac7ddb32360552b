/** What the kernel's objects have in common where ways meet. */
import type { Presence } from "./unit.ts";
import { isStatic, type KernelValue, type Value } from "./values.ts";

/** The object that stands for all of them, which are of one type or null; null when they are not. */
export const commonKernelValue = (values: readonly Value[]): KernelValue | null => {
  const objects = values.filter((value): value is KernelValue => value.kind === "kernel");
  const [first] = objects;
  if (first === undefined || !values.every((value) => value.kind === "kernel" || isNull(value))) return null;
  if (!objects.every(({ shape }) => isSame(first.shape, shape))) return null;
  return {
    ...first,
    nullable: objects.every(({ nullable }) => nullable !== "argument") ? "never" : "argument",
    access: (["probe", "cast"] as const).find((least) => objects.some(({ access }) => access === least)) ?? "direct",
  };
};

/** Whether the end of an edge knows that an object is there. */
export const isKnownPresent = ({ nullable }: KernelValue, known: Presence | undefined): boolean =>
  nullable !== "maybe" || (known !== undefined && known.present >= 0);

const isNull = (value: Value): boolean => isStatic(value) && value.value === null;

const isSame = (one: KernelValue["shape"], other: KernelValue["shape"]): boolean => {
  if (one.kind === "structure") return other.kind === "structure" && one.id === other.id;
  if (one.kind === "array")
    return other.kind === "array" && one.element === other.element && one.length === other.length;
  return other.kind === "pointer" && one.target === other.target;
};
