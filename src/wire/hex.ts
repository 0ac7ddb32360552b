/** Bytes as hexadecimal text. */

const digits = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));

/** `0x` and two digits a byte. */
export const toHex = (bytes: Uint8Array, offset = 0, length = bytes.length - offset): string => {
  let text = "0x";
  for (let at = offset; at < offset + length; at++) text += digits[bytes[at]!]!;
  return text;
};

/** Reads hexadecimal text, with or without `0x`; blanks, colons and `|` between bytes are skipped. Throws an Error that names the text. */
export const fromHex = (text: string): Uint8Array => {
  const clean = text.replace(/^0x/, "").replace(/[\s:|]/g, "");
  if (clean.length % 2 !== 0 || /[^0-9a-f]/i.test(clean)) throw new Error(`${JSON.stringify(text)} is not hexadecimal`);
  return Uint8Array.from({ length: clean.length / 2 }, (_, index) =>
    Number.parseInt(clean.slice(index * 2, index * 2 + 2), 16),
  );
};
