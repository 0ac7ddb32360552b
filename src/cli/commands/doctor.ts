import { defineCommand } from "../framework/command.ts";
import { netnsOption } from "../framework/common-options.ts";
import { ExitStatus } from "../framework/exit-status.ts";

export const doctor = defineCommand({
  name: "doctor",
  summary: "say what this machine can and cannot do, and what to do about it",
  description: [
    "Every answer comes from trying, never from the kernel's version. Nothing is changed: attaching is tried in a network namespace made for it. The exit status is 3 when something that is needed is missing.",
  ],
  options: {
    netns: netnsOption,
    dev: {
      flag: "--dev",
      value: "DEVICE",
      description: "look at the offloads of this interface, in place of all that are up",
      complete: "device",
    },
  },
  run: async ({ netns, dev }, { output }) => {
    const [{ examine }, { diagnosisText }] = await Promise.all([
      import("../doctor/examine.ts"),
      import("../doctor/doctor-text.ts"),
    ]);
    const diagnosis = examine({ netns, device: dev });
    output.print(diagnosis, (value, style) => diagnosisText(value, style, output.columns));
    return diagnosis.ok ? ExitStatus.Ok : ExitStatus.Unsupported;
  },
});
