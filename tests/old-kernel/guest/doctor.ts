import assert from "node:assert/strict";
import { probe, type Feature } from "../../../src/bpf/features.ts";
import { hopmark } from "./command.ts";

/** What sets this kernel apart. */
const EXPECTED: Readonly<Partial<Record<Feature, "yes" | "no">>> = {
  tcx: "no",
  clsact: "yes",
  "xdp-native": "yes",
  "test-run": "yes",
  ringbuf: "yes",
  bpf_skb_set_tstamp: "yes",
  bpf_ktime_get_tai_ns: "yes",
  bpf_cast_to_kern_ctx: "no",
  bpf_rdonly_cast: "no",
  bpf_iter_num_new: "no",
};

/** `hopmark doctor` finds all that is needed, and says what is not there. */
export const doctor = (): string => {
  const { ok, checks } = hopmark("doctor") as {
    ok: boolean;
    checks: { name: string; status: string; detail: string }[];
  };
  const not = (status: string) => checks.filter((own) => own.status === status).map(({ name }) => name);
  assert.deepEqual(not("missing"), []);
  assert.equal(ok, true);
  assert.deepEqual(not("warn"), ["kernel objects"]);
  assert.equal(checks.find(({ name }) => name === "attaching at tc")?.detail, "by clsact: this kernel has no TCX");
  return `${checks.length} checks, none missing`;
};

/** Each by trying. */
export const features = (): string => {
  const found = Object.fromEntries(
    Object.keys(EXPECTED).map((feature) => [feature, probe(feature as Feature).answer] as const),
  );
  assert.deepEqual(found, EXPECTED);
  const absent = Object.keys(EXPECTED).filter((feature) => EXPECTED[feature as Feature] === "no");
  return `without ${absent.join(", ")}`;
};
