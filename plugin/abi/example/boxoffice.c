/*
 * A small box office that talks to Souffleur through libsouffleur_host.so, as an example for
 * vendors and as the host of the demo and the tests. It loads the library at run time and sells on
 * without it. Long because a vendor reads an example as one file.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "plugin/abi/souffleur.h"

enum {
    kCustomersMax = 200,
    kLineMax = 1024,
    kFieldsMax = 8,
    kPollEveryMs = 50, /* while no terminal is there, look this often */
    kTicketMinor = 2450,
    kExitUsage = 2,
    kExitNotSeen = 3, /* a flag or terminal that the script waits for did not come in time */
};

static const char kUsage[] =
    "usage: souffleur-boxoffice [--socket PATH] [--library FILE] [--system NAME]\n"
    "                           (--script FILE [--loop] | [--customers FILE])\n"
    "A script has one command a line, '-' is standard input, '#' starts a comment; \"quotes\" join "
    "words:\n"
    "  select ID [NAME [EMAIL [LANGUAGE]]]   show a customer\n"
    "  situation counter|phone|group|school  for the customers selected from here on\n"
    "  basket GENRE QTY [EVENT [PARTNER]]    add to the basket and tell it\n"
    "  sell GENRE QTY                        add to the basket and complete the order\n"
    "  next ID                               say who will probably come next\n"
    "  clear                                 show nobody\n"
    "  wait-terminal MS                      until a terminal answers, MS at most\n"
    "  wait-flag KIND MS                     until the flag is KIND ('any': whatever), MS at most\n"
    "  pause MS                              go on polling for MS\n"
    "Exit: 0 done, 1 the library cannot be loaded, 2 wrong usage or script, 3 a wait ran out.\n";

typedef struct souffleur_office {
    const souffleur_host_api_t* api;
    souffleur_host_t* host;
    const char* system;
    char id[SOUFFLEUR_ID_MAX + 1];
    char name[SOUFFLEUR_NAME_MAX + 1];
    char email[SOUFFLEUR_EMAIL_MAX + 1];
    char language[SOUFFLEUR_LANGUAGE_MAX + 1];
    uint32_t situation;
    char words[SOUFFLEUR_BASKET_MAX][3][SOUFFLEUR_GENRE_MAX + 1]; /* event, genre, partner */
    uint32_t quantities[SOUFFLEUR_BASKET_MAX];
    size_t basketCount;
    unsigned orders;
    souffleur_flag_t flag;
    int hasFlag;
} souffleur_office_t;

static souffleur_text_t textOf(const char* text) {
    return (souffleur_text_t){text, strlen(text)};
}

