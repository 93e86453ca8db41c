#include <stdio.h>
#include "compiler/conf.h"
#include "compiler/image.h"
#include "compiler/render.h"
int
main(int argc, char **argv)
{
	struct conf conf;
	struct image image;
	bool ok;
	(void)argc;
	if (conf_open(&conf, argv[1]) != SOURCE_OK) { perror(argv[1]); return 66; }
	ok = conf_check(&conf);
	render_diagnostics(&conf.diagnostics, &conf.sources, true, false, stderr);
	if (ok && image_build(&conf, &image)) {
		FILE *f = fopen(argv[2], "w");
		fwrite(image.bytes, 1, image.size, f);
		fclose(f);
		image_release(&image);
	}
	conf_close(&conf);
	return ok ? 0 : 65;
}
