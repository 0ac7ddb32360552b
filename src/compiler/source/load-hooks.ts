/** Module hooks of `hopmark/register`, for Node.js that runs them on a thread of their own. */
import type { LoadHook, ResolveHook } from "node:module";
import { besideThese, isHopmarks, isNotFound, loadTypeScript, ownPackage } from "./hooked-modules.ts";

/** A file whose folder has no Hopmark installed gets this one by the name `hopmark/…`. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  if (!isHopmarks(specifier)) return nextResolve(specifier, context);
  let found: Awaited<ReturnType<typeof nextResolve>>;
  try {
    found = await nextResolve(specifier, context);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    found = await nextResolve(specifier, { ...context, parentURL: ownPackage() });
  }
  return { ...found, url: besideThese(found.url) };
};

export const load: LoadHook = async (url, context, nextLoad) => loadTypeScript(url) ?? nextLoad(url, context);
