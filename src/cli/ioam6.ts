/** The kernel's IOAM configuration, for commands that list or change it. */
import type { Ioam6, IoamNamespace, IoamSchema } from "../linux/genetlink/ioam6.ts";

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

/** As `ip ioam schema show` words it; bytes that are no text in hexadecimal. */
export const schemaText = ({ id, data, hex }: ShownSchema): string =>
  `schema ${id} data: ${hex === undefined ? data : `0x${hex}`}`;

export interface ShownSchema {
  readonly id: number;
  readonly data: string;
  /** When the data is no text. */
  readonly hex?: string;
}

export const shownSchema = ({ id, data }: IoamSchema): ShownSchema => {
  const text = schemaAsText(data);
  if (text !== undefined) return { id, data: text };
  return { id, data: new TextDecoder().decode(data), hex: Buffer.from(data).toString("hex") };
};

/** A schema's data as text, without the zeros that the kernel pads it with; undefined when it is no text. */
export const schemaAsText = (data: Uint8Array): string | undefined => {
  const bytes = data.subarray(0, data.findLastIndex((byte) => byte !== 0) + 1);
  const text = new TextDecoder().decode(bytes);
  return Buffer.from(text).equals(bytes) && !/\p{Cc}/u.test(text) && text !== "" ? text : undefined;
};
