#include "drivers/scanner/CodeText.h"

#include "tests/support/Property.h"

using namespace souffleur;
using scanner::Assembler;
using scanner::cleanCode;
using scanner::Found;

namespace {

std::span<const std::uint8_t> bytesOf(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// All codes of a stream in pieces of `piece` bytes; "!" for a broken one.
std::vector<std::string> codes(std::string_view stream, std::size_t piece, bool silence = true) {
    Assembler assembler;
    std::vector<std::string> out;
    Found found;
    while (!stream.empty()) {
        auto bytes = bytesOf(stream.substr(0, piece));
        stream.remove_prefix(std::min(piece, stream.size()));
        for (;;) {
            const auto end = assembler.feed(bytes, found);
            if (end == Assembler::End::none) break;
            out.push_back(end == Assembler::End::code ? found.text : "!");
        }
    }
    const auto end = silence ? assembler.silence(found) : Assembler::End::none;
    if (end != Assembler::End::none) out.push_back(end == Assembler::End::code ? found.text : "!");
    return out;
}

using List = std::vector<std::string>;

} // namespace

TEST_CASE("codes end where scanners end them") {
    for (const std::size_t piece : {1U, 3U, 100U}) {
        CHECK(codes("4711\r4712\r\n4713\t\x02"
                    "4714\x03",
                    piece) == List{"4711", "4712", "4713", "4714"});
        CHECK(codes("4711", piece) == List{"4711"});
        CHECK(codes("\r\n\r\n", piece).empty());
        CHECK(codes("47\x02"
                    "4712\r",
                    piece) == List{"4712"});
    }
    CHECK(codes("4711", 100, false).empty());
}

TEST_CASE("an identifier is told apart, control characters are not told at all") {
    CHECK(cleanCode("]Q1https://example.org/w#ABC") == Found{"https://example.org/w#ABC", "]Q1"});
    CHECK(cleanCode("]C10104012345\x1D"
                    "10ABC") == Found{"0104012345\x1D"
                                      "10ABC",
                                      "]C1"});
    CHECK(cleanCode("]Q1").value().text == "]Q1"); // nothing else: a code of three characters
    CHECK(cleanCode("]1Zx").value().symbology.empty());
    CHECK(cleanCode("A\x1B[2JB\x7F").value().text == "A[2JB");
    CHECK(cleanCode("caf\xE9").value().text == "café"); // Latin-1
    CHECK(cleanCode("café").value().text == "café");
    CHECK(cleanCode("A\xC2\x9B"
                    "B")
              .value()
              .text == "AB");
    CHECK(cleanCode(" \x1D 12 ").value().text == "12");
    CHECK_FALSE(cleanCode(" \x1D\x01").has_value());
}

TEST_CASE("a code that is too long is none, and the next one is heard") {
    const std::string most(scanner::kCodeMaxBytes, 'x');
    CHECK(codes(most + "\r", 64) == List{most});
    CHECK(codes(most + "x\r12\r", 64) == List{"!", "12"});
    std::string flood(1'000'000, 'x');
    flood += "\r12\r";
    CHECK(codes(flood, 512) == List{"!", "12"});
}

PROPERTY("any bytes, in any pieces: the same codes, bounded, without control characters",
         [](const std::vector<std::uint8_t>& bytes, std::uint8_t piece) {
             const std::string stream(bytes.begin(), bytes.end());
             const auto whole = codes(stream, 100'000);
             RC_ASSERT(whole == codes(stream, 1U + piece % 7U));
             for (const std::string& code : whole) {
                 RC_ASSERT(!code.empty());
                 RC_ASSERT(code.size() <= scanner::kCodeMaxBytes);
                 for (const char c : code)
                     RC_ASSERT(c == '\x1D' || static_cast<unsigned char>(c) >= 0x20);
             }
         });
