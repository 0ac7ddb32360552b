// SPDX-License-Identifier: MIT
/*
 * A connection table whose buckets are cache lines: seven flows of 8 bytes each, and when each was last seen. Every entry
 * is read once and written once, whole, so that CPUs may race for it.
 */
#include "flow-hash.h"

enum { KNOWN, INSERTED, EVICTED, NOT_A_FLOW, MALFORMED, OUTCOMES };

#define BUCKETS (1 << 18)
#define ENTRIES 7
#define BACKENDS 1000

/* An entry is a signature of 48 bits and a backend of 16; 0 is an empty one. Epoch i is byte i of `epochs`. */
struct bucket {
	__u64 entries[ENTRIES];
	__u64 epochs;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BUCKETS);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* User space counts it up; the low byte is the epoch. */
volatile __u32 now;

static __always_inline void count(__u32 outcome)
{
	__u64 *packets = bpf_map_lookup_elem(&counters, &outcome);

	if (packets)
		(*packets)++;
}

static __always_inline void touch(struct bucket *bucket, __u64 epochs, int index, __u8 epoch)
{
	__u64 mask = 0xffULL << (index * 8);

	if ((epochs & mask) != (__u64)epoch << (index * 8))
		WRITE_ONCE(bucket->epochs, (epochs & ~mask) | (__u64)epoch << (index * 8));
}

/* Finds the flow's backend, or remembers the flow with one in place of the entry that was not seen for longest. */
static __always_inline __u32 find_or_insert(struct bucket *bucket, __u64 hash, __u8 epoch, __u16 *backend)
{
	__u64 signature = hash >> 16;
	__u64 epochs = READ_ONCE(bucket->epochs);
	__u32 oldest = 0;
	int victim = 0;

	for (int i = 0; i < ENTRIES; i++) {
		__u64 entry = READ_ONCE(bucket->entries[i]);
		/* An empty entry is older than any other. */
		__u32 age = entry ? (__u8)(epoch - (epochs >> (i * 8))) : 256;

		if (entry && entry >> 16 == signature) {
			*backend = entry;
			touch(bucket, epochs, i, epoch);
			return KNOWN;
		}
		if (i == 0 || age > oldest) {
			oldest = age;
			victim = i;
		}
	}

	*backend = 1 + (((hash >> 48) * BACKENDS) >> 16);
	WRITE_ONCE(bucket->entries[victim], signature << 16 | *backend);
	touch(bucket, epochs, victim, epoch);
	return oldest == 256 ? INSERTED : EVICTED;
}

static __always_inline __u32 forward(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct bucket *bucket;
	struct ports *ports;
	__u16 backend = 0;
	__u32 outcome;
	__u32 index;
	__u64 hash;

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

	hash = hash_ipv4(ip, ports);
	index = hash % BUCKETS;
	bucket = bpf_map_lookup_elem(&buckets, &index);
	if (!bucket)
		return MALFORMED;
	outcome = find_or_insert(bucket, hash, now, &backend);

	memset(eth->h_dest, 0, ETH_ALEN);
	eth->h_dest[0] = 0x02;
	eth->h_dest[4] = backend >> 8;
	eth->h_dest[5] = backend;
	return outcome;
}

SEC("xdp")
int flow_bucket(struct xdp_md *ctx)
{
	__u32 outcome = forward(ctx);

	count(outcome);
	if (outcome == MALFORMED)
		return XDP_DROP;
	return outcome == NOT_A_FLOW ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
