#include "plugin/host/TapCuts.h"

#include <string>
#include <vector>

#include "tests/support/Property.h"

using namespace souffleur;

namespace {

/// Where cuts were found, in whatever pieces the bytes come; each is let pass.
std::vector<std::size_t> cutsOf(const std::string& text, std::size_t piece) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    host::TapCuts cuts;
    std::vector<std::size_t> out;
    std::size_t at = 0;
    for (std::size_t end = 0; at < bytes.size();) {
        if (end <= at) end = std::min(bytes.size(), at + piece);
        const auto step = cuts.look(bytes.subspan(at, end - at));
        at += step.pass;
        if (step.pass == 0 && step.cut) {
            out.push_back(at);
            cuts.allow();
        } else if (step.pass == 0 && end == bytes.size()) {
            cuts.letGo(bytes[at++]);
        } else if (step.pass == 0) { // a byte was left: show it with more
            end = std::min(bytes.size(), end + piece);
        }
    }
    return out;
}

} // namespace

TEST_CASE("cuts are found where they are, and nowhere else, whatever the pieces") {
    const std::string partial = "\x1DV\x42" + std::string(1, '\0');
    const std::string picture = std::string("\x1Dv0\0\x02\0\x03\0", 8) + "\x1DV\x41xyz";
    const std::string graphics = std::string("\x1D(L\x06\0\x1BiABCD", 11);
    const std::string barcode = "\x1Dk\x04\x1BmAB" + std::string(1, '\0');
    const std::string text = "\x1B@abc\n" + picture + partial + graphics + "x\n\x1Bi" + barcode +
                             "\x1Bm\x1D" + "a" + std::string(1, '\0') + "\x1DV" +
                             std::string(1, '\0') + "\x1D";
    const auto first = text.find(partial);
    const auto second = text.find("x\n\x1Bi") + 2;
    const auto third = text.find(std::string("AB") + '\0') + 3;
    const auto last = text.size() - 4;
    for (const std::size_t piece : {1U, 2U, 3U, 5U, 64U, 4096U}) {
        CAPTURE(piece);
        CHECK(cutsOf(text, piece) == std::vector<std::size_t>{first, second, third, last});
    }
}

TEST_CASE("a byte that was let go keeps its place in the stream") {
    host::TapCuts cuts;
    const std::vector<std::uint8_t> prefix{0x1D};
    CHECK(cuts.look(prefix).pass == 0);
    cuts.letGo(0x1D);
    // The rest of a picture's head: what looks like a cut in its data is none.
    const std::vector<std::uint8_t> rest{'v', '0', 0, 1, 0, 2, 0, 0x1D, 'V', 'a', 0x1D, 'V', 0};
    const auto step = cuts.look(rest);
    CHECK(step.pass == 10);
    CHECK(step.cut);
}

TEST_CASE("any bytes in any pieces are all taken in") {
    CHECK(rc::check([](const std::vector<std::uint8_t>& bytes) {
        const std::string text(bytes.begin(), bytes.end());
        RC_ASSERT(cutsOf(text, 1) == cutsOf(text, 4096));
    }));
}
