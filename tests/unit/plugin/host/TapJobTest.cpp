// The words between the CUPS backend and the tap, over a socket pair.
#include "plugin/host/TapJob.h"

#include <doctest/doctest.h>

#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "plugin/host/HostSocket.h"

using namespace souffleur;
using host::JobWord;

namespace {

struct Heard {
    std::string words;
    std::string answers;
    host::TapJobReader reader{[this](JobWord word, std::span<const std::uint8_t> bytes) {
        words += static_cast<char>(word);
        answers.append(bytes.begin(), bytes.end());
    }};
};

} // namespace

TEST_CASE("words arrive in order and whole, in whatever pieces") {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{4096}}) {
        CAPTURE(piece);
        int ends[2] = {};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
        const host::Descriptor near(ends[0]);
        const host::Descriptor far(ends[1]);
        host::TapJobWords words;
        CHECK_FALSE(words.started());
        words.tick(); // nobody wants any: nothing happens
        words.last(JobWord::part);
        words.start(near.get());
        words.say(JobWord::begin);
        const std::vector<std::uint8_t> answer(host::kJobAnswerMax, 0x16);
        CHECK(words.idle() == false);
        words.tick();
        CHECK(words.idle());
        words.say(JobWord::answer, answer);
        words.last(JobWord::printed);
        std::vector<std::uint8_t> got(8192);
        const auto count = ::read(far.get(), got.data(), got.size());
        REQUIRE(count > 0);
        got.resize(static_cast<std::size_t>(count));
        Heard heard;
        for (std::size_t at = 0; at < got.size(); at += piece)
            heard.reader.feed(std::span(got).subspan(at, std::min(piece, got.size() - at)));
        CHECK(heard.words.front() == 'w');
        CHECK(heard.words.find("ba") == 1);
        CHECK(heard.words.back() == 'p');
        CHECK(heard.answers == std::string(host::kJobAnswerMax, '\x16'));
    }
}

TEST_CASE("a backend that reads nothing holds up nothing") {
    int ends[2] = {};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    const host::Descriptor near(ends[0]);
    const host::Descriptor far(ends[1]);
    host::TapJobWords words;
    words.start(near.get());
    const std::vector<std::uint8_t> answer(host::kJobAnswerMax, 0x16);
    for (int i = 0; i < 10'000; ++i) {
        if (words.idle()) words.say(JobWord::answer, answer);
        words.tick();
    }
    CHECK_FALSE(words.idle());
    words.say(JobWord::answer, answer); // no room: left out
}
