/*
 * An object as a program in C meets it, over libbpf: what is in it, whether it loads, what its maps hold while it runs.
 *
 *   loader OBJECT                       each program and map, one a line; then loads them
 *   loader OBJECT INTERFACE PROGRAM MAP  attaches an XDP program by a link, says so, waits for a line on its standard input, and
 *                                       tells the map's first value: of each CPU in turn, in hexadecimal
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return 1;
}

static void list(struct bpf_object *object)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, object)
		printf("program %s %s %s\n", bpf_program__name(program), bpf_program__section_name(program),
		       libbpf_bpf_prog_type_str(bpf_program__type(program)));
	bpf_object__for_each_map(map, object)
		printf("map %s %s %u %u %u\n", bpf_map__name(map), libbpf_bpf_map_type_str(bpf_map__type(map)),
		       bpf_map__key_size(map), bpf_map__value_size(map), bpf_map__max_entries(map));
}

static int tell(const struct bpf_map *map)
{
	const int cpus = libbpf_num_possible_cpus();
	const size_t stride = (bpf_map__value_size(map) + 7) / 8 * 8;
	const int is_per_cpu = bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY;
	const size_t bytes = is_per_cpu ? stride * cpus : bpf_map__value_size(map);
	const unsigned int key = 0;
	unsigned char *value = calloc(1, bytes);

	if (value == NULL || bpf_map__lookup_elem(map, &key, sizeof(key), value, bytes, 0) != 0)
		return failed("lookup");
	for (size_t at = 0; at < bytes; at++)
		printf("%02x", value[at]);
	printf("\n");
	free(value);
	return 0;
}

static int attach(struct bpf_object *object, char **words)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, words[1]);
	struct bpf_map *map = bpf_object__find_map_by_name(object, words[2]);
	struct bpf_link *link;
	int status;

	if (program == NULL || map == NULL)
		return failed("find");
	link = bpf_program__attach_xdp(program, if_nametoindex(words[0]));
	if (link == NULL)
		return failed("attach");
	printf("attached\n");
	fflush(stdout);
	getchar();
	status = tell(map);
	bpf_link__destroy(link);
	return status;
}

int main(int count, char **words)
{
	struct bpf_object *object = bpf_object__open_file(words[1], NULL);
	int status = 0;

	if (object == NULL)
		return failed("open");
	if (count == 2)
		list(object);
	if (bpf_object__load(object) != 0)
		return failed("load");
	if (count == 5)
		status = attach(object, words + 2);
	bpf_object__close(object);
	return status;
}
