/** Attaching a user's program to an interface, by the program's type. */
import type { Attachment, Device } from "../../bpf/attach/attachment.ts";
import type { Direction } from "../../bpf/attach/order.ts";
import type { LoadedProgram } from "../../bpf/loaded-program.ts";
import { ConfigError } from "../../errors.ts";
import type { ProgramType } from "../../kernel/program.ts";
import type { Netns } from "../../linux/netns.ts";
import { linkByName, type Link } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";

/** ConfigError when a program of this type cannot be at `hook`. */
export const checkHook = (type: ProgramType, hook: Direction | undefined): void => {
  if (hook === undefined || type === "tc") return;
  throw new ConfigError(`--hook ${hook} is for programs made with tc(), and this one was made with ${type}()`, {
    hint: "leave --hook out",
  });
};

/** The interface of that name. NetlinkError ENODEV when there is none. */
export const findDevice = (name: string, netns: Netns | undefined): Link => {
  const socket = openRtnetlink(netns);
  try {
    return linkByName(socket, name);
  } finally {
    socket.close();
  }
};

export const attachTo = (loaded: LoadedProgram, device: Device, hook: Direction | undefined): Attachment => {
  const { type } = loaded.compiled;
  switch (type) {
    case "xdp":
      return loaded.attachXdp(device);
    case "tc":
      return loaded.attachTc(device, { direction: hook ?? "ingress" });
  }
};
