/** The programs of the comparison in TypeScript, by the names of their specifications. */
import { flowBucket } from "./twins/flow-bucket.bpf.ts";
import { ioamFill } from "./twins/ioam-fill.bpf.ts";
import { ipChecksum } from "./twins/ip-checksum.bpf.ts";
import { ipip } from "./twins/ipip.bpf.ts";
import { ipv6Extensions } from "./twins/ipv6-extensions.bpf.ts";
import { maglev } from "./twins/maglev.bpf.ts";
import { parseCount } from "./twins/parse-count.bpf.ts";
import { tcpOptions } from "./twins/tcp-options.bpf.ts";
import type { Twin } from "./twins/twin.ts";

export const twins: Readonly<Record<string, Twin>> = {
  "parse-count": parseCount,
  ipip,
  maglev,
  "tcp-options": tcpOptions,
  "ipv6-extensions": ipv6Extensions,
  "ioam-fill": ioamFill,
  "flow-bucket": flowBucket,
  "ip-checksum": ipChecksum,
};
