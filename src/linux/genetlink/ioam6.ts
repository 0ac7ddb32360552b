/**
 * The kernel's own IOAM configuration: namespaces and schemas of one network namespace (kernel 5.15+, CONFIG_IPV6).
 * Source: include/uapi/linux/ioam6_genl.h, net/ipv6/ioam6.c; RFC 9197, sections 4.3 and 4.4.2.
 */
import { ConfigError } from "../../errors.ts";
import type { Netns } from "../netns.ts";
import { GenericFamily } from "./family.ts";

export interface IoamNamespace {
  /** 0 to 65535. */
  readonly id: number;
  /** What the node puts into bit 5's field. Undefined: all ones on the wire, so 0xffffffff cannot be told from it. */
  readonly data?: number;
  /** What it puts into bit 10's field. */
  readonly dataWide?: bigint;
  /** The schema whose data bit 22 carries. */
  readonly schema?: number;
}

export interface IoamSchema {
  /** 0 to 0xfffffe. */
  readonly id: number;
  /** At most 1020 bytes; the kernel pads to a multiple of 4 on the wire. */
  readonly data: Uint8Array;
}

/** The kernel's IOAM of one network namespace. Close it. */
export class Ioam6 {
  readonly #family: GenericFamily;

  /** Opens in `netns` (default: the calling thread's). `UnsupportedError` when the kernel has no IOAM. */
  constructor(netns?: Netns) {
    this.#family = new GenericFamily("IOAM6", 1, netns);
  }

  namespaces(): IoamNamespace[] {
    return this.#family.dump({ number: DUMP_NAMESPACES, name: "IOAM6_CMD_DUMP_NAMESPACES" }).map((attributes) => {
      const data = attributes.number(NS_DATA);
      const dataWide = attributes.u64(NS_DATA_WIDE);
      const schema = attributes.number(SC_ID);
      return {
        id: attributes.number(NS_ID) ?? 0,
        ...(data !== undefined && { data }),
        ...(dataWide !== undefined && { dataWide }),
        ...(schema !== undefined && { schema }),
      };
    });
  }

  /**
   * `NetlinkError` EEXIST when the id is taken, ENOENT when the schema is not there: then nothing is made. The data of a namespace
   * cannot be changed, only made anew.
   */
  addNamespace(namespace: IoamNamespace): void {
    checkRange("IOAM namespace", namespace.id, 0xffff);
    const command = { number: ADD_NAMESPACE, name: "IOAM6_CMD_ADD_NAMESPACE", object: `namespace ${namespace.id}` };
    this.#family.request(command, (message) => {
      message.attrU16(NS_ID, namespace.id);
      if (namespace.data !== undefined) message.attrU32(NS_DATA, namespace.data);
      if (namespace.dataWide !== undefined) message.attrU64(NS_DATA_WIDE, namespace.dataWide);
    });
    if (namespace.schema === undefined) return;
    try {
      this.setSchema(namespace.id, namespace.schema);
    } catch (error) {
      this.deleteNamespace(namespace.id);
      throw error;
    }
  }

  /** `NetlinkError` ENOENT when there is none. */
  deleteNamespace(id: number): void {
    const command = { number: DEL_NAMESPACE, name: "IOAM6_CMD_DEL_NAMESPACE", object: `namespace ${id}` };
    this.#family.request(command, (message) => message.attrU16(NS_ID, id));
  }

  schemas(): IoamSchema[] {
    return this.#family.dump({ number: DUMP_SCHEMAS, name: "IOAM6_CMD_DUMP_SCHEMAS" }).map((attributes) => ({
      id: attributes.number(SC_ID) ?? 0,
      data: attributes.bytes(SC_DATA) ?? new Uint8Array(0),
    }));
  }

  /** `NetlinkError` EEXIST when the id is taken. */
  addSchema(schema: IoamSchema): void {
    checkRange("IOAM schema", schema.id, 0xfffffe);
    if (schema.data.length > MAX_SCHEMA_BYTES) {
      throw new ConfigError(`IOAM schema ${schema.id}: ${schema.data.length} bytes, at most ${MAX_SCHEMA_BYTES} fit`);
    }
    const command = { number: ADD_SCHEMA, name: "IOAM6_CMD_ADD_SCHEMA", object: `schema ${schema.id}` };
    this.#family.request(command, (message) => message.attrU32(SC_ID, schema.id).attrBytes(SC_DATA, schema.data));
  }

  deleteSchema(id: number): void {
    const command = { number: DEL_SCHEMA, name: "IOAM6_CMD_DEL_SCHEMA", object: `schema ${id}` };
    this.#family.request(command, (message) => message.attrU32(SC_ID, id));
  }

  /** Make a namespace carry a schema, or none. `NetlinkError` ENOENT when one of them is not there. */
  setSchema(namespace: number, schema: number | undefined): void {
    const missing = this.namespaces().every(({ id }) => id !== namespace);
    const object = missing || schema === undefined ? `namespace ${namespace}` : `schema ${schema}`;
    this.#family.request({ number: NS_SET_SCHEMA, name: "IOAM6_CMD_NS_SET_SCHEMA", object }, (message) => {
      message.attrU16(NS_ID, namespace);
      if (schema === undefined) message.attrFlag(SC_NONE);
      else message.attrU32(SC_ID, schema);
    });
  }

  close(): void {
    this.#family.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function checkRange(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new ConfigError(`${what} ${value} is not in 0 to ${most}`);
}

const MAX_SCHEMA_BYTES = 255 * 4;
const ADD_NAMESPACE = 1;
const DEL_NAMESPACE = 2;
const DUMP_NAMESPACES = 3;
const ADD_SCHEMA = 4;
const DEL_SCHEMA = 5;
const DUMP_SCHEMAS = 6;
const NS_SET_SCHEMA = 7;
const NS_ID = 1;
const NS_DATA = 2;
const NS_DATA_WIDE = 3;
const SC_ID = 4;
const SC_DATA = 5;
const SC_NONE = 6;
