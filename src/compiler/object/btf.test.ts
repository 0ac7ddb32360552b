import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayMap, hashMap, ringBuffer, type MapDescriptor } from "../../kernel/maps.ts";
import type { SourceModule } from "../../kernel/source.ts";
import {
  array,
  be16,
  be24,
  be32,
  be64,
  bits,
  header,
  i32,
  ipv6Address,
  macAddress,
  nested,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../../wire/layout.ts";
import type { CompiledProgram } from "../program.ts";
import { mapsBtf, programBtf } from "./btf.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hopmark-btf-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bpftool = (btf: Uint8Array, format: "raw" | "c"): string => {
  const path = join(folder, "program.btf");
  writeFileSync(path, btf);
  return execFileSync("bpftool", ["btf", "dump", "file", path, "format", format], { encoding: "utf8" });
};

/** The C text of one structure, one space between words. */
const cStruct = (btf: Uint8Array, name: string): string =>
  (bpftool(btf, "c").split(`struct ${name} {\n`)[1] ?? "").split("\n}")[0]?.replaceAll(/\s+/g, " ").trim() ?? "";

describe("layouts", () => {
  test("integers, arrays, addresses and structures keep names, places and byte order", () => {
    const inner = struct("Inner", { a: u16, b: u32 });
    const value = struct("Value", {
      small: u8,
      port: be16,
      count: u64,
      signed: i32,
      mac: macAddress,
      address: ipv6Address,
      odd: be24,
      wide: be64,
      list: array(u32, 4),
      inner: nested(inner),
    });
    const { btf, mapTypeIds } = mapsBtf([hashMap(struct("Key", { source: be32 }), value, { entries: 1 })]);
    expect([...mapTypeIds.values()]).toEqual([{ key: expect.any(Number), value: expect.any(Number) }]);
    expect(cStruct(btf, "Value")).toBe(
      "unsigned char small; __be16 port; unsigned long long count; int signed; mac_address mac; long: 0; ipv6_address address; " +
        "be24 odd; __be64 wide; unsigned int list[4]; struct Inner inner;",
    );
    const raw = bpftool(btf, "raw");
    for (const field of value.fields) expect(raw).toContain(`'${field.name}' type_id=`);
    for (const field of value.fields) {
      expect(raw).toMatch(new RegExp(`'${field.name}' type_id=\\d+ bits_offset=${field.bitOffset}\n`));
    }
  });

  test("bit fields lie where a little-endian reader looks for them, one member per byte", () => {
    const trace = header("IoamTrace", "RFC 9197", {
      namespaceId: be16,
      nodeLength: bits(5),
      flags: bits(4),
      remainingLength: bits(7),
      traceType: bits(24),
      reserved: bits(8),
    });
    const raw = bpftool(mapsBtf([arrayMap(trace, { entries: 1 })]).btf, "raw");
    expect(raw).toMatch(/'nodeLength' type_id=\d+ bits_offset=19 bitfield_size=5/);
    expect(raw).toMatch(/'flags__0' type_id=\d+ bits_offset=16 bitfield_size=3/);
    expect(raw).toMatch(/'flags__1' type_id=\d+ bits_offset=31 bitfield_size=1/);
    expect(raw).toMatch(/'remainingLength' type_id=\d+ bits_offset=24 bitfield_size=7/);
    expect(raw).toMatch(/'traceType' type_id=\d+ bits_offset=32\n/);
    expect(raw).toMatch(/'reserved' type_id=\d+ bits_offset=56\n/);
  });

  test("names that C does not allow are made to fit", () => {
    const odd = struct("hop-limit", { "3rd": u8, "a b": u8 });
    expect(cStruct(mapsBtf([arrayMap(odd, { entries: 1 })]).btf, "hop_limit")).toBe(
      "unsigned char _3rd; unsigned char a_b;",
    );
  });

  test("a ring buffer has no types", () => {
    const ring = ringBuffer({ bytes: 4096 });
    expect(mapsBtf([ring]).mapTypeIds.get(ring)).toEqual({ key: 0, value: 0 });
  });
});

describe("programs", () => {
  const text = 'import { xdp } from "hopmark/kernel";\n\nexport const pass = xdp((ctx) => {\n  return 2;\n});\n';
  const module: SourceModule = { url: "file:///work/my%20programs/pass.bpf.ts", text };
  const position = { module, offset: text.indexOf("(ctx)") };
  const body = { module, offset: text.indexOf("return") };
  // prettier-ignore
  const instructions = Uint8Array.of(
    0x18, 1, 0, 0, 1, 0, 0, 0,   0, 0, 0, 0, 0, 0, 0, 0, // r1 = 1 ll
    0xb7, 0, 0, 0, 2, 0, 0, 0,   0x95, 0, 0, 0, 0, 0, 0, 0, // r0 = 2; exit
  );
  const program = (lines: CompiledProgram["code"]["lines"], maps: readonly MapDescriptor[] = []): CompiledProgram => ({
    type: "xdp",
    name: "pass",
    maps,
    position,
    code: { instructions, relocations: [], lines, stackBytes: 0 },
  });
  const records = (info: Uint8Array): number[][] => {
    const words = [...new Uint32Array(info.slice().buffer)];
    return Array.from({ length: words.length / 4 }, (_, index) => words.slice(index * 4, index * 4 + 4));
  };
  const string = (btf: Uint8Array, offset: number): string => {
    const view = new DataView(btf.buffer);
    const start = 24 + view.getUint32(16, true) + offset;
    return new TextDecoder().decode(btf.subarray(start, btf.indexOf(0, start)));
  };

  test("the function has its name and its context", () => {
    const { btf, funcInfo } = programBtf(program([]));
    expect(bpftool(btf, "raw")).toMatch(/FUNC 'pass' type_id=\d+ linkage=global/);
    expect(bpftool(btf, "raw")).toContain("STRUCT 'xdp_md'");
    expect(funcInfo.length).toBe(8);
  });

  test("lines carry file, text, line and column, and begin at the first instruction", () => {
    const { btf, lineInfo } = programBtf(program([{ instruction: 2, position: body }]));
    const rows = records(lineInfo).map(([instruction, file, line, place = 0]) => [
      instruction,
      string(btf, file ?? 0),
      string(btf, line ?? 0),
      place >>> 10,
      place & 1023,
    ]);
    expect(rows).toEqual([
      [0, "/work/my programs/pass.bpf.ts", "export const pass = xdp((ctx) => {", 3, 25],
      [2, "/work/my programs/pass.bpf.ts", "  return 2;", 4, 3],
    ]);
  });

  test("the kernel's rules are kept: no second half of a wide instruction, no repeated place, ascending", () => {
    const lines = [0, 1, 2, 2, 3].map((instruction) => ({ instruction, position: instruction < 2 ? position : body }));
    expect(records(programBtf(program(lines)).lineInfo).map(([instruction]) => instruction)).toEqual([0, 2]);
  });

  test("ten thousand lines take milliseconds", () => {
    const long: SourceModule = { url: "long.bpf.ts", text: "const x = 1;\n".repeat(10_000) };
    const code = new Uint8Array(80_000).fill(0xb7);
    const lines = Array.from({ length: 10_000 }, (_, instruction) => ({
      instruction,
      position: { module: long, offset: instruction * 13 },
    }));
    const before = performance.now();
    const built = programBtf({
      ...program(lines),
      code: { instructions: code, relocations: [], lines, stackBytes: 0 },
    });
    expect(built.lineInfo.length).toBe(160_000);
    expect(performance.now() - before).toBeLessThan(500);
  });
});
