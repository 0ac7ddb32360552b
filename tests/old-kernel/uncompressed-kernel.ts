/** A kernel image as the machine starts it at once: in the emulator, unpacking it takes as long as the boot after that. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** Of the setup header: Documentation/arch/x86/boot.rst. */
const SETUP_SECTORS = 0x1f1;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR = 512;
const LARGEST_KERNEL = 1 << 28;
const ELF = "\u007fELF";

/**
 * Writes the ELF file in a bzImage to `path`, and returns that; the image itself where it is not packed by xz, or xz is not here: it
 * boots as well, only later. (QEMU starts ELF files that have a note for PVH, as Debian's kernels do.)
 */
export const uncompressedKernel = (image: string, path: string): string => {
  const bytes = readFileSync(image);
  const at = (bytes.readUInt8(SETUP_SECTORS) + 1) * SECTOR + bytes.readUInt32LE(PAYLOAD_OFFSET);
  const input = bytes.subarray(at, at + bytes.readUInt32LE(PAYLOAD_LENGTH));
  // Behind the stream comes its length unpacked.
  const { status, stdout } = spawnSync("xz", ["-dc", "--single-stream"], { input, maxBuffer: LARGEST_KERNEL });
  if (status !== 0 || stdout.toString("latin1", 0, ELF.length) !== ELF) return image;
  writeFileSync(path, stdout);
  return path;
};
