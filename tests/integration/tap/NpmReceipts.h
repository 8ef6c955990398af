// Receipts that npm encoders made, now, from their packages (tests/bench/peers/receipts.mjs).
#pragma once

#include <array>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "Paths.h"

namespace souffleur::test {

struct NpmReceipt {
    std::string encoder;
    std::string kind;
    std::string number; ///< empty: there is none to be read
    std::string bytes;
};

inline std::vector<NpmReceipt> makeNpmReceipts() {
    const std::string command = "cd '" + std::string(kSourceDir) +
                                "/tests/bench/peers' && node receipts.mjs 2>/dev/null </dev/null";
    std::vector<NpmReceipt> out;
    FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return out;
    std::string all;
    std::array<char, 65536> buffer{};
    for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        all.append(buffer.data(), got);
    }
    if (::pclose(pipe) != 0) return out;
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        NpmReceipt made;
        std::string hex;
        std::getline(fields, made.encoder, '\t');
        std::getline(fields, made.kind, '\t');
        std::getline(fields, made.number, '\t');
        std::getline(fields, hex, '\t');
        for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
            made.bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
        }
        out.push_back(std::move(made));
    }
    return out;
}

/// Made once; empty, and said once, where node or the packages are not there.
inline const std::vector<NpmReceipt>& npmReceipts() {
    static const std::vector<NpmReceipt> all = [] {
        auto made = makeNpmReceipts();
        if (made.empty()) {
            std::puts("SKIPPED: no npm encoders: their packages could not be installed "
                      "(npm ci in tests/bench/peers)");
        }
        return made;
    }();
    return all;
}

} // namespace souffleur::test