static int64_t nowMs(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void copy(char* to, size_t capacity, const char* from) {
    snprintf(to, capacity, "%s", from);
}

static void report(const char* what, souffleur_status_t status) {
    const char* how = status == SOUFFLEUR_OK       ? "told"
                      : status == SOUFFLEUR_QUEUED ? "queued: the terminal does not read"
                      : status == SOUFFLEUR_ABSENT ? "no terminal; selling on"
                                                   : "refused by the library";
    printf("%s: %s\n", what, how);
    fflush(stdout);
}

/* ---- talking to the terminal ---- */

static void showFlag(const souffleur_flag_t* flag) {
    printf("flag %s [%s] %s\n", flag->kind_name, flag->icon, flag->words);
    if (flag->script[0] != '\0') printf("  say (%s): %s\n", flag->script_language, flag->script);
    const time_t seconds = (time_t) (flag->as_of_ms / 1000);
    const struct tm* utc = gmtime(&seconds);
    char text[32];
    if (seconds > 0 && utc != NULL && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", utc) > 0) {
        printf("  as of %s\n", text);
    }
    fflush(stdout);
}

static int takeFlag(souffleur_office_t* office) {
    if (office->api->poll_flag(office->host, &office->flag) != SOUFFLEUR_OK) return 0;
    office->hasFlag = 1;
    showFlag(&office->flag);
    return 1;
}

/* Waits until the terminal said something, or `ms`, or a short while when there is none. */
static void waitForWord(souffleur_office_t* office, int64_t ms) {
    struct pollfd fd = {office->api->poll_fd(office->host), POLLIN, 0};
    const int64_t slice = ms > kPollEveryMs ? kPollEveryMs : ms;
    poll(&fd, fd.fd >= 0 ? 1 : 0, (int) (slice > 0 ? slice : 0));
}

static int isFlag(souffleur_office_t* office, const char* kind) {
    return office->hasFlag &&
           (strcmp(kind, "any") == 0 || strcmp(kind, office->flag.kind_name) == 0);
}

static int isLive(souffleur_office_t* office, const char* unused) {
    souffleur_state_t state;
    (void) unused;
    return office->api->state(office->host, &state) == SOUFFLEUR_OK &&
           state.link == SOUFFLEUR_LINK_LIVE;
}

/* Polls until `done` or for `ms` at most; the exit code. */
static int waitUntil(souffleur_office_t* office, int (*done)(souffleur_office_t*, const char*),
                     const char* what, int64_t ms) {
    const int64_t deadline = nowMs() + ms;
    for (int64_t left = ms;; left = deadline - nowMs()) {
        takeFlag(office);
        if (done(office, what)) return 0;
        if (left <= 0) break;
        waitForWord(office, left);
    }
    fprintf(stderr, "souffleur-boxoffice: no %s within %" PRId64 " ms\n", what, ms);
    return kExitNotSeen;
}

static void pauseFor(souffleur_office_t* office, int64_t ms) {
    const int64_t deadline = nowMs() + ms;
    for (int64_t left = ms; left > 0; left = deadline - nowMs()) {
        takeFlag(office);
        waitForWord(office, left);
    }
}

/* ---- selling ---- */

static void tellCustomer(souffleur_office_t* office, const char* what) {
    souffleur_basket_item_t items[SOUFFLEUR_BASKET_MAX];
    for (size_t i = 0; i < office->basketCount; ++i) {
        items[i] =
            (souffleur_basket_item_t){textOf(office->words[i][0]), textOf(office->words[i][1]),
                                      textOf(office->words[i][2]), office->quantities[i]};
    }
    const souffleur_customer_t customer = {
        .system = textOf(office->system),
        .id = textOf(office->id),
        .name = textOf(office->name),
        .email = textOf(office->email),
        .language = textOf(office->language),
        .basket = office->basketCount > 0 ? items : NULL,
        .basket_count = office->basketCount,
        .situation = office->situation,
    };
    office->hasFlag = 0;
    report(what, office->api->customer_selected(office->host, &customer));
}

static void selectCustomer(souffleur_office_t* office, const char* id, const char* name,
                           const char* email, const char* language) {
    copy(office->id, sizeof office->id, id);
    copy(office->name, sizeof office->name, name);
    copy(office->email, sizeof office->email, email);
    copy(office->language, sizeof office->language, language);
    office->basketCount = 0;
    tellCustomer(office, "select");
}

static int addToBasket(souffleur_office_t* office, char** fields, size_t count) {
    const unsigned long quantity = strtoul(fields[1], NULL, 10);
    if (office->basketCount == SOUFFLEUR_BASKET_MAX || quantity == 0 ||
        quantity > SOUFFLEUR_QUANTITY_MAX) {
        fprintf(stderr, "souffleur-boxoffice: a basket has %d lines of 1 to %d tickets at most\n",
                SOUFFLEUR_BASKET_MAX, SOUFFLEUR_QUANTITY_MAX);
        return kExitUsage;
    }
    const size_t at = office->basketCount++;
    copy(office->words[at][0], sizeof office->words[at][0], count > 2 ? fields[2] : "");
    copy(office->words[at][1], sizeof office->words[at][1], fields[0]);
    copy(office->words[at][2], sizeof office->words[at][2], count > 3 ? fields[3] : "");
    office->quantities[at] = (uint32_t) quantity;
    return 0;
}

static void completeOrder(souffleur_office_t* office) {
    char id[64];
    snprintf(id, sizeof id, "B%ld-%u", (long) getpid(), ++office->orders);
    souffleur_order_t order = {
        .system = textOf(office->system),
        .order_id = textOf(id),
        .customer_id = textOf(office->id),
        .currency = "EUR",
    };
    for (size_t i = 0; i < office->basketCount; ++i) {
        order.total_minor += (int64_t) office->quantities[i] * kTicketMinor;
    }
    office->basketCount = 0;
    printf("sold %s for EUR %" PRId64 ".%02" PRId64 "\n", id, order.total_minor / 100,
           order.total_minor % 100);
    report("order", office->api->order_completed(office->host, &order));
}

static void clearCustomer(souffleur_office_t* office) {
    office->id[0] = '\0';
    office->basketCount = 0;
    office->hasFlag = 0;
    report("clear", office->api->customer_cleared(office->host));
}

static void hintNext(souffleur_office_t* office, const char* id) {
    const souffleur_customer_t customer = {.system = textOf(office->system), .id = textOf(id)};
    report("next", office->api->customer_next(office->host, &customer));
}

/* ---- the script ---- */

/* Splits a line in place at spaces; "quotes" join; the number of fields, or kFieldsMax + 1 if too
 * many. */
static size_t splitLine(char* line, char** fields) {
    size_t count = 0;
    char* at = line;
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (*at == '\0' || *at == '#') return count;
        if (count == kFieldsMax) return kFieldsMax + 1;
        const int quoted = *at == '"';
        at += quoted;
        fields[count++] = at;
        at += strcspn(at, quoted ? "\"" : " \t\r\n");
        if (*at != '\0') *at++ = '\0';
    }
}

