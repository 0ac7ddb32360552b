/** What an encapsulating rule may say: iproute2's grammar and its refusals. */
import { ConfigError } from "../../../errors.ts";
import { formatAddress, parseAddress } from "../../../wire/address.ts";
import { traceTypeBit } from "../../../wire/ioam/fields.ts";
import { formatPrefix, parsePrefix, prefixContains, type Prefix } from "../../../wire/prefix.ts";
import type { EncapMode } from "./rule.ts";
import { checkTraceSize } from "./trace-size.ts";
import { checkTraceType, formatTraceType } from "../trace-type.ts";

/** One rule as a user says it and as it is kept beside its program. */
export interface EncapOptions {
  /** `db02::/64`, canonical. */
  readonly prefix: string;
  /** 24 bits, RFC 9197 bit 0 the most significant. */
  readonly traceType: number;
  /** Namespace id, 0 to 65535. */
  readonly namespaceId: number;
  /** What packets get: a pre-allocated trace (default), or Direct Export (RFC 9326), by which nodes report instead of writing. */
  readonly trace?: "prealloc" | "dex";
  /** Bytes of trace data, a multiple of 4 up to 244; a pre-allocated trace needs it, Direct Export has none. */
  readonly size?: number;
  /** What reports of Direct Export call the rule's packets, 32 bits; default: drawn at random. */
  readonly flowId?: number;
  /** `packets` of every `of` packets get a trace. */
  readonly frequency: { readonly packets: number; readonly of: number };
  /** Number the packets and say when each was sent, in an Edge-to-Edge option beside the trace. */
  readonly e2e?: boolean;
  /** Default: inline. */
  readonly mode?: EncapMode;
  /** Source of the outer header, for modes encap and auto; default: the address that the kernel would choose. */
  readonly tunsrc?: string;
  /** Destination of the outer header; modes encap and auto need it. */
  readonly tundst?: string;
}

/** A rule that may be. */
export interface CheckedEncap extends EncapOptions {
  /** Only where it is no pre-allocated trace. */
  readonly trace?: "dex";
  /** 0 with Direct Export. */
  readonly size: number;
  readonly mode: EncapMode;
}

const MAX_FREQUENCY = 1_000_000;

/** Checks a rule; returns it with prefix and addresses in canonical form. ConfigError names the value and what would do. */
export const checkEncap = (options: EncapOptions): CheckedEncap => {
  const { traceType, namespaceId, frequency } = options;
  const prefix = checkPrefix(options.prefix);
  checkTraceType(traceType);
  if (!Number.isInteger(namespaceId) || namespaceId < 0 || namespaceId > 0xffff)
    throw new ConfigError(`namespace ${namespaceId} is not in 0 to 65535`);
  const kind = checkKind(options);
  const { packets, of } = frequency;
  if (![packets, of].every(Number.isInteger) || packets < 1 || packets > of || of > MAX_FREQUENCY) {
    throw new ConfigError(`freq ${packets}/${of} is not K/N with 1 <= K <= N <= ${MAX_FREQUENCY}`);
  }
  const e2e = options.e2e === true;
  if (e2e) checkNumbered(traceType);
  return {
    prefix,
    traceType,
    namespaceId,
    ...kind,
    frequency: { packets, of },
    ...(e2e && { e2e }),
    ...checkTunnel(options),
  };
};

/** ConfigError when packets with a trace of this type cannot be numbered. */
export const checkNumbered = (traceType: number): void => {
  if ((traceType & (traceTypeBit(0) | traceTypeBit(8))) !== 0) return;
  throw new ConfigError("e2e needs a node id in the trace: by it the sink knows whose sequence numbers they are", {
    hint: `add bit 0 to the type: ${formatTraceType(traceType | traceTypeBit(0))}`,
  });
};

/** ConfigError for what nodes do not report (RFC 9326, section 3.1.1). */
export const checkReportedType = (traceType: number): void => {
  if ((traceType & traceTypeBit(7)) === 0) return;
  const without = traceType & ~traceTypeBit(7);
  throw new ConfigError("trace dex has no checksum complement (bit 7): it is for data in packets", {
    hint: without === 0 ? "ask for other data" : `write type ${formatTraceType(without)}`,
  });
};

const MAX_FLOW_ID = 0xffff_ffff;

