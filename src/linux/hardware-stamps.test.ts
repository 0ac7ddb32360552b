/** A veth has no clock: its refusal is real. What goes to a NIC that has one is compared with the kernel's structures. */
import { expect, test } from "vitest";
import { toHex } from "../wire/hex.ts";
import { temporaryRtnetlink } from "./fixtures/temporary-netns.ts";
import { encodeRequest, encodeStamps, readHardwareStamps, setHardwareStamps, STAMP_ALL } from "./hardware-stamps.ts";
import { createVeth } from "./rtnetlink/links.ts";

test("an interface that does not stamp", () => {
  const { route } = temporaryRtnetlink();
  createVeth(route, { name: "one" }, { name: "other" });
  expect(readHardwareStamps(route, "one")).toBeUndefined();
  expect(() => setHardwareStamps(route, "one", { transmit: 0, receive: STAMP_ALL })).toThrow(
    expect.objectContaining({ errno: "EOPNOTSUPP" }),
  );
  expect(() => readHardwareStamps(route, "none")).toThrow(expect.objectContaining({ errno: "ENODEV" }));
});

test("struct hwtstamp_config and struct ifreq", () => {
  expect(toHex(new Uint8Array(encodeStamps({ transmit: 1, receive: STAMP_ALL }).buffer))).toBe(
    "0x000000000100000001000000",
  );
  expect(toHex(encodeRequest("eth0", 0x1122_3344_5566_7788n))).toBe(
    `0x65746830${"00".repeat(12)}8877665544332211${"00".repeat(16)}`,
  );
});
