/* The floor under start-up time and memory: a program that says one line, then waits to be ended.
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    (void)puts("hello ready at once");
    (void)fflush(stdout);
    (void)pause();
    return 0;
}
