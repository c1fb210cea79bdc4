/* Splits the body of a command line (everything behind "AT", without the terminator) into commands:
 * basic (E0, &F, S3=13, D…), and extended (+NAME in its four forms), V.250 5.3 and 5.4; and the
 * argument text of one command into values by a schema. Reads spans, keeps nothing, changes
 * nothing. */
#ifndef SIM_AT_LEX_H
#define SIM_AT_LEX_H

#include "sim/at/cmd.h"

struct at_word {
    struct span name; /* "+CSQ", "E", "&F", "S3" */
    enum at_form form;
    struct span args; /* behind '=' or, of a basic command, the digits */
    struct span text; /* the whole command as it stands in the line */
};

/* Takes the next command off *rest. Returns 1: *ret is set; 0: the line is used up; -1: syntax
 * error (unbalanced quote, no command name). */
int lex_next(struct span *rest, struct at_word *ret);

/* Copies a body without what V.250 ignores: spaces outside quotes. Control characters never get
 * here. */
void lex_strip(struct span body, struct buf *out);

/* How many arguments the text holds: 0 for empty text, else commas outside quotes + 1. */
unsigned lex_count(struct span args);

/* Takes the next argument (text between commas, quotes included) off *rest; *ret_more tells whether
 * a comma followed it. */
struct span lex_arg(struct span *rest, bool *ret_more);

enum lex_error {
    LEX_OK,
    LEX_SYNTAX,    /* count, type, quotes: plain ERROR */
    LEX_WRONG_TYPE /* a quoted string for a number, where the row knows a code for that */
};

/* Parses the argument text by a schema into call->arg and call->argc. Ranges are not checked here.
 * With 'unquoted' strings may stand without quotes. LEX_WRONG_TYPE: *ret_code is the row's code. */
enum lex_error lex_values(struct span args, const struct param *params, unsigned n_params,
                          bool unquoted, struct at_call *call, int *ret_code);

#endif