static int setSituation(souffleur_office_t* office, const char* name) {
    static const char* const kNames[] = {"counter", "phone", "group", "school"};
    for (uint32_t i = 0; i < sizeof kNames / sizeof kNames[0]; ++i) {
        if (strcmp(name, kNames[i]) == 0) {
            office->situation = i;
            return 0;
        }
    }
    return kExitUsage;
}

static int runSell(souffleur_office_t* office, char** fields, size_t count) {
    const int failed = addToBasket(office, fields, count);
    if (failed == 0) completeOrder(office);
    return failed;
}

static int runBasket(souffleur_office_t* office, char** fields, size_t count) {
    const int failed = office->id[0] == '\0' ? kExitUsage : addToBasket(office, fields, count);
    if (failed == 0) tellCustomer(office, "basket");
    return failed;
}

/* One command; 0 to go on, else the program's exit code. */
static int runCommand(souffleur_office_t* office, char** fields, size_t count) {
    const char* command = fields[0];
    char** args = fields + 1;
    const size_t given = count - 1;
    if (strcmp(command, "select") == 0 && given >= 1 && given <= 4) {
        selectCustomer(office, args[0], given > 1 ? args[1] : "", given > 2 ? args[2] : "",
                       given > 3 ? args[3] : "");
        return 0;
    }
    if (strcmp(command, "situation") == 0 && given == 1) return setSituation(office, args[0]);
    if (strcmp(command, "basket") == 0 && given >= 2 && given <= 4) {
        return runBasket(office, args, given);
    }
    if (strcmp(command, "sell") == 0 && given == 2) return runSell(office, args, given);
    if (strcmp(command, "next") == 0 && given == 1) {
        hintNext(office, args[0]);
        return 0;
    }
    if (strcmp(command, "clear") == 0 && given == 0) {
        clearCustomer(office);
        return 0;
    }
    if (strcmp(command, "wait-terminal") == 0 && given == 1) {
        (void) office->api->ping(office->host);
        return waitUntil(office, isLive, "terminal", strtol(args[0], NULL, 10));
    }
    if (strcmp(command, "wait-flag") == 0 && given == 2) {
        return waitUntil(office, isFlag, args[0], strtol(args[1], NULL, 10));
    }
    if (strcmp(command, "pause") == 0 && given == 1) {
        pauseFor(office, strtol(args[0], NULL, 10));
        return 0;
    }
    return kExitUsage;
}

