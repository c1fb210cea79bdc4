/* Character sets of messages and of the text in commands: the GSM 7-bit default alphabet and its
 * extension table (3GPP TS 23.038 6.2.1), UCS2, UTF-8, and those that AT+CSCS chooses for the host.
 * Between them all text is UCS2, two octets a character, high octet first; characters beyond
 * U+FFFF are surrogate pairs. Pure. */
#ifndef SIM_MODEM_CHARSET_H
#define SIM_MODEM_CHARSET_H

#include "base/buf.h"

/* Words of AT+CSCS, in the order of its row. */
enum charset { CHARSET_IRA, CHARSET_GSM, CHARSET_UCS2 };

#define GSM_ESCAPE 0x1B /* begins a character of the extension table */

/* Each function appends to its buffer and stops at its cap; a character is never cut. */

/* Text of the host: IRA is ASCII, GSM septets in octets, UCS2 four hexadecimal digits a character.
 * False: not such digits. An octet that means nothing becomes '?'. */
bool ucs2_from_host(enum charset set, struct span text, struct buf *ucs2);
/* The other way; a character the set does not have becomes '?'. */
void ucs2_to_host(enum charset set, struct span ucs2, struct buf *text);

/* What is not UTF-8 becomes U+FFFD. */
void ucs2_from_utf8(struct span text, struct buf *ucs2);
void ucs2_to_utf8(struct span ucs2, struct buf *text);

/* Septets of the default alphabet, one in each octet. To: false when a character is not in the
 * alphabet; it becomes '?'. From: a code of the extension table without a character there is the
 * one of the main table, as 23.038 wants it. */
bool ucs2_to_gsm(struct span ucs2, struct buf *septets);
void ucs2_from_gsm(struct span septets, struct buf *ucs2);

/* Septets into octets (23.038 6.1.2.1), 'skip' bits (0-6) of the first octet left 0; and 'n' of
 * them back, the first one 'skip' bits into the octets. There must be as many bits as that takes.
 */
void gsm_pack(struct span septets, unsigned skip, struct buf *octets);
void gsm_unpack(struct span octets, unsigned skip, size_t n, struct buf *septets);

/* Hexadecimal digits, upper case. False: an odd number of them, or others. */
void hex_add(struct span octets, struct buf *text);
bool hex_read(struct span text, struct buf *octets);

#endif
