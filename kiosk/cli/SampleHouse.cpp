#include "kiosk/cli/SampleHouse.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "kiosk/cli/SampleNames.h"
#include "plugin/base/Random.h"

namespace souffleur::cli {
namespace {

constexpr TimeMs kYearMs = 365 * kDayMs;
constexpr std::size_t kColumns = 36;

constexpr std::array<std::string_view, kColumns> kHeadings = {
    "Klantnummer",
    "Aanhef",
    "Voornaam",
    "Tussenvoegsel",
    "Achternaam",
    "Taal",
    "E-mail",
    "Telefoon",
    "Straat",
    "Huisnummer",
    "Postcode",
    "Plaats",
    "Land",
    "Nieuwsbrief",
    "Nieuwsbrief datum",
    "Nieuwsbrief bevestigd",
    "SMS",
    "SMS datum",
    "WhatsApp",
    "WhatsApp datum",
    "Brochure",
    "Brochure datum",
    "Aanbiedingen e-mail",
    "Aanbiedingen e-mail datum",
    "Aanbiedingen telefoon",
    "Aanbiedingen telefoon datum",
    "Aanbiedingen post",
    "Aanbiedingen post datum",
    "Niet benaderen",
    "E-mail onbestelbaar",
    "Verwerking beperkt",
    "Ordernummer",
    "Orderdatum",
    "Voorstelling",
    "Genre",
    "Bedrag",
};

/// Cells by what they hold, in the order of the headings.
enum Column : std::size_t {
    kNumber,
    kTitle,
    kGiven,
    kParticle,
    kFamily,
    kLanguage,
    kEmail,
    kPhone,
    kStreet,
    kHouse,
    kCode,
    kCity,
    kCountry,
    kNews,
    kNewsDate,
    kNewsConfirmed,
    kSms,
    kSmsDate,
    kChat,
    kChatDate,
    kBrochure,
    kBrochureDate,
    kOffersMail,
    kOffersMailDate,
    kOffersPhone,
    kOffersPhoneDate,
    kOffersPost,
    kOffersPostDate,
    kObjection,
    kBounced,
    kRestricted,
    kOrder,
    kOrderDate,
    kShow,
    kGenre,
    kAmount,
};

using Cells = std::array<std::string, kColumns>;

/// What the house asks: each with its date in the next column.
constexpr Column kAsked[] = {kNews, kSms, kChat, kBrochure, kOffersMail, kOffersPhone, kOffersPost};

struct Profile {
    std::string_view flag;
    int weight; ///< of 100
};

constexpr Profile kProfiles[] = {{"ask", 12},       {"refresh", 10},   {"unconfirmed", 6},
                                 {"partial", 14},   {"consented", 12}, {"soft", 18},
                                 {"legacy", 10},    {"resting", 8},    {"objected", 3},
                                 {"no-address", 3}, {"bounced", 3},    {"restricted", 1}};

class Generator {
public:
    Generator(std::ostream& out, const SampleOptions& options)
        : _out(out), _options(options), _random(options.seed) {}

    SampleHouse run() {
        if (!_options.windows1252) _out << "\xEF\xBB\xBF";
        Cells heading;
        std::copy(kHeadings.begin(), kHeadings.end(), heading.begin());
        write(heading);
        for (std::size_t i = 0; i < _options.people; ++i) {
            const bool example = i < std::size(kProfiles);
            const Profile& profile = example ? kProfiles[i] : anyProfile();
            customer(i, profile, example);
        }
        return std::move(_house);
    }

private:
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(_random.below(bound)); }
    bool chance(std::size_t percent) { return below(100) < percent; }
    template <typename Range>
    const auto& one(const Range& range) {
        return range[below(std::size(range))];
    }

    const Profile& anyProfile() {
        std::size_t at = below(100);
        for (const Profile& profile : kProfiles) {
            if (at < static_cast<std::size_t>(profile.weight)) return profile;
            at -= static_cast<std::size_t>(profile.weight);
        }
        return kProfiles[0];
    }

    const SampleLanguage& anyLanguage() {
        for (;;) {
            std::size_t at = below(100);
            for (const SampleLanguage& language : sampleLanguages()) {
                const auto weight = static_cast<std::size_t>(language.weight);
                if (at < weight) {
                    if (language.latin1 || !_options.windows1252) return language;
                    break;
                }
                at -= weight;
            }
        }
    }

