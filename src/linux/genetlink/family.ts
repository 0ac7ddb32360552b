/** Generic netlink: families by name. Source: include/uapi/linux/genetlink.h. */
import { UnsupportedError } from "../../errors.ts";
import { attributeList, Attributes } from "../netlink/attributes.ts";
import { NETLINK_GENERIC } from "../netlink/constants.ts";
import { MessageBuilder } from "../netlink/message.ts";
import { NetlinkError, NetlinkSocket } from "../netlink/socket.ts";
import type { Netns } from "../netns.ts";
import { withNetns } from "../with-netns.ts";

/** One request of a family: its number there, and its name in the kernel's spelling. */
export interface Command {
  readonly number: number;
  readonly name: string;
  /** What it is about, for errors. */
  readonly object?: string;
}

/** A family of generic netlink in one network namespace. */
export class GenericFamily {
  readonly #socket: NetlinkSocket;
  readonly #id: number;
  readonly #version: number;

  /**
   * Open a family in a namespace (default: the calling thread's).
   * `UnsupportedError` when the kernel was built without it.
   */
  constructor(name: string, version: number, netns?: Netns) {
    const open = () => new NetlinkSocket(NETLINK_GENERIC);
    this.#socket = netns === undefined ? open() : withNetns(netns, open);
    this.#version = version;
    try {
      this.#id = resolve(this.#socket, name);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** Send a request; `write` adds its attributes. */
  request(command: Command, write: (message: MessageBuilder) => void): void {
    this.#socket.request({ type: this.#id, ...command }, this.#message(command, write));
  }

  dump(command: Command): Attributes[] {
    const bodies = this.#socket.dump(
      { type: this.#id, ...command },
      this.#message(command, () => {}),
    );
    return bodies.map((body) => new Attributes(body.subarray(GENL_HEADER_BYTES)));
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #message(command: Command, write: (message: MessageBuilder) => void): MessageBuilder {
    const message = header(command.number, this.#version);
    write(message);
    return message;
  }
}

/** The number of a family's multicast group in a namespace. `UnsupportedError` when the kernel has no such family or group. */
export function multicastGroup(netns: Netns, family: string, group: string): number {
  const socket = withNetns(netns, () => new NetlinkSocket(NETLINK_GENERIC));
  let groups: Uint8Array;
  try {
    groups = described(socket, family).bytes(CTRL_ATTR_MCAST_GROUPS) ?? new Uint8Array(0);
  } finally {
    socket.close();
  }
  for (const { payload } of attributeList(groups)) {
    const entry = new Attributes(payload);
    const id = entry.number(CTRL_ATTR_MCAST_GRP_ID);
    if (id !== undefined && entry.string(CTRL_ATTR_MCAST_GRP_NAME) === group) return id;
  }
  throw new UnsupportedError(group, `generic netlink family ${family} has no group ${group} in this kernel`);
}

function resolve(socket: NetlinkSocket, name: string): number {
  const id = described(socket, name).number(CTRL_ATTR_FAMILY_ID);
  if (id !== undefined) return id;
  throw new UnsupportedError(name, `this kernel has no generic netlink family ${name}`);
}

function described(socket: NetlinkSocket, name: string): Attributes {
  const call = { type: GENL_ID_CTRL, name: "CTRL_CMD_GETFAMILY", object: name };
  try {
    const [body] = socket.request(call, header(CTRL_CMD_GETFAMILY, 1).attrString(CTRL_ATTR_FAMILY_NAME, name));
    return new Attributes(body?.subarray(GENL_HEADER_BYTES) ?? new Uint8Array(0));
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.errno !== "ENOENT") throw error;
  }
  throw new UnsupportedError(name, `this kernel has no generic netlink family ${name}`);
}

/** `struct genlmsghdr`: command u8, version u8, reserved u16. */
function header(command: number, version: number): MessageBuilder {
  return new MessageBuilder().u8(command).u8(version).u16(0);
}

const GENL_HEADER_BYTES = 4;
const GENL_ID_CTRL = 0x10;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;
const CTRL_ATTR_MCAST_GROUPS = 7;
const CTRL_ATTR_MCAST_GRP_NAME = 1;
const CTRL_ATTR_MCAST_GRP_ID = 2;
