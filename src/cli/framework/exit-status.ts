import { HopmarkError, PermissionError, SyscallError, UnsupportedError, ConfigError } from "../../errors.ts";

export const ExitStatus = { Ok: 0, Failed: 1, Usage: 2, Unsupported: 3, NotPermitted: 4 } as const;

/** Codes of plain HopmarkErrors that mean: what was asked for cannot be. */
const usageCodes = new Set(["config", "no-netns", "not-a-netns", "no-lab", "no-cgroup", "ENODEV"]);

/** The exit status that an error stands for. */
export const exitStatusOf = (error: unknown): number => {
  if (error instanceof ConfigError) return ExitStatus.Usage;
  if (error instanceof UnsupportedError) return ExitStatus.Unsupported;
  if (error instanceof PermissionError) return ExitStatus.NotPermitted;
  if (!(error instanceof HopmarkError)) return ExitStatus.Failed;
  if (error.code === "EPERM" || error.code === "EACCES") return ExitStatus.NotPermitted;
  if (!(error instanceof SyscallError) && usageCodes.has(error.code)) return ExitStatus.Usage;
  return ExitStatus.Failed;
};
