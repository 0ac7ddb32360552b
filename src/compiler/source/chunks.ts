import { createRequire } from "node:module";

/** What loads the built library (`scripts/build/load-chunk.cjs`). */
export interface Chunks {
  /** What a chunk exports. */
  loadChunk(name: string): Readonly<Record<string, unknown>>;
  /** The script of this process has run: Node.js is not to run it as the module that it takes it for. */
  skipMain(): void;
}

/** The bundler puts the loader itself in place of the call, which would take Node.js a while. */
export const chunks = (): Chunks => createRequire(import.meta.url)("../../chunks/load.cjs") as Chunks;
