#include "broker/decision_log.h"

#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char topic[] = "$aws-iot/decisions";

static double now_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_REALTIME, &now);
    long milliseconds = now.tv_nsec / 1000000;
    return (double)now.tv_sec * 1000.0 + (double)milliseconds;
}

/* With its newline in one write, so that lines of several programs do not mix. */
static void append(const char *path, const char *line, size_t length)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, line, length) != (ssize_t)length) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "aws-iot: cannot write to %.300s: %s", path,
                             strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
}

void decision_log(const char *path, const char *source, cJSON *object)
{
    if (object == NULL) {
        return;
    }
    cJSON_AddNumberToObject(object, "time_ms", now_ms());
    cJSON_AddStringToObject(object, "source", source);
    char *line = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    if (line == NULL) {
        return;
    }
    size_t length = strlen(line);
    mosquitto_broker_publish_copy(NULL, topic, (int)length, line, 0, false, NULL);
    if (path != NULL) {
        line[length] = '\n'; /* in the place of the NUL byte */
        append(path, line, length + 1);
    }
    free(line);
}
