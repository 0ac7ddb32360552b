/** Where a hint's command is meant to run, when the command that failed was given a network namespace: copied, it must not act elsewhere. */
export const hintIn = (hint: string, netns: string | undefined): string => {
  if (netns === undefined) return hint;
  if (hint.endsWith(ASKS_WHERE))
    return `${hint.slice(0, -ASKS_WHERE.length)}: it was looked for in network namespace ${netns}`;
  if (hint.includes("--netns") || hint.includes(netns)) return hint;
  if (/\bhopmark (?:dump|impair|ioam|link|marks|trace)\b/.test(hint)) return `${hint} (with --netns ${netns})`;
  // Only named ones are known to ip.
  const placed = isNamed(netns) ? hint.replaceAll(IP_CHANGES, `ip -n ${netns} `) : hint;
  if (placed !== hint) return placed;
  return /\b(?:sysctl|ethtool|ip (?:address|link|neigh|route|rule)) /.test(hint)
    ? `${hint} (in network namespace ${netns})`
    : hint;
};

/** What `explain` says where no namespace was named. */
const ASKS_WHERE = ", or say in which network namespace it is: --netns NAME";

const IP_CHANGES = /\bip (?=(?:address|link|neigh|route|rule) (?:add|change|del|delete|replace|set|show) )/g;

/** Neither a path nor a pid. */
const isNamed = (netns: string): boolean => !netns.includes("/") && !/^\d+$/.test(netns);
