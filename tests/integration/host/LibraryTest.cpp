// The client library against a terminal that lives, hangs (SIGSTOP), dies (SIGKILL) and is absent.
// That it never blocks is shown by its answers while nobody reads, not by a clock.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/host/HostRig.h"

using namespace souffleur::host::test;

TEST_CASE("alive: the flag of the present selection comes, once") {
    Folder folder;
    Terminal terminal(folder.socket());
    Host host(folder.socket());
    CHECK(host.select("ask-1") == SOUFFLEUR_OK);
    const auto flag = host.flag("ask-1");
    REQUIRE(flag);
    CHECK(flag->kind == SOUFFLEUR_FLAG_ASK);
    CHECK(std::string(flag->kind_name) == "ask");
    CHECK(flag->as_of_ms == 1);
    souffleur_flag_t again{};
    CHECK(api().poll_flag(host.handle(), &again) == SOUFFLEUR_NONE);
    CHECK(host.select("newest-2") == SOUFFLEUR_OK);
    const auto other = host.flag("newest-2");
    REQUIRE(other);
    CHECK(other->kind == SOUFFLEUR_FLAG_OTHER);
    CHECK(host.clear() == SOUFFLEUR_OK);
    CHECK(host.order("A1") == SOUFFLEUR_OK);
    CHECK(host.untilLive());
    CHECK(terminal.line("cleared"));
    CHECK(terminal.line("completed A1"));
}

TEST_CASE("absent: nothing is said, all is kept; a terminal that starts later gets the present "
          "selection") {
    Folder folder;
    Host host(folder.socket());
    for (int i = 0; i < 100; ++i)
        CHECK(host.select("ask-" + std::to_string(i)) == SOUFFLEUR_ABSENT);
    CHECK(host.order("A1") == SOUFFLEUR_ABSENT);
    CHECK(host.state().link == SOUFFLEUR_LINK_ABSENT);
    CHECK(host.state().selections_dropped == 99);
    CHECK(api().poll_fd(host.handle()) == -1);
    Terminal terminal(folder.socket());
    CHECK(host.flag("ask-99"));
    CHECK(terminal.line("selected ask-99"));
    CHECK(terminal.lines == std::vector<std::string>{"ready", "completed A1", "selected ask-99"});
}

TEST_CASE("cleared while absent: a terminal that starts later is told nothing") {
    Folder folder;
    Host host(folder.socket());
    CHECK(host.select("ask-1") == SOUFFLEUR_ABSENT);
    CHECK(host.clear() == SOUFFLEUR_ABSENT);
    Terminal terminal(folder.socket());
    REQUIRE(host.untilLive());
    CHECK(host.order("last") == SOUFFLEUR_OK);
    CHECK(terminal.line("completed last"));
    CHECK(terminal.lines == std::vector<std::string>{"ready", "completed last"});
}

TEST_CASE("hung: every call returns while nobody reads, and the latest selection wins") {
    Folder folder;
    Terminal terminal(folder.socket());
    Host host(folder.socket());
    REQUIRE(host.untilLive());
    terminal.stop();
    int told = 0;
    int kept = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto status = host.select("ask-" + std::to_string(i));
        told += status == SOUFFLEUR_OK ? 1 : 0;
        kept += status == SOUFFLEUR_QUEUED ? 1 : 0;
    }
    CHECK(told > 0);
    CHECK(told < 20); // it soon notices that nothing is acknowledged
    CHECK(told + kept == 1000);
    CHECK(host.order("A1") == SOUFFLEUR_QUEUED);
    CHECK(api().ping(host.handle()) == SOUFFLEUR_QUEUED);
    CHECK(host.state().link == SOUFFLEUR_LINK_PENDING);
    CHECK(terminal.isStopped()); // all of that happened while it was stopped
    terminal.resume();
    CHECK(host.flag("ask-999"));
    CHECK(terminal.line("selected ask-999"));
    CHECK(terminal.lines.size() < 25);
    CHECK(host.state().selections_dropped == static_cast<std::uint64_t>(kept) - 1);
    CHECK(host.untilLive());
}

TEST_CASE("hung: orders wait in a bounded queue, the oldest go") {
    Folder folder;
    Terminal terminal(folder.socket());
    Host host(folder.socket());
    REQUIRE(host.untilLive());
    terminal.stop();
    const int count = 2 * SOUFFLEUR_ORDERS_QUEUED_MAX + 20;
    for (int i = 0; i < count; ++i) CHECK(host.order("A" + std::to_string(i)) >= 0);
    CHECK(host.state().orders_dropped == SOUFFLEUR_ORDERS_QUEUED_MAX + 20);
    CHECK(terminal.isStopped());
    terminal.resume();
    CHECK(host.untilLive());
    CHECK(terminal.line("completed A" + std::to_string(count - 1)));
}

