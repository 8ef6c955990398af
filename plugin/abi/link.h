/*
 * One handle and its connection: what waits to be told, and the system calls that tell it. Every
 * one of them returns at once on a non-blocking descriptor; what the terminal does not take stays
 * in the handle and the latest wins. link.c is the POSIX side; host.c, the ABI's table, has no
 * system call of its own.
 */
#ifndef SOUFFLEUR_LINK_H
#define SOUFFLEUR_LINK_H

#include <stdatomic.h>
#include <sys/types.h>

#include "plugin/abi/frame.h"

enum {
    kOrderFrameMax = 640, /* header, two identifiers, system, currency, numbers */
};

typedef struct souffleur_waiting_order {
    uint8_t frame[kOrderFrameMax];
    size_t size;
    uint32_t sentAs; /* sequence number on this connection; 0: not sent on it */
} souffleur_waiting_order_t;

struct souffleur_host {
    _Atomic(pid_t) inside; /* process whose thread is in a call; 0: nobody */
    pid_t owner;
    int fd; /* -1: not connected */
    int greeted;
    int welcomed;
    int refused;
    int64_t retryAtMs;
    uint32_t lastSeq;
    uint32_t ackedSeq;
    uint64_t session;
    uint64_t serial;

    uint32_t selection;
    int selected;   /* 0 after customer_cleared */
    int stateWaits; /* stateFrame is not sent yet */
    size_t stateSize;
    uint8_t stateFrame[SOUFFLEUR_FRAME_MAX];
    uint8_t scratch[SOUFFLEUR_FRAME_MAX]; /* being encoded or read */

    size_t ordersFirst, ordersCount;
    souffleur_waiting_order_t orders[SOUFFLEUR_ORDERS_QUEUED_MAX];

    int flagIsNew;
    souffleur_flag_t flag;
    souffleur_state_t counts; /* the counters only */

    char path[SOUFFLEUR_PATH_MAX + 1];
    char name[SOUFFLEUR_NAME_MAX];
    size_t nameSize;
};

/** Takes the handle for this thread, leaving a parent's connection after fork. 0: another thread
 * has it. */
int souffleur_link_enter(souffleur_host_t* host);
void souffleur_link_leave(souffleur_host_t* host);

/** Fills a zeroed handle. */
void souffleur_link_init(souffleur_host_t* host);
/** Closes the connection, if any. */
void souffleur_link_disconnect(souffleur_host_t* host);

/** Takes what has arrived. Afterwards fd is -1 when the terminal has gone. */
void souffleur_link_drain(souffleur_host_t* host);

/** Connects if needed and sends what waits: OK all gone, QUEUED, ABSENT. A terminal that was
 * restarted since the last call is found in the same call. */
souffleur_status_t souffleur_link_flush(souffleur_host_t* host);

/** Sends one frame over a connection that flush made. OK, QUEUED (not sent: the terminal does not
 * read), ABSENT. */
souffleur_status_t souffleur_link_send(souffleur_host_t* host, uint8_t* frame, size_t size);

/** The waiting order number `index`, the oldest first. */
souffleur_waiting_order_t* souffleur_link_order(souffleur_host_t* host, size_t index);

#endif
