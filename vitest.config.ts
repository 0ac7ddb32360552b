import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { kernelModules } from "./src/compiler/source/vite-plugin.ts";

/** What takes more than 20 s by itself, the longest first: at the end, one of two workers would wait for it. */
const LONG = [
  "tests/old-kernel/old-kernel",
  "tests/guide/guide",
  "src/cli/program",
  "tests/fuzz/fuzz",
  "tests/ioam/bulk",
  "tests/ioam/killed",
  "tests/golden/any-bytes",
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

export default defineConfig({
  plugins: [kernelModules()],
  // Examples import the package by its name; tests mean its sources.
  resolve: { alias: [{ find: /^hopmark\/(\w+)$/, replacement: `${import.meta.dirname}/src/$1/index.ts` }] },
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    environment: "node",
    globalSetup: ["./tests/support/leaks.ts"],
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    restoreMocks: true,
  },
});
