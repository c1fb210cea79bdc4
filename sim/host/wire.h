/* What a UART gets that listens at another speed than the other end sends at: the line is drawn bit
 * by bit as 8N1 and sampled as a receiver does it. Pure, and the same bytes every time. */
#ifndef SIM_HOST_WIRE_H
#define SIM_HOST_WIRE_H

#include "base/buf.h"

/* One byte gives at most this many: a received frame begins at a falling edge, and a frame of 8N1
 * has no more than five of them. */
#define WIRE_GROWTH 5

/* Appends to 'heard' what a receiver at 'to' bit/s makes of 'sent', which leaves at 'from' bit/s as
 * one burst on an idle line that is idle again behind it. Both speeds are above 0.
 *
 * The receiver waits for a falling edge, looks in the middle of each of its ten bits, takes a low
 * first bit for a start bit (a high one for a glitch), and gives the eight bits behind it as a byte
 * whether the stop bit is high or not (a framing error), as UARTs and their drivers do by default.
 * After a framing error it waits until the line is high. Speeds that differ by less than 5 % give
 * the bytes unharmed. */
void wire_sample(struct span sent, uint32_t from, uint32_t to, struct buf *heard);

#endif
