#include "sync/mail/Disposable.h"

#include <algorithm>
#include <set>

namespace souffleur::mail {

std::string_view file(std::string_view name); // made by embed_sql

namespace {

std::set<std::string_view> readDomains() {
    std::set<std::string_view> all;
    std::string_view text = file("disposable.txt");
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const auto line = text.substr(0, end); !line.empty() && line.front() != '#')
            all.insert(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
}

} // namespace

bool disposable(std::string_view domain) {
    static const std::set<std::string_view> kDomains = readDomains();
    for (;;) {
        if (kDomains.contains(domain)) return true;
        const std::size_t dot = domain.find('.');
        if (dot == std::string_view::npos) return false;
        domain.remove_prefix(dot + 1);
    }
}

} // namespace souffleur::mail
