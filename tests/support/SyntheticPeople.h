// Invented people for benchmarks and for terminals' tests: names in four scripts with the long tail
// of real ones, e-mail and telephone, a card number, orders, and one to three acts each, as another
// till made them. The same number always gives the same person.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "plugin/base/Id.h"
#include "plugin/ledger/BulkLoad.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/wire/Header.h"

namespace souffleur::test {

class SyntheticPeople {
public:
    /// The ledger gives the keyed hashes.
    explicit SyntheticPeople(const ledger::Ledger& ledger) : _ledger(ledger) {
        SeededRandom random(77);
        _origin = OriginId::random(random);
    }

    [[nodiscard]] static SubjectId subject(std::uint64_t number) {
        SeededRandom random(number * 2 + 1);
        return SubjectId::random(random);
    }
    [[nodiscard]] static std::string email(std::uint64_t number) {
        return "person" + std::to_string(number) + "@example.org";
    }
    [[nodiscard]] static std::string card(std::uint64_t number) {
        return std::to_string(700000000 + number);
    }
    [[nodiscard]] static std::string givenName(std::uint64_t number) {
        static constexpr const char* kGiven[] = {
            "Anna",   "Jan",     "Maria",   "Piet",       "Sofie",  "Willem",    "Johanna",
            "Kees",   "Laia",    "Jordi",   "Montserrat", "Pau",    "Núria",     "Oriol",
            "Carme",  "Martí",   "Антон",   "Ольга",      "Сергей", "Наталья",   "Дмитрий",
            "Ирина",  "Алексей", "Татьяна", "Emily",      "James",  "Olivia",    "George",
            "Fiona",  "Rhys",    "Siobhán", "Hamish",     "Jürgen", "Hannelore", "Günter",
            "Ulrike", "Jérôme",  "Chloé",   "Amélie",     "Benoît", "Γιώργος",   "Ελένη",
            "Zoë",    "Håkon",   "Łukasz",  "Zuzana",     "Ștefan", "İpek"};
        SeededRandom random(number * 2 + 1000003);
        const double u = static_cast<double>(random.below(1U << 20U)) / (1U << 20U);
        return kGiven[static_cast<std::size_t>(u * u * std::size(kGiven))];
    }
    [[nodiscard]] static std::string familyName(std::uint64_t number) {
        static constexpr const char* kFirst[] = {
            "Ba",  "Ber", "Boe", "Bri", "Cla", "Cor", "Da",   "Dek", "Doe", "Ei",  "Fle",   "Gra",
            "Gro", "Haa", "Hei", "Hoo", "Jan", "Ka",  "Klei", "Kol", "Kui", "Lee", "Lin",   "Maa",
            "Mei", "Mul", "Noo", "Oos", "Pau", "Pie", "Pos",  "Pri", "Roo", "Ros", "Schou", "Smi",
            "Ste", "Tim", "Ver", "Vis", "Vri", "Wil", "Wou",  "Zee", "Zwa", "Fer", "Gon",   "Pui"};
        static constexpr const char* kMiddle[] = {
            "",    "ter", "ken", "sen", "ren", "mel", "gel", "den", "lin", "man", "kel", "ber",
            "ste", "ver", "wer", "dri", "kov", "ski", "no",  "ra",  "ti",  "vo",  "za",  "le"};
        static constexpr const char* kLast[] = {
            "s",    "ma",   "man", "stra",  "sen",  "berg",    "dijk", "veld",
            "huis", "boom", "hof", "horst", "kamp", "meer",    "sma",  "vliet",
            "ov",   "ova",  "in",  "ina",   "ell",  "ton",     "ley",  "ez",
            "ell",  "et",   "ard", "er",    "aux",  "schmidt", "mann", "bauer"};
        SeededRandom random(number * 2 + 2000003);
        const double u = static_cast<double>(random.below(1U << 24U)) / (1U << 24U);
        constexpr std::size_t kAll = std::size(kFirst) * std::size(kMiddle) * std::size(kLast) * 6;
        auto rank = static_cast<std::size_t>(u * u * u * kAll);
        std::string out = kFirst[rank % std::size(kFirst)];
        rank /= std::size(kFirst);
        out += kMiddle[rank % std::size(kMiddle)];
        rank /= std::size(kMiddle);
        out += kLast[rank % std::size(kLast)];
        rank /= std::size(kLast);
        if (rank > 0) out += kMiddle[rank * 3];
        return out;
    }

