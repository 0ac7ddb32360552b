import type { LabState } from "../../lab/lab.ts";
import { defineCommand } from "../framework/command.ts";
import type { Style } from "../framework/style.ts";

export const labList = defineCommand({
  name: "lab list",
  summary: "list the labs and their namespaces",
  run: async (_, { output }) => {
    const lab = await import("../../lab/lab.ts");
    output.print(lab.labList(), (labs, style) =>
      labs.length === 0
        ? "there are no labs; hopmark lab up builds one"
        : labs.map((lab) => labText(lab, style)).join("\n"),
    );
  },
});

const labText = ({ name, owner, ownerAlive, nodes }: LabState, style: Style): string => {
  const life =
    owner === null ? "" : ownerAlive ? `, of process ${owner.pid}` : `, of process ${owner.pid}, which is gone`;
  const rows = nodes.map(
    (node) => `  ${node.node.padEnd(10)} ${node.name}${node.present ? "" : style("red", "  gone")}`,
  );
  return [style("bold", name) + life, ...rows].join("\n");
};
