/** Where a hint's command is meant to run, when the command that failed was given a network namespace: copied, it must not act elsewhere. */
export const hintIn = (hint: string, netns: string | undefined): string => {
  if (netns === undefined || hint.includes("--netns") || hint.includes(netns)) return hint;
  if (/\bhopmark (?:dump|impair|ioam|link|marks|trace)\b/.test(hint)) return `${hint} (with --netns ${netns})`;
  return /\b(?:sysctl|ethtool|ip) /.test(hint) ? `${hint} (in network namespace ${netns})` : hint;
};
