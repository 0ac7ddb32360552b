/** What the kernel calls the helpers that programs call, by number (linux/bpf.h, `___BPF_FUNC_MAPPER`). */
const names = `1 map_lookup_elem 2 map_update_elem 3 map_delete_elem 5 ktime_get_ns 7 get_prandom_u32 8 get_smp_processor_id
9 skb_store_bytes 12 tail_call 13 clone_redirect 14 get_current_pid_tgid 16 get_current_comm 18 skb_vlan_push 19 skb_vlan_pop
23 redirect 26 skb_load_bytes 39 skb_pull_data 43 skb_change_head 44 xdp_adjust_head 46 get_socket_cookie 50 skb_adjust_room
51 redirect_map 59 sock_ops_cb_flags_set 65 xdp_adjust_tail 69 fib_lookup 79 skb_cgroup_id 80 get_current_cgroup_id
83 skb_ancestor_cgroup_id 95 sk_fullsock 107 sk_storage_get 108 sk_storage_delete 113 probe_read_kernel 115 probe_read_kernel_str
127 seq_write 130 ringbuf_output 131 ringbuf_reserve 132 ringbuf_submit 133 ringbuf_discard 152 redirect_neigh 163 check_mtu
188 xdp_get_buff_len 189 xdp_load_bytes 190 xdp_store_bytes 192 skb_set_tstamp 208 ktime_get_tai_ns`;

let nameOf: ReadonlyMap<number, string> | undefined;

/** `bpf_map_lookup_elem`, as in the kernel; `helper` for one that no program of ours calls. */
export const helperName = (number: number): string => {
  nameOf ??= new Map([...names.matchAll(/(\d+) (\w+)/g)].map(([, at, name]) => [Number(at), `bpf_${name}`]));
  return nameOf.get(number) ?? "helper";
};
