import { pinDirectory } from "../../bpf/pin/place.ts";
import { currentNetns, openNetns } from "../../linux/netns.ts";
import { openSink, type OpenSink, type Target } from "../../mark/ioam/control.ts";
import { lockReader } from "./reader-lock.ts";

/** Opens a sink as its only reader. ConfigError when there is none, HopmarkError `busy` when another process reads it. */
export const openSinkAlone = (target: Target): OpenSink => {
  const sink = openSink(target);
  try {
    const { name, index } = sink.device;
    const place = { netnsInode: inodeOf(target.netns), feature: "ioam-sink", device: name, ifindex: index };
    const lock = lockReader(pinDirectory(place), name);
    const close = (): void => {
      lock.close();
      sink.close();
    };
    return { ...sink, close };
  } catch (error) {
    sink.close();
    throw error;
  }
};

const inodeOf = (reference: string | undefined): number => {
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  netns.close();
  return netns.inode;
};
