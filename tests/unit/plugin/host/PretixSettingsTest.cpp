#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "plugin/host/PretixFollower.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::host;

namespace {

const std::string kGood = R"(format = 1
url = "https://tickets.example.org"
organizer = "house"
token_file = "pretix.token"
since = 2026-01-31
poll_ms = 2000
announce_sales_channels = ["pretixpos"]
[[question]]
identifier = "newsletter-email"
purpose = "newsletter"
channel = "email"
)";

void write(const std::filesystem::path& path, const std::string& text, mode_t mode) {
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
}

Error errorOf(const std::string& toml) {
    std::string tokenFile;
    const auto parsed = PretixSettings::parse(toml, "pretix.toml", tokenFile);
    REQUIRE_FALSE(parsed);
    return parsed.error();
}

} // namespace

TEST_CASE("settings are read, the token from its own file") {
    const test::TemporaryFolder folder;
    write(folder.path() / "pretix.toml", kGood, 0644);
    write(folder.path() / "pretix.token", "sesame\n", 0600);
    const auto settings = PretixSettings::load(folder.path() / "pretix.toml");
    REQUIRE(settings);
    CHECK(settings->access.url == "https://tickets.example.org");
    CHECK(settings->access.organizer == "house");
    CHECK(settings->access.token == "sesame");
    CHECK(settings->since == parseTime("2026-01-31").value());
    CHECK(settings->pollMs == 2000);
    CHECK(settings->announceChannels == std::vector<std::string>{"pretixpos"});
    REQUIRE(settings->questions.size() == 1);
    CHECK(settings->questions.front().channel == "email");

    write(folder.path() / "pretix.token", "sesame\n", 0640);
    CHECK(PretixSettings::load(folder.path() / "pretix.toml").error().code == Code::refused);
    std::filesystem::remove(folder.path() / "pretix.token");
    CHECK(PretixSettings::load(folder.path() / "pretix.toml").error().code == Code::notFound);
    CHECK(PretixSettings::load(folder.path() / "none.toml").error().code == Code::notFound);
    CHECK(PretixSettings::load(folder.path()).error().code == Code::notFound);
}

TEST_CASE("what is wrong is named with file, line and key") {
    CHECK(errorOf(kGood + "\n[[question]]\nidentifier = 7\npurpose = \"a\"\nchannel = \"b\"\n")
              .where == "pretix.toml:14");
    CHECK(errorOf("format = 1\nurl = 7\n").text() ==
          "url has to be a text of at most 1024 bytes (pretix.toml:2)");
    CHECK(errorOf("format = 1\npoll_ms = 1\n").message.starts_with("poll_ms has to be a number"));
    CHECK(errorOf("format = 1\nuri = \"x\"\n").message == "uri is not a key of this file");
    CHECK(errorOf("format = 1\n").message == "url is missing");
    CHECK(errorOf("url = \"x\"\n").code == Code::unsupported);
    CHECK(errorOf("format = 1\nsince = \"soon\"\n").message.starts_with("since has to be a date"));
    CHECK(errorOf(kGood + "[[question]]\nidentifier = \"x\"\npurpose = \"News Letter\"\n"
                          "channel = \"email\"\n")
              .message == "question needs a purpose and a channel (lower-case words)");
    CHECK(errorOf(kGood + "[[question]]\nidentifier = \"newsletter-email\"\n"
                          "purpose = \"newsletter\"\nchannel = \"email\"\n")
              .message.find("twice") != std::string::npos);
    CHECK(errorOf("format = 1\nannounce_sales_channels = 7\n").code == Code::invalid);
    CHECK(errorOf("format = 1\nannounce_sales_channels = [7]\n").code == Code::invalid);
    CHECK(errorOf("format = 1\nquestion = 7\n").code == Code::invalid);
    CHECK(errorOf("format = \n").code == Code::invalid);
    CHECK(errorOf("[[[").code == Code::invalid);
    CHECK(errorOf("\xff").code == Code::invalid);
    CHECK(errorOf(std::string(65 * 1024, ' ')).code == Code::tooLarge);
}
