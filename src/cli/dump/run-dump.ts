/** Packets of a capture to standard output, or to a file. */
import { existsSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import type { Capture, CaptureCounts } from "../../follow/capture/capture.ts";
import { formatFor } from "../../follow/capture/format-for.ts";
import { openCapture, type CaptureSource } from "../../follow/capture/open-capture.ts";
import { linkTypeName } from "../../wire/link-type-name.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import type { Output } from "../framework/output.ts";
import { isSameFile } from "../same-file.ts";
import { choose, type Choose } from "./choose.ts";
import type { DumpOptions } from "./dump-options.ts";
import { printingSink, type PacketSink } from "./packet-sink.ts";

export const runDump = async (options: DumpOptions, output: Output, signal: AbortSignal): Promise<number> => {
  refuse(options);
  const { write } = options;
  // The older format has no room for them.
  const marks = write !== undefined && formatFor(write) === "pcapng";
  const source = sourceOf(options);
  using capture = await openCapture(source, { marks });
  const isLive = typeof source !== "string";
  const isChosen = await choose(
    options,
    capture.interfaces,
    isLive && "filter" in source && source.filter !== undefined,
  );
  using sink = await sinkOf(options, capture, output, signal);
  introduce(capture, isLive, output);
  if (isLive) signal.addEventListener("abort", () => capture.stop(), { once: true });
  const taken = await pass(capture, isChosen, options.count ?? Infinity, sink, isLive ? undefined : signal);
  const counts = capture.counts();
  await sink.finish(counts);
  if (isLive) summarise(taken, counts, output);
  else if (taken === 0 && (options.direction ?? "inout") !== "inout" && !output.json)
    output.note(
      `${capture.name} says of no packet that it went ${options.direction}: pcap files never say it, pcapng files may`,
    );
  const remark = capture.remark();
  if (remark === null) return ExitStatus.Ok;
  output.remark(remark);
  return ExitStatus.Failed;
};

/** What writes files is loaded where it is needed: who prints millions of packets has little memory to spare. */
const sinkOf = async (
  options: DumpOptions,
  capture: Capture,
  output: Output,
  signal: AbortSignal,
): Promise<PacketSink> => {
  if (options.write === undefined) return printingSink(options, capture, output, signal);
  const { packetWriter } = await import("./packet-writer.ts");
  return packetWriter(options.write, capture, signal);
};

const refuse = ({ read, write, interface: device, ring, netns, promiscuous, buffer, rest }: DumpOptions): void => {
  const sources = { "-r": read, "-i": device, "--ring": ring };
  const [source, other] = given(sources);
  if (source === undefined) {
    throw new ConfigError("dump: say what to read", {
      hint:
        rest.length === 1 && existsSync(rest[0]!)
          ? `hopmark dump -r ${rest[0]} reads that file`
          : "an interface, hopmark dump -i DEVICE, a file, hopmark dump -r FILE, or copies, hopmark dump --ring NAME",
    });
  }
  if (other !== undefined)
    throw new ConfigError(`dump: ${source} and ${other} exclude each other`, { hint: "leave out one of the two" });
  const elsewhere = { ...(read !== undefined && { "--netns": netns }), "-p": promiscuous || undefined, "-B": buffer };
  const [wrong] = device === undefined ? given(elsewhere) : [];
  if (wrong !== undefined) {
    throw new ConfigError(
      `dump: ${wrong} is for interfaces, and ${read === undefined ? "--ring reads copies" : "-r reads a file"}`,
      { hint: "leave out one of the two" },
    );
  }
  if (read !== undefined && write !== undefined && read !== "-" && isSameFile(read, write)) {
    throw new ConfigError(`${write} is the capture that is read`, { hint: "write to another file" });
  }
};

/** The flags that were given. */
const given = (values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));

const sourceOf = (options: DumpOptions): CaptureSource => {
  const { read, interface: device = "any", ring, netns, promiscuous, buffer, snapLength, rest } = options;
  if (read !== undefined) return read;
  if (ring !== undefined) return { ring, netns };
  const filter = rest.join(" ");
  return {
    device,
    netns,
    snapLength,
    promiscuous: !promiscuous,
    bufferBytes: buffer === undefined ? undefined : buffer * 1024,
    // Those that look at VLAN tags are applied here: the kernel takes tags off first.
    filter: filter === "" || /\bvlan\b/.test(filter) ? undefined : filter,
  };
};

/** tcpdump says the same of what it reads. */
const introduce = ({ name, interfaces }: Capture, isLive: boolean, output: Output): void => {
  const [first] = interfaces;
  if (first === undefined || output.json) return;
  const verb = isLive ? "listening on" : "reading from";
  const { linkType, snapLength } = first;
  output.note(
    `${verb} ${name}, link-type ${linkTypeName(linkType)}, snapshot length ${snapLength === 0 ? "unlimited" : snapLength}${isLive ? " bytes" : ""}`,
  );
};

/** And of what it captured. */
const summarise = (taken: number, { produced, lost }: CaptureCounts, output: Output): void => {
  if (output.json) {
    output.note(JSON.stringify({ type: "summary", captured: taken, received: produced, lost }));
    return;
  }
  output.note(
    `${counted(taken)} captured\n${counted(produced)} received by filter\n${counted(lost)} dropped by kernel`,
  );
};

const counted = (packets: number | null): string => `${packets} packet${packets === 1 ? "" : "s"}`;

const pass = async (
  capture: Capture,
  isChosen: Choose | null,
  count: number,
  sink: PacketSink,
  signal: AbortSignal | undefined,
): Promise<number> => {
  let left = count;
  let taken = 0;
  for await (const batch of capture.batches()) {
    if (isChosen === null && left === Infinity && sink.addAll !== undefined) {
      sink.addAll(batch);
      taken += batch.count;
    } else {
      for (let n = 0; n < batch.count && left > 0; n++) {
        if (isChosen !== null && !isChosen(batch, n)) continue;
        left--;
        taken++;
        sink.add(batch, n);
        if (sink.isFull()) await sink.flush();
      }
    }
    await sink.flush();
    if (signal?.aborted === true || left === 0) break;
  }
  return taken;
};
