/** Control frames of 802.11 in tcpdump's manner: `Acknowledgment RA:02:00:00:00:00:01 `. */

/** The fields of a control frame that lines are made of; not all have a transmitter. */
interface ControlFields {
  readonly subtype: number;
  readonly duration: number;
  readonly receiver: string;
  readonly transmitter?: string | undefined;
}

/** `contents`: what follows the header. With `-e` addresses go first, with `-v` how long the air is taken before them. */
export const controlText = (
  { subtype, duration, receiver, transmitter = "" }: ControlFields,
  contents: Uint8Array,
  { link = false, level }: { readonly link?: boolean; readonly level: number },
): string => {
  const lasts = link && level > 0 ? `${duration}us ` : "";
  switch (subtype) {
    case CONTROL_WRAPPER:
      return `${lasts}Control Wrapper`;
    case BLOCK_ACK_REQUEST: {
      if (contents.length < 4) return CUT;
      const [control, sequence] = [contents[0]! | (contents[1]! << 8), contents[2]! | (contents[3]! << 8)] as const;
      const text = `RA:${receiver} TA:${transmitter} CTL(${control.toString(16)}) SEQ(${sequence}) `;
      return link ? `${lasts} ${text}BAR` : `BAR ${text}`;
    }
    case PS_POLL:
      return `${link ? `BSSID:${receiver} TA:${transmitter} ` : ""}Power Save-Poll AID(${duration.toString(16)})`;
    case RTS:
      return link ? `${lasts}RA:${receiver} TA:${transmitter} Request-To-Send` : `Request-To-Send TA:${transmitter} `;
    case CF_END:
    case CF_END_ACK: {
      const name = subtype === CF_END ? "CF-End" : "CF-End+CF-Ack";
      return link ? `${lasts}RA:${receiver} BSSID:${transmitter} ${name}` : `${name} RA:${receiver} `;
    }
    default: {
      const name = toReceiver[subtype];
      if (name === undefined) return `unknown 802.11 ctrl frame subtype (${subtype})`;
      return link ? `${lasts}RA:${receiver} ${name}` : `${name} RA:${receiver} `;
    }
  }
};

const CUT = " [|802.11]";
/** IEEE 802.11, section 9.2.4.1.3. */
const CONTROL_WRAPPER = 7;
const BLOCK_ACK_REQUEST = 8;
const PS_POLL = 10;
const RTS = 11;
const CF_END = 14;
const CF_END_ACK = 15;
const toReceiver: Readonly<Record<number, string>> = { 9: "BA", 12: "Clear-To-Send", 13: "Acknowledgment" };
