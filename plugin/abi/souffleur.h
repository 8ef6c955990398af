/*
 * souffleur.h: how a ticketing system talks to the Souffleur terminal beside it.
 *
 * A host loads libsouffleur_host.so, takes its one exported symbol, asks it for the extension
 * SOUFFLEUR_EXT_HOST and calls that table's functions. Nothing else is exported or needed:
 *
 *     void *library = dlopen("libsouffleur_host.so", RTLD_NOW | RTLD_LOCAL);
 *     const souffleur_entry_t *entry = dlsym(library, SOUFFLEUR_ENTRY_SYMBOL);
 *     if (!entry || entry->version.major != SOUFFLEUR_ABI_MAJOR) ... carry on without it ...
 *     const souffleur_host_api_t *api = entry->get_extension(SOUFFLEUR_EXT_HOST);
 *     souffleur_host_t *host = NULL;
 *     api->open(&(souffleur_open_t){.host_name = SOUFFLEUR_LITERAL("Box Office 7")}, &host);
 *     api->customer_selected(host, &customer);
 *
 * The promises, for every function below:
 *  - Blocking: never. No call waits for the terminal, whether it lives, hangs, dies or was never
 * started; budget 1 ms, usually some microseconds. No thread, signal handler, timer or atexit hook
 * is made; SIGPIPE is never raised; errno is left as it was. After open() no memory is allocated.
 *  - Threads: a handle may move between threads, but one thread at a time may use it. A call that
 * meets another one inside the same handle does nothing and returns SOUFFLEUR_BUSY. Handles are
 * independent.
 *  - fork: a child may go on using its copy of a handle; it gets its own connection and an empty
 * queue. Descriptors are close-on-exec.
 *  - Ownership: what the host passes in is read during the call and never kept. What comes out is
 * copied into the host's memory.
 *  - Texts are UTF-8 with a length, not terminated; {NULL, 0} means "not known". In names, genres
 * and host_name, invalid UTF-8 and control characters are replaced (U+FFFD, space) and what is too
 * long is cut at a character. Identifiers are never altered: one that is too long or not clean
 * UTF-8 makes the call SOUFFLEUR_INVALID; such an e-mail address, phone or card number is left out,
 * since a wrong one is worse than none.
 *  - Order of use: open() first, close() last, anything between them in any order.
 *
 * Versions: a table and its structures never change once released; what is new comes as a new
 * extension
 * ("souffleur.host/2") that get_extension hands out beside the old one.
 */
#ifndef SOUFFLEUR_H
#define SOUFFLEUR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SOUFFLEUR_ABI_MAJOR 1
#define SOUFFLEUR_ABI_MINOR 0
#define SOUFFLEUR_ABI_REVISION 0

#define SOUFFLEUR_ENTRY_SYMBOL "souffleur_entry"
#define SOUFFLEUR_EXT_HOST "souffleur.host/1"

/* Bounds, in bytes unless they say otherwise. */
#define SOUFFLEUR_SYSTEM_MAX 64 /* name of the ticketing system, "pretix" */
#define SOUFFLEUR_ID_MAX 128    /* customer, order, event, partner identifiers */
#define SOUFFLEUR_NAME_MAX 400  /* a person's whole name; host_name */
#define SOUFFLEUR_EMAIL_MAX 254 /* RFC 5321 */
#define SOUFFLEUR_PHONE_MAX 64
#define SOUFFLEUR_CARD_MAX 64
#define SOUFFLEUR_LANGUAGE_MAX 35 /* RFC 5646, "nl", "ca-ES" */
#define SOUFFLEUR_GENRE_MAX 64
#define SOUFFLEUR_BASKET_MAX 32        /* items */
#define SOUFFLEUR_QUANTITY_MAX 100000  /* tickets in one item */
#define SOUFFLEUR_PATH_MAX 107         /* a Unix socket's path */
#define SOUFFLEUR_ORDERS_QUEUED_MAX 32 /* completed orders kept while the terminal is away */

/** What a call did. 0 and above: accepted. Below 0: nothing was done. */
typedef enum souffleur_status {
    SOUFFLEUR_OK = 0, /**< handed to the terminal's socket; poll_flag: a new flag was copied out */
    /** the terminal does not read just now; kept, the latest wins, sent by a later call */
    SOUFFLEUR_QUEUED = 1,
    /** no terminal; kept likewise, any later call connects when one is there */
    SOUFFLEUR_ABSENT = 2,
    SOUFFLEUR_NONE = 3, /**< poll_flag: nothing new */
    /** a NULL, an identifier or number outside its bounds: a bug in the host */
    SOUFFLEUR_INVALID = -1,
    SOUFFLEUR_BUSY = -2,     /**< another thread is inside this handle */
    SOUFFLEUR_NO_MEMORY = -3 /**< open only */
} souffleur_status_t;

/** UTF-8 bytes with a length, not terminated, read during the call only. {NULL, 0}: not known. */
typedef struct souffleur_text {
    const char* bytes;
    size_t size;
} souffleur_text_t;

