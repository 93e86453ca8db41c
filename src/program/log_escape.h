/* log_escape.h - values in lines of key=value. */
#ifndef PROGRAM_LOG_ESCAPE_H
#define PROGRAM_LOG_ESCAPE_H

/* log_escape - a value as the log shows it: quoted where it is not one plain word. */
void log_escape(const char *value, char *out, unsigned size);

#endif
