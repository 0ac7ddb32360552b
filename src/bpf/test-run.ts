/** `BPF_PROG_TEST_RUN`: a program run on bytes we give it, without a device. */
import { HopmarkError } from "../errors.ts";
import { Errno } from "../linux/ffi.ts";
import type { Netns } from "../linux/netns.ts";
import { withNetns } from "../linux/with-netns.ts";
import { Attributes } from "./sys/attributes.ts";
import { bpfError, tryBpf } from "./sys/bpf.ts";
import { TestFlag } from "./sys/constants.ts";

/** How a program is run on one packet. */
export interface TestRunOptions {
  /** Runs of the program. What it does to the packet stays there for the next run. */
  readonly repeat?: number;
  /** `struct xdp_md` or `struct __sk_buff`, see `xdpTestContext` and `skbTestContext`. */
  readonly context?: Uint8Array;
  /** Namespace in which interfaces of the context are looked up. */
  readonly netns?: Netns;
  /** Bytes the packet may grow by. */
  readonly growth?: number;
  /**
   * tc only: the packet arrives as from a NIC that has summed all of its bytes (CHECKSUM_COMPLETE). A program that leaves
   * the sum wrong makes the run fail with EBADMSG. Kernel 6.15.
   */
  readonly checksumComplete?: boolean;
}

/** What a run on one packet came to. */
export interface TestRunResult {
  /** The verdict, signed: `Tc.Next` is -1. */
  readonly verdict: number;
  /** The packet afterwards. */
  readonly packet: Uint8Array;
  /** The context afterwards; empty when none was given. */
  readonly context: Uint8Array;
  /** Mean over the repetitions, as the kernel measured it. */
  readonly durationNs: number;
}

const DEFAULT_GROWTH = 4096;

/**
 * Runs a loaded program on one packet, from its Ethernet header on: 14 bytes and more, up to about 3,600 for tc and 9,000
 * for XDP.
 */
export const testRun = (fd: number, packet: Uint8Array, options: TestRunOptions = {}): TestRunResult => {
  const output = new Uint8Array(packet.length + (options.growth ?? DEFAULT_GROWTH));
  const contextOutput = new Uint8Array(options.context?.length ?? 0);
  const attributes = new Attributes()
    .u32(0, fd)
    .u32(8, packet.length)
    .u32(12, output.length)
    .pointer(16, packet)
    .pointer(24, output)
    .u32(32, options.repeat ?? 1)
    .u32(64, options.checksumComplete === true ? TestFlag.SKB_CHECKSUM_COMPLETE : 0);
  if (options.context !== undefined) {
    attributes.u32(40, options.context.length).u32(44, contextOutput.length);
    attributes.pointer(48, options.context).pointer(56, contextOutput);
  }
  run(attributes, packet, options.netns);
  return {
    verdict: attributes.get(4) | 0,
    packet: output.subarray(0, attributes.get(12)),
    context: contextOutput,
    durationNs: attributes.get(36),
  };
};

/** How frames are sent through an XDP program. */
export interface LiveFramesOptions {
  /** Frames to send. */
  readonly repeat: number;
  readonly context?: Uint8Array;
  readonly netns?: Netns;
  /** Frames the kernel handles at once, up to 256. */
  readonly batch?: number;
}

/**
 * Sends frames through an XDP program whose verdict is carried out: `Tx` and `Redirect` transmit, `Pass` goes up the
 * stack. The kernel reuses frames without putting their bytes back.
 */
export const sendLiveFrames = (fd: number, frame: Uint8Array, options: LiveFramesOptions): void => {
  const attributes = new Attributes()
    .u32(0, fd)
    .u32(8, frame.length)
    .pointer(16, frame)
    .u32(32, options.repeat)
    .u32(64, TestFlag.XDP_LIVE_FRAMES)
    .u32(72, options.batch ?? 0);
  if (options.context !== undefined) attributes.u32(40, options.context.length).pointer(48, options.context);
  run(attributes, frame, options.netns);
};

const run = (attributes: Attributes, packet: Uint8Array, netns: Netns | undefined): void => {
  const call = (): number => tryBpf("PROG_TEST_RUN", attributes);
  const result = netns === undefined ? call() : withNetns(netns, call);
  if (result >= 0) return;
  if (result === -Errno.EINVAL) {
    throw new HopmarkError(
      "test-run",
      `the kernel cannot run the program on a frame of ${packet.length} bytes (EINVAL)`,
      {
        hint: "give a frame of 14 bytes and more, at most about 3,600 for tc, and a context without fields it may not set",
      },
    );
  }
  throw bpfError("PROG_TEST_RUN", result, "test run");
};

/** What an XDP program finds in its context. The interface must exist, and have the receive queue. */
export const xdpTestContext = (
  packetLength: number,
  fields: { readonly ingressIfindex?: number; readonly rxQueue?: number } = {},
): Uint8Array => {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, packetLength, true);
  view.setUint32(12, fields.ingressIfindex ?? 0, true);
  view.setUint32(16, fields.rxQueue ?? 0, true);
  return bytes;
};

/** The fields of `struct __sk_buff` that a test may set; interfaces must exist. */
export interface SkbTestFields {
  /** 32 bits. */
  readonly mark?: number;
  /** 32 bits. */
  readonly priority?: number;
  /** Number of the interface it came in by; 0, as unless said, for a packet of this host. */
  readonly ingressIfindex?: number;
  /** Number of the interface it is on; the loopback unless said. */
  readonly ifindex?: number;
  /** ns. */
  readonly timestamp?: bigint;
  /** Bytes on the wire; that of the frame unless said. */
  readonly wireLength?: number;
  /** How many segments it is cut into. */
  readonly gsoSegments?: number;
  /** Bytes of payload in each segment. */
  readonly gsoSize?: number;
  /** ns, by the NIC's clock. */
  readonly hardwareTimestamp?: bigint;
}

const SKB_BYTES = 192;

/** A `struct __sk_buff` with these fields, for {@link testRun} of programs at tc and of cgroups. */
export const skbTestContext = (fields: SkbTestFields): Uint8Array => {
  const bytes = new Uint8Array(SKB_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, fields.mark ?? 0, true);
  view.setUint32(32, fields.priority ?? 0, true);
  view.setUint32(36, fields.ingressIfindex ?? 0, true);
  view.setUint32(40, fields.ifindex ?? 0, true);
  view.setBigUint64(152, fields.timestamp ?? 0n, true);
  view.setUint32(160, fields.wireLength ?? 0, true);
  view.setUint32(164, fields.gsoSegments ?? 0, true);
  view.setUint32(176, fields.gsoSize ?? 0, true);
  view.setBigUint64(184, fields.hardwareTimestamp ?? 0n, true);
  return bytes;
};