/** A souffleur_text_t from a string literal. */
#ifdef __cplusplus
#define SOUFFLEUR_LITERAL(text) (souffleur_text_t{(text), sizeof(text) - 1})
#else
#define SOUFFLEUR_LITERAL(text) ((souffleur_text_t){(text), sizeof(text) - 1})
#endif

/** How the customer is being served; it decides what may be asked and printed. */
typedef enum souffleur_situation {
    /** nothing is said of it: the situation that the cashier keeps at the till holds, else the
     * counter */
    SOUFFLEUR_COUNTER = 0,
    SOUFFLEUR_PHONE = 1, /**< on the phone: nothing is printed */
    SOUFFLEUR_GROUP = 2, /**< a group's contact person */
    SOUFFLEUR_SCHOOL = 3 /**< a school: no pupils are stored */
} souffleur_situation_t;

/** One line of the basket. quantity: 1..SOUFFLEUR_QUANTITY_MAX. */
typedef struct souffleur_basket_item {
    souffleur_text_t event; /**< identifier of the performance or exhibition in the host's system */
    souffleur_text_t genre; /**< the host's own word, "opera" */
    /** identifier of a co-producer whose own question may be asked; usually unknown */
    souffleur_text_t partner;
    uint32_t quantity;
} souffleur_basket_item_t;

/** The customer now on the host's screen. system and id are required, all else is a hint. */
typedef struct souffleur_customer {
    /** which ticketing system, 1..SOUFFLEUR_SYSTEM_MAX; with id it names the person */
    souffleur_text_t system;
    souffleur_text_t id;   /**< the customer's identifier there, 1..SOUFFLEUR_ID_MAX */
    souffleur_text_t name; /**< as the host shows it */
    souffleur_text_t email;
    souffleur_text_t phone;
    souffleur_text_t card;     /**< number of a customer or museum card; never of a payment card */
    souffleur_text_t language; /**< BCP 47 */
    const souffleur_basket_item_t* basket; /**< basket_count items; NULL when 0 */
    size_t basket_count;                   /**< 0..SOUFFLEUR_BASKET_MAX */
    uint32_t situation;                    /**< souffleur_situation_t */
} souffleur_customer_t;

/** A finished sale. */
typedef struct souffleur_order {
    souffleur_text_t system;      /**< required, as in souffleur_customer */
    souffleur_text_t order_id;    /**< required, 1..SOUFFLEUR_ID_MAX */
    souffleur_text_t customer_id; /**< unknown for an anonymous sale */
    int64_t total_minor; /**< in the currency's minor unit (cents); negative for a refund */
    char currency[4];    /**< ISO 4217, three capitals and a NUL; empty when not known */
} souffleur_order_t;

/** What the cashier should know about the selected customer (DESIGN 4, "Flag"). */
typedef enum souffleur_flag_kind {
    SOUFFLEUR_FLAG_OTHER = 0, /**< a kind newer than this library: show its words */
    SOUFFLEUR_FLAG_UNKNOWN,
    SOUFFLEUR_FLAG_ASK,
    SOUFFLEUR_FLAG_REFRESH,
    SOUFFLEUR_FLAG_UNCONFIRMED,
    SOUFFLEUR_FLAG_PARTIAL,
    SOUFFLEUR_FLAG_CONSENTED,
    SOUFFLEUR_FLAG_SOFT,
    SOUFFLEUR_FLAG_LEGACY,
    SOUFFLEUR_FLAG_RESTING,
    SOUFFLEUR_FLAG_OBJECTED,
    SOUFFLEUR_FLAG_NO_ADDRESS,
    SOUFFLEUR_FLAG_BOUNCED,
    SOUFFLEUR_FLAG_RESTRICTED
} souffleur_flag_kind_t;

#define SOUFFLEUR_KIND_CAPACITY 32
#define SOUFFLEUR_ICON_CAPACITY 32
#define SOUFFLEUR_WORDS_CAPACITY 256
#define SOUFFLEUR_SCRIPT_CAPACITY 1024

/** A flag, copied out. Texts here are clean UTF-8 and NUL-terminated. Colour is the host's affair:
 * show the icon and the words always. */
typedef struct souffleur_flag {
    uint32_t kind;                           /**< souffleur_flag_kind_t */
    char kind_name[SOUFFLEUR_KIND_CAPACITY]; /**< "ask", "no-address"; stable */
    char icon[SOUFFLEUR_ICON_CAPACITY];      /**< icon id in the panel's set, "question" */
    char words[SOUFFLEUR_WORDS_CAPACITY];    /**< for the cashier, in the till's language */
    char script[SOUFFLEUR_SCRIPT_CAPACITY]; /**< to say, in the customer's language; may be empty */
    char script_language[SOUFFLEUR_LANGUAGE_MAX + 1];
    int64_t as_of_ms; /**< UTC ms: how fresh the answer is; 0 when not known */
} souffleur_flag_t;

/** How the connection is doing. */
typedef enum souffleur_link {
    SOUFFLEUR_LINK_ABSENT = 0,  /**< no terminal */
    SOUFFLEUR_LINK_PENDING = 1, /**< connected, the terminal has not answered yet, or hangs */
    SOUFFLEUR_LINK_LIVE = 2,    /**< it has acknowledged all that was sent */
    /** it turned us away (other user, other version, full); tried again after a second */
    SOUFFLEUR_LINK_REFUSED = 3
} souffleur_link_t;

