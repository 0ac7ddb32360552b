import { expect, test } from "vitest";
import { ConfigError, SyscallError } from "../../errors.ts";
import { NetlinkError } from "../../linux/netlink/socket.ts";
import { exitStatusOf } from "./exit-status.ts";
import { explain } from "./explain.ts";

const cases: [Error, string, number][] = [
  [new NetlinkError("RTM_GETLINK", "ENODEV", "eth7", undefined), "there is no interface eth7 here", 2],
  [new SyscallError("ioctl", "ENODEV", "ethtool eth7"), "there is no interface eth7 here", 2],
  [new NetlinkError("IOAM6_CMD_ADD_NAMESPACE", "EEXIST", "namespace 7", undefined), "namespace 7 exists already", 1],
  [new NetlinkError("IOAM6_CMD_DEL_SCHEMA", "ENOENT", "schema 7", undefined), "there is no schema 7 here", 2],
  [new NetlinkError("RTM_NEWLINK", "EBUSY", "eth7", undefined), "RTM_NEWLINK (eth7): EBUSY", 1],
  [new SyscallError("bpf", "ENOENT", "map x"), "bpf (map x): ENOENT", 1],
  [new ConfigError("as it was"), "as it was", 2],
];
test.each(cases)("%s", (error, message, status) => {
  const explained = explain(error);
  expect(explained).toMatchObject({ message });
  expect(exitStatusOf(explained)).toBe(status);
});
