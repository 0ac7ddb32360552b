import { HopmarkError } from "../../errors.ts";

/** A package that is not there, or whose native half is not; undefined for any other error. */
export const installationError = (error: unknown): HopmarkError | undefined => {
  if (!(error instanceof Error) || error instanceof HopmarkError) return undefined;
  const { message, cause } = error;
  const { code, hint } = error as { readonly code?: unknown; readonly hint?: unknown };
  // What scripts/build/load-chunk.cjs says, which has no classes of ours.
  const isOwn = code === "HOPMARK_INSTALLATION";
  if (!isOwn && !isMissing(error)) return undefined;
  const [said = ""] = message.split("\n");
  return new HopmarkError("installation", isOwn ? said : `a part of Hopmark's installation is missing: ${said}`, {
    hint:
      typeof hint === "string"
        ? hint
        : "install anew on this machine, optional dependencies too: npm ci, without --omit=optional",
    cause: cause ?? error,
  });
};

/** Of a package that Hopmark asks for; what a user's module asks for is the user's. */
const isMissing = (error: Error): boolean => {
  if (error.message.startsWith("Cannot find native binding")) return true;
  if (!("code" in error && error.code === "MODULE_NOT_FOUND" && "requireStack" in error)) return false;
  return /\/dist\/(?:chunks|compiler\/source)\/\w+\.cjs/.test(String(error.requireStack));
};
