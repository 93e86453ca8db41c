#include "change/standard_input.h"

#include <errno.h>
#include <unistd.h>

#include "program/say.h"

int
standard_input_read(struct standard_input *input, const char *name)
{
	enum source_status status = file_text_read_stream(STDIN_FILENO, &input->text);

	if (status != SOURCE_OK) {
		cli_say("cannot read standard input: %s",
		    status == SOURCE_TOO_LARGE ? "over 4 GiB" : strerror(errno));
		return EX_NOINPUT;
	}
	input->overlay.bytes = slice(input->text.ptr, input->text.size);
	input->overlay.status = stat(name, &input->status) == 0 ? &input->status : NULL;
	return 0;
}

void
standard_input_release(struct standard_input *input)
{
	file_text_release(&input->text);
}
