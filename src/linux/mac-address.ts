import { ConfigError } from "../errors.ts";

/** `"2e:fe:7c:b0:c7:72"` to 6 bytes; `ConfigError` for anything else. */
export function parseMac(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    throw new ConfigError(`"${text}" is not a MAC address`, { hint: "write six bytes as 2e:fe:7c:b0:c7:72" });
  }
  return Uint8Array.from(text.split(":"), (byte) => Number.parseInt(byte, 16));
}

/** 6 bytes to lower-case colon notation; other lengths (tunnels have 0, 4 or 16) in the same notation. */
export function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
