#include "plugin/host/TapUsers.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <unistd.h>

namespace souffleur::host {
namespace {

constexpr std::size_t kPasswordBytes = 16 * 1024;

std::optional<std::uint32_t> userNamed(const std::string& name) {
    std::vector<char> room(kPasswordBytes);
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found) != 0 ||
        found == nullptr)
        return std::nullopt;
    return found->pw_uid;
}

/// As the kernel writes it: the address as a number of this machine's, the port as people do.
std::string endText(TapEnd end, const char* before) {
    std::array<char, 64> text{};
    (void) std::snprintf(text.data(), text.size(), "%s%08X:%04X", before, end.address,
                         static_cast<unsigned>(ntohs(end.port)));
    return text.data();
}

std::optional<std::uint32_t> userIn(const char* table, const char* before, TapEnd far,
                                    TapEnd near) {
    std::ifstream in(table);
    const std::string local = endText(far, before);
    const std::string remote = endText(near, before);
    for (std::string line; std::getline(in, line);) {
        // sl local remote st queues timer retransmits uid timeout inode
        std::istringstream row(line);
        std::array<std::string, 7> words;
        unsigned user = 0;
        unsigned timeout = 0;
        std::uint64_t inode = 0;
        for (std::string& word : words) row >> word;
        row >> user >> timeout >> inode;
        if (!row || local != words[1] || remote != words[2]) continue;
        // One that no program holds any more is said to be root's.
        return inode != 0 ? std::optional(user) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::uint32_t> userBehind(TapEnd far, TapEnd near) {
    if (auto user = userIn("/proc/net/tcp", "", far, near)) return user;
    // A program that speaks both IP versions (Java does) stands in the other table.
    return userIn("/proc/net/tcp6", "0000000000000000FFFF0000", far, near);
}

Result<TapUsers> TapUsers::of(const std::vector<std::string>& names) {
    TapUsers out;
    out._users = {::geteuid(), 0};
    if (const auto cups = userNamed("lp")) out._users.push_back(*cups);
    for (const std::string& name : names) {
        const auto user = userNamed(name);
        if (!user) return fail(Code::invalid, "no such user here: " + name, "--tap-user");
        out._users.push_back(*user);
    }
    return out;
}

bool TapUsers::believes(std::optional<std::uint32_t> user) const {
    return user && std::ranges::find(_users, *user) != _users.end();
}

} // namespace souffleur::host
