/** Finding the option that asks for reports (Direct Export, RFC 9326), and whether it is right. */
import type { PacketContext } from "../../../kernel/packet-context.ts";
import { DirectExportHeader } from "../../../wire/ioam/direct-export.ts";
import { IoamOption, IoamType } from "../../../wire/ioam/header.ts";
import { knows } from "../fill/fill.bpf.ts";
import { visitIoamOptions } from "../fill/option.bpf.ts";
import type { IoamNode } from "../node.ts";

/** What is to be said of an option that asks for reports. */
export const Asked = { Right: 0, NamespaceUnknown: 1, Malformed: 2 } as const;

/** Whether the IOAM option at `at` asks for reports: of both option types, since nothing says which one it must have. */
export const isDirectExport = (ctx: PacketContext, at: number): boolean => {
  const option = ctx.packet.at(IoamOption, at);
  return option !== null && option.ioamType === IoamType.DirectExport;
};

/** Where the first of them is, in a Hop-by-Hop header of `bytes` bytes at `start`; 0 when there is none. */
export const findDirectExport = (ctx: PacketContext, start: number, bytes: number): number => {
  let asking = 0;
  visitIoamOptions(ctx, start, bytes, (at) => {
    if (isDirectExport(ctx, at)) asking = at;
    return asking === 0;
  });
  return asking;
};

/** Whether the option at `at`, in a header that ends at `end`, is right and of one of the node's namespaces. */
export const takesExport = (ctx: PacketContext, node: IoamNode, at: number, end: number): boolean =>
  checkExport(ctx, node, at, end) === Asked.Right;

/** One of {@link Asked}. */
export const checkExport = (ctx: PacketContext, node: IoamNode, at: number, end: number): number => {
  const option = ctx.packet.at(IoamOption, at);
  const asked = ctx.packet.at(DirectExportHeader, at + IoamOption.size);
  if (option === null || asked === null || at + 2 + option.length > end) return Asked.Malformed;
  const extensions = ((asked.extensionFlags >>> 7) & 1) + ((asked.extensionFlags >>> 6) & 1);
  if (option.length < 2 + DirectExportHeader.size + 4 * extensions) return Asked.Malformed;
  return knows(node, asked.namespaceId) ? Asked.Right : Asked.NamespaceUnknown;
};
