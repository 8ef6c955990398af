#include "plugin/http/PeerUser.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

namespace souffleur::http {

namespace {

constexpr std::size_t kAddressField = 1;
constexpr std::size_t kRemoteField = 2;
constexpr std::size_t kStateField = 3;
constexpr std::size_t kUserField = 7;
constexpr std::string_view kTimeWait = "06"; // owned by nobody any more, shown as user 0

/// The kernel prints each 32-bit word of an address in host order.
std::string wordsText(const unsigned char* bytes, std::size_t size) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string text;
    for (std::size_t at = 0; at < size; at += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes + at, sizeof word);
        for (int shift = 28; shift >= 0; shift -= 4) {
            text.push_back(kHex[word >> static_cast<unsigned>(shift) & 0xfU]);
        }
    }
    return text;
}

std::string portText(std::uint16_t port) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string text = ":";
    for (int shift = 12; shift >= 0; shift -= 4) {
        text.push_back(kHex[static_cast<unsigned>(port) >> static_cast<unsigned>(shift) & 0xfU]);
    }
    return text;
}

/// The forms in which the tables may show an endpoint: IPv4, and IPv4 mapped into IPv6.
std::vector<std::string> tableForms(const Endpoint& endpoint) {
    std::string address = endpoint.address;
    if (address.starts_with("::ffff:")) address.erase(0, 7);
    std::vector<std::string> forms;
    std::array<unsigned char, 16> bytes{};
    if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) {
        forms.push_back(wordsText(bytes.data(), 4) + portText(endpoint.port));
        ::inet_pton(AF_INET6, ("::ffff:" + address).c_str(), bytes.data());
        forms.push_back(wordsText(bytes.data(), 16) + portText(endpoint.port));
    } else if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) {
        forms.push_back(wordsText(bytes.data(), 16) + portText(endpoint.port));
    }
    return forms;
}

std::vector<std::string_view> fieldsOf(std::string_view line) {
    std::vector<std::string_view> fields;
    while (fields.size() <= kUserField) {
        const std::size_t begin = line.find_first_not_of(' ');
        if (begin == std::string_view::npos) break;
        line.remove_prefix(begin);
        const std::size_t end = std::min(line.find(' '), line.size());
        fields.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return fields;
}

std::string readTable(const char* path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace

std::optional<unsigned> findSocketOwner(std::string_view table, const Endpoint& local,
                                        const Endpoint& remote) {
    const auto locals = tableForms(local);
    const auto remotes = tableForms(remote);
    while (!table.empty()) {
        const std::size_t end = std::min(table.find('\n'), table.size());
        const auto fields = fieldsOf(table.substr(0, end));
        table.remove_prefix(std::min(end + 1, table.size()));
        if (fields.size() <= kUserField || fields[kStateField] == kTimeWait) continue;
        for (std::size_t i = 0; i < std::min(locals.size(), remotes.size()); ++i) {
            if (fields[kAddressField] != locals[i] || fields[kRemoteField] != remotes[i]) continue;
            const std::string_view user = fields[kUserField];
            unsigned uid = 0;
            const auto [rest, error] = std::from_chars(user.data(), user.data() + user.size(), uid);
            if (error == std::errc{} && rest == user.data() + user.size()) return uid;
        }
    }
    return std::nullopt;
}

std::optional<unsigned> peerUser(const Endpoint& peer, const Endpoint& ours) {
    for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        if (auto uid = findSocketOwner(readTable(path), peer, ours)) return uid;
    }
    return std::nullopt;
}

} // namespace souffleur::http
