/** Objects of programs written by hand: what compiled programs need only now and then. */
import { describe, expect, test } from "vitest";
import { kernelBtf } from "../../../src/bpf/btf/kernel-btf.ts";
import {
  add,
  assemble,
  call,
  exit,
  jumpEqual,
  kfunc,
  load,
  mapFd,
  mapValue,
  mov,
  movReg,
  storeImm,
  type Listing,
} from "../../../src/bpf/fixtures/assembler.ts";
import { writeObject } from "../../../src/compiler/object/elf.ts";
import type { CompiledProgram } from "../../../src/compiler/program.ts";
import { arrayMap, hashMap, variable, type MapDescriptor } from "../../../src/kernel/maps.ts";
import { struct, u32, u64 } from "../../../src/wire/layout.ts";
import { BpftoolObject, objectFile } from "./bpftool.ts";

const FRAME = new Uint8Array(64);
const LOOKUP = 1;

const loaded = (...programs: readonly CompiledProgram[]): BpftoolObject => new BpftoolObject(objectFile(...programs));

const readAt = (name: string, map: MapDescriptor, offset: number): CompiledProgram =>
  assemble("xdp", name, [
    ["const address = settings.b;", mapValue(1, map, offset)],
    ["return address;", load(4, 0, 1, 0), exit()],
  ]);

const lookUp = (name: string, map: MapDescriptor): CompiledProgram =>
  assemble("xdp", name, [
    ["const value = map.lookup(0);", storeImm(4, 10, -4, 0), movReg(2, 10), add(2, -4), mapFd(1, map), call(LOOKUP)],
    ["return value;", jumpEqual(0, 0, 1), mov(0, 1), exit()],
  ]);

test("a variable is addressed by its place in the section and by the field within it", () => {
  const Settings = struct("settings", { a: u32, b: u32, c: u64 });
  const settings = { ...arrayMap(Settings, { entries: 1, name: "settings" }), initial: { a: 3, b: 4, c: 5n } };
  const first = variable(u64, 9n, { name: "first" });
  const object = loaded(readAt("of_first", first, 0), readAt("of_b", settings, 4), readAt("of_c", settings, 8));
  expect(["of_first", "of_b", "of_c"].map((name) => object.run(name, FRAME))).toEqual([9, 4, 5]);
  expect(object.dump("object_data")).toEqual([
    { value: { ".data": [{ first: 9 }, { settings: { a: 3, b: 4, c: 5 } }] } },
  ]);
});

test("names that are used twice, or are no C identifiers, are told apart", () => {
  const map = (entries: number): MapDescriptor => hashMap(u32, u64, { entries, name: "flows v4" });
  const object = loaded(lookUp("look up", map(1)), lookUp("look up", map(2)));
  expect(object.program("look_up").type).toBe("xdp");
  expect(object.program("look_up_2").type).toBe("xdp");
  expect(object.map("flows_v4")).toMatchObject({ max_entries: 1 });
  expect(object.map("flows_v4_2")).toMatchObject({ max_entries: 2 });
});

describe("kernel functions", () => {
  const cases: Readonly<Record<string, Listing>> = {
    casts: [
      [
        "const skb = kernelContext(ctx);",
        kfunc("bpf_cast_to_kern_ctx"),
        movReg(1, 0),
        mov(2, kernelBtf().typeId("struct", "sk_buff") ?? 0),
        kfunc("bpf_rdonly_cast"),
      ],
      ["return 0;", mov(0, 0), exit()],
    ],
    iterator: [
      ["for (const i of range(0, 3)) {", movReg(1, 10), add(1, -8), mov(2, 0), mov(3, 3), kfunc("bpf_iter_num_new")],
      ["next", movReg(1, 10), add(1, -8), kfunc("bpf_iter_num_next")],
      ["}", movReg(1, 10), add(1, -8), kfunc("bpf_iter_num_destroy"), mov(0, 0), exit()],
    ],
    read_lock: [["rcu", kfunc("bpf_rcu_read_lock"), kfunc("bpf_rcu_read_unlock"), mov(0, 0), exit()]],
  };

  test.each(Object.entries(cases))("%s: the stated prototypes agree with the kernel's", (name, listing) => {
    expect(loaded(assemble("tc", name, listing)).run(name, FRAME)).toBe(0);
  });

  test("one whose prototype is not known is refused by name", () => {
    const program = assemble("tc", "unknown", [["x", kfunc("bpf_no_such_function"), exit()]]);
    expect(() => writeObject([program])).toThrow("kernel function bpf_no_such_function: its prototype is not known");
  });
});

describe("what an object cannot say", () => {
  test("no program", () => {
    expect(() => writeObject([])).toThrow("an object needs a program");
  });

  test("a variable that is looked up too", () => {
    const map = variable(u64, 0n, { name: "both" });
    expect(() => writeObject([readAt("one", map, 0), lookUp("other", map)])).toThrow(
      "map both is both looked up and a variable, which an object cannot say",
    );
  });

  test("first values of a map that is looked up", () => {
    const map = { ...arrayMap(u64, { entries: 2, name: "filled" }), initial: { value: 1n } };
    expect(() => writeObject([lookUp("looks", map)])).toThrow("map filled starts with values");
  });
});

test("ten thousand instructions with as many relocations", () => {
  const counter = variable(u64, 0n, { name: "counter" });
  const listing: Listing = Array.from({ length: 5000 }, (_, index) => [`line ${index}`, mapValue(1, counter)] as const);
  const program = assemble("xdp", "long", [...listing, ["return 0;", mov(0, 0), exit()]]);
  expect(writeObject([program]).length).toBeGreaterThan(80_000);
});
