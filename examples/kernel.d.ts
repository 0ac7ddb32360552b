// Written by `hopmark types examples/retransmissions.bpf.ts -o examples/kernel.d.ts` of Linux 6.18.44-fc-v595; write it again instead of changing it. Programs ask the kernel that
// they are compiled for, not this file.
import type { KernelPointer } from "hopmark/kernel";

declare module "hopmark/kernel" {
  interface Tracepoints {
    /** `const struct sock *sk, const struct sk_buff *skb, int err` */
    tcp_retransmit_skb: (sk: Kernel.sock, skb: Kernel.sk_buff, err: number) => void;
  }
  interface KernelStructures {
    in6_addr: Kernel.in6_addr;
    sk_buff: Kernel.sk_buff;
    sock: Kernel.sock;
    sock_common: Kernel.sock_common;
  }
  namespace Kernel {
    interface in6_addr {
      /** `union { … } in6_u` */
      readonly in6_u: { readonly u6_addr8: number[]; readonly u6_addr16: number[]; readonly u6_addr32: number[] };
    }
    interface sk_buff {
      /** `struct sk_buff *next` */
      readonly next: sk_buff | null;
      /** `struct sk_buff *prev` */
      readonly prev: sk_buff | null;
      /** `struct net_device *dev` */
      readonly dev: net_device | null;
      /** `long unsigned int dev_scratch` */
      readonly dev_scratch: bigint;
      /** `struct rb_node rbnode` */
      readonly rbnode: rb_node;
      /** `struct list_head list` */
      readonly list: list_head;
      /** `struct llist_node ll_node` */
      readonly ll_node: llist_node;
      /** `struct sock *sk` */
      readonly sk: sock | null;
      /** `ktime_t tstamp` */
      readonly tstamp: bigint;
      /** `u64 skb_mstamp_ns` */
      readonly skb_mstamp_ns: bigint;
      /** `char cb[48]` */
      readonly cb: number[];
      /** `long unsigned int _skb_refdst` */
      readonly _skb_refdst: bigint;
      /** `void (*destructor)(…)` */
      readonly destructor: KernelPointer<"void (…)"> | null;
      /** `struct list_head tcp_tsorted_anchor` */
      readonly tcp_tsorted_anchor: list_head;
      /** `long unsigned int _sk_redir` */
      readonly _sk_redir: bigint;
      /** `long unsigned int _nfct` */
      readonly _nfct: bigint;
      /** `unsigned int len` */
      readonly len: number;
      /** `unsigned int data_len` */
      readonly data_len: number;
      /** `__u16 mac_len` */
      readonly mac_len: number;
      /** `__u16 hdr_len` */
      readonly hdr_len: number;
      /** `__u16 queue_mapping` */
      readonly queue_mapping: number;
      /** `__u8 cloned : 1` */
      readonly cloned: number;
      /** `__u8 nohdr : 1` */
      readonly nohdr: number;
      /** `__u8 fclone : 2` */
      readonly fclone: number;
      /** `__u8 peeked : 1` */
      readonly peeked: number;
      /** `__u8 head_frag : 1` */
      readonly head_frag: number;
      /** `__u8 pfmemalloc : 1` */
      readonly pfmemalloc: number;
      /** `__u8 pp_recycle : 1` */
      readonly pp_recycle: number;
      /** `__u8 active_extensions` */
      readonly active_extensions: number;
      /** `__u8 pkt_type : 3` */
      readonly pkt_type: number;
      /** `__u8 ignore_df : 1` */
      readonly ignore_df: number;
      /** `__u8 dst_pending_confirm : 1` */
      readonly dst_pending_confirm: number;
      /** `__u8 ip_summed : 2` */
      readonly ip_summed: number;
      /** `__u8 ooo_okay : 1` */
      readonly ooo_okay: number;
      /** `__u8 tstamp_type : 2` */
      readonly tstamp_type: number;
      /** `__u8 tc_at_ingress : 1` */
      readonly tc_at_ingress: number;
      /** `__u8 tc_skip_classify : 1` */
      readonly tc_skip_classify: number;
      /** `__u8 remcsum_offload : 1` */
      readonly remcsum_offload: number;
      /** `__u8 csum_complete_sw : 1` */
      readonly csum_complete_sw: number;
      /** `__u8 csum_level : 2` */
      readonly csum_level: number;
      /** `__u8 inner_protocol_type : 1` */
      readonly inner_protocol_type: number;
      /** `__u8 l4_hash : 1` */
      readonly l4_hash: number;
      /** `__u8 sw_hash : 1` */
      readonly sw_hash: number;
      /** `__u8 no_fcs : 1` */
      readonly no_fcs: number;
      /** `__u8 encapsulation : 1` */
      readonly encapsulation: number;
      /** `__u8 encap_hdr_csum : 1` */
      readonly encap_hdr_csum: number;
      /** `__u8 csum_valid : 1` */
      readonly csum_valid: number;
      /** `__u8 nf_trace : 1` */
      readonly nf_trace: number;
      /** `__u8 redirected : 1` */
      readonly redirected: number;
      /** `__u8 from_ingress : 1` */
      readonly from_ingress: number;
      /** `__u8 nf_skip_egress : 1` */
      readonly nf_skip_egress: number;
      /** `__u8 slow_gro : 1` */
      readonly slow_gro: number;
      /** `__u8 unreadable : 1` */
      readonly unreadable: number;
      /** `__u16 tc_index` */
      readonly tc_index: number;
      /** `u16 alloc_cpu` */
      readonly alloc_cpu: number;
      /** `__wsum csum` */
      readonly csum: number;
      /** `__u16 csum_start` */
      readonly csum_start: number;
      /** `__u16 csum_offset` */
      readonly csum_offset: number;
      /** `__u32 priority` */
      readonly priority: number;
      /** `int skb_iif` */
      readonly skb_iif: number;
      /** `__u32 hash` */
      readonly hash: number;
      /** `u32 vlan_all` */
      readonly vlan_all: number;
      /** `__be16 vlan_proto` */
      readonly vlan_proto: number;
      /** `__u16 vlan_tci` */
      readonly vlan_tci: number;
      /** `unsigned int napi_id` */
      readonly napi_id: number;
      /** `unsigned int sender_cpu` */
      readonly sender_cpu: number;
      /** `__u32 secmark` */
      readonly secmark: number;
      /** `__u32 mark` */
      readonly mark: number;
      /** `__u32 reserved_tailroom` */
      readonly reserved_tailroom: number;
      /** `__be16 inner_protocol` */
      readonly inner_protocol: number;
      /** `__u8 inner_ipproto` */
      readonly inner_ipproto: number;
      /** `__u16 inner_transport_header` */
      readonly inner_transport_header: number;
      /** `__u16 inner_network_header` */
      readonly inner_network_header: number;
      /** `__u16 inner_mac_header` */
      readonly inner_mac_header: number;
      /** `__be16 protocol` */
      readonly protocol: number;
      /** `__u16 transport_header` */
      readonly transport_header: number;
      /** `__u16 network_header` */
      readonly network_header: number;
      /** `__u16 mac_header` */
      readonly mac_header: number;
      /** `struct { … } headers` */
      readonly headers: {
        readonly pkt_type: number;
        readonly ignore_df: number;
        readonly dst_pending_confirm: number;
        readonly ip_summed: number;
        readonly ooo_okay: number;
        readonly tstamp_type: number;
        readonly tc_at_ingress: number;
        readonly tc_skip_classify: number;
        readonly remcsum_offload: number;
        readonly csum_complete_sw: number;
        readonly csum_level: number;
        readonly inner_protocol_type: number;
        readonly l4_hash: number;
        readonly sw_hash: number;
        readonly no_fcs: number;
        readonly encapsulation: number;
        readonly encap_hdr_csum: number;
        readonly csum_valid: number;
        readonly nf_trace: number;
        readonly redirected: number;
        readonly from_ingress: number;
        readonly nf_skip_egress: number;
        readonly slow_gro: number;
        readonly unreadable: number;
        readonly tc_index: number;
        readonly alloc_cpu: number;
        readonly csum: number;
        readonly csum_start: number;
        readonly csum_offset: number;
        readonly priority: number;
        readonly skb_iif: number;
        readonly hash: number;
        readonly vlan_all: number;
        readonly vlan_proto: number;
        readonly vlan_tci: number;
        readonly napi_id: number;
        readonly sender_cpu: number;
        readonly secmark: number;
        readonly mark: number;
        readonly reserved_tailroom: number;
        readonly inner_protocol: number;
        readonly inner_ipproto: number;
        readonly inner_transport_header: number;
        readonly inner_network_header: number;
        readonly inner_mac_header: number;
        readonly protocol: number;
        readonly transport_header: number;
        readonly network_header: number;
        readonly mac_header: number;
      };
      /** `sk_buff_data_t tail` */
      readonly tail: number;
      /** `sk_buff_data_t end` */
      readonly end: number;
      /** `unsigned char *head` */
      readonly head: KernelPointer<"unsigned char"> | null;
      /** `unsigned char *data` */
      readonly data: KernelPointer<"unsigned char"> | null;
      /** `unsigned int truesize` */
      readonly truesize: number;
      /** `refcount_t users` */
      readonly users: refcount_struct;
      /** `struct skb_ext *extensions` */
      readonly extensions: skb_ext | null;
    }
    interface sock {
      /** `struct sock_common __sk_common` */
      readonly __sk_common: sock_common;
      /** `atomic_t sk_drops` */
      readonly sk_drops: { readonly counter: number };
      /** `__s32 sk_peek_off` */
      readonly sk_peek_off: number;
      /** `struct sk_buff_head sk_error_queue` */
      readonly sk_error_queue: sk_buff_head;
      /** `struct sk_buff_head sk_receive_queue` */
      readonly sk_receive_queue: sk_buff_head;
      /** `struct { … } sk_backlog` */
      readonly sk_backlog: {
        readonly rmem_alloc: { readonly counter: number };
        readonly len: number;
        readonly head: sk_buff | null;
        readonly tail: sk_buff | null;
      };
      /** `struct dst_entry *sk_rx_dst` */
      readonly sk_rx_dst: dst_entry | null;
      /** `int sk_rx_dst_ifindex` */
      readonly sk_rx_dst_ifindex: number;
      /** `u32 sk_rx_dst_cookie` */
      readonly sk_rx_dst_cookie: number;
      /** `unsigned int sk_ll_usec` */
      readonly sk_ll_usec: number;
      /** `unsigned int sk_napi_id` */
      readonly sk_napi_id: number;
      /** `u16 sk_busy_poll_budget` */
      readonly sk_busy_poll_budget: number;
      /** `u8 sk_prefer_busy_poll` */
      readonly sk_prefer_busy_poll: number;
      /** `u8 sk_userlocks` */
      readonly sk_userlocks: number;
      /** `int sk_rcvbuf` */
      readonly sk_rcvbuf: number;
      /** `struct sk_filter *sk_filter` */
      readonly sk_filter: sk_filter | null;
      /** `struct socket_wq *sk_wq` */
      readonly sk_wq: socket_wq | null;
      /** `struct socket_wq *sk_wq_raw` */
      readonly sk_wq_raw: socket_wq | null;
      /** `void (*sk_data_ready)(…)` */
      readonly sk_data_ready: KernelPointer<"void (…)"> | null;
      /** `long int sk_rcvtimeo` */
      readonly sk_rcvtimeo: bigint;
      /** `int sk_rcvlowat` */
      readonly sk_rcvlowat: number;
      /** `int sk_err` */
      readonly sk_err: number;
      /** `struct socket *sk_socket` */
      readonly sk_socket: socket | null;
      /** `struct mem_cgroup *sk_memcg` */
      readonly sk_memcg: mem_cgroup | null;
      /** `struct xfrm_policy *sk_policy[2]` */
      readonly sk_policy: xfrm_policy[];
      /** `socket_lock_t sk_lock` */
      readonly sk_lock: { readonly slock: spinlock; readonly owned: number; readonly wq: wait_queue_head };
      /** `u32 sk_reserved_mem` */
      readonly sk_reserved_mem: number;
      /** `int sk_forward_alloc` */
      readonly sk_forward_alloc: number;
      /** `u32 sk_tsflags` */
      readonly sk_tsflags: number;
      /** `int sk_write_pending` */
      readonly sk_write_pending: number;
      /** `atomic_t sk_omem_alloc` */
      readonly sk_omem_alloc: { readonly counter: number };
      /** `int sk_err_soft` */
      readonly sk_err_soft: number;
      /** `int sk_wmem_queued` */
      readonly sk_wmem_queued: number;
      /** `refcount_t sk_wmem_alloc` */
      readonly sk_wmem_alloc: refcount_struct;
      /** `long unsigned int sk_tsq_flags` */
      readonly sk_tsq_flags: bigint;
      /** `struct sk_buff *sk_send_head` */
      readonly sk_send_head: sk_buff | null;
      /** `struct rb_root tcp_rtx_queue` */
      readonly tcp_rtx_queue: rb_root;
      /** `struct sk_buff_head sk_write_queue` */
      readonly sk_write_queue: sk_buff_head;
      /** `u32 sk_dst_pending_confirm` */
      readonly sk_dst_pending_confirm: number;
      /** `u32 sk_pacing_status` */
      readonly sk_pacing_status: number;
      /** `struct page_frag sk_frag` */
      readonly sk_frag: page_frag;
      /** `struct timer_list sk_timer` */
      readonly sk_timer: timer_list;
      /** `long unsigned int sk_pacing_rate` */
      readonly sk_pacing_rate: bigint;
      /** `atomic_t sk_zckey` */
      readonly sk_zckey: { readonly counter: number };
      /** `atomic_t sk_tskey` */
      readonly sk_tskey: { readonly counter: number };
      /** `long unsigned int sk_max_pacing_rate` */
      readonly sk_max_pacing_rate: bigint;
      /** `long int sk_sndtimeo` */
      readonly sk_sndtimeo: bigint;
      /** `u32 sk_priority` */
      readonly sk_priority: number;
      /** `u32 sk_mark` */
      readonly sk_mark: number;
      /** `kuid_t sk_uid` */
      readonly sk_uid: { readonly val: number };
      /** `u16 sk_protocol` */
      readonly sk_protocol: number;
      /** `u16 sk_type` */
      readonly sk_type: number;
      /** `struct dst_entry *sk_dst_cache` */
      readonly sk_dst_cache: dst_entry | null;
      /** `netdev_features_t sk_route_caps` */
      readonly sk_route_caps: bigint;
      /** `u16 sk_gso_type` */
      readonly sk_gso_type: number;
      /** `u16 sk_gso_max_segs` */
      readonly sk_gso_max_segs: number;
      /** `unsigned int sk_gso_max_size` */
      readonly sk_gso_max_size: number;
      /** `gfp_t sk_allocation` */
      readonly sk_allocation: number;
      /** `u32 sk_txhash` */
      readonly sk_txhash: number;
      /** `int sk_sndbuf` */
      readonly sk_sndbuf: number;
      /** `u8 sk_pacing_shift` */
      readonly sk_pacing_shift: number;
      /** `bool sk_use_task_frag` */
      readonly sk_use_task_frag: boolean;
      /** `u8 sk_gso_disabled : 1` */
      readonly sk_gso_disabled: number;
      /** `u8 sk_kern_sock : 1` */
      readonly sk_kern_sock: number;
      /** `u8 sk_no_check_tx : 1` */
      readonly sk_no_check_tx: number;
      /** `u8 sk_no_check_rx : 1` */
      readonly sk_no_check_rx: number;
      /** `u8 sk_shutdown` */
      readonly sk_shutdown: number;
      /** `long unsigned int sk_lingertime` */
      readonly sk_lingertime: bigint;
      /** `struct proto *sk_prot_creator` */
      readonly sk_prot_creator: proto | null;
      /** `rwlock_t sk_callback_lock` */
      readonly sk_callback_lock: { readonly raw_lock: qrwlock };
      /** `u32 sk_ack_backlog` */
      readonly sk_ack_backlog: number;
      /** `u32 sk_max_ack_backlog` */
      readonly sk_max_ack_backlog: number;
      /** `long unsigned int sk_ino` */
      readonly sk_ino: bigint;
      /** `spinlock_t sk_peer_lock` */
      readonly sk_peer_lock: spinlock;
      /** `int sk_bind_phc` */
      readonly sk_bind_phc: number;
      /** `struct pid *sk_peer_pid` */
      readonly sk_peer_pid: pid | null;
      /** `const struct cred *sk_peer_cred` */
      readonly sk_peer_cred: cred | null;
      /** `ktime_t sk_stamp` */
      readonly sk_stamp: bigint;
      /** `int sk_disconnects` */
      readonly sk_disconnects: number;
      /** `u8 sk_txrehash` */
      readonly sk_txrehash: number;
      /** `u8 sk_scm_recv_flags` */
      readonly sk_scm_recv_flags: number;
      /** `u8 sk_scm_credentials : 1` */
      readonly sk_scm_credentials: number;
      /** `u8 sk_scm_security : 1` */
      readonly sk_scm_security: number;
      /** `u8 sk_scm_pidfd : 1` */
      readonly sk_scm_pidfd: number;
      /** `u8 sk_scm_rights : 1` */
      readonly sk_scm_rights: number;
      /** `u8 sk_scm_unused : 4` */
      readonly sk_scm_unused: number;
      /** `u8 sk_clockid` */
      readonly sk_clockid: number;
      /** `u8 sk_txtime_deadline_mode : 1` */
      readonly sk_txtime_deadline_mode: number;
      /** `u8 sk_txtime_report_errors : 1` */
      readonly sk_txtime_report_errors: number;
      /** `u8 sk_txtime_unused : 6` */
      readonly sk_txtime_unused: number;
      /** `u8 sk_bpf_cb_flags` */
      readonly sk_bpf_cb_flags: number;
      /** `void *sk_user_data` */
      readonly sk_user_data: KernelPointer<"void"> | null;
      /** `void *sk_security` */
      readonly sk_security: KernelPointer<"void"> | null;
      /** `struct sock_cgroup_data sk_cgrp_data` */
      readonly sk_cgrp_data: sock_cgroup_data;
      /** `void (*sk_state_change)(…)` */
      readonly sk_state_change: KernelPointer<"void (…)"> | null;
      /** `void (*sk_write_space)(…)` */
      readonly sk_write_space: KernelPointer<"void (…)"> | null;
      /** `void (*sk_error_report)(…)` */
      readonly sk_error_report: KernelPointer<"void (…)"> | null;
      /** `int (*sk_backlog_rcv)(…)` */
      readonly sk_backlog_rcv: KernelPointer<"int (…)"> | null;
      /** `void (*sk_destruct)(…)` */
      readonly sk_destruct: KernelPointer<"void (…)"> | null;
      /** `struct sock_reuseport *sk_reuseport_cb` */
      readonly sk_reuseport_cb: sock_reuseport | null;
      /** `struct bpf_local_storage *sk_bpf_storage` */
      readonly sk_bpf_storage: bpf_local_storage | null;
      /** `struct numa_drop_counters *sk_drop_counters` */
      readonly sk_drop_counters: numa_drop_counters | null;
      /** `struct callback_head sk_rcu` */
      readonly sk_rcu: callback_head;
      /** `netns_tracker ns_tracker` */
      readonly ns_tracker: {};
      /** `struct xarray sk_user_frags` */
      readonly sk_user_frags: xarray;
    }
    interface sock_common {
      /** `__addrpair skc_addrpair` */
      readonly skc_addrpair: bigint;
      /** `__be32 skc_daddr` */
      readonly skc_daddr: number;
      /** `__be32 skc_rcv_saddr` */
      readonly skc_rcv_saddr: number;
      /** `unsigned int skc_hash` */
      readonly skc_hash: number;
      /** `__u16 skc_u16hashes[2]` */
      readonly skc_u16hashes: number[];
      /** `__portpair skc_portpair` */
      readonly skc_portpair: number;
      /** `__be16 skc_dport` */
      readonly skc_dport: number;
      /** `__u16 skc_num` */
      readonly skc_num: number;
      /** `short unsigned int skc_family` */
      readonly skc_family: number;
      /** `volatile unsigned char skc_state` */
      readonly skc_state: number;
      /** `unsigned char skc_reuse : 4` */
      readonly skc_reuse: number;
      /** `unsigned char skc_reuseport : 1` */
      readonly skc_reuseport: number;
      /** `unsigned char skc_ipv6only : 1` */
      readonly skc_ipv6only: number;
      /** `unsigned char skc_net_refcnt : 1` */
      readonly skc_net_refcnt: number;
      /** `int skc_bound_dev_if` */
      readonly skc_bound_dev_if: number;
      /** `struct hlist_node skc_bind_node` */
      readonly skc_bind_node: hlist_node;
      /** `struct hlist_node skc_portaddr_node` */
      readonly skc_portaddr_node: hlist_node;
      /** `struct proto *skc_prot` */
      readonly skc_prot: proto | null;
      /** `possible_net_t skc_net` */
      readonly skc_net: { readonly net: net | null };
      /** `struct in6_addr skc_v6_daddr` */
      readonly skc_v6_daddr: in6_addr;
      /** `struct in6_addr skc_v6_rcv_saddr` */
      readonly skc_v6_rcv_saddr: in6_addr;
      /** `atomic64_t skc_cookie` */
      readonly skc_cookie: { readonly counter: bigint };
      /** `long unsigned int skc_flags` */
      readonly skc_flags: bigint;
      /** `struct sock *skc_listener` */
      readonly skc_listener: sock | null;
      /** `struct inet_timewait_death_row *skc_tw_dr` */
      readonly skc_tw_dr: inet_timewait_death_row | null;
      /** `struct hlist_node skc_node` */
      readonly skc_node: hlist_node;
      /** `struct hlist_nulls_node skc_nulls_node` */
      readonly skc_nulls_node: hlist_nulls_node;
      /** `short unsigned int skc_tx_queue_mapping` */
      readonly skc_tx_queue_mapping: number;
      /** `short unsigned int skc_rx_queue_mapping` */
      readonly skc_rx_queue_mapping: number;
      /** `int skc_incoming_cpu` */
      readonly skc_incoming_cpu: number;
      /** `u32 skc_rcv_wnd` */
      readonly skc_rcv_wnd: number;
      /** `u32 skc_tw_rcv_nxt` */
      readonly skc_tw_rcv_nxt: number;
      /** `refcount_t skc_refcnt` */
      readonly skc_refcnt: refcount_struct;
      /** `u32 skc_rxhash` */
      readonly skc_rxhash: number;
      /** `u32 skc_window_clamp` */
      readonly skc_window_clamp: number;
      /** `u32 skc_tw_snd_nxt` */
      readonly skc_tw_snd_nxt: number;
    }
    /** Not listed: `hopmark types --struct bpf_local_storage` lists it. */
    interface bpf_local_storage {}
    /** Not listed: `hopmark types --struct callback_head` lists it. */
    interface callback_head {}
    /** Not listed: `hopmark types --struct cred` lists it. */
    interface cred {}
    /** Not listed: `hopmark types --struct dst_entry` lists it. */
    interface dst_entry {}
    /** Not listed: `hopmark types --struct hlist_node` lists it. */
    interface hlist_node {}
    /** Not listed: `hopmark types --struct hlist_nulls_node` lists it. */
    interface hlist_nulls_node {}
    /** Not listed: `hopmark types --struct inet_timewait_death_row` lists it. */
    interface inet_timewait_death_row {}
    /** Not listed: `hopmark types --struct list_head` lists it. */
    interface list_head {}
    /** Not listed: `hopmark types --struct llist_node` lists it. */
    interface llist_node {}
    /** Not listed: `hopmark types --struct mem_cgroup` lists it. */
    interface mem_cgroup {}
    /** Not listed: `hopmark types --struct net` lists it. */
    interface net {}
    /** Not listed: `hopmark types --struct net_device` lists it. */
    interface net_device {}
    /** Not listed: `hopmark types --struct numa_drop_counters` lists it. */
    interface numa_drop_counters {}
    /** Not listed: `hopmark types --struct page_frag` lists it. */
    interface page_frag {}
    /** Not listed: `hopmark types --struct pid` lists it. */
    interface pid {}
    /** Not listed: `hopmark types --struct proto` lists it. */
    interface proto {}
    /** Not listed: `hopmark types --struct qrwlock` lists it. */
    interface qrwlock {}
    /** Not listed: `hopmark types --struct rb_node` lists it. */
    interface rb_node {}
    /** Not listed: `hopmark types --struct rb_root` lists it. */
    interface rb_root {}
    /** Not listed: `hopmark types --struct refcount_struct` lists it. */
    interface refcount_struct {}
    /** Not listed: `hopmark types --struct sk_buff_head` lists it. */
    interface sk_buff_head {}
    /** Not listed: `hopmark types --struct sk_filter` lists it. */
    interface sk_filter {}
    /** Not listed: `hopmark types --struct skb_ext` lists it. */
    interface skb_ext {}
    /** Not listed: `hopmark types --struct sock_cgroup_data` lists it. */
    interface sock_cgroup_data {}
    /** Not listed: `hopmark types --struct sock_reuseport` lists it. */
    interface sock_reuseport {}
    /** Not listed: `hopmark types --struct socket` lists it. */
    interface socket {}
    /** Not listed: `hopmark types --struct socket_wq` lists it. */
    interface socket_wq {}
    /** Not listed: `hopmark types --struct spinlock` lists it. */
    interface spinlock {}
    /** Not listed: `hopmark types --struct timer_list` lists it. */
    interface timer_list {}
    /** Not listed: `hopmark types --struct wait_queue_head` lists it. */
    interface wait_queue_head {}
    /** Not listed: `hopmark types --struct xarray` lists it. */
    interface xarray {}
    /** Not listed: `hopmark types --struct xfrm_policy` lists it. */
    interface xfrm_policy {}
  }
}
