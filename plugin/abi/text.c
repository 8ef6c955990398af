#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/abi/frame.h"

/* One step through a text: how many bytes, and whether they are a character that may stay. */
typedef struct souffleur_step {
    size_t bytes;
    enum { kGood, kControl, kBad } what;
} souffleur_step_t;

static size_t lengthOf(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    if (lead >= 0xF0 && lead <= 0xF4) return 4;
    return 0;
}

/* Unicode 15, table 3-7: only the second byte's range depends on the first. */
static int secondFits(unsigned char lead, unsigned char second) {
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

static souffleur_step_t stepAt(const unsigned char* at, size_t left) {
    const size_t length = lengthOf(at[0]);
    if (length == 0) return (souffleur_step_t){1, kBad};
    if (length == 1) {
        return (souffleur_step_t){1, at[0] < 0x20 || at[0] == 0x7F ? kControl : kGood};
    }
    if (left < 2 || !secondFits(at[0], at[1])) return (souffleur_step_t){1, kBad};
    for (size_t i = 2; i < length; ++i) {
        if (i >= left || at[i] < 0x80 || at[i] > 0xBF) return (souffleur_step_t){i, kBad};
    }
    const int isC1 = at[0] == 0xC2 && at[1] < 0xA0;
    return (souffleur_step_t){length, isC1 ? kControl : kGood};
}

size_t souffleur_text_clean(souffleur_text_t text, char* out, size_t max) {
    static const char kReplacement[] = "\xEF\xBF\xBD";
    size_t read = 0;
    size_t written = 0;
    while (read < text.size) {
        const unsigned char* at = (const unsigned char*) text.bytes + read;
        const souffleur_step_t step = stepAt(at, text.size - read);
        const char* put = (const char*) at;
        size_t size = step.bytes;
        if (step.what == kControl) {
            put = " ";
            size = 1;
        } else if (step.what == kBad) {
            put = kReplacement;
            size = sizeof kReplacement - 1;
        }
        if (written + size > max) break;
        memcpy(out + written, put, size);
        written += size;
        read += step.bytes;
    }
    return written;
}

int souffleur_text_is_clean(souffleur_text_t text) {
    for (size_t read = 0; read < text.size;) {
        const souffleur_step_t step =
            stepAt((const unsigned char*) text.bytes + read, text.size - read);
        if (step.what != kGood) return 0;
        read += step.bytes;
    }
    return 1;
}

uint32_t souffleur_flag_kind_of(souffleur_text_t name) {
    static const char* const kNames[] = {
        "",     "unknown", "ask",     "refresh",  "unconfirmed", "partial", "consented",
        "soft", "legacy",  "resting", "objected", "no-address",  "bounced", "restricted",
    };
    for (uint32_t i = 1; i < sizeof kNames / sizeof kNames[0]; ++i) {
        if (strlen(kNames[i]) == name.size && memcmp(kNames[i], name.bytes, name.size) == 0) {
            return i;
        }
    }
    return SOUFFLEUR_FLAG_OTHER;
}

int souffleur_default_socket_path(char out[SOUFFLEUR_PATH_MAX + 1]) {
    const size_t capacity = SOUFFLEUR_PATH_MAX + 1;
    const char* runtime = getenv("XDG_RUNTIME_DIR");
    const int size =
        runtime != NULL && runtime[0] == '/'
            ? snprintf(out, capacity, "%s/souffleur/host.sock", runtime)
            : snprintf(out, capacity, "/tmp/souffleur-%lu/host.sock", (unsigned long) geteuid());
    return size > 0 && (size_t) size < capacity;
}