/** What a pre-allocated trace needs, Direct Export has no room for, and the other way round. */
const checkKind = (options: EncapOptions): Pick<CheckedEncap, "trace" | "size" | "flowId"> => {
  const { trace = "prealloc", traceType, size, flowId, e2e } = options;
  if (trace === "prealloc") {
    if (flowId !== undefined) {
      throw new ConfigError("flow is for trace dex", { hint: "say trace dex, or leave the flow out" });
    }
    if (size === undefined) {
      throw new ConfigError("a pre-allocated trace needs a size", {
        hint: `add size BYTES: hopmark ioam plan --type ${formatTraceType(traceType)} --hops N says how many`,
      });
    }
    checkTraceSize(size);
    return { size };
  }
  if (size !== undefined) {
    throw new ConfigError("trace dex has no size: nodes write nothing into the packet", { hint: "leave the size out" });
  }
  if (e2e === true) {
    throw new ConfigError("e2e is for trace prealloc: the sink needs the trace beside it", {
      hint: "leave e2e out: trace dex numbers its packets, too",
    });
  }
  checkReportedType(traceType);
  if (flowId === undefined) return { trace, size: 0 };
  if (!Number.isInteger(flowId) || flowId < 0 || flowId > MAX_FLOW_ID)
    throw new ConfigError(`flow ${flowId} is not in 0 to ${MAX_FLOW_ID}`);
  return { trace, size: 0, flowId };
};

/** iproute2 and the kernel: addresses of an outer header where there is one, and only there. */
const checkTunnel = ({
  mode = "inline",
  tunsrc,
  tundst,
}: EncapOptions): Pick<CheckedEncap, "mode" | "tunsrc" | "tundst"> => {
  if (mode === "inline") {
    if (tunsrc === undefined && tundst === undefined) return { mode };
    throw new ConfigError(`${tundst === undefined ? "tunsrc" : "tundst"} is for modes encap and auto`, {
      hint: "mode inline adds no outer header; say mode encap, or leave the address out",
    });
  }
  if (tundst === undefined) {
    throw new ConfigError(`mode ${mode} needs the address where its outer header ends`, {
      hint: "add tundst ADDRESS: the node with the sink",
    });
  }
  const source = tunsrc === undefined ? {} : { tunsrc: checkEnd("tunsrc", tunsrc) };
  return { mode, tundst: checkEnd("tundst", tundst), ...source };
};

/** An address that packets can be routed to, in canonical form. */
const checkEnd = (word: string, text: string): string => {
  const bytes = new Uint8Array(16);
  if (!parseAddress("ipv6", text, bytes, 0)) throw new ConfigError(`${word} "${text}" is not an IPv6 address`);
  const address = formatAddress("ipv6", bytes, 0);
  const refused = unroutable.find(({ prefix }) => prefixContains(parsePrefix(prefix), address));
  if (refused !== undefined) {
    throw new ConfigError(`${word} ${address} is ${refused.what}`, { hint: "use a global or unique local address" });
  }
  return address;
};

const unroutable = [
  { prefix: "::/128", what: "the unspecified address" },
  { prefix: "::1/128", what: "the loopback address" },
  { prefix: "::ffff:0:0/96", what: "an IPv4 address" },
  { prefix: "fe80::/10", what: "a link-local address, which no route leads to" },
  { prefix: "ff00::/8", what: "a multicast address" },
] as const;

/** An IPv6 prefix in canonical form. ConfigError when it is none. */
export const checkPrefix = (text: string): string => {
  let prefix: Prefix;
  try {
    prefix = parsePrefix(text);
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
  if (prefix.family !== "ipv6") throw new ConfigError(`${text} is an IPv4 prefix; IOAM traces are carried by IPv6`);
  return formatPrefix(prefix);
};

/** Refuses a second rule for a prefix. One prefix may lie within another: packets take the longest that holds their destination. */
export const refuseSecondRule = (prefix: string, rules: { has(prefix: string): boolean }, device: string): void => {
  if (!rules.has(prefix)) return;
  const words = `${prefix} dev ${device}`;
  throw new ConfigError(`${device} already traces packets to ${prefix}`, {
    hint: `change that rule: hopmark ioam encap change ${words} …, or delete it first: hopmark ioam encap del ${words}`,
  });
};

/** Refuses to change what is not there. */
export const refuseMissingRule = (prefix: string, rules: ReadonlyMap<string, unknown>, device: string): void => {
  if (rules.has(prefix)) return;
  const there = rules.size === 0 ? "" : `; it traces ${[...rules.keys()].join(", ")}`;
  throw new ConfigError(`${device} does not trace packets to ${prefix}${there}`, {
    hint: `add a rule: hopmark ioam encap add ${prefix} dev ${device} …`,
  });
};

/** A prefix as the encapsulating program compares it. */
export const prefixHalves = (text: string): { high: bigint; low: bigint; highMask: bigint; lowMask: bigint } => {
  const { bytes, length } = parsePrefix(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const mask = length === 0 ? 0n : ((1n << BigInt(length)) - 1n) << BigInt(128 - length);
  return {
    high: view.getBigUint64(0),
    low: view.getBigUint64(8),
    highMask: mask >> 64n,
    lowMask: mask & 0xffff_ffff_ffff_ffffn,
  };
};
