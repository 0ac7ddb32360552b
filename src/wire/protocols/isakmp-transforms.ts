/** Transforms of ISAKMP's version 1: what one proposes to encrypt and authenticate with. */
import type { Printer } from "../packet/protocol.ts";
import { groupNames } from "./isakmp-names.ts";
import type { Message } from "./message.ts";

type Names = Readonly<Record<number, string>>;
interface Attribute {
  readonly name: string;
  readonly values?: Names;
}

/** `t: #1 id=ike (type=enc value=aes)…` */
export const printTransform1 = (
  printer: Printer,
  message: Message,
  at: number,
  length: number,
  protocol: number,
): void => {
  const [number, id] = [message.byte(at + 4), message.byte(at + 5)];
  const names = transforms[protocol];
  printer.text += `t: #${number} id=${names === undefined ? id : (names[id] ?? `#${id}`)} `;
  const attributes = protocol === ISAKMP ? oakley : protocol >= 2 && protocol <= 4 ? ipsec : {};
  for (let place = at + 8; place + 4 <= at + length;) {
    const type = message.word(place);
    const attribute = attributes[type & 0x7fff];
    const name = attribute?.name ?? `#${type & 0x7fff}`;
    if ((type & 0x8000) !== 0) {
      const value = message.word(place + 2);
      printer.text += `(type=${name} value=${attribute?.values?.[value] ?? message.hex(place + 2, 2)})`;
      place += 4;
    } else {
      const size = message.word(place + 2);
      printer.text += `(type=${name} len=${size} value=${message.hex(place + 4, size)})`;
      place += 4 + size;
    }
  }
};

const ISAKMP = 1;
/** By the protocol's number: RFC 2407, section 4.4. */
const transforms: Readonly<Record<number, Names>> = {
  [ISAKMP]: { 1: "ike" },
  2: { 2: "md5", 3: "sha", 4: "1des", 5: "sha2-256", 6: "sha2-384", 7: "sha2-512" },
  3: { 1: "1des-iv64", 2: "1des", 3: "3des", 4: "rc5", 5: "idea", 6: "cast", 7: "blowfish", 8: "3idea", 9: "1des-iv32", 10: "rc4", 11: "null", 12: "aes" }, // prettier-ignore
  4: { 1: "oui", 2: "deflate", 3: "lzs" },
};
/** RFC 2407, section 4.5. */
const ipsec: Readonly<Record<number, Attribute>> = {
  1: { name: "lifetype", values: { 1: "sec", 2: "kb" } },
  2: { name: "life" },
  3: { name: "group desc", values: groupNames },
  4: { name: "enc mode", values: { 1: "tunnel", 2: "transport" } },
  5: { name: "auth", values: { 1: "hmac-md5", 2: "hmac-sha1", 3: "1des-mac", 4: "keyed" } },
  6: { name: "keylen" },
  7: { name: "rounds" },
  8: { name: "dictsize" },
  9: { name: "privalg" },
};
/** RFC 2409, appendix A. */
const oakley: Readonly<Record<number, Attribute>> = {
  1: { name: "enc", values: { 1: "1des", 2: "idea", 3: "blowfish", 4: "rc5", 5: "3des", 6: "cast", 7: "aes" } },
  2: { name: "hash", values: { 1: "md5", 2: "sha1", 3: "tiger", 4: "sha2-256", 5: "sha2-384", 6: "sha2-512" } },
  3: { name: "auth", values: { 1: "preshared", 2: "dss", 3: "rsa sig", 4: "rsa enc", 5: "rsa enc revised" } },
  4: { name: "group desc", values: groupNames },
  5: { name: "group type", values: { 1: "MODP", 2: "ECP", 3: "EC2N" } },
  6: { name: "group prime" },
  7: { name: "group gen1" },
  8: { name: "group gen2" },
  9: { name: "group curve A" },
  10: { name: "group curve B" },
  11: { name: "lifetype", values: { 1: "sec", 2: "kb" } },
  12: { name: "lifeduration" },
  13: { name: "prf" },
  14: { name: "keylen" },
  15: { name: "field" },
  16: { name: "order" },
};
