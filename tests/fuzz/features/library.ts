/** What kernel programs may call and read, found in the library and the compiler themselves: nobody lists it. */
import { intrinsics } from "../../../src/compiler/frontend/intrinsics/index.ts";
import { programTypes } from "../../../src/compiler/program-types/index.ts";
import * as kernel from "../../../src/kernel/index.ts";
import type { ProgramType } from "../../../src/kernel/program.ts";
import type { Feature } from "./feature.ts";

const { arrayMap, arrayOfMaps, devMap, hashMap, programArray, ringBuffer, skStorage, u32, variable } = kernel;

/** One of each kind that has methods of its own. */
const receivers: Readonly<Record<string, object>> = {
  map: hashMap(u32, u32, { entries: 1 }),
  "map of maps": arrayOfMaps(arrayMap(u32, { entries: 1 }), { entries: 1 }),
  ring: ringBuffer({ bytes: 4096 }),
  "device map": devMap({ entries: 1 }),
  "program array": programArray({ entries: 1 }),
  "socket storage": skStorage(u32, {}),
  variable: variable(u32, 0),
};

/** Names of the exports. */
const exported = (): Feature[] =>
  Object.keys(kernel).map((name) => ({ name, types: null, pattern: new RegExp(`\\b${name}\\b`) }));

/** Methods of the contexts and of their packets, and their fields, by type of program. */
const ofContexts = (): Feature[] =>
  (Object.keys(programTypes) as ProgramType[]).flatMap((type) => {
    const { contextPrototype, fields } = programTypes[type];
    return [
      ...methodsOf(contextPrototype).map((name) => [name, `ctx\\.${name}\\(`] as const),
      ...Object.keys(fields).map((name) => [name, `\\bctx\\.${name}\\b`] as const),
    ].map(([name, pattern]) => ({ name: `${type}: ctx.${name}`, types: [type], pattern: new RegExp(pattern) }));
  });

const ofReceivers = (): Feature[] =>
  Object.entries(receivers).flatMap(([kind, receiver]) =>
    methodsOf(receiver).map((name) => ({ name: `${kind}.${name}`, types: null, pattern: new RegExp(`\\.${name}\\(`) })),
  );

/** What the compiler knows of JavaScript's own. */
const ofJavaScript = (): Feature[] =>
  Object.entries({ Math, BigInt, Number }).flatMap(([object, own]) =>
    Object.getOwnPropertyNames(own)
      .filter((name) => intrinsics.has(Reflect.get(own, name)))
      .map((name) => `${object}.${name}`)
      .map((name) => ({ name, types: null, pattern: new RegExp(`\\b${name.replace(".", "\\.")}\\(`) })),
  );

const methodsOf = (object: object): string[] => {
  const names = new Set<string>();
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (intrinsics.has(value as unknown)) names.add(name);
  }
  return [...names];
};

export const libraryFeatures = (): Feature[] => [...exported(), ...ofContexts(), ...ofReceivers(), ...ofJavaScript()];
