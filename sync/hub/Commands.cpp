#include "sync/hub/Commands.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/Handle.h"
#include "plugin/crypto/Pin.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/intake/RecordReader.h"
#include "plugin/policy/PackLoader.h"
#include "plugin/wire/JsonWriter.h"
#include "sync/hub/ConsoleSignIn.h"
#include "sync/hub/Home.h"
#include "sync/hub/HubOrigin.h"
#include "sync/hub/OwnClock.h"
#include "sync/hub/StoreFile.h"
#include "sync/people/Importer.h"
#include "sync/protocol/Enrolment.h"
#include "sync/protocol/HashText.h"

namespace souffleur::hub {
namespace {

constexpr TimeMs kInvitationMs = 10 * kMinuteMs;
constexpr int kBarWidth = 40;
constexpr std::size_t kWarningKindsMax = 1000;

int failed(const Error& error) {
    (void) std::fprintf(stderr, "souffleur-hub: %s\n", error.text().c_str());
    return 1;
}

/// One line that is drawn over itself, on a terminal only.
class ProgressBar {
public:
    void show(std::uint64_t done, std::uint64_t total) {
        if (!_terminal || total == 0) return;
        const int percent = static_cast<int>(done * 100 / total);
        if (percent == _shown) return;
        _shown = percent;
        const std::string bar(static_cast<std::size_t>(percent * kBarWidth / 100), '#');
        (void) std::fprintf(stderr, "\r[%-*s] %3d %%", kBarWidth, bar.c_str(), percent);
    }
    ~ProgressBar() {
        if (_shown >= 0) (void) std::fputc('\n', stderr);
    }
    ProgressBar() = default;
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

private:
    bool _terminal = ::isatty(STDERR_FILENO) != 0;
    int _shown = -1;
};

Result<std::optional<intake::Mapping>> mappingOf(const std::filesystem::path& file) {
    if (file.empty()) return std::optional<intake::Mapping>{};
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(Code::notFound, "the mapping file cannot be read", file.filename());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto mapping = intake::Mapping::parse(text, file.filename().string());
    if (!mapping) return passOn(mapping);
    return std::optional<intake::Mapping>(std::move(*mapping));
}

void printImport(const people::ImportCounts& counts, const intake::ReadCounts& read, bool dryRun,
                 std::uint64_t before, std::uint64_t after) {
    (void) std::printf("%s%llu rows: %llu people (%llu new, %llu known, %llu linked), %llu orders, "
                       "%llu rejected\n",
                       dryRun ? "dry run: " : "", static_cast<unsigned long long>(read.rows),
                       static_cast<unsigned long long>(counts.records),
                       static_cast<unsigned long long>(counts.newSubjects),
                       static_cast<unsigned long long>(counts.known),
                       static_cast<unsigned long long>(counts.linked),
                       static_cast<unsigned long long>(counts.orders),
                       static_cast<unsigned long long>(read.rejects));
    (void) std::printf("permissions: %llu consents, %llu legacy, %llu soft opt-ins, %llu refusals; "
                       "%llu erased people "
                       "left out\n",
                       static_cast<unsigned long long>(counts.consents),
                       static_cast<unsigned long long>(counts.legacy),
                       static_cast<unsigned long long>(counts.softOptIns),
                       static_cast<unsigned long long>(counts.negatives),
                       static_cast<unsigned long long>(counts.suppressed));
    if (counts.doubts > 0) {
        (void) std::printf("doubts: %llu answers could not be read, of people whom the house could "
                           "write to: it does not until they are asked again\n",
                           static_cast<unsigned long long>(counts.doubts));
    }
    (void) std::printf("reachable people: %llu before, %llu after\n",
                       static_cast<unsigned long long>(before),
                       static_cast<unsigned long long>(after));
}

/// What could not be read and was left out, by column: the warnings carry no personal data.
struct Rows {
    std::uint64_t count = 0;
    std::vector<std::uint64_t> first; ///< kRowsShownMax at most
};
using Warnings = std::map<std::string, Rows>;
constexpr std::size_t kRowsShownMax = 10;

void printWarnings(const Warnings& warnings) {
    for (const auto& [text, rows] : warnings) {
        std::string where;
        for (const std::uint64_t row : rows.first)
            where += (where.empty() ? "" : ", ") + std::to_string(row);
        if (rows.count > rows.first.size()) where += ", …";
        const char* many = rows.count == 1 ? "" : "s";
        (void) std::printf("%llu row%s: %s (row%s %s)\n",
                           static_cast<unsigned long long>(rows.count), many, text.c_str(), many,
                           where.c_str());
    }
}

/// How the columns were understood, and which were not: as a mapping file, to be corrected.
void printMapping(const intake::ReadResult& read) {
    (void) std::printf("columns as understood (keep it in a file for --mapping to change it):\n%s",
                       read.mapping.toToml().c_str());
    for (const std::string& heading : read.headings) {
        const bool used = std::any_of(read.mapping.columns.begin(), read.mapping.columns.end(),
                                      [&](const intake::ColumnMapping& column) {
                                          return column.heading == heading ||
                                                 column.dateHeading == heading ||
                                                 column.confirmedHeading == heading;
                                      });
        if (!used) (void) std::printf("column ignored: %s\n", heading.c_str());
    }
}

/// The rows that could not be taken, in a 0600 file. A dry run leaves no personal data behind
/// unless it is told where.
class RejectsFile {
public:
    explicit RejectsFile(const ImportOptions& options)
        : _kept(!options.dryRun || !options.rejects.empty()),
          _file(options.rejects.empty()
                    ? std::filesystem::path(options.file.string() + ".rejects.csv")
                    : options.rejects) {}
    /// Before the first row is taken, and ours alone: a row that could be written nowhere would be
    /// lost.
    Result<void> begin() {
        if (!_kept) return {};
        if (auto made = crypto::writePrivateFile(_file, ""); !made) return made;
        _out.open(_file, std::ios::binary | std::ios::app);
        return {};
    }
    void headings(const std::vector<std::string>& row) { _headings = row; }
    void take(const intake::Reject& reject, char delimiter) {
        if (!_kept) return;
        if (_written++ == 0) _rejects.begin(_headings, delimiter);
        _rejects.write(reject);
    }
    /// An empty one does not stay.
    void tidy() const {
        std::error_code ignored;
        if (_kept && _written == 0) std::filesystem::remove(_file, ignored);
    }
    Result<void> end() {
        if (!_kept) return {};
        _out.close();
        if (_out) return {};
        return fail(Code::storage,
                    "the rejected rows could not all be written: free space and "
                    "import the file again",
                    _file.filename());
    }
    void print(std::uint64_t rejects) const {
        if (rejects == 0) return;
        const std::string where = _kept ? _file.filename().string() : "--rejects FILE has them";
        (void) std::printf("rejects: %s; nothing of these rows was taken, a no in them included: "
                           "correct and import them\n",
                           where.c_str());
    }

private:
    bool _kept;
    std::filesystem::path _file;
    std::ofstream _out;
    intake::RejectsWriter _rejects{_out};
    std::uint64_t _written = 0;
    std::vector<std::string> _headings;
};

/// Reads the table into the importer and the rejects into their file.
Result<intake::ReadCounts> readInto(people::Importer& importer, const ImportOptions& options,
                                    TimeMs now) {
    auto mapping = mappingOf(options.mapping);
    if (!mapping) return passOn(mapping);
    auto table = intake::openTable(options.file.string(),
                                   *mapping ? (*mapping)->table : intake::TableOptions{});
    if (!table) return passOn(table);
    RejectsFile rejects(options);
    if (auto begun = rejects.begin(); !begun) return passOn(begun);
    Result<void> stopped;
    Warnings warnings;
    const auto onRecord = [&](intake::Record&& record) {
        for (const std::string& warning : record.warnings) {
            if (warnings.size() >= kWarningKindsMax && !warnings.contains(warning)) continue;
            Rows& rows = warnings[warning];
            ++rows.count;
            if (rows.first.size() < kRowsShownMax) rows.first.push_back(record.row);
        }
        stopped = importer.take(record);
        return stopped.has_value();
    };
    ProgressBar bar;
    auto read = intake::readRecords(
        **table, *mapping, now, onRecord,
        [&](const intake::Reject& reject) { rejects.take(reject, (*table)->delimiter()); },
        [&](std::uint64_t done, std::uint64_t total) { bar.show(done, total); },
        [&](const std::vector<std::string>& row) { rejects.headings(row); });
    rejects.tidy();
    if (!read) return passOn(read);
    if (!stopped) return passOn(stopped);
    if (auto done = importer.finish(); !done) return passOn(done);
    if (auto written = rejects.end(); !written) return passOn(written);
    if (options.dryRun) printMapping(*read);
    printWarnings(warnings);
    rejects.print(read->counts.rejects);
    return read->counts;
}

Result<store::Origin> findDevice(const store::Store& store, const std::string& device) {
    if (const auto id = OriginId::parse(device)) return store.origin(*id);
    std::string fingerprint = device; // as it is shown: in groups
    std::erase(fingerprint, ' ');
    return store.originByFingerprint(fingerprint);
}

int setStatus(const Context& context, const std::string& device, store::OriginStatus status) {
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    store::Store& store = (*home)->store();
    std::vector<store::Origin> chosen;
    if (device == "pending") {
        auto all = store.origins();
        if (!all) return failed(all.error());
        for (const store::Origin& origin : *all) {
            if (origin.status == store::OriginStatus::pending) chosen.push_back(origin);
        }
    } else {
        auto one = findDevice(store, device);
        if (!one) return failed(one.error());
        chosen.push_back(*one);
    }
    for (const store::Origin& origin : chosen) {
        if (auto set = store.setStatus(origin.id, status); !set) return failed(set.error());
        const std::string action =
            status == store::OriginStatus::active ? "device.approve" : "device.revoke";
        if (auto told = store.audit({context.clock.now().at, "system", action, origin.id.text()});
            !told) {
            return failed(told.error());
        }
        (void) std::printf("%s %s (%s): %s\n", origin.id.text().c_str(), origin.name.c_str(),
                           protocol::inGroups(origin.fingerprint).c_str(),
                           std::string(store::name(status)).c_str());
    }
    return 0;
}

} // namespace

int importFile(const Context& context, const ImportOptions& options) {
    auto given = givenHouse(options.house);
    if (!given) return failed(given.error());
    auto home = Home::open(context.data, context.clock, context.random);
    if (!home) return failed(home.error());
    const auto served = houseOf((*home)->store(), std::move(*given));
    if (!served) return failed(served.error());
    auto pack = policy::PackLoader(served->house).builtIn(served->house.pack);
    if (!pack) return failed(pack.error());
    sayHouse(*served);
    const TimeMs now = context.clock.now().at;
    const auto before = (*home)->store().reachable(*pack, now);
    if (!before) return failed(before.error());
    if (!options.dryRun) {
        if (auto used = (*home)->store().useRules(pack->stateRules(now)); !used)
            return failed(used.error());
    }
    people::Importer importer((*home)->store(), (*home)->chain(), *pack,
                              store::StoreKeys{(*home)->houseKey()}, context.random,
                              {options.dryRun, options.system, "head-office", now});
    auto read = readInto(importer, options, now);
    if (!read) return failed(read.error());
    std::uint64_t reachable = *before + importer.counts().newlyReachable;
    if (!options.dryRun) {
        const auto after = (*home)->store().reachable(*pack, now);
        if (!after) return failed(after.error());
        reachable = *after;
        if (auto told = (*home)->store().audit({now, "system", "import", options.system}); !told) {
            return failed(told.error());
        }
    }
    printImport(importer.counts(), *read, options.dryRun, *before, reachable);
    return 0;
}

namespace {

/// Writes down where the store is, before anything is made there.
Result<void> nameStore(const std::filesystem::path& folder, bool stands,
                       const InitOptions& options) {
    if (options.store.empty()) {
        if (options.passwordFile.empty()) return {};
        return fail(Code::invalid, "--store-password-file needs --store");
    }
    if (stands) {
        return fail(Code::conflict,
                    "a head office stands in this folder already: its store cannot be changed",
                    folder.string());
    }
    const auto file = options.passwordFile.empty()
                          ? std::filesystem::path()
                          : std::filesystem::absolute(options.passwordFile);
    store::PostgresPlace place{options.store, file};
    if (auto sound = store::checkPlace(place); !sound) return sound;
    std::error_code failed;
    if (std::filesystem::create_directories(folder, failed))
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
    return writeStoreFile(folder, place);
}

} // namespace

int init(const Context& context, const InitOptions& options) {
    const auto stood = Home::standsIn(context.data);
    if (!stood) return failed(stood.error());
    if (auto named = nameStore(context.data, *stood, options); !named) return failed(named.error());
    auto home = Home::found(context.data, context.clock, context.random);
    if (!home) return failed(home.error());
    (void) std::printf("%s %s\nkeep a copy of its keys apart from it: who has them is the house\n",
                       *stood ? "a head office stands already in" : "a head office is made in",
                       context.data.c_str());
    return 0;
}

int invite(const Context& context, const InviteOptions& options) {
    if (auto sane = checkOwnClock(context.clock.now().at); !sane) return failed(sane.error());
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    const auto pin = (*home)->pin();
    if (!pin) return failed(pin.error());
    const crypto::Handle secret = crypto::randomHandle(context.random);
    protocol::Invitation invitation;
    invitation.url = options.url;
    invitation.secret = std::string(crypto::bytesOf(secret));
    invitation.pin = *pin;
    auto stored =
        (*home)->store().invite(crypto::sha256(invitation.secret), options.name, options.place,
                                options.kind, context.clock.now().at + kInvitationMs);
    if (!stored) return failed(stored.error());
    if (auto written =
            crypto::writePrivateFile(options.out, protocol::encodeInvitation(invitation));
        !written) {
        return failed(written.error());
    }
    (void) std::printf("invitation for %s (%s) in %s: bring the file to the device within ten "
                       "minutes and run `souffleur terminal enrol FILE` there; it works once\n",
                       options.name.c_str(), options.place.c_str(), options.out.c_str());
    return 0;
}

int approve(const Context& context, const std::string& device) {
    return setStatus(context, device, store::OriginStatus::active);
}

int revoke(const Context& context, const std::string& device) {
    return setStatus(context, device, store::OriginStatus::revoked);
}

int devices(const Context& context) {
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    auto all = (*home)->store().origins();
    if (!all) return failed(all.error());
    for (const store::Origin& origin : *all) {
        (void) std::printf("%s  %-8s  %-8s  %-20s  %s  %llu events%s\n", origin.id.text().c_str(),
                           origin.kind.c_str(), std::string(store::name(origin.status)).c_str(),
                           origin.name.c_str(), protocol::inGroups(origin.fingerprint).c_str(),
                           static_cast<unsigned long long>(origin.seq),
                           origin.kept == 0
                               ? ""
                               : (", " + std::to_string(origin.kept) + " in quarantine").c_str());
        if (!origin.logAlarm.empty()) {
            (void) std::printf("    it says that head office's log is not the one it saw (%s), or "
                               "that it was shown none for a week: a backup was put back, or "
                               "answers were changed or taken out; `souffleur ledger log` at that "
                               "till shows what it has\n",
                               origin.logAlarm.c_str());
        }
        if (origin.status == store::OriginStatus::frozen) {
            (void) std::printf("    its history forked (a copied disk, a restored backup): on that "
                               "machine run `souffleur terminal enrol --again` with a new "
                               "invitation\n");
        }
    }
    return 0;
}

int addStaff(const Context& context, const std::string& name, const std::string& role,
             const std::filesystem::path& passwordFile) {
    auto password = crypto::readPrivateFile(passwordFile);
    if (!password) return failed(password.error());
    std::string_view text = password->view();
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    if (text.size() < 10)
        return failed({Code::invalid, "a password has ten characters or more", ""});
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    const crypto::PinHasher hasher((*home)->pepper());
    auto hash = hasher.hash(text, context.random);
    if (!hash) return failed(hash.error());
    if (auto stored = (*home)->store().putStaff({name, role, *hash, 0, 0}); !stored)
        return failed(stored.error());
    (void) std::printf("%s signs in at the console as %s\n", name.c_str(), role.c_str());
    return 0;
}

int unlockStaff(const Context& context) {
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    const auto done = ConsoleSignIn::unlockAll((*home)->store());
    return done ? 0 : failed(done.error());
}

int printKey(const Context& context) {
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    (void) std::printf("%s\n", crypto::publicKeyText((*home)->signingKey().publicKey()).c_str());
    return 0;
}

int verifyLedger(const Context& context) {
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    const auto hash = (*home)->store().verify();
    if (!hash) return failed(hash.error());
    (void) std::printf("ok: every leaf, chain and commitment holds; projections %s\n",
                       crypto::toHex(crypto::bytesOf(*hash)).c_str());
    return 0;
}

int stats(const Context& context) {
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    const auto counts = (*home)->store().counts(context.clock.now().at);
    if (!counts) return failed(counts.error());
    wire::JsonWriter out;
    out.beginObject().field("events", counts->events).field("subjects", counts->subjects);
    out.field("persons", counts->persons).field("quarantined", counts->quarantined);
    out.field("permitted", counts->permitted)
        .field("undated", counts->undated)
        .key("states")
        .beginObject();
    for (const auto& [state, count] : counts->states) out.field(state, count);
    out.endObject().endObject();
    (void) std::printf("%s\n", out.take().c_str());
    return 0;
}

} // namespace souffleur::hub
