/**
 * The same hooks for Node.js that runs them on the thread which loads modules (22.15 and later): another thread's start takes it
 * longer than its own.
 */
import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from "node:module";
import { besideThese, isHopmarks, isNotFound, loadTypeScript, ownPackage } from "./hooked-modules.ts";

/** What `module.registerHooks` takes (nodejs.org/api/module.html). */
export interface ThreadHooks {
  resolve(
    specifier: string,
    context: ResolveHookContext,
    nextResolve: (specifier: string, context?: ResolveHookContext) => ResolveFnOutput,
  ): ResolveFnOutput;
  load(
    url: string,
    context: LoadHookContext,
    nextLoad: (url: string, context?: LoadHookContext) => LoadFnOutput,
  ): LoadFnOutput;
}

export const threadHooks: ThreadHooks = {
  resolve: (specifier, context, nextResolve) => {
    if (!isHopmarks(specifier)) return nextResolve(specifier, context);
    let found: ResolveFnOutput;
    try {
      found = nextResolve(specifier, context);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      found = nextResolve(specifier, { ...context, parentURL: ownPackage() });
    }
    return { ...found, url: besideThese(found.url) };
  },
  load: (url, context, nextLoad) => loadTypeScript(url) ?? nextLoad(url, context),
};
