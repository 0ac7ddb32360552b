/** pcap-filter(7): expressions to classic BPF, by libpcap where it is installed. */
import { ConfigError, UnsupportedError } from "../errors.ts";
import { LinkType } from "../wire/numbers.ts";
import { cString, memoryAt, openLibrary } from "./ffi.ts";

/** Files number it otherwise. */
const DLT_RAW = 12;
const PCAP_NETMASK_UNKNOWN = 0xffff_ffff;
const INSTRUCTION_BYTES = 8;
const NAMES = ["libpcap.so.0.8", "libpcap.so.1", "libpcap.so"];

/**
 * Instructions as the kernel has them, for packets of a link type. UnsupportedError without libpcap; ConfigError with what is
 * wrong with the expression.
 */
export const compileFilter = (expression: string, linkType: number, snapLength: number): Uint8Array => {
  const library = openLibrary(NAMES);
  if (library === undefined) {
    throw new UnsupportedError("filter", "filters are translated by libpcap, which is not installed", {
      hint: "apt install libpcap0.8, dnf install libpcap, or apk add libpcap; without a filter all packets are printed",
    });
  }
  const openDead = library.func("pcap_open_dead", "void *", ["int", "int"]);
  const compile = library.func("pcap_compile", "int", ["void *", "void *", "void *", "int", "uint32_t"]);
  const lastError = library.func("pcap_geterr", "const char *", ["void *"]);
  const freeCode = library.func("pcap_freecode", "void", ["void *"]);
  const close = library.func("pcap_close", "void", ["void *"]);
  const handle = openDead(linkType === LinkType.Raw ? DLT_RAW : linkType, snapLength);
  try {
    // struct bpf_program: how many instructions (u32), where they are.
    const program = new DataView(new ArrayBuffer(16));
    if (compile(handle, program, cString(expression), 1, PCAP_NETMASK_UNKNOWN) !== 0) {
      throw new ConfigError(`the filter "${expression}" is wrong: ${String(lastError(handle))}`, {
        hint: "man pcap-filter says what filters are",
      });
    }
    const length = program.getUint32(0, true) * INSTRUCTION_BYTES;
    const code = memoryAt(program.getBigUint64(8, true), length).slice();
    freeCode(program);
    return code;
  } finally {
    close(handle);
  }
};
