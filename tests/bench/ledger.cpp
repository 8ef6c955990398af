// rooms: plugin-ledger
// The terminal's ledger beside the ceilings of the same run: durable captures against the same rows
// through bare SQLite, flags against prepared point reads, verifying against SHA-256; search, load,
// start and memory with PEOPLE people (environment, default 1,000,000).
//
// bench-ledger [capture|people]    without a name: both. LEDGER=FOLDER (environment) keeps the
// filled ledger there and takes it up again the next time, to look closer at one reading.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "Paths.h"
#include "plugin/crypto/Chain.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Outbox.h"
#include "tests/support/SyntheticPeople.h"
#include "tests/support/TemporaryFolder.h"

namespace {

using namespace souffleur;
using test::SyntheticPeople;
using SteadyClock = std::chrono::steady_clock;

double usSince(SteadyClock::time_point start) {
    return std::chrono::duration<double, std::micro>(SteadyClock::now() - start).count();
}

double percentile(std::vector<double> values, double share) {
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

/// ratio = ours / reference.
void row(const char* name, double ours, const char* unit, double reference,
         const char* referenceName, const char* budget, bool met) {
    std::printf("{\"name\":\"%s\",\"ours\":%.2f,\"unit\":\"%s\",\"reference\":%.2f,"
                "\"referenceName\":\"%s\",\"ratio\":%.3f,\"budget\":\"%s\",\"met\":%s}\n",
                name, ours, unit, reference, referenceName, reference > 0 ? ours / reference : 0.0,
                budget, met ? "true" : "false");
    std::fflush(stdout);
}

[[noreturn]] void stop(const std::string& why) {
    std::fprintf(stderr, "ledger bench: %s\n", why.c_str());
    std::exit(1);
}

template <typename T>
T must(Result<T> result) {
    if (!result) stop(result.error().text());
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double residentMb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    }
    return 0;
}

/// Bare SQLite, as fast as it goes: prepared once, no checks beyond success.
class Bare {
public:
    explicit Bare(const std::string& file, bool create = false) {
        const int flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
        if (sqlite3_open_v2(file.c_str(), &_db, flags, nullptr) != SQLITE_OK) stop("open");
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("PRAGMA secure_delete=ON");
        run("PRAGMA cache_size=-6144");
    }
    ~Bare() {
        for (sqlite3_stmt* each : _all) sqlite3_finalize(each);
        sqlite3_close(_db);
    }
    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;
    void run(const std::string& sql) {
        if (sqlite3_exec(_db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
            stop(sqlite3_errmsg(_db));
        }
    }
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* out = nullptr;
        if (sqlite3_prepare_v2(_db, sql, -1, &out, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(_db));
        _all.push_back(out);
        return out;
    }
    static void once(sqlite3_stmt* statement) {
        if (sqlite3_step(statement) != SQLITE_DONE) stop("step");
        sqlite3_reset(statement);
    }
    /// Steps through all rows and reads every column.
    static std::int64_t drain(sqlite3_stmt* statement) {
        std::int64_t sum = 0;
        while (sqlite3_step(statement) == SQLITE_ROW) {
            for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                sum += sqlite3_column_bytes(statement, i);
            }
        }
        sqlite3_reset(statement);
        return sum;
    }

private:
    sqlite3* _db = nullptr;
    std::vector<sqlite3_stmt*> _all;
};

consent::Policy policy() {
    consent::Policy out;
    out.controller.id = "house";
    for (const char* id : {"newsletter", "brochure", "personal-offers"}) {
        consent::Purpose purpose;
        purpose.id = id;
        purpose.channels = {"email", "phone", "post"};
        out.purposes.push_back(purpose);
    }
    return out;
}

ledger::LedgerOptions optionsFor(const std::filesystem::path& folder) {
    ledger::LedgerOptions out;
    out.folder = folder;
    SeededRandom random(5);
    out.origin = OriginId::random(random);
    out.contactKey.fill(3);
    return out;
}

/// A new person with a name when `fresh`, else one more answer of somebody on file.
ledger::Draft draft(std::uint64_t number, bool fresh) {
    ledger::Draft out;
    out.subject = SyntheticPeople::subject(number);
    consent::Act act;
    act.controller = "house";
    act.method = consent::Method::screen;
    act.place = "till-1";
    consent::ChoiceItem item;
    item.purpose = "newsletter";
    item.channel = number % 2 == 0 ? "email" : "post";
    item.choice = consent::Choice::given;
    item.notice = {"newsletter-email", 3, "nl", std::string(64, 'a')};
    act.choices = {item};
    out.body = act;
    if (fresh) {
        out.person.name.given = SyntheticPeople::givenName(number);
        out.person.name.family = SyntheticPeople::familyName(number);
    }
    return out;
}

// ---------------------------------------------------------------- durable capture

std::string fileText(const std::string& path) {
    std::ifstream file(path);
    std::stringstream out;
    out << file.rdbuf();
    return out.str();
}

/// The rows that a capture leaves: event, chain, person, state, name and search entry.
class BareCapture {
public:
    explicit BareCapture(const std::filesystem::path& folder)
        : _db((folder / "bare.db").string(), true) {
        for (const char* version : {"0001", "0002", "0003", "0004"}) {
            _db.run(fileText(std::string(kSourceDir) + "/plugin/ledger/sql/" + version + ".sql"));
        }
        _begin = _db.prepare("BEGIN IMMEDIATE");
        _commit = _db.prepare("COMMIT");
        _person = _db.prepare("INSERT INTO people (num,subject,person,display,language,flags) "
                              "VALUES (?1,?2,?1,?3,'nl',8)");
        _event = _db.prepare("INSERT INTO events (id,origin,seq,kind,subject,at,header,payload) "
                             "VALUES (?1,1,?2,0,?2,1763800000000,?3,?4)");
        _chain = _db.prepare("INSERT INTO own_chain VALUES (?1,?1,?2)");
        _state = _db.prepare("INSERT INTO states VALUES (?1,1,2,3,3,?2,1763800000000,4,1,0,"
                             "253402300799999,0,0,5,NULL)");
        _name = _db.prepare("INSERT INTO names VALUES (?1,?2)");
        _search = _db.prepare("INSERT INTO search (rowid,folded) VALUES (?1,?2)");
    }
    void capture(const ledger::OutboxEvent& event, const Uuid& id, const std::string& name,
                 bool fresh) {
        ++_seq;
        std::array<std::uint8_t, 32> head{};
        std::memcpy(head.data(), &_seq, sizeof _seq);
        Bare::once(_begin);
        if (fresh) {
            blob(_person, 2, event.subject.uuid.bytes.data(), 16);
            text(_person, 3, name);
            number(_person);
            text(_name, 2, name);
            number(_name);
            text(_search, 2, name);
            number(_search);
        }
        blob(_event, 1, id.bytes.data(), 16);
        sqlite3_bind_int64(_event, 2, _seq);
        blob(_event, 3, event.header.data(), event.header.size());
        blob(_event, 4, event.payload.data(), event.payload.size());
        Bare::once(_event);
        blob(_chain, 2, head.data(), head.size());
        number(_chain);
        blob(_state, 2, id.bytes.data(), 16);
        number(_state);
        Bare::once(_commit);
    }

private:
    static void blob(sqlite3_stmt* s, int at, const void* data, std::size_t size) {
        sqlite3_bind_blob(s, at, data, static_cast<int>(size), SQLITE_STATIC);
    }
    static void text(sqlite3_stmt* s, int at, const std::string& value) {
        sqlite3_bind_text(s, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    void number(sqlite3_stmt* s) const {
        sqlite3_bind_int64(s, 1, _seq);
        Bare::once(s);
    }

    Bare _db;
    sqlite3_stmt *_begin, *_commit, *_person, *_event, *_chain, *_state, *_name, *_search;
    std::int64_t _seq = 0;
};

/// Blocks of both, one after the other, so that the disk treats them alike.
void benchCapture(const char* name, bool fresh) {
    constexpr int kBlocks = 20;
    constexpr int kPerBlock = 100;
    const test::TemporaryFolder folder;
    const SystemClock clock;
    SystemRandom random;
    auto ours = must(ledger::Ledger::open(optionsFor(folder.path() / "ours"), clock, random));
    if (!fresh) must(SyntheticPeople::fill(*ours, kBlocks * kPerBlock));
    BareCapture bare(folder.path());
    std::vector<double> oursUs;
    std::vector<double> bareUs;
    std::uint64_t next = 0;
    for (int block = 0; block < kBlocks; ++block) {
        const std::uint64_t first = next;
        for (int i = 0; i < kPerBlock; ++i) {
            const ledger::Draft each = draft(next++, fresh);
            const auto start = SteadyClock::now();
            must(ours->append(each));
            oursUs.push_back(usSince(start));
        }
        const auto batch = must(ours->outbox().next(kPerBlock, 1 << 22));
        must(ours->outbox().acknowledge(first + kPerBlock, batch.head));
        for (std::size_t i = 0; i < batch.events.size(); ++i) {
            const Uuid id = Uuid::timed(clock.now().at, random);
            const std::string family = SyntheticPeople::familyName(first + i);
            const auto start = SteadyClock::now();
            bare.capture(batch.events[i], id, family, fresh);
            bareUs.push_back(usSince(start));
        }
    }
    const auto rate = [](const std::vector<double>& us) { return 1e6 / percentile(us, 0.5); };
    const double ratio = rate(oursUs) / rate(bareUs);
    row(name, rate(oursUs), "per s", rate(bareUs), "the same rows by bare SQLite, FULL",
        "0.8 of the ceiling", ratio >= 0.8);
    std::fprintf(stderr, "%s: p99 %.2f ms, bare %.2f ms\n", name, percentile(oursUs, 0.99) / 1000,
                 percentile(bareUs, 0.99) / 1000);
}

// ---------------------------------------------------------------- with many people

/// The reads of a flag by prepared statements, every column taken.
class BareFlag {
public:
    explicit BareFlag(const std::string& file) : _db(file) {
        _begin = _db.prepare("BEGIN");
        _commit = _db.prepare("COMMIT");
        _person = _db.prepare("SELECT * FROM people WHERE subject = ?1");
        _members = _db.prepare("SELECT * FROM people WHERE person = ?1 AND person <> num");
        _states = _db.prepare("SELECT * FROM states WHERE person = ?1");
        _contacts = _db.prepare("SELECT * FROM contacts WHERE subject = ?1");
    }
    /// In one snapshot, as ours.
    std::int64_t read(const SubjectId& subject) {
        Bare::once(_begin);
        sqlite3_bind_blob(_person, 1, subject.uuid.bytes.data(), 16, SQLITE_STATIC);
        if (sqlite3_step(_person) != SQLITE_ROW) stop("nobody");
        std::int64_t sum = sqlite3_column_bytes(_person, 3);
        const std::int64_t num = sqlite3_column_int64(_person, 0);
        sqlite3_reset(_person);
        for (sqlite3_stmt* each : {_members, _states, _contacts}) {
            sqlite3_bind_int64(each, 1, num);
            sum += Bare::drain(each);
        }
        Bare::once(_commit);
        return sum;
    }

private:
    Bare _db;
    sqlite3_stmt *_begin, *_commit, *_person, *_members, *_states, *_contacts;
};

void benchFlag(const ledger::Ledger& ours, const std::string& file, std::uint64_t people) {
    constexpr int kReads = 40000;
    const consent::Policy pack = policy();
    BareFlag bare(file);
    SeededRandom random(9);
    std::vector<double> oursUs;
    std::vector<double> bareUs;
    for (int i = -2000; i < kReads; ++i) {
        const SubjectId subject = SyntheticPeople::subject(random.below(people));
        const SubjectId other = SyntheticPeople::subject(random.below(people));
        auto start = SteadyClock::now();
        const bool known = must(ours.personFacts(subject, pack)).known;
        const double took = usSince(start);
        start = SteadyClock::now();
        bare.read(other);
        if (i >= 0) bareUs.push_back(usSince(start));
        if (i >= 0) oursUs.push_back(took);
        if (!known) stop("a synthetic person is not known");
    }
    const double p99 = percentile(oursUs, 0.99);
    row("flag facts p99", p99, "us", percentile(bareUs, 0.99), "prepared point reads p99",
        "50 us; 1.5x", p99 <= 50 && p99 <= 1.5 * percentile(bareUs, 0.99));
    row("flag facts p50", percentile(oursUs, 0.5), "us", percentile(bareUs, 0.5),
        "prepared point reads p50", "none", true);
}

template <typename Text>
void benchSearch(const ledger::Ledger& ours, std::uint64_t people, const char* name,
                 double budgetMs, const Text& text) {
    constexpr int kSearches = 1000;
    SeededRandom random(11);
    std::vector<double> ms;
    std::size_t found = 0;
    for (int i = 0; i < kSearches; ++i) {
        const std::string query = text(random.below(people), random);
        const auto start = SteadyClock::now();
        found += must(ours.search(query, 20)).hits.empty() ? 0 : 1;
        ms.push_back(usSince(start) / 1000);
    }
    const double p99 = percentile(ms, 0.99);
    row(name, p99, "ms", budgetMs, "the budget",
        (std::to_string(static_cast<int>(budgetMs)) + " ms").c_str(), p99 <= budgetMs);
    std::fprintf(stderr, "%s: p50 %.2f ms, max %.2f ms, %zu of %d found somebody\n", name,
                 percentile(ms, 0.5), percentile(ms, 1.0), found, kSearches);
}

std::string firstChars(const std::string& text, std::size_t count) {
    std::size_t at = 0;
    while (at < text.size() && count-- > 0) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) ++at;
    }
    return text.substr(0, at);
}

void benchSearches(const ledger::Ledger& ours, std::uint64_t people) {
    must(ours.warmUp());
    benchSearch(ours, people, "search exact p99", 5,
                [](std::uint64_t n, SeededRandom&) { return SyntheticPeople::email(n); });
    benchSearch(ours, people, "search prefix p99", 5, [](std::uint64_t n, SeededRandom& random) {
        const std::string family = firstChars(SyntheticPeople::familyName(n), 1 + random.below(6));
        if (random.below(2) == 0) return family;
        return firstChars(SyntheticPeople::givenName(n), 1 + random.below(4)) + ' ' + family;
    });
    benchSearch(ours, people, "search typo p99", 15, [](std::uint64_t n, SeededRandom& random) {
        // One typo a word: two letters change places, or one is left out.
        std::string family = SyntheticPeople::familyName(n);
        const std::size_t at = 1 + random.below(family.size() - 2);
        if (random.below(2) == 0)
            std::swap(family[at], family[at + 1]);
        else
            family.erase(at, 1);
        return family + ' ' + SyntheticPeople::givenName(n);
    });
}

void benchVerify(const ledger::Ledger& ours) {
    const auto start = SteadyClock::now();
    const ledger::VerifyReport report = must(ours.verify(false));
    const double oursMb = static_cast<double>(report.bytes) / usSince(start);
    // The same bytes in pieces of the same size, hashed as the chain hashes them.
    const std::string piece(report.bytes / std::max<std::uint64_t>(1, report.events), 'x');
    const auto bare = SteadyClock::now();
    crypto::Hash sum{};
    for (std::uint64_t i = 0; i < report.events; ++i) sum[0] ^= crypto::leafHash(piece)[0];
    const double bareMb = static_cast<double>(piece.size()) * static_cast<double>(report.events) /
                          std::max(1.0, usSince(bare));
    row("ledger verify", oursMb, "MB/s", bareMb + (sum[0] == 0 ? 1e-9 : 0),
        "SHA-256 of the same bytes", "0.25 of SHA-256", oursMb >= 0.25 * bareMb);
}

/// Only what the ledger does counts, not the inventing of people.
void benchLoad(const ledger::LedgerOptions& options, std::uint64_t people) {
    const SystemClock clock;
    SystemRandom random;
    auto ours = must(ledger::Ledger::open(options, clock, random));
    SyntheticPeople synthetic(*ours);
    constexpr std::uint64_t kPage = 5000;
    double us = 0;
    const auto timed = [&us](const auto& work) {
        const auto start = SteadyClock::now();
        must(work());
        us += usSince(start);
    };
    auto load = must(ledger::BulkLoad::begin(*ours));
    std::vector<ledger::BulkPerson> page;
    for (std::uint64_t i = 0; i < people; ++i) {
        page.push_back(synthetic.make(i));
        if (page.size() < kPage && i + 1 < people) continue;
        timed([&] { return load->add(page); });
        page.clear();
    }
    timed([&] { return load->finish(); });
    const double seconds = us / 1e6;
    row("first load", static_cast<double>(people) / seconds, "people/s", seconds, "seconds in all",
        "60 s for 1M", seconds <= 60.0 * static_cast<double>(people) / 1e6);
}

void benchPeople(std::uint64_t people) {
    const test::TemporaryFolder folder;
    const char* kept = std::getenv("LEDGER");
    const SystemClock clock;
    SystemRandom random;
    const ledger::LedgerOptions options = optionsFor(kept == nullptr ? folder.path() : kept);
    if (!std::filesystem::exists(options.folder / "ledger.db")) benchLoad(options, people);
    const double before = residentMb();
    const auto start = SteadyClock::now();
    auto ours = must(ledger::Ledger::open(options, clock, random));
    const double openMs = usSince(start) / 1000;
    row("ledger start", openMs, "ms", 200, "the budget", "200 ms", openMs <= 200);
    benchFlag(*ours, (options.folder / "ledger.db").string(), people);
    benchSearches(*ours, people);
    const double resident = residentMb();
    row("ledger memory", resident, "MB", before, "this process before opening", "64 MB",
        resident <= 64);
    benchVerify(*ours);
    std::fprintf(stderr, "file: %.0f MB\n",
                 static_cast<double>(must(ours->stats()).fileBytes) / 1e6);
}

} // namespace

int main(int count, char** arguments) {
    const std::string part = count > 1 ? arguments[1] : "";
    const char* wanted = std::getenv("PEOPLE");
    const std::uint64_t people = wanted == nullptr ? 1'000'000 : std::strtoull(wanted, nullptr, 10);
    if (people == 0) stop("PEOPLE must be a number");
    if (part.empty() || part == "capture") {
        benchCapture("durable capture", false);
        benchCapture("durable capture, new person", true);
    }
    if (part.empty() || part == "people") benchPeople(people);
    return 0;
}