TEST_CASE("hung since before we connected: the kernel takes the first, the rest is kept") {
    Folder folder;
    Terminal terminal(folder.socket());
    terminal.stop();
    Host host(folder.socket());
    int kept = 0;
    for (int i = 0; i < 100; ++i)
        kept += host.select("ask-" + std::to_string(i)) != SOUFFLEUR_OK ? 1 : 0;
    CHECK(kept > 0);
    // more handles than the backlog holds: connect itself has nowhere to go
    std::vector<std::unique_ptr<Host>> crowd;
    int absent = 0;
    for (int i = 0; i < 64; ++i) {
        crowd.push_back(std::make_unique<Host>(folder.socket()));
        absent += crowd.back()->select("ask-1") == SOUFFLEUR_ABSENT ? 1 : 0;
    }
    CHECK(absent > 0);
    CHECK(terminal.isStopped());
    crowd.clear();
    terminal.resume();
    CHECK(host.flag("ask-99"));
}

TEST_CASE(
    "killed: no signal, no error; its successor gets the selection and what was not acknowledged") {
    Folder folder;
    auto terminal = std::make_unique<Terminal>(folder.socket());
    Host host(folder.socket());
    CHECK(host.select("ask-1") == SOUFFLEUR_OK);
    REQUIRE(host.flag("ask-1"));
    CHECK(host.order("A1") == SOUFFLEUR_OK);
    REQUIRE(terminal->line("completed A1"));
    REQUIRE(host.untilLive());
    terminal->stop();
    CHECK(host.order("A2") == SOUFFLEUR_OK); // in the socket of a terminal that will not read it
    terminal->kill();
    CHECK(host.order("A3") == SOUFFLEUR_ABSENT);
    CHECK(host.state().link == SOUFFLEUR_LINK_ABSENT);
    CHECK(api().poll_fd(host.handle()) == -1);
    terminal = std::make_unique<Terminal>(folder.socket());
    CHECK(host.clear() == SOUFFLEUR_OK); // the very next call finds it
    CHECK(host.select("resting-2") == SOUFFLEUR_OK);
    CHECK(host.flag("resting-2"));
    CHECK(terminal->line("selected resting-2"));
    CHECK(terminal->lines ==
          std::vector<std::string>{"ready", "completed A2", "completed A3", "selected resting-2"});
    CHECK(host.state().connects == 2);
}

TEST_CASE("a flag for a customer selected before is never handed out") {
    Folder folder;
    Terminal terminal(folder.socket());
    Host host(folder.socket());
    for (int i = 0; i < 200; ++i) {
        const std::string id = "ask-" + std::to_string(i);
        CHECK(host.select(id) >= 0);
        souffleur_flag_t flag{};
        if (api().poll_flag(host.handle(), &flag) == SOUFFLEUR_OK) CHECK(id == flag.words);
    }
    CHECK(host.flag("ask-199"));
    CHECK(host.clear() == SOUFFLEUR_OK);
    REQUIRE(host.untilLive());
    souffleur_flag_t flag{};
    CHECK(api().poll_flag(host.handle(), &flag) == SOUFFLEUR_NONE);
}

