/** Quantities for people: few digits, a unit, always as wide as their neighbours allow. */

/** `3.4 µs`, `12 µs`, `1.25 ms`: three digits. A dash for null. */
export const duration = (ns: number | null): string => {
  if (ns === null) return "-";
  const size = Math.abs(ns);
  if (size < 1000) return `${Math.round(ns)} ns`;
  if (size < 1e6) return `${threeDigits(ns / 1e3)} µs`;
  if (size < 1e9) return `${threeDigits(ns / 1e6)} ms`;
  return `${threeDigits(ns / 1e9)} s`;
};

/** `0 B`, `1500 B`, `64 KiB`. A dash for null. */
export const bytes = (count: number | null): string => {
  if (count === null) return "-";
  if (count < 10_000) return `${count} B`;
  const [unit, size] = count < 10_000 * 1024 ? ["KiB", 1024] : ["MiB", 1024 ** 2];
  return `${threeDigits(count / size)} ${unit}`;
};

/** `1,234,567`. A question mark for null: it is not known. */
export const count = (value: number | null): string => (value === null ? "?" : value.toLocaleString("en-US"));

/** `12:34:56.789012` in local time, of nanoseconds since 1970. A dash for null. */
export const clockTime = (ns: string | null): string => {
  if (ns === null) return "-";
  const microseconds = BigInt(ns) / 1000n;
  const date = new Date(Number(microseconds / 1000n));
  const two = (value: number): string => String(value).padStart(2, "0");
  const fraction = String(microseconds % 1_000_000n).padStart(6, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
};

const threeDigits = (value: number): string => {
  const size = Math.abs(value);
  const text = value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
};
