/*
 * Consumers of a ring buffer, with a callback for each record: libbpf's, where it is installed (-DLIBBPF), and one that does no more
 * than the protocol demands (Documentation/bpf/ringbuf.rst), as a floor. And a producer that does nothing else.
 *
 *   reader drain libbpf|loop MAP RECORDS   reads what is there: prints records, the sum of their first words, ns
 *   reader live libbpf|loop MAP MS         reads for so long what a producer writes, from its first record on: prints the same
 *   reader wake loop MAP RECORDS           waits for so many records with epoll: prints how late each was seen, ns
 *   reader idle loop MAP MS                waits for so long and nothing comes: prints ns of CPU
 *   reader produce PROGRAM CPU             runs the program until it is killed, on any other CPU where there is one
 *   reader tick PROGRAM CPU US             runs it once every so often, there
 */
#define _GNU_SOURCE
#ifdef LIBBPF
#include <bpf/libbpf.h>
#endif
#include <linux/bpf.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct ring {
	unsigned long *consumer;
	unsigned long *producer;
	char *data;
	unsigned long mask;
};

typedef void record_fn(void *context, const void *record, uint32_t length);

static long bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return syscall(__NR_bpf, command, attributes, sizeof(*attributes));
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_id(enum bpf_cmd command, uint32_t id)
{
	union bpf_attr attributes = { .map_id = id };
	int fd = bpf(command, &attributes);

	if (fd < 0)
		fail("open");
	return fd;
}

static struct ring open_ring(int fd)
{
	struct bpf_map_info info = { 0 };
	union bpf_attr attributes = { .info = { .bpf_fd = fd, .info_len = sizeof(info), .info = (uintptr_t)&info } };
	long page = sysconf(_SC_PAGESIZE);
	char *rest;
	struct ring ring;

	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes))
		fail("info");
	ring.mask = info.max_entries - 1;
	ring.consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	rest = mmap(NULL, page + 2 * (size_t)info.max_entries, PROT_READ, MAP_SHARED, fd, page);
	if (ring.consumer == MAP_FAILED || rest == MAP_FAILED)
		fail("mmap");
	ring.producer = (unsigned long *)rest;
	ring.data = rest + page;
	return ring;
}

/* What is there now. The position is given back behind each record. */
static uint64_t drain_by_loop(const struct ring *ring, record_fn *callback, void *context)
{
	unsigned long position = *ring->consumer;
	uint64_t records = 0;

	for (;;) {
		unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);

		if (position >= end)
			return records;
		while (position < end) {
			uint32_t *header = (uint32_t *)(ring->data + (position & ring->mask));
			uint32_t length = __atomic_load_n(header, __ATOMIC_ACQUIRE);

			if (length & BPF_RINGBUF_BUSY_BIT)
				return records;
			if (!(length & BPF_RINGBUF_DISCARD_BIT)) {
				callback(context, header + 2, length);
				records++;
			}
			length &= ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
			position += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7u;
			__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
		}
	}
}

static void add(void *context, const void *record, uint32_t length)
{
	(void)length;
	*(uint64_t *)context += *(const uint32_t *)record;
}

#ifdef LIBBPF
static int add_for_libbpf(void *context, void *record, size_t length)
{
	(void)length;
	*(uint64_t *)context += *(const uint32_t *)record;
	return 0;
}
#endif

struct reader {
	struct ring ring;
	struct ring_buffer *library;
	uint64_t sum;
};

/* Not known to the compiler: a library's callback is not, either. */
static record_fn *volatile callback = add;

static uint64_t drain(struct reader *reader)
{
#ifdef LIBBPF
	if (reader->library) {
		int records = ring_buffer__consume(reader->library);

		if (records < 0)
			fail("consume");
		return records;
	}
#endif
	return drain_by_loop(&reader->ring, callback, &reader->sum);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* `pause_us`: 0 for as fast as it goes. */
static void produce(uint32_t id, int other_than, unsigned int pause_us)
{
	char packet[64] = { 0 };
	cpu_set_t cpus;
	int fd = open_id(BPF_PROG_GET_FD_BY_ID, id);

	memset(&cpus, 0xff, sizeof(cpus));
	CPU_CLR(other_than, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (;; usleep(pause_us)) {
		union bpf_attr attributes = { .test = { .prog_fd = fd,
							.data_size_in = sizeof(packet),
							.data_in = (uintptr_t)packet,
							.repeat = pause_us ? 1 : 1 << 16 } };

		if (bpf(BPF_PROG_TEST_RUN, &attributes))
			fail("run");
	}
}

static void tell_age(void *context, const void *record, uint32_t length)
{
	(void)context;
	(void)length;
	printf("%llu\n", (unsigned long long)(now() - *(const uint64_t *)record));
}

static int watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		fail("epoll");
	return epoll;
}

static void wake(int fd, uint64_t wanted)
{
	struct ring ring = open_ring(fd);
	struct epoll_event event;
	int epoll = watch(fd);

	for (uint64_t records = 0; records < wanted;)
		if (epoll_wait(epoll, &event, 1, -1) > 0)
			records += drain_by_loop(&ring, tell_age, NULL);
}

static void idle(int fd, int ms)
{
	struct epoll_event event;
	struct rusage usage;

	epoll_wait(watch(fd), &event, 1, ms);
	getrusage(RUSAGE_SELF, &usage);
	printf("%llu\n", 1000ull * (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec));
}

int main(int count, char **words)
{
	uint64_t records = 0, start, end;
	struct reader reader = { 0 };
	int fd;

	if (count < 4)
		return 2;
	if (!strcmp(words[1], "produce"))
		produce(atoi(words[2]), atoi(words[3]), 0);
	if (count < 5)
		return 2;
	if (!strcmp(words[1], "tick"))
		produce(atoi(words[2]), atoi(words[3]), atoi(words[4]));
	fd = open_id(BPF_MAP_GET_FD_BY_ID, atoi(words[3]));
	if (!strcmp(words[1], "wake"))
		return wake(fd, atoi(words[4])), 0;
	if (!strcmp(words[1], "idle"))
		return idle(fd, atoi(words[4])), 0;
	if (!strcmp(words[2], "loop"))
		reader.ring = open_ring(fd);
#ifdef LIBBPF
	else
		reader.library = ring_buffer__new(fd, add_for_libbpf, &reader.sum, NULL);
#endif
	if (!reader.library && !reader.ring.data)
		fail(words[2]);
	start = now();
	if (!strcmp(words[1], "drain")) {
		records = drain(&reader);
	} else {
		uint64_t last;

		/* What was there before, and then what comes. */
		drain(&reader);
		while (!drain(&reader))
			;
		reader.sum = 0;
		start = now();
		last = start + strtoull(words[4], NULL, 10) * 1000000;
		while (!records || now() < last)
			records += drain(&reader);
	}
	end = now();
	printf("%llu %llu %llu\n", (unsigned long long)records, (unsigned long long)reader.sum,
	       (unsigned long long)(end - start));
	return 0;
}
