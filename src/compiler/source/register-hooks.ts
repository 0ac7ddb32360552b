import { extname } from "node:path";

let registered = false;

/** From now on TypeScript files outside node_modules load as JavaScript, in imports of any kind. Twice is fine. */
export const registerHooks = (): void => {
  if (registered) return;
  registered = true;
  // Beside this file, and of its kind: `.js` where it is built.
  process.getBuiltinModule("node:module").register(new URL(`./load-hooks${extname(import.meta.url)}`, import.meta.url));
};