static int runScriptOnce(souffleur_office_t* office, FILE* script, const char* file) {
    char line[kLineMax];
    for (int number = 1; fgets(line, sizeof line, script) != NULL; ++number) {
        char* fields[kFieldsMax];
        const size_t count = splitLine(line, fields);
        if (count == 0) continue;
        const int code = count > kFieldsMax ? kExitUsage : runCommand(office, fields, count);
        if (code == kExitUsage) {
            fprintf(stderr, "souffleur-boxoffice: %s line %d: no such command; see --help\n", file,
                    number);
        }
        if (code != 0) return code;
    }
    return 0;
}

static int runScript(souffleur_office_t* office, const char* file, int loop) {
    FILE* script = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
    if (script == NULL) {
        fprintf(stderr, "souffleur-boxoffice: cannot read the script %s\n", file);
        return kExitUsage;
    }
    int code = runScriptOnce(office, script, file);
    /* a demo goes on after a wait that ran out: the terminal may be restarting */
    while (loop && code != kExitUsage && script != stdin && fseek(script, 0, SEEK_SET) == 0) {
        code = runScriptOnce(office, script, file);
    }
    if (script != stdin) fclose(script);
    return code;
}

/* ---- the menu ---- */

typedef struct souffleur_listed {
    char fields[4][256]; /* id, name, e-mail, language */
} souffleur_listed_t;

static void splitListed(char* line, souffleur_listed_t* out) {
    char* rest = line;
    for (size_t i = 0; i < 4; ++i) {
        char* field = strsep(&rest, "|");
        if (field == NULL) field = "";
        field += strspn(field, " \t");
        size_t size = strcspn(field, "\r\n");
        while (size > 0 && (field[size - 1] == ' ' || field[size - 1] == '\t')) --size;
        snprintf(out->fields[i], sizeof out->fields[i], "%.*s", (int) size, field);
    }
}

static size_t readCustomers(const char* file, souffleur_listed_t* list) {
    FILE* in = fopen(file, "re");
    size_t count = 0;
    char line[kLineMax];
    if (in == NULL) {
        fprintf(stderr, "souffleur-boxoffice: cannot read the customers in %s\n", file);
        return 0;
    }
    while (count < kCustomersMax && fgets(line, sizeof line, in) != NULL) {
        if (line[0] == '#' || line[strspn(line, " \t\r\n")] == '\0') continue;
        splitListed(line, &list[count++]);
    }
    fclose(in);
    return count;
}

static void showMenu(const souffleur_listed_t* list, size_t count) {
    printf("\n");
    for (size_t i = 0; i < count; ++i) {
        const char* name = list[i].fields[1];
        int pad = 32; /* one column a letter, not one a byte */
        for (const char* c = name; *c != '\0'; ++c) pad -= (*c & 0xc0) != 0x80;
        printf("%3zu  %s%*s %s\n", i + 1, name, pad > 0 ? pad : 0, "", list[i].fields[2]);
    }
    printf("number = select, s GENRE QTY = sell, n = next customer, q = quit\n");
    fflush(stdout);
}

/* One line from the cashier; 0 to go on. */
static int runMenuLine(souffleur_office_t* office, char* line, const souffleur_listed_t* list,
                       size_t count) {
    char* fields[kFieldsMax];
    const size_t given = splitLine(line, fields);
    if (given == 0 || given > kFieldsMax) return 0;
    const unsigned long number = strtoul(fields[0], NULL, 10);
    if (strcmp(fields[0], "q") == 0) return 1;
    if (strcmp(fields[0], "n") == 0) {
        clearCustomer(office);
        showMenu(list, count);
    } else if (strcmp(fields[0], "s") == 0) {
        char* sale[] = {given > 1 ? fields[1] : "theatre", given > 2 ? fields[2] : "2"};
        (void) runSell(office, sale, 2);
    } else if (number >= 1 && number <= count) {
        const souffleur_listed_t* who = &list[number - 1];
        selectCustomer(office, who->fields[0], who->fields[1], who->fields[2], who->fields[3]);
    } else {
        showMenu(list, count);
    }
    return 0;
}

