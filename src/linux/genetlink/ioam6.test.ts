import { execFileSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { ConfigError, UnsupportedError } from "../../errors.ts";
import { temporaryNetns } from "../fixtures/temporary-netns.ts";
import type { Netns } from "../netns.ts";
import { withNetns } from "../with-netns.ts";
import { GenericFamily } from "./family.ts";
import { Ioam6 } from "./ioam6.ts";

function open(): { netns: Netns; ioam: Ioam6 } {
  const netns = temporaryNetns();
  const ioam = new Ioam6(netns);
  onTestFinished(() => ioam.close());
  return { netns, ioam };
}

const ip = (netns: Netns, ...args: string[]) =>
  withNetns(netns, () => execFileSync("ip", ["ioam", ...args], { encoding: "utf8" }));

test("namespaces with data, wide data and none, as iproute2 shows them", () => {
  const { netns, ioam } = open();
  expect(ioam.namespaces()).toEqual([]);
  ioam.addNamespace({ id: 0 });
  ioam.addNamespace({ id: 123, data: 0xdeadbeef, dataWide: 0xdeadbeefcafedecan });
  const shown = ip(netns, "namespace", "show");
  expect(shown).toContain("namespace 123, data 0xdeadbeef, wide 0xdeadbeefcafedeca");
  expect(shown).toMatch(/namespace 0\n/);
  expect(ioam.namespaces().toSorted((a, b) => a.id - b.id)).toEqual([
    { id: 0 },
    { id: 123, data: 0xdeadbeef, dataWide: 0xdeadbeefcafedecan },
  ]);
  expect(() => ioam.addNamespace({ id: 123 })).toThrow("IOAM6_CMD_ADD_NAMESPACE (namespace 123): EEXIST");
  ioam.deleteNamespace(0);
  expect(ioam.namespaces()).toHaveLength(1);
  expect(() => ioam.deleteNamespace(0)).toThrow("IOAM6_CMD_DEL_NAMESPACE (namespace 0): ENOENT");
});

test("schemas, and the schema of a namespace", () => {
  const { netns, ioam } = open();
  const data = new TextEncoder().encode("anything that should be automatically 4n-aligned!!");
  ioam.addSchema({ id: 7, data });
  ioam.addNamespace({ id: 123, schema: 7 });
  expect(ioam.namespaces()).toEqual([{ id: 123, schema: 7 }]);
  expect(ip(netns, "namespace", "show")).toContain("namespace 123 [schema 7]");
  expect(ip(netns, "schema", "show")).toContain("schema 7 [namespace 123], data: 61 6e 79 74 68");
  const [schema] = ioam.schemas();
  expect(schema?.id).toBe(7);
  expect(Buffer.from(schema?.data ?? []).toString("utf8", 0, data.length)).toBe(Buffer.from(data).toString());
  ioam.setSchema(123, undefined);
  expect(ioam.namespaces()).toEqual([{ id: 123 }]);
  expect(() => ioam.setSchema(123, 8)).toThrow("(schema 8): ENOENT");
  expect(() => ioam.setSchema(124, 7)).toThrow("(namespace 124): ENOENT");
  expect(() => ioam.addNamespace({ id: 124, schema: 8 })).toThrow("(schema 8): ENOENT");
  expect(ioam.namespaces()).toEqual([{ id: 123 }]);
  ioam.deleteSchema(7);
  expect(ioam.schemas()).toEqual([]);
});

test("values that do not fit are refused before they are sent", () => {
  const { ioam } = open();
  expect(() => ioam.addNamespace({ id: 65536 })).toThrow(ConfigError);
  expect(() => ioam.addSchema({ id: 0xffffff, data: new Uint8Array(4) })).toThrow(ConfigError);
  expect(() => ioam.addSchema({ id: 1, data: new Uint8Array(1024) })).toThrow("at most 1020 fit");
});

test("each network namespace has its own", () => {
  const [first, second] = [open(), open()];
  first.ioam.addNamespace({ id: 5 });
  expect(second.ioam.namespaces()).toEqual([]);
});

test("a family that the kernel does not have is unsupported", () => {
  expect(() => new GenericFamily("HOPMARK-NO-SUCH", 1)).toThrow(UnsupportedError);
});
