import { extname } from "node:path";
import { threadHooks, type ThreadHooks } from "./thread-hooks.ts";

let registered = false;

/** From now on TypeScript files outside node_modules load as JavaScript, in imports of any kind. Twice is fine. */
export const registerHooks = (): void => {
  if (registered) return;
  registered = true;
  const nodeModule: { readonly registerHooks?: (hooks: ThreadHooks) => unknown; register(url: URL): void } =
    process.getBuiltinModule("node:module");
  if (nodeModule.registerHooks !== undefined) {
    nodeModule.registerHooks(threadHooks);
    return;
  }
  // Beside this file, and of its kind: `.js` where it is built.
  nodeModule.register(new URL(`./load-hooks${extname(import.meta.url)}`, import.meta.url));
};
