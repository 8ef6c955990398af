// The mail file: what is wrong in it is named with its line.
#include <doctest/doctest.h>

#include <filesystem>

#include "plugin/crypto/PrivateFile.h"
#include "sync/mail/Settings.h"
#include "sync/mail/Transport.h"
#include "tests/support/TemporaryFolder.h"

using namespace souffleur;
using namespace souffleur::mail;

namespace {

const std::string kGood = "transport = \"smtp\"\n"
                          "host = \"mail.example.org\"\n"
                          "from = \"No-Reply@Example.org\"\n"
                          "public-url = \"https://theatre.example.org/mail/\"\n";

std::string wrong(const std::string& toml) {
    const auto read = parseSettings(toml, "mail.toml");
    return read ? "" : read.error().where + ": " + read.error().message;
}

} // namespace

TEST_CASE("the least that is needed, and what stands for the rest") {
    const auto read = parseSettings(kGood, "mail.toml", "/etc/souffleur");
    REQUIRE(read.has_value());
    CHECK(read->security == Security::startTls);
    CHECK(read->port == 587);
    CHECK(read->from == "no-reply@example.org");
    CHECK(read->publicUrl == "https://theatre.example.org/mail");
    CHECK(read->settleMs == 5 * kMinuteMs);
    CHECK(read->caFile == "/etc/ssl/certs/ca-certificates.crt");
    CHECK(parseSettings(kGood + "security = \"tls\"\n", "mail.toml")->port == 465);
    CHECK(parseSettings(kGood + "user = \"u\"\npassword-file = \"secret\"\n", "mail.toml",
                        "/etc/souffleur")
              ->passwordFile == "/etc/souffleur/secret");
}

TEST_CASE("what is wrong is refused where it stands") {
    CHECK(wrong("transport = \"pigeon\"\n").starts_with("mail.toml:1: transport"));
    CHECK(wrong(kGood + "security = \"none\"\n").starts_with("mail.toml:5: security"));
    CHECK(wrong(kGood + "security = \"none\"\nallow-unprotected = true\n").empty());
    CHECK(wrong(kGood + "security = \"none\"\nallow-unprotected = true\nuser = \"u\"\n"
                        "password-file = \"p\"\n")
              .starts_with("mail.toml:7: user"));
    CHECK(wrong(kGood + "user = \"u\"\n").find("belong together") != std::string::npos);
    CHECK(wrong(kGood + "port = 0\n").starts_with("mail.toml:5: port"));
    CHECK(wrong(kGood + "pasword = 1\n").starts_with("mail.toml:5: pasword"));
    CHECK(wrong(kGood + "folder = \"x\"\n").starts_with("mail.toml:5: folder"));
    CHECK(wrong("transport = \"maildir\"\nfolder = \"m\"\nfrom = \"nobody\"\n"
                "public-url = \"https://example.org\"\n")
              .starts_with("mail.toml:3: from"));
    CHECK(wrong("transport = \"maildir\"\nfolder = \"m\"\nfrom = \"a@example.org\"\n"
                "public-url = \"http://example.org\"\n")
              .starts_with("mail.toml:4: public-url"));
    CHECK(wrong("transport = [").starts_with("mail.toml:1"));
    CHECK_FALSE(wrong("transport = [[[").empty());
    CHECK_FALSE(wrong(std::string(kSettingsMaxBytes + 1, '#')).empty());
}

TEST_CASE("a mail file that others can read is refused; so is a password's") {
    const test::TemporaryFolder folder;
    const std::filesystem::path file = std::filesystem::path(folder.text()) / "mail.toml";
    REQUIRE(crypto::writePrivateFile(file, kGood + "user = \"u\"\npassword-file = \"secret\"\n"));
    auto read = readSettings(file);
    REQUIRE(read.has_value());
    CHECK(makeTransport(*read).error().code == Code::notFound);
    REQUIRE(crypto::writePrivateFile(file.parent_path() / "secret", "word\n"));
    CHECK(makeTransport(*read).has_value());
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    CHECK(readSettings(file).error().code == Code::refused);
}
