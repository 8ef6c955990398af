// What `souffleur terminal enrol` leaves behind, for commands that work on a closed till.
#pragma once

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

#include "kiosk/cli/Commands.h"
#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Pin.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Operators.h"
#include "plugin/policy/House.h"
#include "tests/support/TemporaryFolder.h"

namespace souffleur::test {

/// The folder of an approved device whose hub is out of reach.
struct DeviceFolder {
    TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    OriginId origin = OriginId::random(random);
    crypto::Hash pepper{};
    protocol::Welcome welcome;
    cli::Context context{folder.path(), clock, random};

    DeviceFolder() {
        pepper.fill(9);
        REQUIRE(crypto::writePrivateFile(folder.path() / "device.json",
                                         R"({"origin":")" + origin.text() +
                                             R"(","hub":"https://127.0.0.1:1","name":"Till 1",)"
                                             R"("place":"till-1","pepper":")" +
                                             crypto::toHex(crypto::bytesOf(pepper)) + "\"}"));
        welcome.packName = "nl";
        welcome.houseToml = policy::sampleHouseToml();
        REQUIRE(protocol::Device::load(folder.path())->keepWelcome(welcome));
        REQUIRE(crypto::writePrivateFile(pinFile(), "204816\n"));
    }
    [[nodiscard]] std::filesystem::path pinFile() const { return folder.path() / "pin"; }
    /// What a reader would type.
    void typed(const std::string& text) const {
        const auto file = folder.path() / "typed";
        std::ofstream(file) << text;
        REQUIRE(std::freopen(file.c_str(), "r", stdin) != nullptr);
    }
    [[nodiscard]] std::unique_ptr<ledger::Ledger> ledger() {
        ledger::LedgerOptions options;
        options.folder = folder.path() / "ledger";
        options.origin = origin;
        options.contactKey = welcome.houseKey;
        return std::move(ledger::Ledger::open(options, clock, random).value());
    }
    [[nodiscard]] crypto::PinHasher hasher() const {
        return crypto::PinHasher(crypto::Secret(std::string(crypto::bytesOf(pepper))));
    }
};

} // namespace souffleur::test
