// SPDX-License-Identifier: MIT
/* Looks a flow up by its 5-tuple and sends its packets through an IPv4 tunnel. */
#include "packet.h"
#include "sample.h"

enum { TUNNELLED, NO_FLOW, NOT_A_FLOW, MALFORMED, EXPIRED, NO_ROOM, OUTCOMES };

struct flow_key {
	__be32 saddr;
	__be32 daddr;
	__be16 sport;
	__be16 dport;
	__u8 protocol;
	__u8 pad[3];
};

struct tunnel {
	__be32 saddr;
	__be32 daddr;
	__u8 source[ETH_ALEN];
	__u8 dest[ETH_ALEN];
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct tunnel);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline void count(__u32 outcome, __u64 bytes)
{
	struct counter *counter = bpf_map_lookup_elem(&counters, &outcome);

	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
}

/* The TTL is the high byte of its checksummed word. */
#define ONE_HOP bpf_htons(0x0100)

static __always_inline __u32 encapsulate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct flow_key key = {};
	struct tunnel *tunnel;
	struct ports *ports;
	struct iphdr outer = {};

	if ((void *)(eth + 1) > data_end)
		return MALFORMED;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return NOT_A_FLOW;
	if ((void *)(ip + 1) > data_end || ip->ihl < 5)
		return MALFORMED;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return NOT_A_FLOW;
	if (ip->frag_off & bpf_htons(IP_MF | IP_OFFSET))
		return NOT_A_FLOW;
	ports = (void *)ip + ip->ihl * 4;
	if ((void *)(ports + 1) > data_end)
		return MALFORMED;

	key.saddr = ip->saddr;
	key.daddr = ip->daddr;
	key.sport = ports->source;
	key.dport = ports->dest;
	key.protocol = ip->protocol;
	tunnel = bpf_map_lookup_elem(&flows, &key);
	if (!tunnel)
		return NO_FLOW;
	if (ip->ttl <= 1)
		return EXPIRED;
	ip->ttl--;
	ip->check = csum_replace(ip->check, ONE_HOP, 0);

	outer.version = 4;
	outer.ihl = 5;
	outer.tos = ip->tos;
	outer.tot_len = bpf_htons(bpf_ntohs(ip->tot_len) + sizeof(outer));
	outer.frag_off = bpf_htons(IP_DF);
	outer.ttl = 64;
	outer.protocol = IPPROTO_IPIP;
	outer.saddr = tunnel->saddr;
	outer.daddr = tunnel->daddr;
	outer.check = csum_fold(ip_sum(&outer));

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(outer)))
		return NO_ROOM;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	eth = data;
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > data_end)
		return NO_ROOM;

	memcpy(eth->h_dest, tunnel->dest, ETH_ALEN);
	memcpy(eth->h_source, tunnel->source, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	*ip = outer;
	return TUNNELLED;
}

/* Makes the packet again what it was before encapsulate(), so that it can be run on it once more. */
static __always_inline void undo(struct xdp_md *ctx)
{
	void *data, *data_end;
	struct ethhdr *eth;
	struct iphdr *ip;

	if (bpf_xdp_adjust_head(ctx, sizeof(*ip)))
		return;
	data = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	eth = data;
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > data_end)
		return;
	*eth = (struct ethhdr)SAMPLE_ETHERNET;
	ip->ttl++;
	ip->check = csum_replace(ip->check, 0, ONE_HOP);
}

static __always_inline int run(struct xdp_md *ctx)
{
	__u64 bytes = ctx->data_end - ctx->data;
	__u32 outcome = encapsulate(ctx);

	count(outcome, bytes);
	if (outcome == TUNNELLED)
		return XDP_TX;
	return outcome == NO_FLOW || outcome == NOT_A_FLOW ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int ipip(struct xdp_md *ctx)
{
	return run(ctx);
}

SEC("xdp")
int ipip_repeat(struct xdp_md *ctx)
{
	int verdict = run(ctx);

	if (verdict == XDP_TX)
		undo(ctx);
	return verdict;
}

char _license[] SEC("license") = "Dual MIT/GPL";
