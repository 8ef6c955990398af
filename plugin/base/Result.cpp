#include "plugin/base/Result.h"

namespace souffleur {

std::string_view codeName(Code code) noexcept {
    switch (code) {
    case Code::invalid:
        return "invalid";
    case Code::notFound:
        return "not-found";
    case Code::conflict:
        return "conflict";
    case Code::refused:
        return "refused";
    case Code::locked:
        return "locked";
    case Code::tooLarge:
        return "too-large";
    case Code::unavailable:
        return "unavailable";
    case Code::storage:
        return "storage";
    case Code::corrupt:
        return "corrupt";
    case Code::unsupported:
        return "unsupported";
    case Code::internal:
        break;
    }
    return "internal";
}

std::string Error::text() const {
    return where.empty() ? message : message + " (" + where + ")";
}

} // namespace souffleur
