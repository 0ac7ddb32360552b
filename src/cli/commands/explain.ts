import { defineCommand } from "../framework/command.ts";

export const explain = defineCommand({
  name: "explain",
  summary: "say what the number of a diagnostic means, with a program that earns it and one that is right",
  description: [
    "NUMBER is what stands behind the place in a message: HM1203. HM1xxx are the compiler's, HM2xxx the kernel's verifier's. Without a number all are listed.",
  ],
  positionals: { number: { value: "NUMBER", description: "the number: HM1203, or 1203", optional: true } },
  examples: ["hopmark explain HM1203"],
  run: async ({ number }, { output }) => {
    const { runExplain } = await import("../explain/run-explain.ts");
    runExplain(number, output);
  },
});
