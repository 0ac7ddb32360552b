/** The trace type that a user asks for: 24 bits, RFC 9197 bit 0 the most significant. */
import { ConfigError } from "../../errors.ts";
import { undefinedTraceBits } from "../../wire/ioam/fields.ts";

/** ConfigError for what an encapsulating node must not ask for (RFC 9197, section 4.4.1). */
export const checkTraceType = (traceType: number): void => {
  const type = formatTraceType(traceType);
  if (!Number.isInteger(traceType) || traceType < 0 || traceType > 0xff_ffff)
    throw new ConfigError(`trace type ${type} has more than 24 bits`);
  if (traceType === 0)
    throw new ConfigError("trace type 0 asks for no data", { hint: "set at least one bit, as in type 0xfe0000" });
  const undefinedBits = traceType & undefinedTraceBits;
  if (undefinedBits !== 0) {
    throw new ConfigError(
      `trace type ${type} sets bits that RFC 9197 leaves undefined (${formatTraceType(undefinedBits)})`,
      { hint: "bits 0 to 11 and 22 may be set: type & 0xfff002" },
    );
  }
};

/** `0xfe0000` */
export const formatTraceType = (traceType: number): string => `0x${traceType.toString(16).padStart(6, "0")}`;
