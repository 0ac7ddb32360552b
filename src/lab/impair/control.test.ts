/** Who impairs an interface, told by a socket. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { claimControl, type ControlPlace } from "./control.ts";

const DIRECTORY = "/run/hopmark/impair";
/** Of no interface that there is. */
const placeOf = (ifindex: number): ControlPlace => ({ netnsInode: process.pid, ifindex, direction: "ingress" });
const pathOf = ({ netnsInode, ifindex }: ControlPlace): string => `${DIRECTORY}/${netnsInode}-${ifindex}-ingress.sock`;

const claim = async (place: ControlPlace) => {
  const control = await claimControl(place, "east");
  onTestFinished(() => control.close());
  return control;
};

/** A process that listened there, and was killed. */
const leave = (place: ControlPlace): void => {
  mkdirSync(DIRECTORY, { recursive: true, mode: 0o700 });
  const code = `require("net").createServer().listen("${pathOf(place)}", () => process.kill(process.pid, "SIGKILL"))`;
  expect(spawnSync(process.execPath, ["-e", code]).signal).toBe("SIGKILL");
  expect(existsSync(pathOf(place))).toBe(true);
};

test("what killed processes left goes with the next claim, of whatever interface; what is claimed stays", async () => {
  await claim(placeOf(1));
  leave(placeOf(2));
  leave(placeOf(3));
  await claim(placeOf(3));
  expect([1, 2, 3].map((ifindex) => existsSync(pathOf(placeOf(ifindex))))).toEqual([true, false, true]);
  await expect(claim(placeOf(1))).rejects.toThrow("east is impaired by another process");
  await expect(claim(placeOf(3))).rejects.toThrow("east is impaired by another process");
});
