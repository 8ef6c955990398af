// libsouffleur_poco.so through Poco::ClassLoader, as a POCO host loads it.
#include <cstdio>
#include <doctest/doctest.h>
#include <memory>

#include "Paths.h"
#include "plugin/host/HostShimLoader.h"
#include "tests/integration/host/HostRig.h"

using namespace souffleur::host;
using namespace souffleur::host::test;
using v1::HostShim;

namespace {

std::string shimFile() {
    return std::string(kBinaryDir).append("/lib/libsouffleur_poco.so");
}

} // namespace

TEST_CASE("a POCO host selects and gets its flag through the shim") {
    Folder folder;
    Terminal terminal(folder.socket());
    Poco::ClassLoader<HostShim> loader;
    v1::loadHostShim(loader, shimFile());
    const std::unique_ptr<HostShim> shim(loader.create(v1::kHostShimClass));
    souffleur_customer_t customer{};
    customer.system = SOUFFLEUR_LITERAL("poco");
    customer.id = SOUFFLEUR_LITERAL("ask-1");
    CHECK(shim->customerSelected(customer) == SOUFFLEUR_INVALID); // not open yet
    CHECK(shim->open(HostShim::text(folder.socket()), HostShim::text("POCO host")) == SOUFFLEUR_OK);
    CHECK(shim->open({}, {}) == SOUFFLEUR_INVALID);
    CHECK(shim->customerNext(customer) == SOUFFLEUR_OK);
    CHECK(shim->customerSelected(customer) == SOUFFLEUR_OK);
    CHECK(terminal.line("selected ask-1"));
    souffleur_flag_t flag{};
    Host clock(folder.socket()); // only for its wait
    CHECK(clock.until([&] { return shim->pollFlag(flag) == SOUFFLEUR_OK; }));
    CHECK(flag.kind == SOUFFLEUR_FLAG_ASK);
    CHECK(shim->pollFd() >= 0);
    souffleur_order_t order{};
    order.system = order.order_id = SOUFFLEUR_LITERAL("P1");
    CHECK(shim->orderCompleted(order) == SOUFFLEUR_OK);
    CHECK(shim->customerCleared() == SOUFFLEUR_OK);
    CHECK(shim->ping() == SOUFFLEUR_OK);
    souffleur_state_t state{};
    CHECK(shim->state(state) == SOUFFLEUR_OK);
    CHECK(state.connects == 1);
    CHECK(terminal.line("cleared"));
}

TEST_CASE("a library that is not this shim is refused before the loader sees it") {
    Poco::ClassLoader<HostShim> loader;
    CHECK_THROWS_AS(v1::loadHostShim(loader, libraryFile()), Poco::LibraryLoadException);
    CHECK_THROWS_AS(v1::loadHostShim(loader, "/nonexistent.so"), Poco::LibraryLoadException);
    CHECK_FALSE(loader.isLibraryLoaded(libraryFile()));
}

TEST_CASE("the shim shows what POCO looks up, and no more") {
    std::FILE* pipe = ::popen(
        ("nm -D --defined-only --format=posix " + shimFile() + " | cut -d' ' -f1 | sort").c_str(),
        "r");
    std::string symbols;
    char line[512];
    while (std::fgets(line, sizeof line, pipe) != nullptr) symbols += line;
    REQUIRE(::pclose(pipe) == 0);
    CHECK(symbols == "pocoBuildManifest\nsouffleur_poco_abi\n");
}
