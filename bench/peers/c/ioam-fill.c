// SPDX-License-Identifier: MIT
/*
 * A transit node of IOAM: adds its entry to the pre-allocated trace of an IPv6 packet (RFC 9197, RFC 9486), under the
 * rules of the Linux kernel.
 */
#include "packet.h"
#include "sample.h"

enum {
	FILLED,
	NOT_IOAM,
	NOT_FOR_US,
	OVERFLOW_SET,
	NO_ROOM,
	MISALIGNED,
	TRUNCATED,
	WRONG_NODE_LENGTH,
	OUTCOMES,
};

/* This node. */
#define NAMESPACE_ID 123
#define NODE_ID 0x0a0b0c
#define NODE_ID_WIDE 0x1a1b1c1d1e1f20ULL
#define INGRESS_ID 0x2122
#define INGRESS_ID_WIDE 0x31323334
#define NAMESPACE_DATA 0xdeadbeef
#define NAMESPACE_DATA_WIDE 0xdeadbeefcafedecaULL
#define UNAVAILABLE 0xffffffff
#define UNAVAILABLE_16 0xffff

#define OPT_PAD1 0
#define OPT_IOAM 0x31
#define IOAM_PREALLOCATED_TRACE 0
#define MAX_OPTIONS 8

/* Bit 0 of a trace type is the most significant of 24. */
#define TRACE_BIT(n) (0x800000 >> (n))
#define WIDE_BITS (TRACE_BIT(8) | TRACE_BIT(9) | TRACE_BIT(10))
#define NARROW_BITS (0xfff000 & ~WIDE_BITS)
#define UNKNOWN_BITS 0xfff

struct option_header {
	__u8 type;
	__u8 length;
};

struct ioam_option {
	struct option_header header;
	__u8 reserved;
	__u8 ioam_type;
};

