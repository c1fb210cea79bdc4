/* The hook "uart": the bytes between the modem and its client, while a fault of that hook is armed.
 * Each direction is a line of its own that can lose, change, hold back and add bytes. */
#ifndef SIM_MODEM_FAULT_UART_H
#define SIM_MODEM_FAULT_UART_H

#include "base/buf.h"
#include "base/sched.h"

enum uart_direction { UART_FROM_HOST, UART_FROM_MODEM, UART_DIRECTIONS };

struct uart_line {
    struct modem *m;
    enum uart_direction from;
    struct buf in;  /* not yet past the faults */
    struct buf out; /* from the modem: past the faults, to be written */
    bool held;      /* nothing passes, until the timer or until the fault is cleared */
    bool merging;   /* what is held goes past together */
    uint32_t slice; /* bytes left of the present slice */
    uint32_t slice_delay;
    struct timer timer;
};

struct uart_lines {
    struct uart_line line[UART_DIRECTIONS];
    struct timer away; /* the port is gone, until then */
};

#endif
