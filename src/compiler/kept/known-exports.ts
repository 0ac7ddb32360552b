/**
 * What Hopmark exports that is data, as the modules of a script imported it: with the build, its name says all that it holds,
 * since nobody changes it.
 */
const names = new WeakMap<object, string>();

/** `name`: no other export has it. */
export const noteExport = (value: unknown, name: string): void => {
  if (typeof value === "object" && value !== null) names.set(value, name);
};

/** Undefined for what is not known to be an export. */
export const exportName = (value: object): string | undefined => names.get(value);
