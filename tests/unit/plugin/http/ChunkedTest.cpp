#include "plugin/http/Chunked.h"

#include "tests/support/Property.h"

using namespace souffleur::http;
using Progress = ChunkedDecoder::Progress;

namespace {

std::string encoded(const std::vector<std::string>& pieces) {
    std::string out;
    for (const std::string& piece : pieces) {
        if (piece.empty()) continue;
        char size[20];
        std::snprintf(size, sizeof size, "%zX", piece.size());
        out += std::string(size) + ";note=x\r\n" + piece + "\r\n";
    }
    return out + "0\r\nTrailer: y\r\n\r\n";
}

Progress decode(const std::string& bytes, std::string& out, std::size_t step = 1 << 20) {
    ChunkedDecoder decoder;
    Progress progress = Progress::more;
    for (std::size_t at = 0; at < bytes.size() && progress == Progress::more; at += step) {
        std::size_t used = 0;
        progress = decoder.feed(std::string_view(bytes).substr(at, step), out, used);
    }
    return progress;
}

} // namespace

PROPERTY("chunks come together however they arrive", [](const std::vector<std::string>& pieces) {
    std::string whole;
    for (const std::string& piece : pieces) whole += piece;
    std::string out;
    RC_ASSERT(decode(encoded(pieces), out, *rc::gen::inRange<std::size_t>(1, 9)) == Progress::done);
    RC_ASSERT(out == whole);
})

PROPERTY("a body cut anywhere is never done", [](const std::vector<std::string>& pieces) {
    const std::string bytes = encoded(pieces);
    std::string out;
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_ASSERT(decode(bytes.substr(0, cut), out) == Progress::more);
})

PROPERTY("no bytes confuse the decoder", [](const std::string& bytes) {
    std::string out;
    (void) decode(bytes, out);
    RC_ASSERT(out.size() <= bytes.size());
})

TEST_CASE("malformed chunks are refused") {
    for (const char* bytes : {"\r\n", "x\r\n", "-1\r\n", "1\n", "1\r\nab\r\n", "1\r\na\n",
                              "0\r\n\n", "1000000000000\r\n", "0x1\r\n", "1\rx"}) {
        CAPTURE(bytes);
        std::string out;
        CHECK(decode(bytes, out) == Progress::malformed);
    }
    std::string out;
    CHECK(decode("1;" + std::string(10000, 'x'), out) == Progress::malformed);
    CHECK(decode("0\r\n" + std::string(10000, 'x'), out) == Progress::malformed);
}
