import { HopmarkError } from "../errors.ts";
import { Attributes } from "./sys/attributes.ts";
import { bpfError, tryBpf } from "./sys/bpf.ts";
import { Descriptor } from "./sys/descriptor.ts";

const LOG_BYTES = 1 << 16;

/** Hands type information to the kernel. A refusal is a defect of ours: its log is in the message. */
export const loadBtf = (btf: Uint8Array, object: string): Descriptor => {
  const result = tryBpf("BTF_LOAD", new Attributes().pointer(0, btf).u32(16, btf.length));
  if (result >= 0) return new Descriptor(result);
  const plain = bpfError("BTF_LOAD", result, object);
  const log = Buffer.alloc(LOG_BYTES);
  const attributes = new Attributes().pointer(0, btf).pointer(8, log).u32(16, btf.length);
  tryBpf("BTF_LOAD", attributes.u32(20, LOG_BYTES).u32(24, 1));
  const text = log.toString("utf8").split("\0")[0]?.trim() ?? "";
  // It never looked at them.
  if (text === "") throw plain;
  throw new HopmarkError("btf", `the kernel refused the type information of ${object}: ${text}`, {
    hint: "this is a fault of Hopmark: please report it with this message",
    cause: plain,
  });
};
