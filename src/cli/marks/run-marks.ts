import { ConfigError } from "../../errors.ts";
import type { DevicesBy } from "../../follow/marks/devices-by.ts";
import type { Context } from "../framework/command.ts";

export interface MarksInput {
  readonly device: string | undefined;
  readonly read: string | undefined;
  readonly sent: string | undefined;
  readonly clockError: string | undefined;
  readonly each: boolean;
  readonly from: string | undefined;
  readonly fromNetns: string | undefined;
  readonly ring: string | undefined;
  readonly fromRing: string | undefined;
  readonly egress: boolean;
  readonly by: DevicesBy | undefined;
  readonly seconds: number | undefined;
  readonly netns: string | undefined;
}

/** Follows marks in captures, or live. Returns the exit status. */
export const runMarks = async (input: MarksInput, context: Context): Promise<number> => {
  checkInput(input);
  if (input.read !== undefined) {
    const { runCaptureMarks } = await import("./capture-marks.ts");
    return runCaptureMarks({ ...input, read: input.read }, context);
  }
  await context.needRights(["CAP_BPF", "CAP_NET_ADMIN"]);
  if (input.ring !== undefined) {
    const { requirePins } = await import("../reap.ts");
    requirePins();
  }
  const { runLiveMarks } = await import("./run-live-marks.ts");
  return runLiveMarks(input, context);
};

const checkInput = (input: MarksInput): void => {
  const refuse = (message: string, hint: string): never => {
    throw new ConfigError(message, { hint });
  };
  const isCapture = input.read !== undefined;
  const isRing = input.ring !== undefined;
  if ([input.read, input.device, input.ring].filter((given) => given !== undefined).length !== 1)
    refuse("marks of what?", "name an interface, a capture, -r FILE, or copies, --ring NAME: one of them");
  if (isRing && input.from !== undefined)
    refuse("--from is an interface, and --ring reads copies", "write --from-ring NAME");
  if (isRing && input.egress) refuse("--egress is for an interface", "name the ring of what is sent: pval0-tx");
  if (!isRing && input.fromRing !== undefined)
    refuse("--from-ring says more about --ring, which is not there", "add --ring NAME");
  if (isCapture) {
    for (const [option, given] of [
      ["--from", input.from !== undefined],
      ["--egress", input.egress],
      ["--seconds", input.seconds !== undefined],
      ["--netns", input.netns !== undefined],
    ] as const)
      if (given) refuse(`${option} is for an interface, not for a capture`, `leave ${option} out`);
  }
  if (input.read === "-" && input.sent === "-")
    refuse("both captures from standard input", "give one of the two as a file, or as <(a command)");
  if (!isCapture && input.sent !== undefined)
    refuse("--sent is for captures", isRing ? "live, it is --from-ring NAME" : "live, it is --from DEVICE");
  if (input.clockError !== undefined && input.sent === undefined)
    refuse("--clock-error says more about --sent, which is not there", "add --sent FILE");
  if (input.fromNetns !== undefined && input.from === undefined && input.fromRing === undefined)
    refuse("--from-netns says more about --from, which is not there", "add --from DEVICE");
  if (input.each && input.sent === undefined && input.from === undefined && input.fromRing === undefined)
    refuse("one end alone tells no delays", "add the sender: --sent FILE, or live --from DEVICE");
};
