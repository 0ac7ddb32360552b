/** What an encapsulating rule may say: iproute2's grammar and its refusals. */
import { ConfigError } from "../../errors.ts";
import { formatPrefix, parsePrefix, prefixesOverlap, type Prefix } from "../../wire/prefix.ts";
import { checkTraceSize } from "./trace-size.ts";
import { checkTraceType } from "./trace-type.ts";

/** One rule as a user says it and as it is kept beside its program. */
export interface EncapOptions {
  /** `db02::/64`, canonical. */
  readonly prefix: string;
  /** 24 bits, RFC 9197 bit 0 the most significant. */
  readonly traceType: number;
  /** Namespace id, 0 to 65535. */
  readonly namespaceId: number;
  /** Bytes of trace data, a multiple of 4 up to 244. */
  readonly size: number;
  /** `packets` of every `of` packets get a trace. */
  readonly frequency: { readonly packets: number; readonly of: number };
}

const MAX_FREQUENCY = 1_000_000;

/** Checks a rule; returns it with its prefix in canonical form. ConfigError names the value and what would do. */
export const checkEncap = (options: EncapOptions): EncapOptions => {
  const { traceType, namespaceId, size, frequency } = options;
  const prefix = ipv6Prefix(options.prefix);
  checkTraceType(traceType);
  if (!Number.isInteger(namespaceId) || namespaceId < 0 || namespaceId > 0xffff)
    throw new ConfigError(`namespace ${namespaceId} is not in 0 to 65535`);
  checkTraceSize(size);
  const { packets, of } = frequency;
  if (![packets, of].every(Number.isInteger) || packets < 1 || packets > of || of > MAX_FREQUENCY) {
    throw new ConfigError(`freq ${packets}/${of} is not K/N with 1 <= K <= N <= ${MAX_FREQUENCY}`);
  }
  return { prefix: formatPrefix(prefix), traceType, namespaceId, size, frequency: { packets, of } };
};

const ipv6Prefix = (text: string): Prefix => {
  let prefix: Prefix;
  try {
    prefix = parsePrefix(text);
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
  if (prefix.family !== "ipv6") throw new ConfigError(`${text} is an IPv4 prefix; IOAM traces are carried by IPv6`);
  return prefix;
};

/** Refuses a rule whose prefix shares addresses with another's. */
export const checkOverlap = (rule: EncapOptions, others: readonly EncapOptions[], device: string): void => {
  const prefix = parsePrefix(rule.prefix);
  for (const other of others) {
    if (other.prefix === rule.prefix) {
      throw new ConfigError(`${device} already traces packets to ${rule.prefix}`, {
        hint: `delete that rule first: hopmark ioam encap del ${rule.prefix} dev ${device}`,
      });
    }
    if (prefixesOverlap(prefix, parsePrefix(other.prefix))) {
      throw new ConfigError(`${rule.prefix} overlaps ${other.prefix}, which ${device} already traces`, {
        hint: "use one prefix, or prefixes that share no address",
      });
    }
  }
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
