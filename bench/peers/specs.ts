/** The programs of the comparison, in the order of the table. */
import type { Spec } from "./spec.ts";
import { flowBucket } from "./specs/flow-bucket.ts";
import { ioamFill } from "./specs/ioam-fill.ts";
import { ipChecksum } from "./specs/ip-checksum.ts";
import { ipip } from "./specs/ipip.ts";
import { ipv6Extensions } from "./specs/ipv6-extensions.ts";
import { maglev } from "./specs/maglev.ts";
import { parseCount } from "./specs/parse-count.ts";
import { tcpOptions } from "./specs/tcp-options.ts";

export const specs: readonly Spec[] = [
  parseCount,
  ipip,
  maglev,
  tcpOptions,
  ipv6Extensions,
  ioamFill,
  flowBucket,
  ipChecksum,
];
