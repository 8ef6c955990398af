// rooms: plugin-http
// The parsers of plugin/http on a stranger's bytes: request targets, chunks, cookies, the socket
// table.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/http/Chunked.h"
#include "plugin/http/PeerUser.h"
#include "plugin/http/Router.h"

using namespace souffleur::http;

namespace {

void target(std::string_view bytes) {
    const auto parsed = parseTarget(bytes);
    if (!parsed) return;
    if (parsed->path.front() != '/' || parsed->path.find('\0') != std::string::npos) std::abort();
    for (const auto& [name, value] : parsed->query) {
        if (percentDecode(percentEncode(value), true).value() != value) std::abort();
    }
}

/// The same bytes, whole and one by one, give the same.
void chunks(std::string_view bytes) {
    ChunkedDecoder whole;
    ChunkedDecoder pieces;
    std::string out;
    std::string slow;
    std::size_t used = 0;
    const auto progress = whole.feed(bytes, out, used);
    auto last = ChunkedDecoder::Progress::more;
    for (std::size_t i = 0; i < bytes.size() && last == ChunkedDecoder::Progress::more; ++i) {
        std::size_t step = 0;
        last = pieces.feed(bytes.substr(i, 1), slow, step);
    }
    if (!bytes.empty() && (last != progress || slow != out)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        target(bytes);
        break;
    case 1:
        chunks(bytes);
        break;
    case 2: {
        Request request;
        request.headers = {{"Cookie", std::string(bytes)}, {"Content-Type", std::string(bytes)}};
        if (request.cookie("a").size() > size || request.contentType().size() > size) std::abort();
        break;
    }
    default:
        (void) findSocketOwner(bytes, {"127.0.0.1", 1}, {"127.0.0.1", 2});
        break;
    }
    return 0;
}
