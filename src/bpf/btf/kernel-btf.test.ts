import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { KernelBtf, VMLINUX_BTF, kernelBtf } from "./kernel-btf.ts";

interface DumpedMember {
  readonly name: string;
  readonly type_id: number;
  readonly bits_offset: number;
  readonly bitfield_size?: number;
}

interface DumpedType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly members?: readonly DumpedMember[];
}

const dump = (): readonly DumpedType[] => {
  const options = { maxBuffer: 1 << 28, encoding: "utf8" } as const;
  return JSON.parse(execFileSync("bpftool", ["btf", "dump", "file", VMLINUX_BTF, "-j"], options)).types;
};

describe("the kernel's own types", () => {
  const types = dump();
  const btf = kernelBtf();

  test.each(["sk_buff", "net_device", "xdp_buff", "iphdr", "tcphdr"])("struct %s agrees with bpftool", (name) => {
    const judge = types.find((type) => type.kind === "STRUCT" && type.name === name);
    expect(btf.typeId("struct", name)).toBe(judge?.id);
    const named = judge?.members?.filter((member) => member.name !== "(anon)") ?? [];
    expect(named.length).toBeGreaterThan(0);
    for (const member of named) {
      expect(btf.bitField(name, member.name), member.name).toMatchObject({
        bitOffset: member.bits_offset,
        bitFieldBits: member.bitfield_size ?? 0,
      });
    }
  });

  test("members of unnamed unions and embedded structures are found", () => {
    const dev = btf.field("sk_buff", "dev");
    expect(dev).toMatchObject({ sizeBytes: 8, pointee: "net_device" });
    expect(dev?.offsetBytes).toBe(16);
    expect(btf.field("net_device", "ifindex")).toMatchObject({ sizeBytes: 4, pointee: null });
    const outer = btf.field("sock", "__sk_common")?.offsetBytes ?? NaN;
    const inner = btf.field("sock_common", "skc_family")?.offsetBytes ?? NaN;
    expect(btf.field("sock", "__sk_common.skc_family")?.offsetBytes).toBe(outer + inner);
  });

  test("functions are found by name", () => {
    const judge = types.find((type) => type.kind === "FUNC" && type.name === "bpf_cast_to_kern_ctx");
    expect(judge).toBeDefined();
    expect(btf.typeId("func", "bpf_cast_to_kern_ctx")).toBe(judge?.id);
  });

  test("what is not there is undefined", () => {
    expect(btf.typeId("func", "no_such_function_here")).toBeUndefined();
    expect(btf.field("no_such_struct", "x")).toBeUndefined();
    expect(btf.field("sk_buff", "no_such_member")).toBeUndefined();
    expect(btf.field("sk_buff", "len.ifindex")).toBeUndefined();
  });
});

test("a kernel without type information is refused by name", () => {
  expect(() => KernelBtf.read("/sys/kernel/btf/none")).toThrow(/no type information/);
});

test("other bytes are refused", () => {
  expect(() => KernelBtf.read("/proc/self/status")).toThrow(/^\/proc\/self\/status: .*no BTF header/);
  expect(() => new KernelBtf(new Uint8Array(64))).toThrow(/no BTF header/);
  const cut = readFileSync(VMLINUX_BTF).subarray(0, 1000);
  expect(() => new KernelBtf(cut)).toThrow(/short/);
});
