/* UTF-8 as MQTT wants it (MQTT 3.1.1, 1.5.3). A leaf: looks at bytes, keeps nothing. */
#ifndef SIM_MQTT_UTF8_H
#define SIM_MQTT_UTF8_H

#include "base/span.h"

/* True when the bytes are well-formed UTF-8: no overlong form, no surrogate (U+D800 to U+DFFF),
 * nothing above U+10FFFF, nothing cut off. U+0000 counts as well-formed: where it is forbidden the
 * caller looks for it. */
bool utf8_valid(struct span bytes);

#endif
