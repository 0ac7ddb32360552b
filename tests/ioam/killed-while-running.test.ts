/** Commands that run for long, killed while they do: packets do not notice, and who comes after finds all in order. */
import { afterEach, expect, test, vi } from "vitest";
import { startHopmark, type Running } from "../../src/cli/fixtures/program.ts";
import type { PathObject, Summary } from "../../src/follow/trace/index.ts";
import { startPing } from "../../src/lab/traffic/ping.ts";
import { addEncap, addSink, addTransit, showIoam, type Target } from "../../src/mark/ioam/control.ts";
import { SEQUENCE_BITS } from "../../src/mark/ioam/sequence-number.ts";
import { IoamLab, type Musketeer } from "../support/ioam-lab.ts";

// Labs, compilations and commands, on machines that have other things to do too.
vi.setConfig({ testTimeout: 60_000 });

const PATIENCE = { timeout: 20_000, interval: 10 };

let lab: IoamLab;
afterEach(() => lab.close());

const at = (node: Musketeer, device = `h_${node}`): Target & { netns: string } => ({
  device,
  netns: `${lab.name}-${node}`,
});
const kill = async ({ child, ended }: Running): Promise<string> => {
  child.kill("SIGKILL");
  const { status, stdout } = await ended;
  expect(status).toBeNull();
  return stdout;
};
const interrupt = async ({ child, ended }: Running): Promise<string> => {
  child.kill("SIGINT");
  const { status, stdout, stderr } = await ended;
  expect(status, stderr).toBe(0);
  return stdout;
};

test("the reader of a sink: the next one reads what comes from then on, and all that was received is accounted for", async () => {
  lab = new IoamLab();
  const sink = at("aramis");
  addSink(sink, { e2e: true });
  addEncap(at("athos"), {
    prefix: "db02::/64",
    traceType: 0xf00000,
    namespaceId: 123,
    size: 48,
    frequency: { packets: 1, of: 1 },
    e2e: true,
  });
  const ping = await startPing(lab.node("athos"), { target: "db02::2", intervalMs: 1 });
  const read = (): Running => startHopmark(["trace", sink.device, "--netns", sink.netns, "--json", "--lines"]);
  const first = read();
  await first.lines(100);
  const before = numbersIn(await kill(first));
  const second = read();
  await second.lines(100);
  const { sent, received, errors } = await ping.stop();
  expect({ received, errors }).toEqual({ received: sent, errors: 0 });
  const text = await interrupt(second);
  const after = numbersIn(text);

  // Each without a hole; what is between them was the dead one's, or waited for the next one to begin.
  for (const own of [before, after]) expect(own).toEqual(own.map((_, index) => own[0]! + index));
  expect(after[0]).toBeGreaterThan(before.at(-1)!);
  expect(after.at(-1)).toBe(sent - 1);
  const [status] = showIoam(sink.netns);
  expect(status?.counters).toMatchObject({ received: BigInt(sent), ringFull: 0n, e2eLost: 0n });
  const summary = JSON.parse(text.trimEnd().split("\n").at(-1)!) as Summary;
  expect(summary).toMatchObject({ type: "summary", received: after.length });
  console.log(`${before.length} read, ${after[0]! - before.at(-1)! - 1} lost with their reader, ${after.length} read`);
});

/** Sequence numbers of the paths, without a last line that was cut off. */
const numbersIn = (text: string): number[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as PathObject | Summary)
    .flatMap((value) => (value.type === "path" && value.edgeToEdge !== undefined ? [value.edgeToEdge.sequence] : []))
    .map((sequence) => Number(BigInt.asUintN(Number(SEQUENCE_BITS), BigInt(sequence))));

test("the keeper of next hops: they are not believed for long, and another one keeps them", async () => {
  lab = new IoamLab({ xdp: true });
  const transit = at("porthos", "h_porthos_a");
  addTransit(transit, { xdp: true, nextHops: true });
  const ping = await startPing(lab.node("athos"), { target: "db02::2", intervalMs: 2 });
  const isKept = (): boolean | undefined => {
    const [status] = showIoam(transit.netns);
    return status?.kind === "transit" ? status.xdp?.kept : undefined;
  };
  const keep = async (): Promise<Running> => {
    const keeper = startHopmark(["ioam", "transit", "watch", "--netns", transit.netns, "--json"]);
    await keeper.lines(1);
    // Not while it writes: the neighbours that pings ask for change the table at once.
    await vi.waitFor(() => expect(isKept()).toBe(true), PATIENCE);
    return keeper;
  };
  await kill(await keep());
  await vi.waitFor(() => expect(isKept()).toBe(false), PATIENCE);
  await interrupt(await keep());
  expect(isKept()).toBe(false);
  const { sent, received, errors } = await ping.stop();
  expect({ received, errors }).toEqual({ received: sent, errors: 0 });
});
