import { cString, Errno } from "../../linux/ffi.ts";
import { HopmarkError } from "../../errors.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpf, bpfError, tryBpf } from "../sys/bpf.ts";

/** Gives a program, map or link a name in bpffs: it lives as long as the name does. Throws `exists`. */
export const pinObject = (fd: number, path: string): void => {
  const result = tryBpf("OBJ_PIN", new Attributes().pointer(0, cString(path)).u32(8, fd));
  if (result >= 0) return;
  if (result === -Errno.EEXIST) throw new HopmarkError("exists", `${path} is there already`);
  throw bpfError("OBJ_PIN", result, path);
};

/** Opens what is pinned there; returns a descriptor. */
export const openPinned = (path: string): number => bpf("OBJ_GET", new Attributes().pointer(0, cString(path)), path);

/** The same; undefined when nothing is pinned there. */
export const tryOpenPinned = (path: string): number | undefined => {
  const result = tryBpf("OBJ_GET", new Attributes().pointer(0, cString(path)));
  if (result === -Errno.ENOENT) return undefined;
  if (result < 0) throw bpfError("OBJ_GET", result, path);
  return result;
};
