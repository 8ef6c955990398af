/*
 * The frames of the host socket (PROTOCOL.md), encoded and decoded; shared by both ends. Pure
 * functions on the caller's memory: no allocation, no state, any thread.
 */
#ifndef SOUFFLEUR_FRAME_H
#define SOUFFLEUR_FRAME_H

#include "plugin/abi/souffleur.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SOUFFLEUR_PROTOCOL 1
#define SOUFFLEUR_FRAME_HEADER 12 /* bytes */
#define SOUFFLEUR_FRAME_MAX                                                                        \
    16384 /* bytes, header included; more than the largest message needs                           \
           */

/** Whose direction: below 16 host to terminal, from 16 terminal to host. */
typedef enum souffleur_frame_type {
    SOUFFLEUR_FRAME_HELLO = 1,
    SOUFFLEUR_FRAME_SELECTED = 2,
    SOUFFLEUR_FRAME_CLEARED = 3,
    SOUFFLEUR_FRAME_COMPLETED = 4,
    SOUFFLEUR_FRAME_NEXT = 5,
    SOUFFLEUR_FRAME_PING = 6,
    SOUFFLEUR_FRAME_WELCOME = 16,
    SOUFFLEUR_FRAME_ACK = 17,
    SOUFFLEUR_FRAME_FLAG = 18,
    SOUFFLEUR_FRAME_REFUSED = 19
} souffleur_frame_type_t;

/** Why the terminal turns a host away. */
typedef enum souffleur_refusal {
    SOUFFLEUR_REFUSED_USER = 1,
    SOUFFLEUR_REFUSED_FULL = 2,
    SOUFFLEUR_REFUSED_VERSION = 3,
    SOUFFLEUR_REFUSED_MALFORMED = 4,
    SOUFFLEUR_REFUSED_SILENT = 5
} souffleur_refusal_t;

typedef enum souffleur_decoded {
    SOUFFLEUR_DECODED = 0,
    SOUFFLEUR_DECODED_UNKNOWN =
        1, /**< a well-formed header of a type this build has not: ignore the frame */
    SOUFFLEUR_DECODED_VERSION = 2,  /**< another protocol version */
    SOUFFLEUR_DECODED_MALFORMED = 3 /**< not a frame: close the connection */
} souffleur_decoded_t;

/** One message of any type; PROTOCOL.md says which fields a type has. The others are zero after
 * decoding and ignored when encoding. Do not copy one: customer.basket points at its own items
 * after decoding. */
typedef struct souffleur_message {
    uint8_t type;     /**< souffleur_frame_type_t */
    uint32_t seq;     /**< host: counts its frames of a connection from 1; ACK: all up to here */
    uint64_t session; /**< HELLO: random, one per handle (and per process after a fork) */
    souffleur_text_t host_name;    /**< HELLO */
    uint32_t selection;            /**< SELECTED, CLEARED, FLAG: the host's count of selections */
    souffleur_customer_t customer; /**< SELECTED, NEXT; COMPLETED: system and (optional) id only */
    souffleur_basket_item_t
        items[SOUFFLEUR_BASKET_MAX]; /**< decoding: where customer.basket points */
    uint64_t serial; /**< COMPLETED: the host's count of orders, for recognising a resent one */
    souffleur_text_t order_id; /**< COMPLETED */
    int64_t total_minor;       /**< COMPLETED */
    souffleur_text_t currency; /**< COMPLETED: three capitals or empty */
    uint32_t reason;           /**< REFUSED: souffleur_refusal_t */
    souffleur_text_t kind, icon, words, script, script_language; /**< FLAG */
    int64_t as_of_ms;                                            /**< FLAG */
} souffleur_message_t;

/** Writes `message` as one frame. Labels are cleaned and cut, bad contact fields left out
 * (souffleur.h). The frame's size, or 0 when an identifier, number or required field is not within
 * bounds or `capacity` (SOUFFLEUR_FRAME_MAX is always enough) is too small. */
size_t souffleur_frame_encode(const souffleur_message_t* message, uint8_t* out, size_t capacity);

/** Sets the sequence number of an encoded frame. */
void souffleur_frame_set_seq(uint8_t* frame, uint32_t seq);

/** Reads exactly one frame of `size` bytes. Texts point into `frame`. `out` is meaningful with
 *  SOUFFLEUR_DECODED only (type and seq also with UNKNOWN). Strict: what the encoder would not
 * write (unclean text, a field twice, wrong lengths, missing fields, trailing bytes) is malformed;
 * unknown fields are skipped. */
souffleur_decoded_t souffleur_frame_decode(const uint8_t* frame, size_t size,
                                           souffleur_message_t* out);

/** Copies `text` into `out`, at most `max` bytes, never cutting a character: invalid UTF-8 becomes
 * U+FFFD (one per maximal subpart, Unicode 3.9), control characters (C0, DEL, C1) a space. The
 * bytes written. Reads at most max + 3 bytes of the text. */
size_t souffleur_text_clean(souffleur_text_t text, char* out, size_t max);

/** 1 when souffleur_text_clean would change nothing but the length. */
int souffleur_text_is_clean(souffleur_text_t text);

/** souffleur_flag_kind_t of a stable name; SOUFFLEUR_FLAG_OTHER when it is none. */
uint32_t souffleur_flag_kind_of(souffleur_text_t name);

/** $XDG_RUNTIME_DIR/souffleur/host.sock or /tmp/souffleur-<uid>/host.sock, NUL-terminated. 1, or 0
 * when it does not fit. Reads the environment: not while another thread writes it. */
int souffleur_default_socket_path(char out[SOUFFLEUR_PATH_MAX + 1]);

#ifdef __cplusplus
}
#endif

#endif