struct ioam_trace {
	__be16 namespace_id;
	__u8 active : 1;
	__u8 loopback : 1;
	__u8 overflow : 1;
	__u8 node_length : 5;
	__u8 remaining_length : 7;
	__u8 reserved_flag : 1;
	/* 24 bits of type, 8 reserved. */
	__be32 type;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* ns that TAI is ahead of the wall clock; user space writes it. */
volatile __u64 tai_offset;

static __always_inline void count(__u32 outcome)
{
	__u64 *packets = bpf_map_lookup_elem(&counters, &outcome);

	if (packets)
		(*packets)++;
}

/* The IOAM option in the options from `next` to `end`, or NULL. */
static __always_inline struct ioam_option *find_option(void *next, void *end, void *data_end)
{
	for (int i = 0; i < MAX_OPTIONS; i++) {
		struct option_header *option = next;

		if (next + sizeof(*option) > end || next + sizeof(*option) > data_end)
			return NULL;
		if (option->type == OPT_IOAM)
			return next;
		next += option->type == OPT_PAD1 ? 1 : sizeof(*option) + option->length;
	}
	return NULL;
}

/* Words that a node writes for a trace type. */
static __always_inline __u32 node_length(__u32 type)
{
	return __builtin_popcount(type & NARROW_BITS) + 2 * __builtin_popcount(type & WIDE_BITS);
}

static __always_inline int put32(void **at, void *data_end, __u32 value)
{
	__be32 *field = *at;

	if ((void *)(field + 1) > data_end)
		return 0;
	*field = bpf_htonl(value);
	*at = field + 1;
	return 1;
}

static __always_inline int put64(void **at, void *data_end, __u64 value)
{
	__be64 *field = *at;

	if ((void *)(field + 1) > data_end)
		return 0;
	*field = bpf_cpu_to_be64(value);
	*at = field + 1;
	return 1;
}

/* Writes this node's entry. False when the packet ends before it does. */
static __always_inline int write_entry(void *at, void *data_end, __u32 type, __u8 hop_limit)
{
	__u64 now = bpf_ktime_get_tai_ns() - tai_offset;

	if (type & TRACE_BIT(0) && !put32(&at, data_end, (__u32)hop_limit << 24 | NODE_ID))
		return 0;
	if (type & TRACE_BIT(1) && !put32(&at, data_end, INGRESS_ID << 16 | UNAVAILABLE_16))
		return 0;
	if (type & TRACE_BIT(2) && !put32(&at, data_end, now / 1000000000))
		return 0;
	if (type & TRACE_BIT(3) && !put32(&at, data_end, now % 1000000000 / 1000))
		return 0;
	if (type & TRACE_BIT(4) && !put32(&at, data_end, UNAVAILABLE))
		return 0;
	if (type & TRACE_BIT(5) && !put32(&at, data_end, NAMESPACE_DATA))
		return 0;
	if (type & TRACE_BIT(6) && !put32(&at, data_end, UNAVAILABLE))
		return 0;
	if (type & TRACE_BIT(7) && !put32(&at, data_end, UNAVAILABLE))
		return 0;
	if (type & TRACE_BIT(8) && !put64(&at, data_end, (__u64)hop_limit << 56 | NODE_ID_WIDE))
		return 0;
	if (type & TRACE_BIT(9) && !put64(&at, data_end, (__u64)INGRESS_ID_WIDE << 32 | UNAVAILABLE))
		return 0;
	if (type & TRACE_BIT(10) && !put64(&at, data_end, NAMESPACE_DATA_WIDE))
		return 0;
	if (type & TRACE_BIT(11) && !put32(&at, data_end, UNAVAILABLE))
		return 0;
	return 1;
}

static __always_inline __u32 fill(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct ipv6_opt_hdr *hop_by_hop = (void *)(ip6 + 1);
	struct ioam_option *option;
	struct ioam_trace *trace;
	__u32 length, type, words;
	void *end;

	if ((void *)(eth + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IPV6))
		return NOT_IOAM;
	if ((void *)(ip6 + 1) > data_end || ip6->nexthdr != IPPROTO_HOPOPTS)
		return NOT_IOAM;
	if ((void *)(hop_by_hop + 1) > data_end)
		return TRUNCATED;
	end = (void *)hop_by_hop + (hop_by_hop->hdrlen + 1) * 8;
	if (end > data_end)
		return TRUNCATED;

	option = find_option(hop_by_hop + 1, end, data_end);
	if (!option)
		return NOT_IOAM;
	if (((void *)option - (void *)ip6) % 4)
		return MISALIGNED;
	if ((void *)(option + 1) > data_end)
		return TRUNCATED;
	length = option->header.length;
	if (length < 2 || (void *)&option->reserved + length > end)
		return TRUNCATED;
	if (option->ioam_type != IOAM_PREALLOCATED_TRACE)
		return NOT_FOR_US;

	trace = (void *)(option + 1);
	if ((void *)(trace + 1) > data_end || length < 2 + sizeof(*trace))
		return TRUNCATED;
	if (length < 2 + sizeof(*trace) + trace->remaining_length * 4)
		return TRUNCATED;
	type = bpf_ntohl(trace->type) >> 8;
	if (type & UNKNOWN_BITS)
		return NOT_FOR_US;
	words = node_length(type);
	if (trace->node_length != words)
		return WRONG_NODE_LENGTH;
	if (trace->namespace_id != bpf_htons(NAMESPACE_ID))
		return NOT_FOR_US;
	if (trace->overflow)
		return OVERFLOW_SET;
	if (trace->remaining_length == 0 || trace->remaining_length < words) {
		trace->overflow = 1;
		return NO_ROOM;
	}

	trace->remaining_length -= words;
	if (!write_entry((void *)(trace + 1) + trace->remaining_length * 4, data_end, type, ip6->hop_limit - 1))
		return TRUNCATED;
	return FILLED;
}

/* Makes the room of the sample's trace free again, so that fill() can be run on it once more. */
static __always_inline void undo(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ioam_trace *trace = data + SAMPLE_TRACE_OFFSET;

	if ((void *)(trace + 1) <= data_end)
		trace->remaining_length = SAMPLE_TRACE_WORDS;
}

static __always_inline int run(struct xdp_md *ctx)
{
	__u32 outcome = fill(ctx);

	count(outcome);
	switch (outcome) {
	case MISALIGNED:
	case TRUNCATED:
	case WRONG_NODE_LENGTH:
		return XDP_DROP;
	default:
		return XDP_PASS;
	}
}

SEC("xdp")
int ioam_fill(struct xdp_md *ctx)
{
	return run(ctx);
}

SEC("xdp")
int ioam_fill_repeat(struct xdp_md *ctx)
{
	int verdict = run(ctx);

	undo(ctx);
	return verdict;
}

char _license[] SEC("license") = "Dual MIT/GPL";
