/** What devices of a namespace report on packets that ask for it, as one thing to read. */
import type { Watch } from "../../linux/ffi.ts";
import { openExport, showIoam, type OpenExport, type Target } from "../../mark/ioam/control.ts";
import { lockFeature } from "./reader-lock.ts";

/** Takes the `ExportRecord` at an offset of some bytes. */
export type TakeReport = (bytes: Uint8Array, offset: number) => void;

export interface ExportReaders {
  readonly devices: readonly Pick<OpenExport["device"], "index" | "name">[];
  readonly linkHeaderBytes: number;
  /** Records that earlier readers left, which were dropped when these were opened. */
  readonly discarded: number;
  poll(take: TakeReport): number;
  watch(take: TakeReport, afterBatch: (records: number) => void): Watch;
  /** By device. */
  counts(): ReadonlyMap<string, Readonly<Record<string, bigint>>>;
  /** TAI less the wall clock, ns. */
  clock(): bigint;
  close(): void;
}

/** Reports are copied for five seconds after each time. */
const RENEW_MS = 500;

/** Opens them as their only reader. ConfigError when one does not export, HopmarkError `busy` when one is read. */
export const openExports = (devices: readonly string[], netns: string | undefined): ExportReaders => {
  const opened: OpenExport[] = [];
  let timer: NodeJS.Timeout | undefined;
  const close = (): void => {
    clearInterval(timer);
    for (const one of opened.splice(0)) one.close();
  };
  try {
    for (const device of devices) opened.push(openAlone({ device, netns }));
    const discarded = opened.reduce((sum, one) => sum + one.discard(), 0);
    const renew = (): bigint => opened.map((one) => one.renew())[0] ?? 0n;
    renew();
    timer = setInterval(renew, RENEW_MS);
    timer.unref();
    return {
      devices: opened.map(({ device }) => device),
      linkHeaderBytes: opened[0]?.linkHeaderBytes ?? 0,
      discarded,
      poll: (take) => opened.reduce((count, { reader }) => count + reader.poll(bytesOf(take)), 0),
      watch: (take, afterBatch) => {
        const watches = opened.map(({ reader }) => reader.watch(bytesOf(take), afterBatch));
        const each = (run: (watch: Watch) => void) => (): void => watches.forEach(run);
        return {
          close: each((watch) => watch.close()),
          ref: each((watch) => watch.ref()),
          unref: each((watch) => watch.unref()),
        };
      },
      counts: () => new Map(opened.map(({ device, counts }) => [device.name, counts()])),
      clock: renew,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
};

/** The devices of a namespace that export. */
export const exportersIn = (netns: string | undefined): string[] =>
  showIoam(netns).flatMap(({ kind, device }) => (kind === "export" ? [device] : []));

const openAlone = (target: Target): OpenExport => {
  const exporter = openExport(target);
  try {
    const lock = lockFeature("ioam-export", exporter.device, target.netns);
    const close = (): void => {
      exporter.close();
      lock.close();
    };
    return { ...exporter, close };
  } catch (error) {
    exporter.abandon();
    throw error;
  }
};

/** A ring hands out the same view each time. */
const bytesOf = (take: TakeReport): ((view: DataView, offset: number) => void) => {
  let seen: DataView | undefined;
  let bytes: Uint8Array = new Uint8Array(0);
  return (view, offset) => {
    if (view !== seen) {
      seen = view;
      bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    }
    take(bytes, offset);
  };
};
