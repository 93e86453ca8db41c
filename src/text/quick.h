/*
 * quick.h - the lines that long configurations are made of, read without the
 * lexer's and the parser's help: "route [ID] to NAME via HOST", and "expect to
 * ADDRESS [user LOGIN] [from SENDER] via|first HOST [tls MODE]", one blank apart.
 */
#ifndef TEXT_QUICK_H
#define TEXT_QUICK_H

#include "text/parse.h"

/*
 * quick_read - between two statements: reads such lines from the lexer's
 * cursor on and moves it behind them.  They hold no fault, so nothing is
 * reported.  False: none stands there.
 */
bool quick_read(struct parse *parse);

#endif
