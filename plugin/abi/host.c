/* libsouffleur_host.so: the ABI's table over link.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/abi/link.h"

static souffleur_status_t hostOpen(const souffleur_open_t* options, souffleur_host_t** out) {
    if (out == NULL) return SOUFFLEUR_INVALID;
    *out = NULL;
    const souffleur_text_t none = {NULL, 0};
    const souffleur_text_t path = options != NULL ? options->socket_path : none;
    const souffleur_text_t name = options != NULL ? options->host_name : none;
    if ((path.size > 0 && path.bytes == NULL) || path.size > SOUFFLEUR_PATH_MAX ||
        (path.size > 0 && memchr(path.bytes, '\0', path.size) != NULL) ||
        (name.size > 0 && name.bytes == NULL)) {
        return SOUFFLEUR_INVALID;
    }
    const int errnoBefore = errno;
    souffleur_host_t* host = calloc(1, sizeof *host);
    errno = errnoBefore;
    if (host == NULL) return SOUFFLEUR_NO_MEMORY;
    if (path.size > 0) {
        memcpy(host->path, path.bytes, path.size);
    } else if (!souffleur_default_socket_path(host->path)) {
        free(host);
        return SOUFFLEUR_INVALID;
    }
    host->nameSize = souffleur_text_clean(name, host->name, sizeof host->name);
    souffleur_link_init(host);
    errno = errnoBefore;
    *out = host;
    return SOUFFLEUR_OK;
}

static void hostClose(souffleur_host_t* host) {
    if (host == NULL) return;
    const int errnoBefore = errno;
    souffleur_link_disconnect(host);
    free(host);
    errno = errnoBefore;
}

/* Every call after open runs as `begin … end`: one thread, errno kept, the socket read first. */
static int begin(souffleur_host_t* host, int* errnoBefore) {
    *errnoBefore = errno;
    if (!souffleur_link_enter(host)) return 0;
    souffleur_link_drain(host);
    return 1;
}

static souffleur_status_t end(souffleur_host_t* host, int errnoBefore, souffleur_status_t status) {
    souffleur_link_leave(host);
    errno = errnoBefore;
    return status;
}

/* Replaces what is to be told about the screen, and tells it. */
static souffleur_status_t tellState(souffleur_host_t* host, const souffleur_message_t* message) {
    const size_t size = souffleur_frame_encode(message, host->scratch, sizeof host->scratch);
    if (size == 0) return SOUFFLEUR_INVALID;
    if (host->stateWaits && host->selected) ++host->counts.selections_dropped;
    memcpy(host->stateFrame, host->scratch, size);
    host->stateSize = size;
    host->selection = message->selection;
    host->selected = message->type == SOUFFLEUR_FRAME_SELECTED;
    host->flagIsNew = 0;
    /* without a connection there is nothing to clear */
    host->stateWaits = host->selected || host->fd >= 0;
    return souffleur_link_flush(host);
}

static uint32_t nextSelection(const souffleur_host_t* host) {
    return host->selection == UINT32_MAX ? 1 : host->selection + 1;
}

static souffleur_status_t customerSelected(souffleur_host_t* host,
                                           const souffleur_customer_t* customer) {
    int errnoBefore = 0;
    if (host == NULL || customer == NULL) return SOUFFLEUR_INVALID;
    if (!begin(host, &errnoBefore)) return SOUFFLEUR_BUSY;
    souffleur_message_t message = {.type = SOUFFLEUR_FRAME_SELECTED};
    message.selection = nextSelection(host);
    message.customer = *customer;
    return end(host, errnoBefore, tellState(host, &message));
}

static souffleur_status_t customerCleared(souffleur_host_t* host) {
    int errnoBefore = 0;
    if (host == NULL) return SOUFFLEUR_INVALID;
    if (!begin(host, &errnoBefore)) return SOUFFLEUR_BUSY;
    const souffleur_message_t message = {.type = SOUFFLEUR_FRAME_CLEARED,
                                         .selection = nextSelection(host)};
    return end(host, errnoBefore, tellState(host, &message));
}

static souffleur_status_t queueOrder(souffleur_host_t* host, const souffleur_order_t* order) {
    souffleur_message_t message = {.type = SOUFFLEUR_FRAME_COMPLETED, .serial = host->serial + 1};
    message.customer.system = order->system;
    message.customer.id = order->customer_id;
    message.order_id = order->order_id;
    message.total_minor = order->total_minor;
    message.currency = (souffleur_text_t){order->currency, order->currency[0] == '\0' ? 0 : 3};
    if (message.currency.size == 3 && order->currency[3] != '\0') return SOUFFLEUR_INVALID;
    const size_t size = souffleur_frame_encode(&message, host->scratch, sizeof host->scratch);
    if (size == 0 || size > kOrderFrameMax) return SOUFFLEUR_INVALID;
    if (host->ordersCount == SOUFFLEUR_ORDERS_QUEUED_MAX) {
        host->ordersFirst = (host->ordersFirst + 1) % SOUFFLEUR_ORDERS_QUEUED_MAX;
        --host->ordersCount;
        ++host->counts.orders_dropped;
    }
    souffleur_waiting_order_t* slot = souffleur_link_order(host, host->ordersCount++);
    memcpy(slot->frame, host->scratch, size);
    slot->size = size;
    slot->sentAs = 0;
    ++host->serial;
    return souffleur_link_flush(host);
}

