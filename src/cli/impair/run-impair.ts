import type { Device } from "../../bpf/attach/attachment.ts";
import { ConfigError, HopmarkError } from "../../errors.ts";
import { countFilters, deleteFilters } from "../../bpf/attach/left-filters.ts";
import { askImpair, claimControl, type ControlPlace, type ImpairAction } from "../../lab/impair/control.ts";
import { startImpair } from "../../lab/impair/start.ts";
import { currentNetns, openNetns, type Netns } from "../../linux/netns.ts";
import { linkByName } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import type { Context } from "../framework/command.ts";
import { untilEnd } from "../live/end.ts";
import { watchInterfaces } from "../live/watch-interfaces.ts";
import { withUndo } from "../undo.ts";
import { rulesOf, type ImpairWords } from "./impair-rules.ts";
import { impairText } from "./impair-text.ts";

export interface ImpairInput extends ImpairWords {
  readonly device: string;
  readonly releaseOne: boolean;
  readonly releaseIndefinite: boolean;
  readonly clear: boolean;
  readonly egress: boolean;
  readonly hook: "auto" | "tc" | "xdp" | undefined;
  readonly seconds: number | undefined;
  readonly netns: string | undefined;
}

/** Harms packets until it is told to end; or tells the process that does what to do. */
export const runImpair = async (input: ImpairInput, { output, signal }: Context): Promise<void> => {
  const place = placeOf(input);
  if (input.clear) return clear(input, place, output);
  const action = actionOf(input);
  if (action !== undefined) {
    const report = await askImpair(place, action);
    if (report !== undefined) return output.print({ type: "report", ...report }, impairText);
    refuseLeft(input);
    if (action.startsWith("release"))
      throw new ConfigError(`nobody holds packets of ${input.device}`, {
        hint: `hold them first: hopmark impair ${input.device} --buffer${input.egress ? " --egress" : ""}`,
      });
    if (action !== "buffer")
      throw new ConfigError(`nothing is done to packets of ${input.device}`, {
        hint: "say --loss, --duplicate, --reorder, --delay or --buffer, each with which packets: --loss 1%",
      });
  }
  const rules = rulesOf(input);
  await withUndo(async (undo) => {
    const control = await claimControl(place, input.device);
    undo.add(() => control.close());
    refuseLeft(input);
    const { device, netns, hook = "auto" } = input;
    const gone = watchInterfaces([{ device, netns }]);
    undo.add(() => gone.close());
    const impair = startImpair({ device, netns, hook, direction: place.direction }, rules);
    undo.add(() => void impair.close());
    control.serve(impair);
    const { hook: attachedAt, direction } = impair;
    if (output.json) output.print({ type: "started", device, direction, hook: attachedAt }, () => "");
    else output.note(`${device} ${direction} at ${attachedAt} · Ctrl-C ends`);
    try {
      await untilEnd(signal, input.seconds, [gone.failed]);
    } finally {
      output.print({ type: "summary", ...impair.close() }, impairText);
    }
  });
};

/** Programs that are left as filters when their process is killed, where there is no TCX. */
const PROGRAMS = ["impair", "impair_back"];

const refuseLeft = (input: ImpairInput): void => {
  const left = onDevice(input, (device) => countFilters(device, PROGRAMS));
  if (left === 0) return;
  throw new HopmarkError("busy", `${input.device} has ${filtersText(left)} of a process that was killed`, {
    hint: `take them off: hopmark impair ${input.device} --clear`,
  });
};

const clear = async (input: ImpairInput, place: ControlPlace, output: Context["output"]): Promise<void> => {
  if ((await askImpair(place, "report")) !== undefined)
    throw new HopmarkError("busy", `${input.device} is impaired by a process that runs`, {
      hint: "end it with Ctrl-C there",
    });
  const cleared = onDevice(input, (device) => deleteFilters(device, PROGRAMS));
  output.print({ type: "cleared", device: input.device, filters: cleared }, () =>
    cleared === 0 ? `${input.device}: nothing was left` : `${input.device}: ${filtersText(cleared)} taken off`,
  );
};

const filtersText = (filters: number): string => (filters === 1 ? "a filter" : `${filters} filters`);

/** What to tell the process that runs; undefined: do it here. */
const actionOf = (input: ImpairInput): ImpairAction | undefined => {
  const told = [input.buffer, input.releaseOne, input.releaseIndefinite].filter(Boolean).length;
  const harms = [input.loss, input.duplicate, input.reorder, input.delay].some((harm) => harm !== undefined);
  if (told > 1) throw new ConfigError("--buffer, --release-one and --release-indefinite are three commands");
  if (input.releaseOne || input.releaseIndefinite) {
    if (harms) throw new ConfigError("letting packets go is a command of its own");
    return input.releaseOne ? "release-one" : "release-all";
  }
  if (input.buffer) return harms ? undefined : "buffer";
  return harms ? undefined : "report";
};

const placeOf = (input: ImpairInput): ControlPlace =>
  onDevice(input, ({ netns, ifindex }) => ({
    netnsInode: netns.inode,
    ifindex,
    direction: input.egress ? "egress" : "ingress",
  }));

const onDevice = <T>(
  { device, netns: reference }: ImpairInput,
  look: (device: Device & { readonly netns: Netns }) => T,
): T => {
  const netns = reference === undefined ? currentNetns() : openNetns(reference);
  const socket = openRtnetlink(netns);
  try {
    return look({ netns, name: device, ifindex: linkByName(socket, device).index });
  } finally {
    socket.close();
    netns.close();
  }
};