static int runMenu(souffleur_office_t* office, const char* file) {
    static souffleur_listed_t list[kCustomersMax];
    const size_t count = readCustomers(file, list);
    if (count == 0) return kExitUsage;
    showMenu(list, count);
    setvbuf(stdin, NULL, _IONBF, 0); /* poll must see what fgets has not taken yet */
    char line[kLineMax];
    for (;;) {
        struct pollfd fds[2] = {{STDIN_FILENO, POLLIN, 0},
                                {office->api->poll_fd(office->host), POLLIN, 0}};
        poll(fds, fds[1].fd >= 0 ? 2 : 1, 20 * kPollEveryMs);
        takeFlag(office);
        if (fds[0].revents == 0) continue;
        if (fgets(line, sizeof line, stdin) == NULL) return 0;
        if (runMenuLine(office, line, list, count) != 0) return 0;
    }
}

/* ---- start ---- */

typedef struct souffleur_options {
    const char *socket, *library, *system, *script, *customers;
    int loop;
} souffleur_options_t;

static int parseOptions(int argc, char** argv, souffleur_options_t* out) {
    for (int i = 1; i < argc; ++i) {
        const char** value = NULL;
        if (strcmp(argv[i], "--socket") == 0) value = &out->socket;
        if (strcmp(argv[i], "--library") == 0) value = &out->library;
        if (strcmp(argv[i], "--system") == 0) value = &out->system;
        if (strcmp(argv[i], "--script") == 0) value = &out->script;
        if (strcmp(argv[i], "--customers") == 0) value = &out->customers;
        if (value != NULL && i + 1 < argc) {
            *value = argv[++i];
        } else if (strcmp(argv[i], "--loop") == 0) {
            out->loop = 1;
        } else {
            return 0;
        }
    }
    return (out->script == NULL) != (out->customers == NULL) && (!out->loop || out->script != NULL);
}

/* The library beside the program (../lib) as built, else wherever the loader finds it. */
static void* loadLibrary(const char* file) {
    if (file != NULL) return dlopen(file, RTLD_NOW | RTLD_LOCAL);
    char path[4096];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 64);
    if (size > 0) {
        path[size] = '\0';
        char beside[4096];
        snprintf(beside, sizeof beside, "%.4000s/../lib/libsouffleur_host.so", dirname(path));
        void* library = dlopen(beside, RTLD_NOW | RTLD_LOCAL);
        if (library != NULL) return library;
    }
    return dlopen("libsouffleur_host.so", RTLD_NOW | RTLD_LOCAL);
}

static const souffleur_host_api_t* loadApi(const char* file) {
    void* library = loadLibrary(file);
    if (library == NULL) {
        fprintf(stderr, "souffleur-boxoffice: %s\n", dlerror());
        return NULL;
    }
    const souffleur_entry_t* entry = dlsym(library, SOUFFLEUR_ENTRY_SYMBOL);
    const souffleur_host_api_t* api = entry != NULL && entry->version.major == SOUFFLEUR_ABI_MAJOR
                                          ? entry->get_extension(SOUFFLEUR_EXT_HOST)
                                          : NULL;
    if (api == NULL) {
        fprintf(stderr, "souffleur-boxoffice: the library is of another version; wanted %d\n",
                SOUFFLEUR_ABI_MAJOR);
    }
    return api;
}

int main(int argc, char** argv) {
    souffleur_options_t options = {.system = "boxoffice"};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(kUsage, stdout);
        return 0;
    }
    if (!parseOptions(argc, argv, &options)) {
        fputs(kUsage, stderr);
        return kExitUsage;
    }
    souffleur_office_t office = {.api = loadApi(options.library), .system = options.system};
    if (office.api == NULL) return 1;
    souffleur_open_t how = {.host_name = SOUFFLEUR_LITERAL("Sample box office")};
    if (options.socket != NULL) how.socket_path = textOf(options.socket);
    if (office.api->open(&how, &office.host) != SOUFFLEUR_OK) {
        fprintf(stderr, "souffleur-boxoffice: --socket is longer than %d bytes\n",
                SOUFFLEUR_PATH_MAX);
        return kExitUsage;
    }
    const int code = options.script != NULL ? runScript(&office, options.script, options.loop)
                                            : runMenu(&office, options.customers);
    office.api->close(office.host);
    return code;
}