    [[nodiscard]] ledger::BulkPerson make(std::uint64_t number) {
        SeededRandom random(number * 2 + 3000003);
        ledger::BulkPerson out;
        wire::Card& card_ = out.card;
        card_.subject = subject(number);
        card_.version = 1;
        card_.displayName = givenName(number) + ' ' + familyName(number);
        card_.language = number % 3 == 0 ? "nl" : number % 3 == 1 ? "ca" : "ru";
        card_.contacts = {{"email", "p•••@example.org",
                           _ledger.contactKey("email:" + email(number)),
                           random.below(3) == 0 ? consent::ContactStatus::verified
                                                : consent::ContactStatus::unverified}};
        if (random.below(2) == 0) {
            card_.contacts.push_back({"phone", "+31 6 •••• ••00",
                                      _ledger.contactKey("phone:+316" + card(number)),
                                      consent::ContactStatus::unverified});
        }
        card_.externalKeys = {_ledger.externalKey("card", card(number)),
                              _ledger.numberKey(card(number))};
        card_.orders = static_cast<int>(random.below(12));
        card_.customerSince = 1500000000000;
        const auto acts = 1 + random.below(3);
        for (std::uint64_t i = 0; i < acts; ++i) out.events.push_back(event(number, i, random));
        return out;
    }

    /// Fills an empty ledger with `count` people.
    static Result<void> fill(ledger::Ledger& into, std::uint64_t count) {
        SyntheticPeople people(into);
        auto load = ledger::BulkLoad::begin(into);
        if (!load) return passOn(load);
        constexpr std::uint64_t kPage = 5000;
        std::vector<ledger::BulkPerson> page;
        for (std::uint64_t i = 0; i < count; ++i) {
            page.push_back(people.make(i));
            if (page.size() < kPage && i + 1 < count) continue;
            if (auto ok = (*load)->add(page); !ok) return ok;
            page.clear();
        }
        return (*load)->finish();
    }

private:
    [[nodiscard]] ledger::Foreign event(std::uint64_t number, std::uint64_t index,
                                        SeededRandom& random) {
        static constexpr const char* kPurposes[] = {"newsletter", "brochure", "personal-offers"};
        static constexpr const char* kChannels[] = {"email", "phone", "post"};
        consent::Event event;
        event.at = 1700000000000 + static_cast<TimeMs>(number % 1000000) * 1000;
        event.id = {Uuid::timed(event.at, random)};
        event.origin = _origin;
        event.subject = subject(number);
        event.unc = 500;
        event.offsetMin = 60;
        consent::Act act;
        act.controller = "house";
        act.method = consent::Method::spoken;
        act.place = "till-3";
        consent::ChoiceItem item;
        item.purpose = kPurposes[index];
        item.channel = kChannels[random.below(3)];
        item.choice = random.below(4) == 0 ? consent::Choice::refused : consent::Choice::given;
        item.notice = {"newsletter-email", 3, "nl", std::string(64, 'a')};
        act.choices = {item};
        event.body = act;
        ledger::Foreign out;
        out.origin = _origin;
        out.seq = ++_seq;
        out.header = wire::encodeHeader(event, {}).value();
        return out;
    }

    const ledger::Ledger& _ledger;
    OriginId _origin;
    std::uint64_t _seq = 0;
};

} // namespace souffleur::test