TEST_CASE("a child of fork has its own connection, the parent keeps its own") {
    Folder folder;
    Terminal terminal(folder.socket());
    Host host(folder.socket());
    CHECK(host.select("ask-parent") == SOUFFLEUR_OK);
    REQUIRE(host.flag("ask-parent"));
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        const bool good = host.select("ask-child") == SOUFFLEUR_OK && host.flag("ask-child");
        ::_exit(good ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(terminal.line("selected ask-child"));
    CHECK(terminal.line("cleared")); // the child's, when it ended
    CHECK(host.state().connects == 1);
    CHECK(host.select("soft-parent") == SOUFFLEUR_OK);
    CHECK(host.flag("soft-parent"));
    CHECK(host.state().connects == 1);
}

namespace {

// A customer's name in a page that cannot be read: the library stops inside its call, as another
// thread would see it.
char* trapPage = nullptr;
souffleur_host_t* trappedHost = nullptr;
volatile int statusInside = 99;

void onFault(int) {
    souffleur_state_t state;
    statusInside = api().state(trappedHost, &state);
    ::mprotect(trapPage, 4096, PROT_READ | PROT_WRITE);
}

} // namespace

TEST_CASE("a second caller inside the same handle is told so and changes nothing") {
    Folder folder;
    Host host(folder.socket());
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(page != MAP_FAILED);
    trapPage = static_cast<char*>(page);
    trappedHost = host.handle();
    std::memcpy(trapPage, "Zoe", 3);
    ::mprotect(trapPage, 4096, PROT_NONE);
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = onFault;
    ::sigaction(SIGSEGV, &action, &before);
    souffleur_customer_t customer{};
    customer.system = SOUFFLEUR_LITERAL("test");
    customer.id = SOUFFLEUR_LITERAL("1");
    customer.name = {trapPage, 3};
    const auto status = api().customer_selected(host.handle(), &customer);
    ::sigaction(SIGSEGV, &before, nullptr);
    ::munmap(page, 4096);
    CHECK(statusInside == SOUFFLEUR_BUSY);
    CHECK(status == SOUFFLEUR_ABSENT);
    CHECK(host.state().link == SOUFFLEUR_LINK_ABSENT); // and free again
}

TEST_CASE("wrong arguments are refused, errno is left alone") {
    Folder folder;
    Host host(folder.socket());
    souffleur_host_t* none = nullptr;
    souffleur_customer_t customer{};
    souffleur_flag_t flag{};
    souffleur_order_t order{};
    errno = EILSEQ;
    CHECK(api().customer_selected(nullptr, &customer) == SOUFFLEUR_INVALID);
    CHECK(api().customer_selected(host.handle(), nullptr) == SOUFFLEUR_INVALID);
    CHECK(api().customer_selected(host.handle(), &customer) == SOUFFLEUR_INVALID);
    CHECK(api().customer_next(host.handle(), &customer) == SOUFFLEUR_INVALID);
    CHECK(api().order_completed(host.handle(), &order) == SOUFFLEUR_INVALID);
    order.system = order.order_id = SOUFFLEUR_LITERAL("x");
    std::memcpy(order.currency, "EURO", 4);
    CHECK(api().order_completed(host.handle(), &order) == SOUFFLEUR_INVALID);
    CHECK(api().poll_flag(host.handle(), nullptr) == SOUFFLEUR_INVALID);
    CHECK(api().poll_flag(nullptr, &flag) == SOUFFLEUR_INVALID);
    CHECK(api().state(host.handle(), nullptr) == SOUFFLEUR_INVALID);
    CHECK(api().ping(host.handle()) == SOUFFLEUR_ABSENT);
    CHECK(host.select("ask-1") == SOUFFLEUR_ABSENT);
    CHECK(errno == EILSEQ);
    const std::string longPath(SOUFFLEUR_PATH_MAX + 1, 'x');
    souffleur_open_t options{};
    options.socket_path = {longPath.data(), longPath.size()};
    CHECK(api().open(&options, &none) == SOUFFLEUR_INVALID);
    CHECK(none == nullptr);
    CHECK(api().open(&options, nullptr) == SOUFFLEUR_INVALID);
    CHECK(api().poll_fd(nullptr) == -1);
    api().close(nullptr);
}

TEST_CASE("a wild socket at the path does no harm") {
    Folder folder;
    std::filesystem::create_directory(folder.path + "/run");
    std::FILE* plain = std::fopen(folder.socket().c_str(), "w");
    std::fclose(plain);
    Host host(folder.socket());
    CHECK(host.select("ask-1") == SOUFFLEUR_ABSENT);
}

TEST_CASE("the library shows one symbol and leans on libc alone") {
    const std::string& file = libraryFile();
    std::FILE* pipe =
        ::popen(("nm -D --defined-only --format=posix " + file + " | grep -v ' A '").c_str(), "r");
    std::vector<std::string> symbols;
    char line[512];
    while (std::fgets(line, sizeof line, pipe) != nullptr) {
        const std::string text = line;
        symbols.push_back(text.substr(0, text.find_first_of("@ ")));
    }
    REQUIRE(::pclose(pipe) == 0);
    CHECK(symbols == std::vector<std::string>{SOUFFLEUR_ENTRY_SYMBOL});
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library != nullptr);
    const auto* entry =
        static_cast<const souffleur_entry_t*>(::dlsym(library, SOUFFLEUR_ENTRY_SYMBOL));
    REQUIRE(entry != nullptr);
    CHECK(entry->version.major == SOUFFLEUR_ABI_MAJOR);
    CHECK(entry->get_extension("souffleur.host/9") == nullptr);
    CHECK(entry->get_extension(nullptr) == nullptr);
}
