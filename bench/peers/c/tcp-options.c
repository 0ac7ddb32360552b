// SPDX-License-Identifier: MIT
/* Reads the options of TCP segments over IPv4. */
#include "packet.h"

enum { READ, NOT_TCP, MALFORMED, OUTCOMES };

enum { OPT_END, OPT_NOP, OPT_MSS, OPT_WINDOW_SCALE, OPT_SACK_PERMITTED, OPT_TIMESTAMPS = 8 };

/* Bits of `found`. */
#define FOUND_MSS 1
#define FOUND_WINDOW_SCALE 2
#define FOUND_SACK_PERMITTED 4
#define FOUND_TIMESTAMPS 8

#define MAX_OPTIONS 16

struct options {
	__u32 timestamp;
	__u32 echo;
	__u16 mss;
	__u8 window_scale;
	__u8 found;
	/* Options of any kind, padding left out. */
	__u32 count;
};

struct option_header {
	__u8 kind;
	__u8 length;
};

struct mss_option {
	struct option_header header;
	__be16 size;
};

struct window_scale_option {
	struct option_header header;
	__u8 shift;
};

struct timestamps_option {
	struct option_header header;
	__be16 value[2];
	__be16 echo[2];
};

/* The options of the last segment. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct options);
} last SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(__u32 outcome)
{
	__u64 *packets = bpf_map_lookup_elem(&counters, &outcome);

	if (packets)
		(*packets)++;
}

static __always_inline __u32 be32_of(const __be16 *halves)
{
	return (__u32)bpf_ntohs(halves[0]) << 16 | bpf_ntohs(halves[1]);
}

/* False when an option is cut off or too short. */
static __always_inline int read_options(void *next, void *end, void *data_end, struct options *options)
{
	for (int i = 0; i < MAX_OPTIONS; i++) {
		struct option_header *header = next;
		__u8 length;

		if (next + 1 > end || next + 1 > data_end || header->kind == OPT_END)
			return 1;
		if (header->kind == OPT_NOP) {
			next++;
			continue;
		}
		if (next + 2 > end || next + 2 > data_end)
			return 0;
		length = header->length;
		if (length < 2 || next + length > end)
			return 0;
		options->count++;

		if (header->kind == OPT_MSS && length == 4) {
			struct mss_option *mss = next;

			if ((void *)(mss + 1) > data_end)
				return 0;
			options->mss = bpf_ntohs(mss->size);
			options->found |= FOUND_MSS;
		} else if (header->kind == OPT_WINDOW_SCALE && length == 3) {
			struct window_scale_option *scale = next;

			if ((void *)(scale + 1) > data_end)
				return 0;
			options->window_scale = scale->shift;
			options->found |= FOUND_WINDOW_SCALE;
		} else if (header->kind == OPT_SACK_PERMITTED && length == 2) {
			options->found |= FOUND_SACK_PERMITTED;
		} else if (header->kind == OPT_TIMESTAMPS && length == 10) {
			struct timestamps_option *timestamps = next;

			if ((void *)(timestamps + 1) > data_end)
				return 0;
			options->timestamp = be32_of(timestamps->value);
			options->echo = be32_of(timestamps->echo);
			options->found |= FOUND_TIMESTAMPS;
		}
		next += length;
	}
	return 1;
}

static __always_inline __u32 read_segment(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct options options = {};
	struct options *result;
	struct tcphdr *tcp;
	__u32 key = 0;
	void *end;

	if ((void *)(eth + 1) > data_end)
		return MALFORMED;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return NOT_TCP;
	if ((void *)(ip + 1) > data_end || ip->ihl < 5)
		return MALFORMED;
	if (ip->protocol != IPPROTO_TCP || ip->frag_off & bpf_htons(IP_MF | IP_OFFSET))
		return NOT_TCP;
	tcp = (void *)ip + ip->ihl * 4;
	if ((void *)(tcp + 1) > data_end || tcp->doff < 5)
		return MALFORMED;
	end = (void *)tcp + tcp->doff * 4;
	if (end > data_end)
		return MALFORMED;

	if (!read_options(tcp + 1, end, data_end, &options))
		return MALFORMED;

	result = bpf_map_lookup_elem(&last, &key);
	if (result)
		*result = options;
	return READ;
}

SEC("xdp")
int tcp_options(struct xdp_md *ctx)
{
	__u32 outcome = read_segment(ctx);

	count(outcome);
	return outcome == MALFORMED ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "Dual MIT/GPL";
