import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { kernelModules } from "./src/compiler/source/vite-plugin.ts";
import { sharingTests } from "./tests/support/sharing-tests.ts";

/** What takes more than 20 s by itself, the longest first: at the end, one of two workers would wait for it. */
const LONG = [
  "tests/old-kernel/old-kernel",
  "tests/guide/guide",
  "src/cli/program",
  "tests/fuzz/fuzz",
  "tests/ioam/bulk",
  "tests/ioam/killed",
  "src/lab/lab",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at === -1 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Files of tests that share their processes: starting one and loading modules took them longer than what they test. */
const shared = sharingTests();

const project = (name: string, own: TestProjectInlineConfiguration["test"]): TestProjectInlineConfiguration => ({
  plugins: [kernelModules()],
  // Examples import the package by its name; tests mean its sources.
  resolve: { alias: [{ find: /^hopmark\/(\w+)$/, replacement: `${import.meta.dirname}/src/$1/index.ts` }] },
  test: { name, environment: "node", testTimeout: 20_000, hookTimeout: 20_000, restoreMocks: true, ...own },
});

export default defineConfig({
  test: {
    globalSetup: ["./tests/support/leaks.ts"],
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      project("alone", { include: ["src/**/*.test.ts", "tests/**/*.test.ts"], exclude: shared }),
      project("shared", { include: shared, isolate: false }),
    ],
  },
});
