/** The time in front of a packet's line, as tcpdump's `-t` has it. */
import { putDigits, putNumber, type LineWriter } from "../../wire/line/line-writer.ts";

/** How often `-t` was given: not at all, never, since 1970, since the last packet, with the date, since the first packet. */
export type TimeStyle = 0 | 1 | 2 | 3 | 4 | 5;

const SPACE = 0x20;
const COLON = 0x3a;
const DOT = 0x2e;
const MINUS = 0x2d;
/** Time zones change their offset on quarters of an hour. */
const QUARTER = 900;
const DAY = 86_400;
/** `HH:MM:SS` */
const CLOCK_BYTES = 8;

export class TimeText {
  readonly #style: TimeStyle;
  readonly #nano: boolean;
  #clockSeconds = -1;
  readonly #clockText = new Uint8Array(CLOCK_BYTES);
  #quarter = -1;
  /** Local time less UTC, in seconds, in that quarter of an hour. */
  #offset = 0;
  /** The packet that differences are told from. */
  #fromSeconds = -1;
  #fromNanoseconds = 0;

  /** `nano`: nine digits of a second, in place of six. */
  constructor(style: TimeStyle, nano: boolean) {
    this.#style = style;
    this.#nano = nano;
  }

  write(writer: LineWriter, seconds: number, nanoseconds: number): void {
    if (this.#style === 1) return;
    writer.reserve(40);
    const { bytes } = writer;
    let at = writer.at;
    switch (this.#style) {
      case 0:
        at = this.#fraction(bytes, this.#clock(bytes, at, seconds), nanoseconds);
        break;
      case 2:
        at = this.#fraction(bytes, putNumber(bytes, at, seconds), nanoseconds);
        break;
      case 4:
        at = this.#dated(bytes, at, this.#local(seconds), nanoseconds);
        break;
      default:
        at = this.#difference(bytes, at, seconds, nanoseconds);
    }
    bytes[at++] = SPACE;
    writer.at = at;
  }

  /** Packets of one second follow each other. */
  #clock(bytes: Uint8Array, at: number, seconds: number): number {
    if (seconds !== this.#clockSeconds) {
      this.#clockSeconds = seconds;
      putClock(this.#clockText, 0, this.#local(seconds));
    }
    for (let index = 0; index < CLOCK_BYTES; index++) bytes[at + index] = this.#clockText[index]!;
    return at + CLOCK_BYTES;
  }

  #dated(bytes: Uint8Array, start: number, local: number, nanoseconds: number): number {
    let at = start;
    for (const character of new Date(local * 1000).toISOString().slice(0, 10)) bytes[at++] = character.charCodeAt(0);
    bytes[at++] = SPACE;
    return this.#fraction(bytes, putClock(bytes, at, local), nanoseconds);
  }

  #difference(bytes: Uint8Array, at: number, seconds: number, nanoseconds: number): number {
    if (this.#fromSeconds < 0) [this.#fromSeconds, this.#fromNanoseconds] = [seconds, nanoseconds];
    const unit = this.#nano ? 1 : 1000;
    let whole = seconds - this.#fromSeconds;
    let rest = Math.floor(nanoseconds / unit) - Math.floor(this.#fromNanoseconds / unit);
    const back = whole < 0 || (whole === 0 && rest < 0);
    if (back) [whole, rest] = [-whole, -rest];
    const second = 1_000_000_000 / unit;
    if (rest < 0) [whole, rest] = [whole - 1, rest + second];
    if (this.#style === 3) [this.#fromSeconds, this.#fromNanoseconds] = [seconds, nanoseconds];
    bytes[at] = back ? MINUS : SPACE;
    return this.#fraction(bytes, putClock(bytes, at + 1, whole), rest * unit);
  }

  #fraction(bytes: Uint8Array, at: number, nanoseconds: number): number {
    bytes[at] = DOT;
    return this.#nano
      ? putDigits(bytes, at + 1, nanoseconds, 9)
      : putDigits(bytes, at + 1, Math.floor(nanoseconds / 1000), 6);
  }

  /** Seconds since 1970 of a clock that shows local time. */
  #local(seconds: number): number {
    const quarter = Math.floor(seconds / QUARTER);
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#offset = -new Date(seconds * 1000).getTimezoneOffset() * 60;
    }
    return seconds + this.#offset;
  }
}

/** `HH:MM:SS`; days are left out. */
const putClock = (bytes: Uint8Array, start: number, seconds: number): number => {
  const inDay = ((seconds % DAY) + DAY) % DAY;
  let at = putDigits(bytes, start, Math.floor(inDay / 3600), 2);
  bytes[at] = COLON;
  at = putDigits(bytes, at + 1, Math.floor(inDay / 60) % 60, 2);
  bytes[at] = COLON;
  return putDigits(bytes, at + 1, inDay % 60, 2);
};
