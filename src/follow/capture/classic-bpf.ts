/** Runs classic BPF over packets (the BSD Packet Filter, 1993; include/uapi/linux/filter.h): filters for captures in files. */

/** How many bytes of a packet to keep; 0: it does not pass. */
export type PacketFilter = (bytes: Uint8Array, start: number, captured: number, length: number) => number;

const SCRATCH = 16;

/** `code`: instructions of 8 bytes, little-endian (code u16, jumps u8, u8, k u32). A read beyond a packet's end ends it with 0. */
export const packetFilter = (code: Uint8Array): PacketFilter => {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const count = code.length / 8;
  const operations = Uint16Array.from({ length: count }, (_, at) => view.getUint16(at * 8, true));
  const constants = Uint32Array.from({ length: count }, (_, at) => view.getUint32(at * 8 + 4, true));
  const scratch = new Uint32Array(SCRATCH);
  return (bytes, start, captured, length) => {
    let a = 0;
    let x = 0;
    for (let at = 0; at < count; at++) {
      const operation = operations[at]!;
      const k = constants[at]!;
      switch (operation & 0x07) {
        case Class.Load:
        case Class.LoadX: {
          const value = load(operation, k, x, bytes, start, captured, length, scratch);
          if (value < 0) return 0;
          if ((operation & 0x07) === Class.Load) a = value;
          else x = value;
          break;
        }
        case Class.Store:
          scratch[k & 15] = a;
          break;
        case Class.StoreX:
          scratch[k & 15] = x;
          break;
        case Class.Alu: {
          const operand = (operation & 0x08) === 0 ? k : x;
          if (operand === 0 && ((operation & 0xf0) === 0x30 || (operation & 0xf0) === 0x90)) return 0;
          a = compute(operation & 0xf0, a, operand);
          break;
        }
        case Class.Jump: {
          if ((operation & 0xf0) === 0) {
            at += k;
            break;
          }
          const operand = (operation & 0x08) === 0 ? k : x;
          at += code[at * 8 + (holds(operation & 0xf0, a, operand) ? 2 : 3)]!;
          break;
        }
        case Class.Return:
          return (operation & 0x18) === 0x10 ? a : k;
        default:
          if ((operation & 0xf8) === 0x80) a = x;
          else x = a;
      }
    }
    return 0;
  };
};

const Class = { Load: 0, LoadX: 1, Store: 2, StoreX: 3, Alu: 4, Jump: 5, Return: 6 } as const;
const Mode = {
  Immediate: 0x00,
  Absolute: 0x20,
  Indirect: 0x40,
  Memory: 0x60,
  Length: 0x80,
  HeaderLength: 0xa0,
} as const;

/** -1 for what lies beyond the packet. */
const load = (
  operation: number,
  k: number,
  x: number,
  bytes: Uint8Array,
  start: number,
  captured: number,
  length: number,
  scratch: Uint32Array,
): number => {
  switch (operation & 0xe0) {
    case Mode.Immediate:
      return k;
    case Mode.Memory:
      return scratch[k & 15]!;
    case Mode.Length:
      return length;
    case Mode.HeaderLength:
      return k < captured ? (bytes[start + k]! & 0x0f) * 4 : -1;
    default:
      return read(operation & 0x18, bytes, start, (operation & 0xe0) === Mode.Indirect ? k + x : k, captured);
  }
};

const read = (size: number, bytes: Uint8Array, start: number, offset: number, captured: number): number => {
  const at = start + offset;
  if (size === 0x10) return offset + 1 > captured ? -1 : bytes[at]!;
  if (size === 0x08) return offset + 2 > captured ? -1 : (bytes[at]! << 8) | bytes[at + 1]!;
  if (offset + 4 > captured) return -1;
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
};

const compute = (operation: number, a: number, operand: number): number => {
  switch (operation) {
    case 0x00:
      return (a + operand) >>> 0;
    case 0x10:
      return (a - operand) >>> 0;
    case 0x20:
      return Math.imul(a, operand) >>> 0;
    case 0x30:
      return Math.floor(a / operand);
    case 0x40:
      return (a | operand) >>> 0;
    case 0x50:
      return (a & operand) >>> 0;
    case 0x60:
      return operand > 31 ? 0 : (a << operand) >>> 0;
    case 0x70:
      return operand > 31 ? 0 : a >>> operand;
    case 0x80:
      return -a >>> 0;
    case 0x90:
      return a % operand;
    default:
      return (a ^ operand) >>> 0;
  }
};

const holds = (operation: number, a: number, operand: number): boolean => {
  if (operation === 0x10) return a === operand;
  if (operation === 0x20) return a > operand;
  return operation === 0x30 ? a >= operand : (a & operand) !== 0;
};
