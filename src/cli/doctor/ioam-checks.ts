import type { Check } from "./check.ts";

export interface IoamFacts {
  /** The generic netlink family IOAM6 is there; else why not. */
  readonly family: true | string;
  /** CONFIG_IPV6_IOAM6_LWTUNNEL; undefined when the kernel's configuration cannot be read. */
  readonly routeEncapsulation: string | undefined;
  /** What iproute2's `ip` can say of IOAM; null when there is no `ip`. */
  readonly iproute2: "ioam" | "none" | null;
}

export const ioamChecks = ({ family, routeEncapsulation, iproute2 }: IoamFacts): Check[] => [
  family === true
    ? { group: "ioam", name: "IOAM6", status: "ok", detail: "namespaces, schemas and ids are kept by the kernel" }
    : {
        group: "ioam",
        name: "IOAM6",
        status: "missing",
        detail: family,
        remedy: "use Linux 5.15 or later, built with CONFIG_IPV6",
      },
  {
    group: "ioam",
    name: "route encapsulation",
    status: "ok",
    detail:
      routeEncapsulation === undefined
        ? "not to be told; Hopmark encapsulates at tc egress and does not need it"
        : routeEncapsulation === "n"
          ? "not built into this kernel; Hopmark encapsulates at tc egress instead"
          : "built in; Hopmark encapsulates at tc egress all the same",
  },
  {
    group: "ioam",
    name: "iproute2",
    status: "ok",
    detail:
      iproute2 === null
        ? "not installed; Hopmark does not need it"
        : iproute2 === "none"
          ? "its ip knows no `ip ioam` (5.15 does); hopmark ioam namespace and schema do the same"
          : "its ip knows `ip ioam`, and shows what hopmark ioam namespace and schema set",
  },
];
