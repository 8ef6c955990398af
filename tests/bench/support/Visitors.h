// What the benchmarks of head office are told: answers at a counter, seven of ten of a new customer
// with name and address, the others somebody's next. Header only.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "plugin/contact/Email.h"
#include "sync/protocol/Batch.h"
#include "tests/support/TestOrigin.h"

namespace souffleur::bench {

inline constexpr TimeMs kNoon =
    1795521600000; ///< of the day when this program's clock is not asked

/// The answers of one device, one after another.
class Visitors {
public:
    /// `from`: the time of the first; each comes a millisecond later.
    Visitors(std::uint64_t seed, TimeMs from) : till(seed), _seed(seed), _at(from) {}

    void add(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i, ++_said) {
            if (_said % 10 >= 7 && !_known.empty()) {
                till.add(
                    _known[(_said * 7919) % _known.size()],
                    test::act(_said % 3 == 0 ? consent::Choice::refused : consent::Choice::given),
                    _at++);
                continue;
            }
            const SubjectId subject = till.newSubject();
            if (_known.size() < kKnownMax)
                _known.push_back(subject);
            else
                _known[_said % kKnownMax] = subject;
            const std::string number = std::to_string(_seed) + "-" + std::to_string(_said);
            const std::string address = "visitor" + number + "@example.org";
            wire::PersonData person;
            person.displayName = name(_seed * 1'000'003 + _said);
            person.language = "nl";
            person.contacts.push_back(
                {"email", address, contact::Email::parse(address)->canonicalKey()});
            till.add(subject, test::act(consent::Choice::given), _at++, &person);
        }
    }

    test::TestOrigin till;

    /// As names are: some are many people's, most are few people's.
    static std::string name(std::uint64_t number) {
        static constexpr std::array kGiven{"Anna", "Bram",  "Clara", "Daan", "Eva",   "Finn",
                                           "Gijs", "Hanna", "Iris",  "Jan",  "Katja", "Luuk"};
        static constexpr std::array kFirst{"Bak",  "Vis", "Jans",   "Smit", "Mul",    "Bos",  "Kop",
                                           "Haan", "Dek", "Peters", "Lind", "Koster", "Graaf"};
        static constexpr std::array kMiddle{"er",   "man",  "sen",  "hof",   "berg", "dal",
                                            "veld", "stra", "inga", "horst", "kamp"};
        static constexpr std::array kLast{"a", "mans", "s", "broek", "huis", "wijk", "meer"};
        const crypto::Hash hash = crypto::sha256(std::to_string(number));
        const auto pick = [&](const auto& from, std::size_t byte) {
            return std::string(from.at(hash.at(byte) % from.size()));
        };
        return pick(kGiven, 0) + " " + pick(kFirst, 1) + pick(kMiddle, 2) + pick(kLast, 3);
    }

private:
    static constexpr std::size_t kKnownMax = 100'000;
    std::uint64_t _seed;
    TimeMs _at;
    std::size_t _said = 0;
    std::vector<SubjectId> _known;
};

/// The batch of events first..last (from 1), unsealed.
inline protocol::Batch batchOf(const test::TestOrigin& till, std::size_t first, std::size_t last) {
    protocol::Batch batch;
    batch.origin = till.id;
    batch.firstSeq = first;
    batch.prev = till.heads[first - 1];
    for (std::size_t i = first; i <= last; ++i) {
        const store::Incoming& event = till.events[i - 1];
        batch.events.push_back({event.subject, event.negative, event.header, event.payload});
    }
    return batch;
}

/// A push's body, zstd.
struct PushBody {
    std::string bytes;
    std::uint64_t last = 0; ///< the sequence of its last event
};

/// As a till cuts its backlog: half a batch's bytes raw, and no more events than a batch may have.
inline std::vector<PushBody> pushBodies(const test::TestOrigin& till,
                                        const crypto::SigningKey& key) {
    constexpr std::size_t kRawBytes = limits::kBatchMaxBytes / 2;
    std::vector<PushBody> out;
    for (std::size_t first = 1; first <= till.events.size();) {
        std::size_t bytes = 0;
        std::size_t last = first - 1;
        while (last < till.events.size() && last - first + 1 < limits::kBatchMaxEvents) {
            const store::Incoming& next = till.events[last];
            bytes += next.header.size() + next.payload.size();
            if (bytes > kRawBytes && last >= first) break;
            ++last;
        }
        protocol::Batch batch = batchOf(till, first, last);
        protocol::seal(batch, key);
        out.push_back({protocol::compress(protocol::encodeBatch(batch)), batch.lastSeq()});
        first = last + 1;
    }
    return out;
}

} // namespace souffleur::bench
