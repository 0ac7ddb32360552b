import { defineCommand } from "../framework/command.ts";

export const demoPval = defineCommand({
  name: "demo pval",
  summary: "every kind of IPv4 traffic through a pval device: what was marked, stripped and lost",
  description: [
    "Builds the lab of two nodes, left and right, with segmentation and checksums left to their link. pval0 on the left numbers each packet, the right takes the numbers off. Through it go echoes, echoes in fragments, TCP in bulk, datagrams that the kernel cuts up (UDP_SEGMENT), and datagrams around which a Hopmark program puts a VLAN tag. Nothing is left behind.",
    "The exit status is 1 when a packet was lost, damaged or without a mark of its own.",
  ],
  examples: ["hopmark demo pval", "hopmark demo pval --json"],
  needs: ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_BPF"],
  run: async (_, { output, signal }) => {
    const { runPvalDemo } = await import("../demo/run-pval-demo.ts");
    return runPvalDemo(output, signal);
  },
});
