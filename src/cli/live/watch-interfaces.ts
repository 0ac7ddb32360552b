/** Interfaces that disappear while a command looks at them: of that nothing tells it that waits for packets. */
import { ConfigError, HopmarkError } from "../../errors.ts";
import { NetlinkError, type NetlinkSocket } from "../../linux/netlink/socket.ts";
import { currentNetns, openNetns } from "../../linux/netns.ts";
import { findLink, linkByIndex } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { watchGone, type GoneWatch } from "./gone.ts";

export interface WatchedInterface {
  readonly device: string;
  /** By NAME, PATH or PID; the caller's own without it. */
  readonly netns: string | undefined;
}

/** Fails when one of the interfaces disappears: nothing comes by there any more. ConfigError when one is not there now. Close it. */
export const watchInterfaces = (interfaces: readonly WatchedInterface[]): GoneWatch => {
  const watched: ReturnType<typeof watch>[] = [];
  const closeAll = (): void => watched.splice(0).forEach(({ close }) => close());
  try {
    for (const each of interfaces) watched.push(watch(each));
  } catch (error) {
    closeAll();
    throw error;
  }
  const gone = () => watched.find(({ isThere }) => !isThere());
  const { failed, close } = watchGone(
    () => gone() !== undefined,
    () => new HopmarkError("gone", `the interface ${gone()?.device} disappeared`),
  );
  return {
    failed,
    close: () => {
      close();
      closeAll();
    },
  };
};

const watch = ({ device, netns: reference }: WatchedInterface) => {
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  const socket = openRtnetlink(netns);
  const close = (): void => {
    socket.close();
    netns.close();
  };
  const link = findLink(socket, device);
  if (link === undefined) {
    close();
    throw noInterface(device, reference);
  }
  return { device, isThere: () => isThere(socket, link.index), close };
};

/** A command may look into two namespaces: it says into which. */
const noInterface = (device: string, netns: string | undefined): ConfigError =>
  new ConfigError(`there is no interface ${device} ${netns === undefined ? "here" : `in ${netns}`}`, {
    hint:
      netns === undefined
        ? "check its name, or say in which network namespace it is: --netns NAME"
        : `ip -n ${netns} link shows those that there are`,
  });

/** Whatever it is called by now. */
const isThere = (socket: NetlinkSocket, ifindex: number): boolean => {
  try {
    linkByIndex(socket, ifindex);
    return true;
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === "ENODEV") return false;
    throw error;
  }
};
