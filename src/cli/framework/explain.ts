/** What the kernel's refusals mean to someone who typed a command. */
import { ConfigError, HopmarkError, SyscallError } from "../../errors.ts";
import { installationError } from "./installation.ts";

/** The error in the user's terms; the same one when there is no better. */
export const explain = (error: unknown): unknown => {
  const incomplete = installationError(error);
  if (incomplete !== undefined) return incomplete;
  if (!(error instanceof SyscallError) || error.object === undefined) return error;
  const { call, errno, object, hint } = error;
  // Netlink's calls are named as in the kernel's headers.
  const isNetlink = /^(RTM_|[A-Z0-9]+_CMD_)/.test(call);
  const details = { cause: error, ...(hint !== undefined && { hint }) };
  if (errno === "ENODEV" && (isNetlink || object.startsWith("ethtool "))) {
    return new ConfigError(`there is no interface ${object.replace(/^ethtool /, "")} here`, {
      hint: "check its name, or say in which network namespace it is: --netns NAME",
      ...details,
    });
  }
  if (!isNetlink) return error;
  if (errno === "EEXIST") {
    return new HopmarkError("exists", `${object} exists already`, { hint: "delete it first to change it", ...details });
  }
  if (errno === "ENOENT") return new ConfigError(`there is no ${object} here`, details);
  return error;
};
