/** How members of the kernel's structures are read, judged by /proc; and what the kernel and bpftool say to it. */
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { without } from "../../src/bpf/fixtures/without-capabilities.ts";
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { KernelTypes } from "../../src/compiler/kernel-types.ts";
import { readLayout } from "../../src/wire/codec.ts";
import { textOf } from "../../src/wire/text.ts";
import { BpftoolObject, objectFile } from "../compiler/object/bpftool.ts";
import { entered, received, tasks } from "./programs.bpf.ts";
import { checked, elements, index, look, mentions, numbers, Pair, pid, Seen, seen, unchecked } from "./reads.bpf.ts";

const kernel = kernelBtf();

/** Linux 6.1 has no function that casts. */
const old: KernelTypes = {
  field: (struct, path) => kernel.field(struct, path),
  bitField: (struct, path) => kernel.bitField(struct, path),
  size: (struct) => kernel.size(struct),
  shape: (type) => kernel.shape(type),
  names: (kind) => kernel.names(kind),
  typeId: (kind, name) => (name === "bpf_rdonly_cast" ? undefined : kernel.typeId(kind, name)),
};

const sleep = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);

/** What the program saw of this process when it went to sleep. */
const lookAt = (at: number, kernelTypes: KernelTypes) => {
  const loaded = load(compile(look, { kernelTypes }));
  onTestFinished(() => loaded.close());
  loaded.map(index).value = at;
  // Before it is attached: 0 is the number of the idle task, which is switched away all the time.
  loaded.map(pid).value = process.pid;
  using _attachment = loaded.attachTracepoint();
  sleep();
  loaded.map(pid).value = 0;
  const [record] = loaded.map(seen).drain();
  if (record === undefined) throw new Error("the process was not switched away");
  return readLayout(Seen, record, 0);
};

const comm = readFileSync(`/proc/${process.pid}/task/${process.pid}/comm`, "latin1").trimEnd();
const letter = (at: number): number => comm.charCodeAt(at) || 0;

test.each([
  ["the kernel's cast", kernel],
  ["copies, where the kernel has no cast", old],
])("indexes, casts and ways that meet, by %s", (_, types) => {
  for (const at of [0, 3, 9]) {
    const record = lookAt(at, types);
    expect(record).toMatchObject({
      letters: [letter(0), letter(1), letter(at), at < 8 ? letter(at + 8) : 0],
      direct: process.pid,
      copied: process.pid,
      parent: process.ppid,
      text: 1,
    });
    expect(textOf(record.name)).toBe(comm);
    if (at === 3) expect(record.either).toBe(process.ppid);
    expect(record.start).toBeGreaterThan(0n);
  }
});

test("an argument that may be null is the verifier's to refuse, and it says what to write", () => {
  expect(() => load(compile(unchecked, { kernelTypes: kernel }))).toThrow(/HM2102: .*may be null/);
  load(compile(checked, { kernelTypes: kernel })).close();
});

test("a tracepoint that another kernel had is refused when the program is loaded", () => {
  const shifted: KernelTypes = { ...old, typeId: (kind, name) => kernel.typeId(kind, name.replace("_gone", "")) };
  const compiled = compile(received, { kernelTypes: shifted });
  const gone = { ...compiled, purpose: { target: "netif_receive_skb_gone" } };
  expect(() => load(gone)).toThrow(/program received is for netif_receive_skb_gone, which this kernel does not have/);
});

test("without CAP_PERFMON it is named", () => {
  const compiled = compile(received, { kernelTypes: kernel });
  expect(() => without(["CAP_PERFMON", "CAP_SYS_ADMIN"], () => load(compiled))).toThrow(/CAP_PERFMON/);
});

test("bpftool loads them from objects, each from the section of what it is for", () => {
  const compiled = [received, entered, tasks].map((program) => compile(program, { kernelTypes: kernel }));
  const object = new BpftoolObject(objectFile(...compiled));
  expect(compiled.map(({ name }) => object.program(name).type)).toEqual(["tracing", "raw_tracepoint", "tracing"]);
});

test("an iterator over the elements of a map is told which map", () => {
  using owner = load(compile(mentions, { kernelTypes: kernel }));
  using loaded = load(compile(elements, { kernelTypes: kernel }));
  for (const key of [3, 4]) owner.map(numbers).set(key, { value: key * 11 });
  expect(() => loaded.attachIterator()).toThrow(/walks the elements of a map: say of which/);
  using iterator = loaded.attachIterator({ map: owner.rawMap(numbers) });
  const pairs = iterator.read(Pair).toSorted((one, other) => one.key - other.key);
  expect(pairs).toEqual([
    { key: 3, value: 33 },
    { key: 4, value: 44 },
  ]);
  iterator.close();
  iterator.close();
});
