/** The kernel's IOAM configuration, for commands that list or change it. */
import type { Ioam6, IoamNamespace } from "../linux/genetlink/ioam6.ts";

/** Reads in a network namespace: the caller's own, or the one that `--netns` names. */
export const readIoam6 = async <T>(netns: string | undefined, read: (kernel: Ioam6) => T): Promise<T> => {
  const [{ Ioam6: Kernel }, { openNetns }] = await Promise.all([
    import("../linux/genetlink/ioam6.ts"),
    import("../linux/netns.ts"),
  ]);
  const namespace = netns === undefined ? undefined : openNetns(netns);
  const kernel = new Kernel(namespace);
  try {
    return read(kernel);
  } finally {
    kernel.close();
    namespace?.close();
  }
};

/** Changes it, and lets Hopmark's programs there know: what they write is part of them. */
export const changeIoam6 = async (netns: string | undefined, change: (kernel: Ioam6) => void): Promise<void> => {
  await readIoam6(netns, change);
  const { refreshIoam } = await import("../mark/ioam/control.ts");
  refreshIoam(netns);
};

/** As `ip ioam namespace show` words it. */
export const namespaceText = ({ id, data, dataWide, schema }: IoamNamespace): string =>
  [
    `namespace ${id}`,
    ...(schema === undefined ? [] : [`[schema ${schema}]`]),
    ...(data === undefined ? [] : [`data 0x${data.toString(16).padStart(8, "0")}`]),
    ...(dataWide === undefined ? [] : [`wide 0x${dataWide.toString(16).padStart(16, "0")}`]),
  ].join(" ");

export const schemaText = ({ id, data }: { readonly id: number; readonly data: string }): string =>
  `schema ${id} data: ${data}`;

/** A schema's data as text; the kernel pads it with zeros. */
export const schemaData = (data: Uint8Array): string => new TextDecoder().decode(data).replaceAll("\0", "");
