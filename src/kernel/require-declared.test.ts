/** Declarations that the type checker would refuse, or no kernel takes, are refused where they are written. */
import { expect, test } from "vitest";
import { HopmarkError } from "../errors.ts";
import { array, i32, ipv4Address, struct, u16, u32, u64 } from "../wire/layout.ts";
import { devMap } from "./dev-map.ts";
import { arrayOfMaps, hashOfMaps } from "./map-of-maps.ts";
import { arrayMap, hashMap, lpmTrie, ringBuffer, variable } from "./maps.ts";
import { tc, xdp } from "./program.ts";
import { skStorage } from "./socket-storage.ts";
import { tracepoint } from "./tracing.ts";

/** As who does not run the type checker writes it. */
const untyped = (make: unknown, ...args: readonly unknown[]): unknown =>
  Reflect.apply(make as () => unknown, null, args);

const Key = struct("key", { prefixLength: u32, address: u32 });
const ring = ringBuffer({ bytes: 4096 });

test.each([
  [
    "text for a key",
    hashMap,
    ["u32", u32, { entries: 4 }],
    "the key of a map of type hash is no layout",
    "give a struct",
  ],
  ["an object for a key", hashMap, [{ a: u32 }, u32, { entries: 4 }], "the key of a map of type hash", "give a struct"],
  [
    "an array for a value",
    arrayMap,
    [array(u32, 4), { entries: 4 }],
    "the value of a map of type array",
    'struct("value", { items: … })',
  ],
  ["text for what sockets carry", skStorage, ["u64"], "the value of a map of type sk_storage", "give a struct"],
  [
    "nothing for a key of maps",
    hashOfMaps,
    [undefined, ring, { entries: 4 }],
    "the key of a map of type hash_of_maps",
    "give a struct",
  ],
  [
    "no entries",
    hashMap,
    [u32, u32, { name: "x" }],
    "a map of type hash has no number of entries",
    "{ entries: 1024 }",
  ],
  ["no options", lpmTrie, [Key, u32], "a map of type lpm_trie has no number of entries", "{ entries: 1024 }"],
  [
    "0 entries",
    hashMap,
    [u32, u32, { entries: 0 }],
    "a map of type hash cannot have 0 entries",
    "from 1 to 4294967295",
  ],
  ["half an entry", arrayMap, [u32, { entries: 1.5 }], "a map of type array cannot have 1.5 entries", "a whole number"],
  ["no interfaces", devMap, [{}], "a map of type devmap has no number of entries", "{ entries: 1024 }"],
  ["maps without a number", arrayOfMaps, [ring, {}], "a map of type array_of_maps has no number", "{ entries: 1024 }"],
  ["no bytes", ringBuffer, [{ name: "x" }], "a ring buffer has no number of bytes", "{ bytes: 1 << 20 }"],
  [
    "no power of two",
    ringBuffer,
    [{ bytes: 5000 }],
    "a ring buffer cannot have 5000 bytes",
    "a power of two from 4096",
  ],
  [
    "less than a page",
    ringBuffer,
    [{ bytes: 2048 }],
    "a ring buffer cannot have 2048 bytes",
    "a power of two from 4096",
  ],
  ["an address as a variable", variable, [ipv4Address, "10.0.0.1"], "a variable is an integer", "in an arrayMap"],
  [
    "no first value",
    variable,
    [u32],
    "a variable of 32 bits cannot start with undefined",
    "a number from 0 to 4294967295: 0",
  ],
  ["text as first value", variable, [u32, "5"], 'a variable of 32 bits cannot start with "5"', "a number"],
  [
    "a number for 64 bits",
    variable,
    [u64, 0],
    "a variable of 64 bits cannot start with 0",
    "a bigint from 0 to 18446744073709551615: 0n",
  ],
  ["too large", variable, [u16, 65_536], "a variable of 16 bits cannot start with 65536", "from 0 to 65535"],
  [
    "too small",
    variable,
    [i32, -2_147_483_649],
    "a variable of 32 bits cannot start with -2147483649",
    "from -2147483648",
  ],
  ["no function", xdp, [], "xdp() takes a function, not nothing", "write xdp((ctx) => { … })"],
  ["an object", tc, [{ run: () => 0 }], "tc() takes a function, not object", "write tc("],
  [
    "no name",
    tracepoint,
    [() => {}],
    "tracepoint() takes a name and a function, not nothing",
    "write tracepoint(name, ",
  ],
])("%s", (_, make, args, says, hint) => {
  expect.assertions(2);
  try {
    untyped(make, ...args);
  } catch (error) {
    if (!(error instanceof HopmarkError)) throw error;
    expect(error.message).toContain(says);
    expect(error.hint).toContain(hint);
  }
});

test("the limits themselves are taken", () => {
  expect([variable(u16, 65_535).entries, variable(i32, -2_147_483_648).entries]).toEqual([1, 1]);
  expect([hashMap(u32, u32, { entries: 1 }).entries, hashMap(u32, u32, { entries: 0xffff_ffff }).entries]).toEqual([
    1, 0xffff_ffff,
  ]);
  expect(ringBuffer({ bytes: 4096 }).entries).toBe(4096);
});
