/* Chooses the back end and forwards to it. See port.h. */
#include "base/port.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Linux's device numbers of Unix 98 pty slaves (Documentation/admin-guide/devices.txt). */
#define PTY_SLAVE_MAJOR_FIRST 136u
#define PTY_SLAVE_MAJOR_LAST  143u

#define DEFAULT_BAUD 115200u

static int open_backend(struct port *p, const char *path, unsigned baud)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return -errno;
    }
    if (!S_ISCHR(st.st_mode)) {
        return -ENOTTY;
    }
    const unsigned device = major(st.st_rdev);
    if (device >= PTY_SLAVE_MAJOR_FIRST && device <= PTY_SLAVE_MAJOR_LAST) {
        return port_pty_open(p, path);
    }
    return port_serial_open(p, path, baud == 0 ? DEFAULT_BAUD : baud);
}

int port_open(const char *path, unsigned baud, struct port **ret_port)
{
    struct port *p = calloc(1, sizeof(*p));

    if (p == NULL) {
        return -ENOMEM;
    }
    p->fd = -1;
    const int rc = open_backend(p, path, baud);
    if (rc != 0) {
        free(p);
        return rc;
    }
    *ret_port = p;
    return 0;
}

int port_fd(const struct port *p)
{
    return p->fd;
}

ssize_t port_read(struct port *p, void *ret_buf, size_t cap)
{
    return p->ops->read(p, ret_buf, cap);
}

ssize_t port_write(struct port *p, const void *data, size_t len)
{
    return p->ops->write(p, data, len);
}

int port_lines(struct port *p, bool dtr, bool rts)
{
    return p->ops->lines(p, dtr, rts);
}

int port_set_speed(struct port *p, unsigned baud)
{
    return p->ops->set_speed(p, baud);
}

size_t port_unsent(const struct port *p)
{
    return p->ops->unsent(p);
}

const char *port_kind(const struct port *p)
{
    return p->ops->kind;
}

void port_close(struct port **p)
{
    if (*p == NULL) {
        return;
    }
    (*p)->ops->close(*p);
    free(*p);
    *p = NULL;
}
