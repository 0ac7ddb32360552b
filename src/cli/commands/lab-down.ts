import { ConfigError } from "../../errors.ts";
import { defineCommand } from "../framework/command.ts";

export const labDown = defineCommand({
  name: "lab down",
  summary: "take a lab down: its links and the namespaces registered as its own",
  description: ["Taking down a lab that is not there is no error. Nothing that Hopmark did not make is touched."],
  positionals: {
    name: { value: "NAME", description: "the lab; by default the only one there is", optional: true, complete: "lab" },
  },
  needs: ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"],
  run: async (input, { output }) => {
    const [lab, { reapPins }] = await Promise.all([import("../../lab/index.ts"), import("../reap.ts")]);
    const name = input.name ?? onlyLab(lab.labList().map((state) => state.name));
    const removed = lab.labDown(name);
    reapPins(output); // what was pinned for its interfaces
    output.print({ name, removed }, () => (removed ? `lab ${name} is down` : `there is no lab ${name}`));
  },
});

const onlyLab = (names: readonly string[]): string => {
  const [only = "musketeers", another] = names;
  if (another === undefined) return only;
  throw new ConfigError(`lab down: say which: ${names.join(", ")}`);
};
