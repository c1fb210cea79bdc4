#include "sim/host/conn.h"

enum link_end conn_connect_error(int rc)
{
    switch (rc) {
    case UV_ETIMEDOUT:
        return LINK_CONNECT_TIMEOUT;
    case UV_ECONNRESET: /* came up and was reset before we looked; who refuses gives ECONNREFUSED */
        return LINK_RESET;
    case UV_EAI_ADDRFAMILY:
    case UV_EAI_AGAIN:
    case UV_EAI_BADFLAGS:
    case UV_EAI_BADHINTS:
    case UV_EAI_CANCELED:
    case UV_EAI_FAIL:
    case UV_EAI_FAMILY:
    case UV_EAI_MEMORY:
    case UV_EAI_NODATA:
    case UV_EAI_NONAME:
    case UV_EAI_OVERFLOW:
    case UV_EAI_PROTOCOL:
    case UV_EAI_SERVICE:
    case UV_EAI_SOCKTYPE:
        return LINK_DNS;
    default:
        return LINK_REFUSED;
    }
}

enum link_end conn_stream_error(int rc)
{
    switch (rc) {
    case UV_EOF:
        return LINK_CLOSED;
    case UV_ECONNRESET:
    case UV_ECONNABORTED:
    case UV_EPIPE:
    case UV_ETIMEDOUT:
        return LINK_RESET;
    default:
        return LINK_BROKEN;
    }
}
