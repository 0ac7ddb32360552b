const decoder = new TextDecoder();

/** The text in a field made with `chars()`: its bytes up to the first 0, read as UTF-8. */
export const textOf = (bytes: readonly number[]): string => {
  const end = bytes.indexOf(0);
  return decoder.decode(Uint8Array.from(end === -1 ? bytes : bytes.slice(0, end)));
};
