#include "plugin/abi/link.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    kInFlightMax = 16,     /* unacknowledged frames after which the terminal counts as hanging */
    kReadsPerCallMax = 64, /* frames taken from the socket in one call */
    kConnectsPerCallMax = 2,
    kRefusedPauseMs = 1000,
};

static int64_t nowMs(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t newSession(void) {
    uint64_t session = 0;
    if (getrandom(&session, sizeof session, GRND_NONBLOCK) != (ssize_t) sizeof session) {
        struct timespec now; /* early boot: it only has to differ from the other handles here */
        clock_gettime(CLOCK_MONOTONIC, &now);
        session = (uint64_t) now.tv_nsec * UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t) getpid() << 32;
    }
    return session == 0 ? 1 : session;
}

souffleur_waiting_order_t* souffleur_link_order(souffleur_host_t* host, size_t index) {
    return &host->orders[(host->ordersFirst + index) % SOUFFLEUR_ORDERS_QUEUED_MAX];
}

void souffleur_link_disconnect(souffleur_host_t* host) {
    if (host->fd >= 0) close(host->fd);
    host->fd = -1;
    host->greeted = 0;
    host->welcomed = 0;
    host->lastSeq = 0;
    host->ackedSeq = 0;
    host->stateWaits = host->selected; /* a new connection starts with nobody selected */
    for (size_t i = 0; i < host->ordersCount; ++i) souffleur_link_order(host, i)->sentAs = 0;
}

/* A child of fork leaves the parent's connection and its unsent frames to the parent. */
static void leaveParent(souffleur_host_t* host, pid_t self) {
    host->owner = self;
    host->selected = 0;
    host->ordersCount = 0;
    host->flagIsNew = 0;
    host->serial = 0;
    host->session = newSession();
    souffleur_link_disconnect(host);
}

/* 0 when another thread is inside. A thread of the parent that was inside during fork does not
 * count. */
int souffleur_link_enter(souffleur_host_t* host) {
    const pid_t self = getpid();
    pid_t inside = 0;
    if (!atomic_compare_exchange_strong(&host->inside, &inside, self) &&
        (inside == self || !atomic_compare_exchange_strong(&host->inside, &inside, self))) {
        return 0;
    }
    if (host->owner != self) leaveParent(host, self);
    return 1;
}

void souffleur_link_leave(souffleur_host_t* host) {
    atomic_store(&host->inside, 0);
}

/* ---- reading ---- */

static void copyOut(souffleur_text_t text, char* out) {
    memcpy(out, text.size > 0 ? text.bytes : "",
           text.size); /* the decoder kept it below capacity */
    out[text.size] = '\0';
}

static void takeFlag(souffleur_host_t* host, const souffleur_message_t* message) {
    if (!host->selected || host->stateWaits || message->selection != host->selection) return;
    souffleur_flag_t* flag = &host->flag;
    memset(flag, 0, sizeof *flag);
    flag->kind = souffleur_flag_kind_of(message->kind);
    flag->as_of_ms = message->as_of_ms;
    copyOut(message->kind, flag->kind_name);
    copyOut(message->icon, flag->icon);
    copyOut(message->words, flag->words);
    copyOut(message->script, flag->script);
    copyOut(message->script_language, flag->script_language);
    host->flagIsNew = 1;
}

static void takeAck(souffleur_host_t* host, uint32_t seq) {
    if (seq > host->lastSeq || seq <= host->ackedSeq) return;
    host->ackedSeq = seq;
    while (host->ordersCount > 0) {
        const uint32_t sentAs = souffleur_link_order(host, 0)->sentAs;
        if (sentAs == 0 || sentAs > seq) return;
        host->ordersFirst = (host->ordersFirst + 1) % SOUFFLEUR_ORDERS_QUEUED_MAX;
        --host->ordersCount;
    }
}

static void refuse(souffleur_host_t* host) {
    souffleur_link_disconnect(host);
    host->refused = 1;
    host->retryAtMs = nowMs() + kRefusedPauseMs;
}

static void takeFrame(souffleur_host_t* host, size_t size) {
    souffleur_message_t message;
    const souffleur_decoded_t decoded = souffleur_frame_decode(host->scratch, size, &message);
    if (decoded == SOUFFLEUR_DECODED_UNKNOWN) return;
    if (decoded != SOUFFLEUR_DECODED) {
        refuse(host); /* it does not speak our language: no use in hurrying back */
        return;
    }
    switch (message.type) {
    case SOUFFLEUR_FRAME_WELCOME:
        host->welcomed = 1;
        break;
    case SOUFFLEUR_FRAME_ACK:
        takeAck(host, message.seq);
        break;
    case SOUFFLEUR_FRAME_FLAG:
        takeFlag(host, &message);
        break;
    case SOUFFLEUR_FRAME_REFUSED:
        refuse(host);
        break;
    default:
        break;
    }
}

