/* What bpftool makes of the object of every type of program, used as programs in C use skeletons. Tells what it saw, a line each. */
#include "every.skel.h"
#include <bpf/bpf.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int verdict(const struct bpf_program *program, unsigned int length)
{
	static unsigned char frame[256];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length);

	return bpf_prog_test_run_opts(bpf_program__fd(program), &options) == 0 ? (int)options.retval : -1;
}

static void end_a_process(void)
{
	const pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
}

static int walk(const struct bpf_link *link)
{
	const int iterator = bpf_iter_create(bpf_link__fd(link));
	char bytes[64];
	ssize_t got;

	if (iterator < 0)
		return -1;
	while ((got = read(iterator, bytes, sizeof(bytes))) > 0)
		;
	close(iterator);
	return (int)got;
}

int main(void)
{
	struct every *every = every__open();
	unsigned long long before;
	int walked;

	if (every == NULL)
		return 1;
	printf("first %u %llu %u\n", every->data->limit, every->data->events, every->data->odd[2]);
	every->data->limit = 20;
	if (every__load(every) != 0)
		return 2;
	printf("limit 20: %d %d\n", verdict(every->progs.count, 20), verdict(every->progs.count, 21));
	every->data->limit = 200;
	printf("limit 200: %d %d\n", verdict(every->progs.count, 200), verdict(every->progs.count, 201));
	if (every__attach(every) != 0)
		return 3;
	end_a_process();
	printf("exits %d\n", every->data->events > 0);
	before = every->data->events;
	walked = walk(every->links.tasks);
	printf("walked %d, tasks %d\n", walked, every->data->events > before);
	every__destroy(every);
	return 0;
}
