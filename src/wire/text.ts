const decoder = new TextDecoder();

/** The text in a field made with `chars()`: its bytes up to the first 0, read as UTF-8. */
export const textOf = (bytes: readonly number[]): string => {
  const end = bytes.indexOf(0);
  return decoder.decode(Uint8Array.from(end === -1 ? bytes : bytes.slice(0, end)));
};

/** One byte so that it can be seen, as BSD's `vis` and tcpdump write it: `^J` for a line break, `M-a` above ASCII. */
export const visibleByte = (byte: number): string => {
  const low = byte & 0x7f;
  const shown = low >= 0x20 && low < 0x7f ? String.fromCharCode(low) : `^${String.fromCharCode(low ^ 0x40)}`;
  return byte > 0x7f ? `M-${shown}` : shown;
};

/** Bytes so that they can be seen. */
export const visibleText = (bytes: Uint8Array, from: number, to: number): string => {
  let text = "";
  for (let at = from; at < to; at++) text += visibleByte(bytes[at]!);
  return text;
};
