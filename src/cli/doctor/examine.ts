/** Looks at the machine: everything `hopmark doctor` says. */
import { readFileSync } from "node:fs";
import { probe } from "../../bpf/features.ts";
import { HopmarkError } from "../../errors.ts";
import { effectiveCapabilities, missingCapabilities } from "../../linux/capabilities.ts";
import { confinement } from "../../linux/confinement.ts";
import { readOffloads } from "../../linux/ethtool.ts";
import { Ioam6 } from "../../linux/genetlink/ioam6.ts";
import { kernelConfig, kernelFacts } from "../../linux/kernel-facts.ts";
import { openNetns, type Netns } from "../../linux/netns.ts";
import { linkByName, links } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { bpfChecks } from "./bpf-checks.ts";
import { diagnosisOf, type Check, type Diagnosis } from "./check.ts";
import { interfaceCheck } from "./interface-checks.ts";
import { ioamChecks, type IoamFacts } from "./ioam-checks.ts";
import { iproute2Facts } from "./iproute2-facts.ts";
import { fileSystemChecks, kernelChecks } from "./kernel-checks.ts";
import { rightsChecks } from "./rights-checks.ts";

export interface ExamineOptions {
  /** This interface only. */
  readonly device?: string | undefined;
  /** NAME, PATH or PID of the namespace whose interfaces and IOAM are looked at. */
  readonly netns?: string | undefined;
}

/** Changes nothing. HopmarkError when the interface or the namespace is not there. */
export const examine = ({ device, netns: reference }: ExamineOptions): Diagnosis => {
  // One's own is not opened: to enter it again takes a right that reading does not.
  const netns = reference === undefined ? undefined : openNetns(reference);
  try {
    const interfaces = interfaceChecks(netns, device, reference);
    const facts = kernelFacts();
    return diagnosisOf([
      ...kernelChecks(facts),
      ...rightsChecks(effectiveCapabilities(), process.getuid?.() === 0),
      ...fileSystemChecks(facts),
      ...bpfChecks(probe, memoryLockLimit(), bpfRemedy()),
      ...ioamChecks(ioamFacts(netns)),
      ...interfaces,
    ]);
  } finally {
    netns?.close();
  }
};

/** For who has the capabilities and may not all the same. */
const bpfRemedy = (): string | undefined =>
  missingCapabilities(["CAP_BPF", "CAP_NET_ADMIN"]).length > 0
    ? undefined
    : (confinement()?.remedy ?? "look into the kernel's log for what forbids it: dmesg");

const interfaceChecks = (
  netns: Netns | undefined,
  device: string | undefined,
  reference: string | undefined,
): Check[] => {
  const route = openRtnetlink(netns);
  try {
    const examined =
      device === undefined ? links(route).filter(({ up, name }) => up && name !== "lo") : [linkByName(route, device)];
    return examined.map((link) => interfaceCheck(link, readOffloads(route, link.name), reference));
  } finally {
    route.close();
  }
};

const ioamFacts = (netns: Netns | undefined): IoamFacts => ({
  family: ioamFamily(netns),
  routeEncapsulation: kernelConfig("CONFIG_IPV6_IOAM6_LWTUNNEL"),
  iproute2: iproute2Facts(process.env["PATH"] ?? ""),
});

const ioamFamily = (netns: Netns | undefined): true | string => {
  try {
    new Ioam6(netns).close();
    return true;
  } catch (error) {
    if (error instanceof HopmarkError) return error.message;
    throw error;
  }
};

/** Bytes; Infinity for no limit. Source: proc_pid_limits(5). */
const memoryLockLimit = (): number => {
  const [, soft = "unlimited"] = /^Max locked memory\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return soft === "unlimited" ? Infinity : Number(soft);
};
