// What the test programs read of the kernel: as `hopmark types` writes it, less the members that they do not read.
import type { KernelPointer } from "../../src/kernel/tracepoints.ts";

declare module "../../src/kernel/tracepoints.ts" {
  interface Tracepoints {
    /** `struct sk_buff *skb` */
    netif_receive_skb: (skb: Kernel.sk_buff) => void;
    /** `const struct sk_buff *skb, const struct net_device *dev` */
    net_dev_start_xmit: (skb: Kernel.sk_buff, dev: Kernel.net_device) => void;
    /** `const struct sock *sk, const struct sk_buff *skb, int err` */
    tcp_retransmit_skb: (sk: Kernel.sock, skb: Kernel.sk_buff, err: number) => void;
    /** `const struct sock *sk, const int oldstate, const int newstate` */
    inet_sock_set_state: (sk: Kernel.sock, oldstate: number, newstate: number) => void;
    /** `bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state` */
    sched_switch: (preempt: boolean, prev: Kernel.task_struct, next: Kernel.task_struct, prev_state: number) => void;
  }
  interface Tracepoints {
    /** `struct task_struct *p, bool group_dead` */
    sched_process_exit: (p: Kernel.task_struct, group_dead: boolean) => void;
    /** `struct sk_buff *skb, void *location, enum skb_drop_reason reason, struct sock *rx_sk` */
    kfree_skb: (skb: Kernel.sk_buff, location: KernelPointer<"void">, reason: number, rx_sk: Kernel.sock) => void;
  }
  interface Iterators {
    bpf_map_elem: {
      readonly meta: Kernel.bpf_iter_meta;
      readonly key: KernelPointer<"void"> | null;
      readonly value: KernelPointer<"void"> | null;
    };
    task: {
      readonly meta: Kernel.bpf_iter_meta;
      readonly task: Kernel.task_struct | null;
    };
    tcp: {
      readonly meta: Kernel.bpf_iter_meta;
      readonly sk_common: Kernel.sock_common | null;
      readonly uid: number;
    };
  }
  interface KernelStructures {
    task_struct: Kernel.task_struct;
    tcp_sock: Kernel.tcp_sock;
  }
  namespace Kernel {
    interface bpf_iter_meta {
      /** `struct seq_file *seq` */
      readonly seq: seq_file | null;
    }
    interface in6_addr {
      /** `union { … } in6_u` */
      readonly in6_u: { readonly u6_addr8: number[]; readonly u6_addr16: number[]; readonly u6_addr32: number[] };
    }
    interface net_device {
      /** `long unsigned int state` */
      readonly state: bigint;
      /** `int ifindex` */
      readonly ifindex: number;
      /** `char name[16]` */
      readonly name: number[];
      /** `const unsigned char *dev_addr` */
      readonly dev_addr: KernelPointer<"const unsigned char"> | null;
      /** `struct device dev` */
      readonly dev: device;
    }
    interface sk_buff {
      /** `struct sk_buff *next` */
      readonly next: sk_buff | null;
      /** `struct net_device *dev` */
      readonly dev: net_device | null;
      /** `struct sock *sk` */
      readonly sk: sock | null;
      /** `unsigned int len` */
      readonly len: number;
      /** `__u8 ip_summed : 2` */
      readonly ip_summed: number;
      /** `__be16 protocol` */
      readonly protocol: number;
    }
    interface sock {
      /** `struct sock_common __sk_common` */
      readonly __sk_common: sock_common;
    }
    interface sock_common {
      /** `__be32 skc_daddr` */
      readonly skc_daddr: number;
      /** `__be32 skc_rcv_saddr` */
      readonly skc_rcv_saddr: number;
      /** `__be16 skc_dport` */
      readonly skc_dport: number;
      /** `__u16 skc_num` */
      readonly skc_num: number;
      /** `short unsigned int skc_family` */
      readonly skc_family: number;
      /** `volatile unsigned char skc_state` */
      readonly skc_state: number;
      /** `struct in6_addr skc_v6_daddr` */
      readonly skc_v6_daddr: in6_addr;
      /** `struct in6_addr skc_v6_rcv_saddr` */
      readonly skc_v6_rcv_saddr: in6_addr;
    }
    interface task_struct {
      /** `u64 start_time` */
      readonly start_time: bigint;
      /** `struct list_head tasks` */
      readonly tasks: list_head;
      /** `pid_t pid` */
      readonly pid: number;
      /** `pid_t tgid` */
      readonly tgid: number;
      /** `struct task_struct *real_parent` */
      readonly real_parent: task_struct | null;
      /** `struct task_struct *parent` */
      readonly parent: task_struct | null;
      /** `char comm[16]` */
      readonly comm: number[];
    }
    interface tcp_sock {
      /** `u32 srtt_us` */
      readonly srtt_us: number;
    }
    /** Not listed: `hopmark types --struct device` lists it. */
    interface device {}
    /** Not listed: `hopmark types --struct list_head` lists it. */
    interface list_head {}
    /** Not listed: `hopmark types --struct pid` lists it. */
    interface pid {}
    /** Not listed: `hopmark types --struct seq_file` lists it. */
    interface seq_file {}
  }
}
