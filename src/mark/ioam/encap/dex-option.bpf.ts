/** The Direct Export option (RFC 9326) as an encapsulating node inserts it: nodes on the way report, and write nothing into the packet. */
import { fetchAdd } from "../../../kernel/atomics.ts";
import { DirectExportHeader, ExtensionFlag } from "../../../wire/ioam/direct-export.ts";
import { IoamOption, IoamType } from "../../../wire/ioam/header.ts";
import { directExportShape } from "../../../wire/ioam/hop-by-hop.ts";
import { be32, header } from "../../../wire/layout.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";
import { e2eSequences } from "./edge-to-edge.bpf.ts";
import type { DirectExportSettings, EncapProfile } from "./rule.ts";
import type { InsertedOption } from "./inserted.bpf.ts";

/** Which packet it is: reports of several nodes are joined by both. */
const Extensions = header("extensions", "RFC 9326, section 3.1.2", { flowId: be32, sequence: be32 });

export const directExportOption = (
  { traceType, namespace }: EncapProfile,
  { flowId, counter }: DirectExportSettings,
): InsertedOption => ({
  ...directExportShape,
  write: (ctx, at) => {
    const option = ctx.packet.at(IoamOption, at);
    const asked = ctx.packet.at(DirectExportHeader, at + IoamOption.size);
    const extensions = ctx.packet.at(Extensions, at + IoamOption.size + DirectExportHeader.size);
    if (option === null || asked === null || extensions === null) return;
    option.type = Ipv6OptionType.IoamUnchanged;
    option.length = directExportShape.bytes - 2;
    option.reserved = 0;
    option.ioamType = IoamType.DirectExport;
    asked.namespaceId = namespace.id;
    asked.flags = 0;
    asked.extensionFlags = ExtensionFlag.FlowId | ExtensionFlag.Sequence;
    asked.traceType = traceType;
    asked.reserved = 0;
    extensions.flowId = flowId;
    extensions.sequence = nextOf(counter);
  },
});

/** From 0 on, and from there again after 2^32 packets. */
const nextOf = (counter: number): number => {
  const next = e2eSequences.lookup(counter);
  return next === null ? 0 : Number(fetchAdd(next, "value", 1n) & 0xffff_ffffn);
};
