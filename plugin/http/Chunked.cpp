#include "plugin/http/Chunked.h"

#include <algorithm>

namespace souffleur::http {

namespace {

constexpr std::size_t kDigitsMax = 12;
constexpr std::size_t kLineMaxBytes = 4096;

int hexDigit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

ChunkedDecoder::Progress ChunkedDecoder::feed(std::string_view bytes, std::string& out,
                                              std::size_t& used) {
    used = 0;
    while (used < bytes.size() && _part != Part::end && _part != Part::bad) {
        if (_part == Part::body) {
            const auto count =
                static_cast<std::size_t>(std::min<std::uint64_t>(_left, bytes.size() - used));
            out.append(bytes.substr(used, count));
            used += count;
            _left -= count;
            if (_left == 0) _part = Part::bodyReturn;
        } else {
            _part = step(bytes[used++]);
        }
    }
    if (_part == Part::end) return Progress::done;
    return _part == Part::bad ? Progress::malformed : Progress::more;
}

ChunkedDecoder::Part ChunkedDecoder::step(char c) {
    if (++_overhead > kLineMaxBytes) return Part::bad;
    switch (_part) {
    case Part::size:
        return sizeStep(c);
    case Part::extension:
        return c == '\r' ? Part::sizeEnd : c == '\n' ? Part::bad : Part::extension;
    case Part::sizeEnd:
        if (c != '\n') return Part::bad;
        _overhead = 0;
        _digits = 0;
        _trailerLine = 0;
        return _left == 0 ? Part::trailer : Part::body;
    case Part::bodyReturn:
        return c == '\r' ? Part::bodyEnd : Part::bad;
    case Part::bodyEnd:
        _overhead = 0;
        return c == '\n' ? Part::size : Part::bad;
    case Part::trailer:
    case Part::trailerEnd:
        return trailerStep(c);
    case Part::body:
    case Part::end:
    case Part::bad:
        break;
    }
    return Part::bad;
}

ChunkedDecoder::Part ChunkedDecoder::sizeStep(char c) {
    const int digit = hexDigit(c);
    if (digit >= 0) {
        if (++_digits > kDigitsMax) return Part::bad;
        _left = (_digits == 1 ? 0 : _left * 16) + static_cast<std::uint64_t>(digit);
        return Part::size;
    }
    if (_digits == 0) return Part::bad;
    if (c == '\r') return Part::sizeEnd;
    return c == ';' || c == ' ' || c == '\t' ? Part::extension : Part::bad;
}

ChunkedDecoder::Part ChunkedDecoder::trailerStep(char c) {
    if (_part == Part::trailerEnd) {
        if (c != '\n') return Part::bad;
        const bool last = _trailerLine == 0;
        _trailerLine = 0;
        return last ? Part::end : Part::trailer;
    }
    if (c == '\r') return Part::trailerEnd;
    if (c == '\n') return Part::bad;
    ++_trailerLine;
    return Part::trailer;
}

} // namespace souffleur::http
