#include "drivers/escpos/Decoder.h"

#include "tests/support/Property.h"

using namespace souffleur;
using Bytes = std::vector<std::uint8_t>;
using Kind = escpos::Command::Kind;

namespace {

struct Seen {
    Kind kind;
    std::string name;
    Bytes bytes;
    std::uint64_t length;
    bool operator==(const Seen&) const = default;
};

std::vector<Seen> decoded(const Bytes& bytes, std::size_t piece = 1'000'000) {
    std::vector<Seen> seen;
    escpos::Decoder decoder([&](const escpos::Command& command) {
        seen.push_back({command.kind,
                        command.name(),
                        {command.bytes.begin(), command.bytes.end()},
                        command.length});
    });
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        decoder.feed(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    }
    decoder.finish();
    return seen;
}

std::string names(const Bytes& bytes) {
    std::string out;
    for (const auto& one : decoded(bytes)) {
        out += (one.kind == Kind::unknown ? "?" : "") + one.name + ';';
    }
    return out;
}

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

} // namespace

TEST_CASE("commands of every shape end where they end") {
    const Bytes x = {'x'};
    for (const Bytes& command :
         {Bytes{0x1B, '@'},
          Bytes{0x1B, 't', 17},
          Bytes{0x1B, '$', 1, 2},
          Bytes{0x1B, 'p', 0, 50, 250},
          Bytes{0x1B, 'W', 0, 0, 0, 0, 0, 2, 0, 1},
          Bytes{0x1B, 'D', 8, 16, 24, 0},
          Bytes{0x1B, '*', 0, 2, 0, 'a', 'b'},
          Bytes{0x1B, '*', 33, 1, 0, 'a', 'b', 'c'},
          Bytes{0x1B, '&', 3, 65, 66, 1, 'a', 'b', 'c', 2, 'a', 'b', 'c', 'd', 'e', 'f'},
          Bytes{0x1C, '.'},
          Bytes{0x1C, 'p', 1, 0},
          Bytes{0x1C, 'q', 1, 1, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8},
          Bytes{0x1C, 'g', '2', 0, 0, 0, 0, 0, 4, 0},
          Bytes{0x1C, 'g', '1', 0, 0, 0, 0, 0, 2, 0, 'a', 'b'},
          Bytes{0x1D, 'V', 1},
          Bytes{0x1D, 'V', 66, 0},
          Bytes{0x1D, 'k', 4, 'A', 'B', 0},
          Bytes{0x1D, 'k', 73, 3, 'A', 0, 'B'},
          Bytes{0x1D, '(', 'k', 4, 0, 49, 65, 50, 0},
          Bytes{0x1D, '8', 'L', 3, 0, 0, 0, 48, 112, 'x'},
          Bytes{0x1D, 'v', '0', 0, 2, 0, 2, 0, 1, 2, 3, 4},
          Bytes{0x1D, '*', 1, 1, 1, 2, 3, 4, 5, 6, 7, 8},
          Bytes{0x1D, 'C', '0', 2, 1},
          Bytes{0x10, 4, 1},
          Bytes{0x10, 4, 7, 1},
          Bytes{0x10, 0x14, 1, 0, 1},
          Bytes{0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8}}) {
        CAPTURE(escpos::dump(command));
        const auto seen = decoded(join({command, x}));
        REQUIRE(seen.size() == 2);
        CHECK(seen[0].kind == Kind::command);
        CHECK(seen[0].bytes == command);
        CHECK(seen[1].bytes == x);
    }
}

TEST_CASE("what is unknown is reported and skipped, and what follows is understood") {
    CHECK(names({0x1B, 'Q', 'a', 'b'}) == "?ESC Q;text;");
    CHECK(names({0x1B, 0x1B, '@'}) == "?ESC;ESC @;");
    CHECK(names({0x1D, 0x0A, 'a'}) == "?GS;LF;text;");
    CHECK(names({0x10, 'a', 0x1B, '@'}) == "?DLE a;ESC @;");
}

TEST_CASE("a stream that ends inside a command says so") {
    CHECK(names({0x1D, 'v', '0', 0, 10}) == "?GS v;");
    CHECK(names({0x1B}) == "?ESC;");
}

TEST_CASE("tab stops without end do not swallow the stream") {
    Bytes bytes = {0x1B, 'D'};
    bytes.resize(2000, 'x');
    CHECK(decoded(bytes).back().kind == Kind::text);
}

TEST_CASE("a picture over the limit is skipped and counted, and the stream goes on") {
    Bytes bytes = {0x1D, '8', 'L', 0, 0, 0x80, 0};
    bytes.resize(7 + 0x800000, 0x55);
    bytes.push_back('x');
    const auto seen = decoded(bytes, 65536);
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].kind == Kind::oversize);
    CHECK(seen[0].length == 7 + 0x800000);
    CHECK(seen[0].bytes.size() == escpos::kMaxCommandBytes);
    CHECK(seen[1].bytes == Bytes{'x'});
}

TEST_CASE("real-time requests are seen inside picture data and across pieces") {
    const Bytes bytes = {0x1D, 'v', '0', 0, 1, 0, 4, 0, 0x10, 0x10, 4, 2, 0x10};
    std::vector<std::pair<int, int>> seen;
    escpos::RealTimeScanner scanner;
    for (const std::uint8_t byte : bytes) {
        scanner.feed({&byte, 1}, [&](int command, int n) { seen.emplace_back(command, n); });
    }
    CHECK(seen == std::vector<std::pair<int, int>>{{4, 2}});
}

PROPERTY("whatever comes: every byte is accounted for, and pieces change nothing but text runs",
         [] {
             const auto bytes = *rc::gen::container<Bytes>(
                 rc::gen::oneOf(rc::gen::arbitrary<std::uint8_t>(),
                                rc::gen::element<std::uint8_t>(0x1B, 0x1D, 0x1C, 0x10, '(', 'k',
                                                               'v', '*', 0, 1, 2)));
             const auto whole = decoded(bytes);
             const auto pieces = decoded(bytes, *rc::gen::inRange<std::size_t>(1, 9));
             std::uint64_t sum = 0;
             Bytes joined;
             for (const auto& one : whole) {
                 sum += one.length;
                 joined.insert(joined.end(), one.bytes.begin(), one.bytes.end());
             }
             RC_ASSERT(sum == bytes.size());
             RC_ASSERT(joined == bytes);
             const auto commands = [](const std::vector<Seen>& all) {
                 std::vector<Seen> out;
                 for (const auto& one : all) {
                     if (one.kind != Kind::text) out.push_back(one);
                 }
                 return out;
             };
             RC_ASSERT(commands(whole) == commands(pieces));
         })