    /// DD-MM-YYYY, mostly.
    std::string date(TimeMs at, bool clean) {
        const std::string iso = formatTime(at);
        std::string dutch = iso.substr(8, 2) + "-" + iso.substr(5, 2) + "-" + iso.substr(0, 4);
        if (clean || !_options.rough || chance(85)) return dutch;
        return chance(50) ? iso.substr(0, 10) : dutch + " 12:00";
    }

    TimeMs ago(TimeMs least, TimeMs most) {
        const TimeMs span = most - least;
        const auto days = static_cast<std::size_t>(std::max<TimeMs>(1, span / kDayMs));
        return std::max(kMinTime, _options.now - least - static_cast<TimeMs>(below(days)) * kDayMs);
    }

    std::string yes() {
        constexpr std::string_view kWords[] = {"ja", "ja", "J", "Ja", "1", "x", "JA"};
        return std::string(_options.rough ? one(kWords) : kWords[0]);
    }
    std::string no() {
        constexpr std::string_view kWords[] = {"nee", "nee", "N", "Nee", "0"};
        return std::string(_options.rough ? one(kWords) : kWords[0]);
    }

    void customer(std::size_t index, const Profile& profile, bool example) {
        Cells cells;
        cells[kNumber] = std::to_string(100001 + index);
        const std::string latin = name(cells);
        address(cells);
        cells[kEmail] = email(latin, index, example);
        cells[kPhone] = phone(index, example);
        permissions(cells, profile.flag, example);
        const std::string spoken = cells[kGiven] +
                                   (cells[kParticle].empty() ? "" : " " + cells[kParticle]) + " " +
                                   cells[kFamily];
        ++_house.flags[std::string(profile.flag)];
        if (example)
            _house.examples.push_back({cells[kNumber], spoken, std::string(profile.flag)});
        else if (_options.rough)
            dirt(cells, profile.flag);
        orders(cells, profile.flag, example);
        if (example || !_options.rough) return;
        if (chance(3)) duplicate(cells, index);
        if (below(400) == 0) reject(index);
    }

    std::string name(Cells& cells) {
        const SampleLanguage& language = anyLanguage();
        const bool woman = chance(56);
        const SampleName& given = woman ? one(language.women) : one(language.men);
        const bool own = woman && !language.womenFamilies.empty();
        const SampleName& family = own ? one(language.womenFamilies) : one(language.families);
        cells[kGiven] = given.written;
        cells[kFamily] = family.written;
        cells[kLanguage] = language.code == "el" ? "en" : language.code;
        cells[kTitle] = woman ? "mevr." : "dhr.";
        std::string latin(given.latin);
        // "Jansen-de Vries" has its own.
        const bool plain = family.written.find('-') == std::string_view::npos;
        if (!language.particles.empty() && plain && chance(language.code == "nl" ? 45 : 25)) {
            const SampleName& particle = one(language.particles);
            cells[kParticle] = particle.written;
            latin += "." + std::string(particle.latin);
        }
        return latin + "." + std::string(family.latin);
    }

    void address(Cells& cells) {
        const SamplePlace& place = one(samplePlaces());
        cells[kStreet] = one(sampleStreets());
        cells[kHouse] = std::to_string(1 + below(180));
        const char letters[] = {static_cast<char>('A' + below(26)),
                                static_cast<char>('A' + below(26))};
        cells[kCode] = std::string(place.code) + " " + std::string(letters, 2);
        cells[kCity] = place.city;
        cells[kCountry] = "Nederland";
    }

    std::string email(const std::string& latin, std::size_t index, bool example) {
        constexpr std::string_view kDomains[] = {"example.org", "example.com", "example.net"};
        std::string out = latin + std::to_string(index % 1000) + "@";
        if (example || !_options.rough) return out + "example.org";
        const std::size_t kind = below(100);
        if (kind < 2) return out + "gmail.con"; // a top-level domain that does not exist
        if (kind == 2) return out + "hotmail.nll";
        if (kind == 3 && !_options.windows1252) return out + "bücher.example";
        if (kind < 8)
            std::transform(out.begin(), out.end(), out.begin(), [](char c) {
                return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            });
        return out + std::string(one(kDomains));
    }

