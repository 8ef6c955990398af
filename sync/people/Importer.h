// Records of a ticketing export as events of the hub: people, orders, permissions.
//
// A yes with a date is a consent of that day (known to the day at best, never live). A yes without
// one is legacy. A buyer is a soft opt-in where the pack allows it, named by the order. A no needs
// no date. An answer that cannot be read is a no where a permission is on file, and nothing where
// none is (DESIGN 2, promise 3); one without a date doubts no word that a person gave us
// themselves. Every one of them lapses as the pack says, and none of them beats a no that a person
// said (DESIGN 4).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plugin/base/Random.h"
#include "plugin/consent/Policy.h"
#include "plugin/contact/Folder.h"
#include "plugin/intake/Record.h"
#include "sync/people/EventSink.h"
#include "sync/people/Prospects.h"
#include "sync/store/Store.h"

namespace souffleur::people {

struct ImportCounts {
    std::uint64_t records = 0;
    std::uint64_t newSubjects = 0;
    std::uint64_t known = 0;      ///< found again by their number in the source
    std::uint64_t linked = 0;     ///< same address and same name as somebody on file
    std::uint64_t suppressed = 0; ///< erased people: left out
    std::uint64_t orders = 0;
    std::uint64_t consents = 0; ///< yes with a date
    std::uint64_t legacy = 0;   ///< yes without a date
    std::uint64_t softOptIns = 0;
    std::uint64_t negatives = 0;
    std::uint64_t doubts = 0;    ///< answers that could not be read and stop a permission on file
    std::uint64_t reachable = 0; ///< of these records: may be written to, by at least one channel
    /// Of a dry run, once it is finished: who may be written to after the import, all rows taken
    /// together, and could not before.
    std::uint64_t newlyReachable = 0;
};

/// Takes records one by one; flushes to the sink in batches. Not thread-safe. Borrows all it is
/// given.
class Importer {
public:
    struct Options {
        bool dryRun = false;   ///< counts only, nothing is written
        consent::Token system; ///< name of the source in external ids, "import"
        consent::Token place = "head-office";
        TimeMs now = 0;
    };
    Importer(store::Store& store, EventSink& sink, const consent::Policy& policy,
             const store::StoreKeys& keys, Random& random, Options options);

    /// Errors: storage. A second import of the same file changes nothing but what changed in it.
    Result<void> take(const intake::Record& record);
    /// Writes what is left. Call once, last.
    Result<void> finish();
    [[nodiscard]] const ImportCounts& counts() const noexcept { return _counts; }

private:
    struct Match {
        SubjectId subject; ///< whose events these become
        SubjectId sameAs;  ///< another subject to link with; none = nobody
        bool known = false;
    };
    Result<Match> match(const intake::Record& record, const wire::PersonData& person);
    /// Who on file holds this address under the same name; none = nobody.
    Result<SubjectId> holderNamed(const wire::ContactPoint& contact, const std::string& name);
    Result<bool> suppressed(const wire::PersonData& person);
    void addPerson(const intake::Record& record, const SubjectId& subject,
                   const wire::PersonData& person);
    void addOrders(const intake::Record& record, const SubjectId& subject);
    Result<void> addPermissions(const intake::Record& record, const Match& match,
                                const wire::PersonData& person);
    consent::ChoiceItem choiceFor(const intake::Permission& permission, std::string& source) const;
    /// What a purchase permits by itself: the choices and their source; empty = nothing.
    consent::Act softOptIn(const intake::Record& record, const wire::PersonData& person,
                           const std::set<std::pair<std::string, std::string>>& answered,
                           TimeMs& at);
    void add(NewEvent event) { _pending.push_back(std::move(event)); }
    Result<void> flush();
    [[nodiscard]] Result<bool> reachableNow(const Match& match) const;
    /// The person whom a dry run counts the record's words under.
    Result<SubjectId> prospect(const Match& match);
    /// Notes for a dry run what the record says of that person.
    void promise(const SubjectId& person, const consent::ChoiceItem& item, TimeMs at,
                 const wire::PersonData& data);
    /// The contact keys of a channel, or of all.
    [[nodiscard]] std::vector<std::string> addresses(const wire::PersonData& person,
                                                     std::string_view channel) const;
    /// Without the unclear answers that cast no doubt on anything; counts doubts and noes.
    Result<std::vector<intake::Permission>> weigh(const intake::Record& record, const Match& match);
    /// Is there a permission that an answer which could not be read casts into doubt?
    Result<bool> doubted(const intake::Permission& permission, const Match& match);
    [[nodiscard]] Result<bool> refusedOnFile(const SubjectId& person,
                                             const consent::Key& key) const;
    /// The consent that the law wants beside the item's: on file, or in this very record.
    [[nodiscard]] Result<consent::StateView> prerequisiteOf(const consent::ChoiceItem& item,
                                                            const intake::Record& record,
                                                            const SubjectId& onFile) const;
    /// Will this permission of the record let the house write, with all that is on file?
    [[nodiscard]] Result<bool> willReach(const consent::ChoiceItem& item, const std::string& source,
                                         const intake::Record& record,
                                         const wire::PersonData& person, const Match& match) const;

    store::Store& _store;
    EventSink& _sink;
    const consent::Policy& _policy;
    store::StoreKeys _keys;
    Random& _random;
    Options _options;
    contact::Folder _folder;
    ImportCounts _counts;
    std::vector<NewEvent> _pending;
    /// Of this run, before they are in the store: by source id, and by address and name.
    std::map<std::string, SubjectId> _bySourceId;
    std::map<std::string, SubjectId> _byAddressAndName;
    Prospects _prospects;                       ///< of a dry run
    std::map<SubjectId, SubjectId> _prospectOf; ///< of a dry run: linked to somebody else
};

} // namespace souffleur::people
