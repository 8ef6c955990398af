#include "plugin/ledger/SnapshotLoad.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "plugin/ledger/BulkLoad.h"
#include "plugin/ledger/Database.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

constexpr int kFormat = 1;
constexpr std::size_t kPeopleAtOnce = 500;

std::string bytesOf(const SQLite::Column& column) {
    const auto* data = static_cast<const char*>(column.getBlob());
    return data == nullptr ? std::string()
                           : std::string(data, static_cast<std::size_t>(column.getBytes()));
}

template <typename IdType>
IdType idFrom(const std::string& bytes) {
    IdType out;
    if (bytes.size() == out.uuid.bytes.size())
        std::copy(bytes.begin(), bytes.end(), out.uuid.bytes.begin());
    return out;
}

/// One subject's share of the file.
struct Share {
    std::optional<wire::Card> card;
    std::vector<Foreign> events;
};

/// Both tables side by side, subject by subject.
class Shares {
public:
    explicit Shares(SQLite::Database& db)
        : _cards(db, "SELECT subject, body FROM cards ORDER BY subject"),
          _events(db, "SELECT subject, origin, seq, header FROM events ORDER BY num") {
        stepCard();
        stepEvent();
    }
    /// Errors: corrupt.
    Result<std::optional<Share>> next() {
        if (!_hasCard && !_hasEvent) return std::optional<Share>{};
        const bool cardFirst = _hasCard && (!_hasEvent || _cardOf <= _eventOf);
        const std::string subject = cardFirst ? _cardOf : _eventOf;
        Share out;
        if (_hasCard && _cardOf == subject) {
            auto card = wire::decodeCard(bytesOf(_cards.getColumn(1)));
            if (!card || card->subject != idFrom<SubjectId>(subject))
                return fail(Code::corrupt, "a card of the snapshot cannot be read");
            out.card = *std::move(card);
            stepCard();
        }
        while (_hasEvent && _eventOf == subject) {
            Foreign& event = out.events.emplace_back();
            event.subject = idFrom<SubjectId>(subject);
            event.origin = idFrom<OriginId>(bytesOf(_events.getColumn(1)));
            event.seq = static_cast<std::uint64_t>(_events.getColumn(2).getInt64());
            event.header = bytesOf(_events.getColumn(3));
            event.negative = true; // should it be unreadable: a doubt is a no
            stepEvent();
        }
        return std::optional<Share>(std::move(out));
    }

private:
    void stepCard() {
        _hasCard = _cards.executeStep();
        if (_hasCard) _cardOf = bytesOf(_cards.getColumn(0));
    }
    void stepEvent() {
        _hasEvent = _events.executeStep();
        if (_hasEvent) _eventOf = bytesOf(_events.getColumn(0));
    }

    SQLite::Statement _cards;
    SQLite::Statement _events;
    std::string _cardOf;
    std::string _eventOf;
    bool _hasCard = false;
    bool _hasEvent = false;
};

/// Can the share be loaded in bulk? Then each event stands there once, an advance copy only where
/// its original has not come. Links, erasures, clocks and what cannot be read go the long way.
bool isPlain(Share& share) {
    using namespace consent;
    if (!share.card || share.card->erased) return false;
    std::map<EventId, std::size_t> held;
    std::vector<Foreign> once;
    for (Foreign& event : share.events) {
        const auto header = wire::decodeHeader(event.header);
        if (!header || header->event.subject != event.subject ||
            header->event.origin != event.origin)
            return false;
        const Body& body = header->event.body;
        if (std::holds_alternative<Link>(body) || std::holds_alternative<Unlink>(body) ||
            std::holds_alternative<Erase>(body) || std::holds_alternative<ClockJudgement>(body) ||
            std::holds_alternative<PolicyInForce>(body))
            return false;
        const auto [at, fresh] = held.emplace(header->event.id, once.size());
        if (fresh)
            once.push_back(event);
        else if (once[at->second].seq == 0)
            once[at->second] = event;
    }
    share.events = std::move(once);
    return true;
}

/// In two passes: those who stand for themselves, then whatever ties people and clocks together.
class Loading {
public:
    Loading(Ledger& ledger, SQLite::Database& db,
            const std::function<bool(std::uint64_t)>& progress)
        : _ledger(ledger), _db(db), _progress(progress) {}

    Result<LoadedSnapshot> run() {
        auto bulk = BulkLoad::begin(_ledger);
        if (!bulk) return passOn(bulk);
        _bulk = *std::move(bulk);
        if (auto done = pass(true); !done) return passOn(done);
        if (auto done = _bulk->finish(); !done) return passOn(done);
        if (auto done = pass(false); !done) return passOn(done);
        return _loaded;
    }

private:
    Result<void> pass(bool plain) {
        Shares shares(_db);
        while (true) {
            auto share = shares.next();
            if (!share) return passOn(share);
            if (!*share) return flush();
            if (isPlain(**share) != plain) continue;
            if (auto done = take(*std::move(*share), plain); !done) return done;
        }
    }
    Result<void> take(Share share, bool plain) {
        if (share.card) ++_loaded.people;
        _loaded.events += share.events.size();
        if (plain) {
            _people.push_back({*std::move(share.card), std::move(share.events)});
        } else {
            if (share.card) _cards.push_back(*std::move(share.card));
            std::move(share.events.begin(), share.events.end(), std::back_inserter(_events));
        }
        return _people.size() + _cards.size() + _events.size() < kPeopleAtOnce ? Result<void>{}
                                                                               : flush();
    }
    Result<void> flush() {
        if (!_people.empty()) {
            if (auto done = _bulk->add(_people); !done) return done;
        }
        if (!_cards.empty() || !_events.empty()) {
            if (auto done = _ledger.applyForeign(_events, _cards); !done) return passOn(done);
        }
        _people.clear();
        _cards.clear();
        _events.clear();
        if (_progress && !_progress(_loaded.people))
            return fail(Code::unavailable, "the load was ended");
        return {};
    }

    Ledger& _ledger;
    SQLite::Database& _db;
    const std::function<bool(std::uint64_t)>& _progress;
    std::unique_ptr<BulkLoad> _bulk;
    std::vector<BulkPerson> _people;
    std::vector<wire::Card> _cards;
    std::vector<Foreign> _events;
    LoadedSnapshot _loaded;
};

std::string metaOf(SQLite::Database& db, const char* name) {
    SQLite::Statement row(db, "SELECT value FROM meta WHERE name = ?");
    row.bind(1, name);
    return row.executeStep() ? row.getColumn(0).getString() : std::string();
}

} // namespace

Result<LoadedSnapshot> loadSnapshot(Ledger& ledger, const std::filesystem::path& file,
                                    const std::function<bool(std::uint64_t people)>& progress) {
    try {
        SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
        db.exec("PRAGMA trusted_schema = OFF");
        if (metaOf(db, "format") != std::to_string(kFormat))
            return fail(Code::unsupported, "head office's snapshot is of a newer version");
        const std::string cursor = metaOf(db, "cursor");
        auto loaded = Loading(ledger, db, progress).run();
        if (!loaded) return loaded;
        // Last: until then nothing says that the log was read so far.
        if (auto kept = ledger.applyForeign({}, {}, cursor); !kept) return passOn(kept);
        return loaded;
    } catch (const SQLite::Exception& failure) {
        return tl::make_unexpected(storageError(failure));
    }
}

} // namespace souffleur::ledger
