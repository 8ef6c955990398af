// A ledger in a folder of its own, with a clock that stands and reproducible ids.
#pragma once

#include <filesystem>
#include <memory>

#include "plugin/base/Clock.h"
#include "plugin/base/Random.h"
#include "plugin/contact/Email.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Operators.h"
#include "plugin/ledger/Outbox.h"
#include "plugin/wire/Header.h"
#include "tests/support/Property.h"

namespace souffleur::ledger::testing {

class StandingClock final : public Clock {
public:
    [[nodiscard]] Reading now() const override { return {at, 100, 60}; }
    [[nodiscard]] TimeMs monotonicMs() const override { return at; }
    TimeMs at = 1763800000000;
};

/// A folder that goes when the test ends.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "ledger-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() {
        std::error_code error;
        std::filesystem::remove_all(path, error);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path;
};

template <typename IdType>
IdType idOf(std::uint64_t seed) {
    SeededRandom random(seed * 7919 + 1);
    return IdType::random(random);
}

inline LedgerOptions optionsFor(const std::filesystem::path& folder, std::uint64_t device = 1) {
    LedgerOptions out;
    out.folder = folder;
    out.origin = idOf<OriginId>(device);
    out.contactKey.fill(9);
    return out;
}

inline consent::ChoiceItem choice(const char* purpose, const char* channel, consent::Choice what) {
    consent::ChoiceItem out;
    out.purpose = purpose;
    out.channel = channel;
    out.choice = what;
    return out;
}

inline consent::Act act(std::vector<consent::ChoiceItem> choices) {
    consent::Act out;
    out.controller = "house";
    out.choices = std::move(choices);
    out.method = consent::Method::screen;
    out.by = idOf<OperatorId>(50);
    out.place = "till-1";
    return out;
}

inline wire::PersonData somebody(const std::string& given, const std::string& family,
                                 const std::string& email = {}) {
    wire::PersonData out;
    out.name.given = given;
    out.name.family = family;
    out.language = "nl";
    if (!email.empty()) {
        out.contacts = {{"email", email, contact::Email::parse(email).value().canonicalKey()}};
    }
    return out;
}

/// Purposes "newsletter" and "offers" on e-mail and post.
inline consent::Policy policy() {
    consent::Policy out;
    out.controller.id = "house";
    for (const char* id : {"newsletter", "offers"}) {
        consent::Purpose purpose;
        purpose.id = id;
        purpose.channels = {"email", "post"};
        out.purposes.push_back(purpose);
    }
    return out;
}

struct Rig {
    explicit Rig(std::uint64_t device = 1)
        : options(optionsFor(folder.path, device)), random(device) {
        reopen();
    }
    void reopen() {
        ledger.reset();
        auto opened = Ledger::open(options, clock, random);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().text()));
        ledger = *std::move(opened);
    }
    Appended add(SubjectId subject, consent::Body body, wire::PersonData person = {}) {
        Draft draft;
        draft.subject = subject;
        draft.body = std::move(body);
        draft.person = std::move(person);
        auto done = ledger->append(draft);
        REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().text()));
        return *done;
    }
    consent::State state(SubjectId subject, const char* purpose, const char* channel) {
        const auto facts = ledger->personFacts(subject, policy()).value();
        const auto found = facts.states.find({purpose, channel});
        return found == facts.states.end() ? consent::State::unknown : found->second.state;
    }
    /// Everything of this ledger's own chain, as another till would pull it.
    std::vector<Foreign> exported() {
        std::vector<Foreign> out;
        const OutboxBatch batch = ledger->outbox().next(1000, 1 << 20).value();
        for (const OutboxEvent& event : batch.events) {
            out.push_back(
                {options.origin, event.seq, event.header, {}, event.subject, event.negative});
        }
        return out;
    }

    Folder folder;
    LedgerOptions options;
    StandingClock clock;
    SeededRandom random;
    std::unique_ptr<Ledger> ledger;
};

/// One event of some other device, as the hub hands it on.
inline Foreign foreign(std::uint64_t device, std::uint64_t seq, SubjectId subject,
                       consent::Body body, TimeMs at) {
    consent::Event event;
    event.id = idOf<EventId>(device * 100 + seq);
    event.origin = idOf<OriginId>(device);
    event.subject = subject;
    event.at = at;
    event.unc = 100;
    event.body = std::move(body);
    Foreign out;
    out.origin = event.origin;
    out.seq = seq;
    out.header = wire::encodeHeader(event, "").value();
    out.subject = subject;
    return out;
}

} // namespace souffleur::ledger::testing
