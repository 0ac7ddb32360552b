import { defineConfig } from "vitest/config";
import { kernelModules } from "./src/compiler/source/vite-plugin.ts";

export default defineConfig({
  plugins: [kernelModules()],
  // Examples import the package by its name; tests mean its sources.
  resolve: { alias: [{ find: /^hopmark\/(\w+)$/, replacement: `${import.meta.dirname}/src/$1/index.ts` }] },
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    restoreMocks: true,
  },
});
