/** `1d3h`, `18h12m15s`: a time without the units that are 0. */
export const durationText = (seconds: number): string => {
  let rest = seconds;
  let text = "";
  for (const [letter, unit] of units) {
    const count = Math.trunc(rest / unit);
    if (count > 0 || (unit === 1 && text === "")) text += `${count}${letter}`;
    rest %= unit;
  }
  return text;
};

const units = [["w", 604_800], ["d", 86_400], ["h", 3600], ["m", 60], ["s", 1]] as const; // prettier-ignore