    std::string phone(std::size_t index, bool example) {
        std::string last = std::to_string(index % 10000);
        last.insert(0, 4 - last.size(), '0');
        if (example || !_options.rough) return "06 0000 " + last;
        switch (below(10)) {
        case 0:
            return "06-0000" + last;
        case 1:
            return "+31 6 0000 " + last;
        case 2:
            return "+31 (0)6-0000" + last;
        case 3:
            return "003160000" + last;
        case 4:
            return "60000" + last; // a spreadsheet ate the zero
        case 5:
            return "+44 7700 900" + last.substr(1); // Ofcom, for drama
        case 6:
            return "+33 6 39 98 " + last.substr(0, 2) + " " + last.substr(2); // ARCEP, for fiction
        case 7:
            return "+49 171 39200" + last.substr(2); // BNetzA, for fiction
        default:
            return "060000" + last;
        }
    }

    /// Permissions whose date nobody knows any more.
    void undated(Cells& cells, bool example) {
        constexpr std::string_view kNoDates[] = {
            "", "", "", "00-00-0000", "31-02-2019", "onbekend", "01-01-1970", "12-05-2099"};
        for (const Column column : {kNews, kSms, kChat, kBrochure}) {
            cells[column] = yes();
            cells[column + 1] = example || !_options.rough ? "" : one(kNoDates);
        }
    }

    /// What makes the flag: answers, their age, what is missing.
    void permissions(Cells& cells, std::string_view flag, bool example) {
        const auto answer = [&](Column column, const std::string& word, TimeMs at) {
            cells[column] = word;
            cells[column + 1] = date(at, example);
        };
        const auto answerAll = [&](bool agreed, TimeMs least, TimeMs most) {
            for (const Column column : kAsked)
                answer(column, agreed ? yes() : no(), ago(least, most));
        };
        if (flag == "consented" || flag == "bounced" || flag == "no-address" ||
            flag == "unconfirmed")
            answerAll(true, 10 * kDayMs, 200 * kDayMs);
        if (flag == "partial" || flag == "restricted")
            answer(kNews, yes(), ago(10 * kDayMs, 200 * kDayMs));
        if (flag == "refresh") { // given too long ago
            for (const Column column : {kNews, kSms, kBrochure})
                answer(column, yes(), ago(3 * kYearMs, 7 * kYearMs));
        }
        if (flag == "unconfirmed") answer(kNews, yes(), ago(2 * kDayMs, 12 * kDayMs));
        if (!cells[kNews].empty()) cells[kNewsConfirmed] = flag == "unconfirmed" ? no() : yes();
        if (flag == "legacy") undated(cells, example);
        if (flag == "resting") answerAll(false, 5 * kDayMs, 120 * kDayMs);
        if (flag == "objected") cells[kObjection] = yes();
        if (flag == "bounced") cells[kBounced] = yes();
        if (flag == "restricted") cells[kRestricted] = yes();
        if (flag == "no-address") cells[kEmail].clear();
    }

    void upper(std::string& text) {
        for (char& c : text) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
    }

    /// What years of hurried typing leave behind. Nothing here changes what the flag shall be.
    void dirt(Cells& cells, std::string_view flag) {
        const bool asciiName = std::all_of(cells[kFamily].begin(), cells[kFamily].end(),
                                           [](char c) { return (c & 0x80) == 0; });
        if (asciiName && chance(5)) {
            for (const Column column : {kGiven, kParticle, kFamily, kStreet, kCity})
                upper(cells[column]);
        }
        if (chance(4)) cells[kFamily] = "  " + cells[kFamily] + "  ";
        if (chance(3) && !cells[kGiven].empty()) cells[kGiven] += "  ";
        if (chance(2) && !cells[kParticle].empty()) { // "Berg, van den"
            cells[kFamily] += ", " + cells[kParticle];
            cells[kParticle].clear();
        }
        const bool mayLoseEmail =
            flag == "ask" || flag == "soft" || flag == "resting" || flag == "objected";
        if (mayLoseEmail && chance(12))
            cells[kEmail] = chance(20) ? "geen" : "";
        else if (chance(1))
            std::swap(cells[kEmail], cells[kPhone]);
        if (chance(15)) cells[kPhone] = chance(10) ? "onbekend" : "";
        if (chance(2)) cells[kStreet] += "\nachterhuis";
        if (chance(4)) cells[kCode].erase(4, 1); // "2611AB"
        if (chance(1)) cells[kCode] = "??";
        if (chance(30)) cells[kCountry] = chance(50) ? "NL" : "";
    }

