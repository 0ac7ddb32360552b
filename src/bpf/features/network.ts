import { HopmarkError } from "../../errors.ts";
import { createVeth, linkByName } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { attachClsact } from "../attach/clsact.ts";
import { hasTcx } from "../attach/tcx.ts";
import { attachXdp } from "../attach/xdp.ts";
import type { Attachment, Device } from "../attach/attachment.ts";
import { testRun } from "../test-run.ts";
import type { ProgramType } from "../../kernel/program.ts";
import { type Answer, no, unknown, yes } from "./probe.ts";
import { withScratchNetns } from "./scratch-netns.ts";
import { EXIT, MOV_R0_0, tryLoad } from "./try-load.ts";

const withProgram = (type: ProgramType, run: (program: { fd: number; name: string }) => Answer): Answer => {
  const { program } = tryLoad(type, [...MOV_R0_0, ...EXIT]);
  if (program === undefined) return no(`the kernel takes no ${type} programs`);
  try {
    return run({ fd: program.fd, name: "hopmark_probe" });
  } finally {
    program.close();
  }
};

export const probeTcx = (): Answer => {
  const has = hasTcx();
  if (has === undefined) return unknown("the kernel would not say which programs an interface has");
  return has ? yes("the kernel lists TCX programs") : no("the kernel knows no TCX hook");
};

/** Attaches to a device of a namespace made for it. */
const probeAttach = (what: string, attach: (device: Device) => Attachment): Answer =>
  withScratchNetns((netns) => {
    const route = openRtnetlink(netns);
    try {
      createVeth(route, { name: "probe0" }, { name: "probe1" });
      const device = { ifindex: linkByName(route, "probe0").index, netns };
      try {
        attach(device).close();
      } catch (error) {
        if (error instanceof HopmarkError && error.code !== "not-permitted") return no(`${what}: ${error.message}`);
        throw error;
      }
      return yes(`${what}: done on a veth of a namespace of its own`);
    } finally {
      route.close();
    }
  });

export const probeClsact = (): Answer =>
  withProgram("tc", (program) =>
    probeAttach("attaching a clsact filter", (device) => attachClsact(program, device, "egress")),
  );

export const probeXdpNative = (): Answer =>
  withProgram("xdp", (program) =>
    probeAttach("attaching XDP in the driver", (device) => attachXdp(program, device, { mode: "native" })),
  );

export const probeTestRun = (): Answer =>
  withProgram("xdp", (program) => {
    const { verdict } = testRun(program.fd, new Uint8Array(64));
    return verdict === 0
      ? yes("the kernel ran a program on a packet of ours")
      : no(`a test run gave ${verdict}, not 0`);
  });
