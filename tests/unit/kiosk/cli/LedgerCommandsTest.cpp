// `souffleur ledger export`: what a till gives out, and what it does not once it was withdrawn.
#include <fcntl.h>
#include <iterator>
#include <unistd.h>

#include "sync/agent/LeaseWatch.h"
#include "sync/agent/LogRecord.h"
#include "tests/support/DeviceFolder.h"

using namespace souffleur;

namespace {

struct Exported {
    int code = -1;
    std::string text;
};

/// Runs a command with its standard output in a file.
template <typename Command>
Exported printedBy(const test::DeviceFolder& till, const Command& command) {
    const auto file = till.folder.path() / "exported";
    (void) std::fflush(stdout);
    const int before = ::dup(STDOUT_FILENO);
    const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(before >= 0);
    REQUIRE(out >= 0);
    REQUIRE(::dup2(out, STDOUT_FILENO) >= 0);
    Exported done;
    done.code = command();
    (void) std::fflush(stdout);
    (void) ::dup2(before, STDOUT_FILENO);
    ::close(before);
    ::close(out);
    std::ifstream in(file);
    done.text.assign(std::istreambuf_iterator<char>(in), {});
    return done;
}

Exported exported(const test::DeviceFolder& till, bool personal) {
    return printedBy(till, [&] { return cli::ledgerExport(till.context, personal); });
}

Exported logged(const test::DeviceFolder& till, bool accept) {
    return printedBy(till, [&] { return cli::ledgerLog(till.context, accept); });
}

} // namespace

TEST_CASE("a withdrawn till gives out the proof, and nobody's personal data") {
    test::DeviceFolder till;
    {
        const auto ledger = till.ledger();
        ledger::Draft draft;
        draft.subject = SubjectId::random(till.random);
        consent::Act act;
        act.controller = "house";
        act.choices.emplace_back();
        act.choices[0].purpose = "newsletter";
        act.choices[0].channel = "email";
        act.choices[0].choice = consent::Choice::refused;
        draft.body = act;
        draft.person.name.family = "Vermeer";
        REQUIRE(ledger->append(draft));
    }
    const Exported whole = exported(till, true);
    CHECK(whole.code == 0);
    CHECK(whole.text.find("Vermeer") != std::string::npos);
    REQUIRE(till.ledger()->putSetting(agent::kLeaseSetting, agent::kLeaseWithdrawn));
    const Exported refused = exported(till, true);
    CHECK(refused.code == 1);
    CHECK(refused.text.empty());
    const Exported proof = exported(till, false);
    CHECK(proof.code == 0);
    CHECK(proof.text.find("newsletter") != std::string::npos);
    CHECK(proof.text.find("Vermeer") == std::string::npos);
    REQUIRE(till.ledger()->putSetting(agent::kLeaseSetting, "")); // taken back into service
    CHECK(exported(till, true).text == whole.text);
}

TEST_CASE(
    "an alarm over head office's log is shown with its evidence, and ends when it is accepted") {
    test::DeviceFolder till;
    SeededRandom random(2);
    const auto key = crypto::SigningKey::generate(random);
    agent::LogRecord record;
    CHECK(logged(till, false).code == 0);
    CHECK(logged(till, true).code == 1); // nothing to accept
    record.key = key.publicKey();
    crypto::ShardHeads heads;
    heads[4].size = 12;
    record.kept = protocol::signLog(till.origin, heads, 1795521600000, key);
    REQUIRE(agent::saveLogRecord(*till.ledger(), record));
    CHECK(logged(till, false).code == 0);
    CHECK(logged(till, true).code == 1);
    CHECK(agent::loadLogRecord(*till.ledger()).value() == record); // as it was
    record.alarm = {protocol::LogFault::shorter, 1795521600001, true,
                    protocol::signLog(till.origin, {}, 1795521600000, key)};
    REQUIRE(agent::saveLogRecord(*till.ledger(), record));
    const Exported alarmed = logged(till, false);
    CHECK(alarmed.code == 1);
    CHECK(agent::decodeLogRecord(alarmed.text).value() == record);
    const Exported accepted = logged(till, true);
    CHECK(accepted.code == 0);
    CHECK(agent::decodeLogRecord(accepted.text).value() == record);
    const auto after = agent::loadLogRecord(*till.ledger()).value();
    CHECK_FALSE(after.alarm);
    CHECK_FALSE(after.kept);
    CHECK(after.over);
    CHECK(logged(till, false).code == 0);
}