static souffleur_status_t orderCompleted(souffleur_host_t* host, const souffleur_order_t* order) {
    int errnoBefore = 0;
    if (host == NULL || order == NULL) return SOUFFLEUR_INVALID;
    if (!begin(host, &errnoBefore)) return SOUFFLEUR_BUSY;
    return end(host, errnoBefore, queueOrder(host, order));
}

/* Sends a frame that is not worth keeping. */
static souffleur_status_t sendOrDrop(souffleur_host_t* host, const souffleur_message_t* message) {
    const souffleur_status_t status = souffleur_link_flush(host);
    const size_t size = souffleur_frame_encode(message, host->scratch, sizeof host->scratch);
    if (size == 0) return SOUFFLEUR_INVALID;
    if (status != SOUFFLEUR_OK) return status;
    return souffleur_link_send(host, host->scratch, size);
}

static souffleur_status_t customerNext(souffleur_host_t* host,
                                       const souffleur_customer_t* customer) {
    int errnoBefore = 0;
    if (host == NULL || customer == NULL) return SOUFFLEUR_INVALID;
    if (!begin(host, &errnoBefore)) return SOUFFLEUR_BUSY;
    souffleur_message_t message = {.type = SOUFFLEUR_FRAME_NEXT};
    message.customer = *customer;
    return end(host, errnoBefore, sendOrDrop(host, &message));
}

static souffleur_status_t pingTerminal(souffleur_host_t* host) {
    int errnoBefore = 0;
    if (host == NULL) return SOUFFLEUR_INVALID;
    if (!begin(host, &errnoBefore)) return SOUFFLEUR_BUSY;
    const souffleur_message_t message = {.type = SOUFFLEUR_FRAME_PING};
    return end(host, errnoBefore, sendOrDrop(host, &message));
}

static souffleur_status_t pollFlag(souffleur_host_t* host, souffleur_flag_t* flag) {
    int errnoBefore = 0;
    if (host == NULL || flag == NULL) return SOUFFLEUR_INVALID;
    if (!begin(host, &errnoBefore)) return SOUFFLEUR_BUSY;
    (void) souffleur_link_flush(host);
    souffleur_status_t status = SOUFFLEUR_NONE;
    if (host->flagIsNew) {
        *flag = host->flag;
        host->flagIsNew = 0;
        status = SOUFFLEUR_OK;
    }
    return end(host, errnoBefore, status);
}

static int pollFd(souffleur_host_t* host) {
    const int errnoBefore = errno;
    if (host == NULL || !souffleur_link_enter(host)) return -1;
    const int fd = host->fd;
    (void) end(host, errnoBefore, SOUFFLEUR_OK);
    return fd;
}

static uint32_t linkOf(const souffleur_host_t* host) {
    if (host->fd < 0) return host->refused ? SOUFFLEUR_LINK_REFUSED : SOUFFLEUR_LINK_ABSENT;
    if (host->welcomed && host->ackedSeq == host->lastSeq) return SOUFFLEUR_LINK_LIVE;
    return SOUFFLEUR_LINK_PENDING;
}

static souffleur_status_t copyState(souffleur_host_t* host, souffleur_state_t* state) {
    int errnoBefore = 0;
    if (host == NULL || state == NULL) return SOUFFLEUR_INVALID;
    if (!begin(host, &errnoBefore)) return SOUFFLEUR_BUSY;
    (void) souffleur_link_flush(host);
    *state = host->counts;
    state->link = linkOf(host);
    state->unacknowledged = host->lastSeq - host->ackedSeq;
    state->queued = host->stateWaits ? 1 : 0;
    for (size_t i = 0; i < host->ordersCount; ++i) {
        if (souffleur_link_order(host, i)->sentAs == 0) ++state->queued;
    }
    return end(host, errnoBefore, SOUFFLEUR_OK);
}

static const souffleur_host_api_t kHostApi = {
    .open = hostOpen,
    .close = hostClose,
    .customer_selected = customerSelected,
    .customer_cleared = customerCleared,
    .order_completed = orderCompleted,
    .customer_next = customerNext,
    .poll_flag = pollFlag,
    .poll_fd = pollFd,
    .ping = pingTerminal,
    .state = copyState,
};

static const void* getExtension(const char* id) {
    return id != NULL && strcmp(id, SOUFFLEUR_EXT_HOST) == 0 ? &kHostApi : NULL;
}

const souffleur_entry_t souffleur_entry = {
    {SOUFFLEUR_ABI_MAJOR, SOUFFLEUR_ABI_MINOR, SOUFFLEUR_ABI_REVISION},
    getExtension,
};