    void orders(Cells cells, std::string_view flag, bool example) {
        // Somebody who was never asked and never bought made an account on the web.
        const std::size_t count = flag == "ask" ? 0 : flag == "soft" ? 1 + below(8) : below(6);
        if (count == 0) return row(cells);
        std::vector<TimeMs> times;
        for (std::size_t i = 0; i < count; ++i) times.push_back(ago(kDayMs, 6 * kYearMs));
        // A soft opt-in needs a purchase that is not too old.
        if (flag == "soft") times.back() = ago(kDayMs, 300 * kDayMs);
        std::sort(times.begin(), times.end());
        for (const TimeMs at : times) {
            const SampleShow& show = one(sampleShows());
            cells[kOrder] = "B" + std::to_string(++_order);
            cells[kOrderDate] =
                !example && _options.rough && below(300) == 0 ? "30-02-2021" : date(at, example);
            cells[kShow] = show.title;
            cells[kGenre] = show.genre;
            const std::size_t cents = (1 + below(5)) * (1250 + 250 * below(20));
            std::string small = std::to_string(cents % 100);
            small.insert(0, 2 - small.size(), '0');
            cells[kAmount] = std::to_string(cents / 100) + "," + small;
            row(cells);
        }
    }

    /// The same person once more, as another desk typed it.
    void duplicate(Cells cells, std::size_t index) {
        cells[kNumber] = std::to_string(900001 + index);
        for (const Column column : kAsked) {
            cells[column].clear();
            cells[column + 1].clear();
        }
        for (const Column column : {kNewsConfirmed, kObjection, kBounced, kRestricted})
            cells[column].clear();
        upper(cells[kEmail]);
        if (chance(50))
            cells[kGiven] =
                cells[kGiven].substr(0, (cells[kGiven].front() & 0x80) != 0 ? 2 : 1) + ".";
        cells[kPhone].clear();
        row(cells);
    }

    /// Rows that every export has a few of, and that nobody can read.
    void reject(std::size_t index) {
        Cells cells;
        cells[kNumber] = std::to_string(800001 + index);
        cells[kNews] = yes();
        if (chance(30)) {
            cells[kFamily] = "=HYPERLINK(\"http://example.org\")";
            cells[kEmail] = "formula@example.org";
        } else if (chance(50)) {
            cells[kEmail] = "n.v.t.";
        }
        ++_house.rejects;
        row(cells);
    }

    void row(const Cells& cells) {
        ++_house.rows;
        write(cells);
    }

    void write(const Cells& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) _out << _options.delimiter;
            cell(_options.windows1252 ? latin1(cells[i]) : cells[i]);
        }
        _out << "\r\n";
    }

    void cell(const std::string& text) {
        const bool quoted = text.find_first_of("\"\r\n") != std::string::npos ||
                            text.find(_options.delimiter) != std::string::npos;
        if (!quoted) {
            _out << text;
            return;
        }
        _out << '"';
        for (const char c : text) _out << (c == '"' ? "\"\"" : std::string(1, c));
        _out << '"';
    }

    /// UTF-8 of two bytes below U+0100 as one byte; the tables hold nothing else when this is asked
    /// for.
    static std::string latin1(const std::string& text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if (byte < 0x80)
                out += text[i];
            else if ((byte & 0xFCU) == 0xC0 && i + 1 < text.size())
                out += static_cast<char>(((byte & 3U) << 6U) |
                                         (static_cast<unsigned char>(text[++i]) & 0x3FU));
            else
                out += '?';
        }
        return out;
    }

    std::ostream& _out;
    const SampleOptions& _options;
    SeededRandom _random;
    SampleHouse _house;
    std::size_t _order = 200000;
};

} // namespace

SampleHouse writeSampleHouse(std::ostream& out, const SampleOptions& options) {
    return Generator(out, options).run();
}

} // namespace souffleur::cli
