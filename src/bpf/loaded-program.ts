import type { CompiledProgram } from "../compiler/program.ts";
import { HopmarkError } from "../errors.ts";
import type { MapDescriptor } from "../kernel/maps.ts";
import { madeWith } from "../kernel/program.ts";
import type { Attachment, Device } from "./attach/attachment.ts";
import { attachCgroup } from "./attach/cgroup.ts";
import type { Direction } from "./attach/order.ts";
import { attachIterator, type IteratorAttachOptions, type KernelIterator } from "./attach/iterator.ts";
import { attachTc, type TcAttachOptions } from "./attach/tc.ts";
import { attachTracepoint, pinAtTracepoint, type TracepointAttachment } from "./attach/tracing.ts";
import { attachXdp, type XdpAttachOptions } from "./attach/xdp.ts";
import type { HandleOf } from "./maps/handles.ts";
import type { KernelMap } from "./maps/kernel-map.ts";
import type { MapSet } from "./maps/map-set.ts";
import type { Descriptor } from "./sys/descriptor.ts";
import { type ProgramInfo, programInfo } from "./sys/info.ts";
import {
  type LiveFramesOptions,
  sendLiveFrames,
  testRun,
  type TestRunOptions,
  type TestRunResult,
} from "./test-run.ts";

/** A program in the kernel. Its attachments and pins outlive it. */
export class LoadedProgram {
  readonly name: string;
  readonly compiled: CompiledProgram;
  readonly #descriptor: Descriptor;
  readonly #maps: MapSet;
  readonly #release: () => void;

  constructor(compiled: CompiledProgram, descriptor: Descriptor, maps: MapSet, release: () => void) {
    this.name = compiled.name;
    this.compiled = compiled;
    this.#descriptor = descriptor;
    this.#maps = maps;
    this.#release = release;
  }

  /** Of the program, open until it is closed. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /** What the kernel says of it: id, tag, sizes. */
  info(): ProgramInfo {
    return programInfo(this.fd);
  }

  /** The typed handle of a map the program uses. */
  map<D extends MapDescriptor>(descriptor: D): HandleOf<D> {
    return this.#maps.handle(descriptor);
  }

  /** The same map as bytes. */
  rawMap(descriptor: MapDescriptor): KernelMap {
    return this.#maps.raw(descriptor);
  }

  /** Runs it on one packet, from its Ethernet header on. */
  testRun(packet: Uint8Array, options: TestRunOptions = {}): TestRunResult {
    return testRun(this.fd, packet, options);
  }

  /** XDP only: sends frames whose verdicts are carried out. */
  sendLiveFrames(frame: Uint8Array, options: LiveFramesOptions): void {
    this.#mustBe("xdp");
    sendLiveFrames(this.fd, frame, options);
  }

  /** At a device's XDP hook; for programs made with `xdp()`. */
  attachXdp(device: Device, options: XdpAttachOptions = {}): Attachment {
    this.#mustBe("xdp");
    return attachXdp(this, device, options);
  }

  /** At a device's ingress or egress; for programs made with `tc()`. */
  attachTc(device: Device, options: TcAttachOptions): Attachment {
    this.#mustBe("tc");
    return attachTc(this, device, options);
  }

  /**
   * To a cgroup and all below it, given as its directory under the cgroup2 mount; the mount's root without it. For programs
   * made with `cgroupSkb()`, on packets that come in unless told or made otherwise, and with `sockOps()`.
   * @throws HopmarkError `program-type` for packets that come in and a program that is for those that leave
   */
  attachCgroup(path?: string, direction?: Direction): Attachment {
    this.#mustBe("cgroupSkb", "sockOps");
    const { type, purpose } = this.compiled;
    if (type === "sockOps") return attachCgroup(this, "sock_ops", path);
    const isForEgress = purpose?.egress === true;
    if (isForEgress && direction === "ingress")
      throw new HopmarkError(
        "program-type",
        `program ${this.name} is for packets that leave a cgroup, made with ${madeWith({ type, purpose })}`,
        { hint: "attach it at egress, or make it with cgroupSkb() alone" },
      );
    return attachCgroup(this, direction ?? (isForEgress ? "egress" : "ingress"), path);
  }

  /** At the tracepoint it is for; for programs made with `tracepoint()` or `rawTracepoint()`. */
  attachTracepoint(): TracepointAttachment {
    const { target, type } = this.#tracepoint();
    return attachTracepoint(this, target, type);
  }

  /** The same, pinned at a path in bpffs: it outlives this process. */
  pinAtTracepoint(pin: string): Attachment {
    const { target, type } = this.#tracepoint();
    return pinAtTracepoint(this, target, type, pin);
  }

  #tracepoint(): { readonly target: string; readonly type: "tracepoint" | "rawTracepoint" } {
    const { type, purpose } = this.compiled;
    if (type !== "tracepoint" && type !== "rawTracepoint") throw this.#notMadeWith("tracepoint");
    return { target: purpose?.target ?? "", type };
  }

  /** Readable from now on; for programs made with `iterator()`. */
  attachIterator(options: IteratorAttachOptions = {}): KernelIterator {
    this.#mustBe("iterator");
    return attachIterator(this, this.compiled.written?.[0], options);
  }

  /** Gives the program back, and its maps when it was loaded alone. Twice is fine. */
  close(): void {
    this.#release();
    this.#descriptor.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #mustBe(...types: readonly CompiledProgram["type"][]): void {
    if (!types.includes(this.compiled.type)) throw this.#notMadeWith(...types);
  }

  #notMadeWith(...types: readonly CompiledProgram["type"][]): HopmarkError {
    const wanted = types.map((own) => `${own}()`).join(" or ");
    return new HopmarkError(
      "program-type",
      `program ${this.name} was made with ${this.compiled.type}(), not ${wanted}`,
    );
  }
}
