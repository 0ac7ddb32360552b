/** A module's text as a buffer in which parts are blanked: same length, same line breaks. */
export class Blanks {
  readonly text: string;
  readonly #units: Buffer;

  constructor(text: string) {
    this.text = text;
    this.#units = Buffer.from(text, "utf16le");
  }

  /** Replaces all but line terminators by spaces. */
  blank(start: number, end: number): void {
    for (let at = start; at < end; at++) {
      if (!isLineTerminator(this.#units.readUInt16LE(at * 2))) this.#units.writeUInt16LE(SPACE, at * 2);
    }
  }

  /** Puts an ASCII character into a blanked place. */
  put(at: number, character: string): void {
    this.#units.writeUInt16LE(character.charCodeAt(0), at * 2);
  }

  /** Whether the character there has been blanked away. */
  isBlanked(at: number): boolean {
    return this.#units.readUInt16LE(at * 2) === SPACE && this.text.charCodeAt(at) !== SPACE;
  }

  hasLineBreak(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (isLineTerminator(this.text.charCodeAt(at))) return true;
    return false;
  }

  /** The first place from `at` on where `token` stands outside comments; only for text known to hold no literal before it. */
  find(token: string, at: number): number {
    let here = skipTrivia(this.text, at);
    while (here < this.text.length && !this.text.startsWith(token, here)) here = skipTrivia(this.text, here + 1);
    return here;
  }

  toString(): string {
    return this.#units.toString("utf16le");
  }
}

const SPACE = 0x20;

const isLineTerminator = (unit: number): boolean =>
  unit === 0x0a || unit === 0x0d || unit === 0x2028 || unit === 0x2029;

const trivia = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/)*/y;

/** The first place from `at` on that is neither white space nor comment. */
export const skipTrivia = (text: string, at: number): number => {
  trivia.lastIndex = at;
  trivia.test(text);
  return trivia.lastIndex;
};
