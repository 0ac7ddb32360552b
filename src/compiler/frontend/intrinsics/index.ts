/** What the compiler does for each function of the kernel's vocabulary, found by the function's identity. */
import { cgroupIntrinsics } from "./cgroup.ts";
import { atomicIntrinsics } from "./atomics.ts";
import { checksumIntrinsics } from "./checksum.ts";
import { devMapIntrinsics } from "./dev-map.ts";
import { environmentIntrinsics } from "./environment.ts";
import { fibIntrinsics } from "./fib.ts";
import { hashIntrinsics } from "./hash.ts";
import type { Intrinsic } from "./intrinsic.ts";
import { mapOfMapsIntrinsics } from "./map-of-maps.ts";
import { mapIntrinsics } from "./maps.ts";
import { mathIntrinsics } from "./math.ts";
import { packetIntrinsics } from "./packet.ts";
import { packetSumIntrinsics } from "./packet-sum.ts";
import { ringIntrinsics } from "./rings.ts";
import { rangeIntrinsics } from "./range.ts";
import { tracingIntrinsics } from "./tracing.ts";
import { socketStorageIntrinsics } from "./socket-storage.ts";
import { tailCallIntrinsics } from "./tail-calls.ts";
import { viewIntrinsics } from "./view-into.ts";

export const intrinsics: ReadonlyMap<unknown, Intrinsic> = new Map([
  ...cgroupIntrinsics,
  ...atomicIntrinsics,
  ...checksumIntrinsics,
  ...devMapIntrinsics,
  ...environmentIntrinsics,
  ...fibIntrinsics,
  ...hashIntrinsics,
  ...mapIntrinsics,
  ...mapOfMapsIntrinsics,
  ...mathIntrinsics,
  ...packetIntrinsics,
  ...packetSumIntrinsics,
  ...ringIntrinsics,
  ...rangeIntrinsics,
  ...tracingIntrinsics,
  ...socketStorageIntrinsics,
  ...tailCallIntrinsics,
  ...viewIntrinsics,
]);
