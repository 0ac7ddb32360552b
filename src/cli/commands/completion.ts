import { bashCompletion } from "../framework/completion.ts";
import { defineCommand } from "../framework/command.ts";
import { oneOf } from "../framework/values.ts";

export const completion = defineCommand({
  name: "completion",
  summary: "print a completion script for the shell",
  positionals: {
    shell: { value: "SHELL", description: "bash", complete: ["bash"], read: oneOf("bash") },
  },
  examples: ['eval "$(hopmark completion bash)"'],
  run: async (_, { output }) => {
    const { loadGroup } = await import("./registry.ts");
    const script = bashCompletion(await loadGroup(""));
    output.print({ script }, ({ script: text }) => text);
  },
});
