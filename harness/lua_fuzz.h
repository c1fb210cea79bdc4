/* Fuzzing of parsers written in Lua: one Lua state for the whole run, whose executed lines
 * libFuzzer counts as coverage. */
#ifndef HARNESS_LUA_FUZZ_H
#define HARNESS_LUA_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* 'chunk' is Lua text that returns a function; it is called with the bytes. What it raises, or that
 * it does not end, aborts with the message. Always 0. */
int lua_fuzz(const char *chunk, const uint8_t *data, size_t size);

#endif
