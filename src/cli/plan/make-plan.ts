import { ConfigError } from "../../errors.ts";
import { planTrace, type TracePlan } from "../../wire/ioam/plan.ts";
import type { OuterFamily, TunnelKind } from "../../wire/tunnel-overhead.ts";
import { checkNumbered, checkReportedType } from "../../mark/ioam/encap/options.ts";
import { checkTraceSize } from "../../mark/ioam/encap/trace-size.ts";
import { checkTraceType } from "../../mark/ioam/trace-type.ts";
import { problemsOf, type PlanProblem } from "../../mark/ioam/encap/plan-advice.ts";

/** What the options of `ioam plan` say. */
export interface PlanInput {
  readonly type: number;
  readonly hops: number;
  readonly size?: number | undefined;
  readonly mode?: "inline" | "encap" | "auto" | undefined;
  readonly tunnel?: TunnelKind | "none" | undefined;
  readonly outer?: OuterFamily | undefined;
  readonly mtu?: number | undefined;
  readonly schemaWords?: number | undefined;
  /** Packets are numbered, too. */
  readonly e2e?: boolean;
  /** Nodes report in place of writing. */
  readonly dex?: boolean;
}

export interface Plan extends TracePlan {
  /** Every node finds room, and IPv6 its minimum MTU. */
  readonly ok: boolean;
  readonly problems: readonly PlanProblem[];
}

/** ConfigError for what `encap add` refuses, whatever the path: a type or size that no trace can have, numbers without a node id. */
export const makePlan = (input: PlanInput): Plan => {
  const { type, hops, size, mode = "inline", tunnel = "none", outer, schemaWords = 0 } = input;
  checkTraceType(type);
  if (size !== undefined) checkTraceSize(size);
  if (input.dex === true) refuseData(input);
  else if (input.e2e === true) checkNumbered(type);
  if (tunnel === "none" && outer !== undefined) {
    throw new ConfigError("--outer is for a tunnel's header, and there is no tunnel", { hint: "add --tunnel KIND" });
  }
  const plan = planTrace({
    traceType: type,
    hops,
    size,
    mode: mode === "inline" ? "inline" : "encap",
    tunnel: tunnel === "none" ? undefined : { kind: tunnel, outer: outer ?? "ipv6" },
    linkMtu: input.mtu ?? 1500,
    schemaWords,
    edgeToEdge: input.e2e,
    directExport: input.dex,
  });
  const problems = problemsOf(plan, schemaWords);
  return { ...plan, ok: problems.length === 0, problems };
};

/** What `encap add … trace dex` refuses, too. */
const refuseData = ({ type, size, e2e, schemaWords }: PlanInput): void => {
  checkReportedType(type);
  const given = { "--size": size, "--e2e": e2e === true ? true : undefined, "--schema-words": schemaWords };
  const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (option === undefined) return;
  throw new ConfigError(`${option} is for traces: with --dex nodes write nothing into packets`, {
    hint: option === "--e2e" ? "leave it out: trace dex numbers its packets, too" : "leave it out",
  });
};
