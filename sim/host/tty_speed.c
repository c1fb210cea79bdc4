#include "sim/host/tty_speed.h"

#include <asm/termbits.h>
#include <sys/ioctl.h>

bool tty_speeds(int master, uint32_t *ret_sends, uint32_t *ret_hears)
{
    struct termios2 t;
    if (ioctl(master, TCGETS2, &t) != 0) {
        return false;
    }
    *ret_sends = t.c_ospeed;
    *ret_hears = t.c_ispeed;
    return true;
}