/* Takes what has arrived. Afterwards fd is -1 when the terminal has gone. */
void souffleur_link_drain(souffleur_host_t* host) {
    for (int reads = 0; reads < kReadsPerCallMax && host->fd >= 0; ++reads) {
        const ssize_t size =
            recv(host->fd, host->scratch, sizeof host->scratch, MSG_DONTWAIT | MSG_TRUNC);
        if (size > 0) {
            takeFrame(host, (size_t) size); /* a cut one is over the maximum: malformed */
        } else if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        } else if (size == 0 || (errno != EINTR && errno != ECONNRESET)) {
            souffleur_link_disconnect(host);
        } /* ECONNRESET is told once and may precede a last word (refused): read on */
    }
}

/* ---- connecting and sending ---- */

/* Another user's process must not get our customers, whoever owns the folder. */
static int peerIsUs(int fd) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static void tryConnect(souffleur_host_t* host) {
    if (host->refused && nowMs() < host->retryAtMs) return;
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, host->path, strlen(host->path));
    if (connect(fd, (const struct sockaddr*) &address, sizeof address) != 0) {
        close(fd); /* absent, or hanging so long that its backlog is full (EAGAIN) */
        host->refused = 0;
        return;
    }
    souffleur_link_disconnect(host);
    host->fd = fd;
    if (!peerIsUs(fd)) {
        refuse(host);
        return;
    }
    host->refused = 0;
    ++host->counts.connects;
}

/* 1 sent; 0 the terminal does not read; -1 it has gone (and fd is -1). */
static int sendFrame(souffleur_host_t* host, uint8_t* frame, size_t size) {
    if (host->lastSeq - host->ackedSeq >= kInFlightMax) return 0;
    souffleur_frame_set_seq(frame, host->lastSeq + 1);
    for (;;) {
        const ssize_t sent = send(host->fd, frame, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            ++host->lastSeq;
            return 1;
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM) {
            return 0;
        }
        souffleur_link_drain(host); /* its last word may be there: why it refused */
        if (host->fd >= 0) souffleur_link_disconnect(host);
        return -1;
    }
}

static int greet(souffleur_host_t* host) {
    souffleur_message_t hello = {.type = SOUFFLEUR_FRAME_HELLO, .session = host->session};
    hello.host_name = (souffleur_text_t){host->name, host->nameSize};
    const size_t size = souffleur_frame_encode(&hello, host->scratch, sizeof host->scratch);
    const int sent = sendFrame(host, host->scratch, size);
    host->greeted = sent == 1;
    return sent;
}

static int sendWaiting(souffleur_host_t* host) {
    int sent = host->greeted ? 1 : greet(host);
    for (size_t i = 0; sent == 1 && i < host->ordersCount; ++i) {
        souffleur_waiting_order_t* order = souffleur_link_order(host, i);
        if (order->sentAs != 0) continue;
        sent = sendFrame(host, order->frame, order->size);
        if (sent == 1) order->sentAs = host->lastSeq;
    }
    if (sent == 1 && host->stateWaits) {
        sent = sendFrame(host, host->stateFrame, host->stateSize);
        if (sent == 1) host->stateWaits = 0;
    }
    return sent;
}

/* Connects if needed and sends what waits: OK all gone, QUEUED, ABSENT. A terminal that was
 * restarted since the last call is found in the same call, hence the second connect. */
souffleur_status_t souffleur_link_flush(souffleur_host_t* host) {
    for (int connects = 0; connects <= kConnectsPerCallMax; ++connects) {
        if (host->fd < 0) {
            if (connects == kConnectsPerCallMax) break;
            tryConnect(host);
            if (host->fd < 0) break;
        }
        const int sent = sendWaiting(host);
        if (sent >= 0) return sent == 1 ? SOUFFLEUR_OK : SOUFFLEUR_QUEUED;
    }
    return SOUFFLEUR_ABSENT;
}

souffleur_status_t souffleur_link_send(souffleur_host_t* host, uint8_t* frame, size_t size) {
    const int sent = sendFrame(host, frame, size);
    if (sent < 0) return SOUFFLEUR_ABSENT;
    return sent == 1 ? SOUFFLEUR_OK : SOUFFLEUR_QUEUED;
}

void souffleur_link_init(souffleur_host_t* host) {
    host->owner = getpid();
    host->session = newSession();
    host->fd = -1;
}