typedef struct souffleur_state {
    uint32_t link;               /**< souffleur_link_t */
    uint32_t unacknowledged;     /**< frames sent and not acknowledged yet */
    uint32_t queued;             /**< frames kept here, not sent yet */
    uint32_t reserved;           /**< 0 */
    uint64_t selections_dropped; /**< selections that a later one replaced before they were sent */
    uint64_t orders_dropped;     /**< orders pushed out of the full queue, not acknowledged */
    uint64_t connects;           /**< connections made so far */
} souffleur_state_t;

/** Where and as whom to connect. */
typedef struct souffleur_open {
    /** unknown: $XDG_RUNTIME_DIR/souffleur/host.sock, else /tmp/souffleur-<uid>/host.sock; at most
     * SOUFFLEUR_PATH_MAX, without NUL */
    souffleur_text_t socket_path;
    /** the host's product and version, for the terminal's diagnosis page; nothing personal */
    souffleur_text_t host_name;
} souffleur_open_t;

/** One connection to the terminal; opaque, made by open, ended by close. */
typedef struct souffleur_host souffleur_host_t;

/** The extension SOUFFLEUR_EXT_HOST. A constant of the library; valid while it is loaded. */
typedef struct souffleur_host_api {
    /** Makes a handle; does not connect (the first call does). `options` may be NULL. The caller
     * owns *host and ends it with close. OK, INVALID (*host = NULL), NO_MEMORY. Any thread. */
    souffleur_status_t (*open)(const souffleur_open_t* options, souffleur_host_t** host);

    /** Ends the handle, whatever its state; what was not sent is lost. NULL is allowed. No other
     * thread may be inside the handle. */
    void (*close)(souffleur_host_t* host);

    /** This customer is on the screen now; replaces the previous one, which need not be cleared
     * first. Call it again when the basket changes. OK, QUEUED, ABSENT, INVALID, BUSY. */
    souffleur_status_t (*customer_selected)(souffleur_host_t* host,
                                            const souffleur_customer_t* customer);

    /** Nobody is selected any more. OK, QUEUED, ABSENT, INVALID, BUSY. */
    souffleur_status_t (*customer_cleared)(souffleur_host_t* host);

    /** A sale is final. Kept until the terminal acknowledged it (up to SOUFFLEUR_ORDERS_QUEUED_MAX,
     * the oldest go first; the terminal sees each once). OK, QUEUED, ABSENT, INVALID, BUSY. */
    souffleur_status_t (*order_completed)(souffleur_host_t* host, const souffleur_order_t* order);

    /** This customer will probably be next (a queue, a list, a scanned card): the terminal may read
     * ahead. It never changes what is shown, and is dropped when it cannot be sent at once. OK,
     * ABSENT, QUEUED (dropped), INVALID, BUSY. */
    souffleur_status_t (*customer_next)(souffleur_host_t* host,
                                        const souffleur_customer_t* customer);

    /** Copies the newest flag of the *current* selection out if it has changed since the last call;
     * a flag for a customer selected before is never handed out. OK, NONE, INVALID, BUSY. Also
     * connects, and sends what is queued: a host without an event loop calls this now and then
     * (every 20 to 100 ms while a customer is selected). `flag` is written only with OK. */
    souffleur_status_t (*poll_flag)(souffleur_host_t* host, souffleur_flag_t* flag);

    /** The descriptor to poll(2) for POLLIN: readable means "call poll_flag". -1 without a
     * terminal. It may change with any call: ask before each poll(2); never read, write or close
     * it. -1 also for NULL or BUSY. */
    int (*poll_fd)(souffleur_host_t* host);

    /** Asks the terminal for a sign of life; the answer shows in state(). OK, QUEUED (it does not
     * read), ABSENT, INVALID, BUSY. */
    souffleur_status_t (*ping)(souffleur_host_t* host);

    /** Copies the connection's state out, after reading what has arrived and sending what waits.
     * OK, INVALID, BUSY. */
    souffleur_status_t (*state)(souffleur_host_t* host, souffleur_state_t* state);
} souffleur_host_api_t;

typedef struct souffleur_version {
    uint32_t major, minor, revision;
} souffleur_version_t;

/** What SOUFFLEUR_ENTRY_SYMBOL points at. `version` stays first for ever: check `major` before
 * anything else. */
typedef struct souffleur_entry {
    souffleur_version_t version;
    /** The table for an extension id, or NULL when this library has it not. Any thread, any time;
     * the id is NUL-terminated; the table is the library's. */
    const void* (*get_extension)(const char* id);
} souffleur_entry_t;

#if defined(__GNUC__)
#define SOUFFLEUR_EXPORT __attribute__((visibility("default")))
#else
#define SOUFFLEUR_EXPORT
#endif

/** The one exported symbol of libsouffleur_host.so. */
extern SOUFFLEUR_EXPORT const souffleur_entry_t souffleur_entry;

#ifdef __cplusplus
}
#endif

#endif
