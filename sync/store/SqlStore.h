// A database behind Store: all that does not depend on which one it is. Private to this room; made
// by openSqlite and openPostgres. One connection under one mutex.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "plugin/consent/Event.h"
#include "plugin/contact/Folder.h"
#include "sync/store/Session.h"
#include "sync/store/Store.h"
#include "sync/store/Surveys.h"

namespace souffleur::store {

class Projection;
class Judged;

class SqlStore final : public Store, public Surveys {
public:
    /// The session's tables are those of this build. `alone` as openSqlite has it.
    static Result<std::unique_ptr<Store>> open(std::unique_ptr<Session> session,
                                               const StoreKeys& keys, bool alone);
    ~SqlStore() override;

    Result<Placed> place(const OriginId& origin, std::uint64_t firstSeq, const crypto::Hash& prev,
                         std::span<const Incoming> events, TimeMs now) override;
    Result<bool> sameAsPlaced(const OriginId& origin, std::uint64_t firstSeq,
                              std::span<const Incoming> events) const override;
    Result<void> placeCopy(const OriginId& origin, const Incoming& event, TimeMs now) override;
    Result<SealedResult> placeSealed(const SealedKey& item, std::span<const Incoming> events,
                                     TimeMs now, SealedOf of) override;
    Result<SealedResult> placeWithdrawal(const SealedKey& item, const SlipNo& no, TimeMs now,
                                         SealedOf of) override;
    Result<SealedResult> keepSealed(const SealedKey& item, std::string_view raw,
                                    const std::string& why, TimeMs now) override;
    Result<bool> hasSealed(const SealedKey& item) const override;
    Result<std::uint64_t> countSealed(const OriginId& origin, std::uint64_t from,
                                      std::uint64_t to) const override;
    Result<std::vector<KeptSealed>> keptSealed(const SealedKey& after,
                                               std::size_t limit) const override;
    Result<std::vector<KeptCount>> keptCounts() const override;
    Result<std::vector<IntakeKey>> intakeKeys() const override;
    Result<void> putIntakeKey(const IntakeKey& key) override;
    Result<void> dropIntakeKeys(std::uint64_t below) override;
    Result<void> noteIntakeNeed(const OriginId& origin, std::uint64_t number) override;
    Result<std::vector<std::pair<OriginId, std::uint64_t>>> intakeNeeds() const override;
    Result<bool> countBallot(const Uuid& id, const SurveyBallot& ballot,
                             std::int64_t forgetBefore) override;
    Result<SurveyCounts> surveyCounts(const std::string& questionnaire,
                                      std::uint32_t version) const override;
    Result<std::size_t> keepForked(const OriginId& origin, std::uint64_t firstSeq,
                                   std::span<const Incoming> events, TimeMs now) override;
    Result<PullPage> pull(const Cursor& from, std::size_t limit,
                          const OriginId& reader) const override;

    Result<void> enrol(const Origin& origin) override;
    Result<void> setStatus(const OriginId& origin, OriginStatus status) override;
    Result<void> served(const OriginId& reader, const Cursor& from, const Cursor& to,
                        TimeMs now) override;
    Result<Cursor> servedFrom(const OriginId& reader, const Cursor& asked) const override;
    Result<consent::Clocks> clocks() const override;
    Result<void> noteLogAlarm(const OriginId& origin, const std::string& fault,
                              TimeMs now) override;
    Result<Origin> origin(const OriginId& id) const override;
    Result<Origin> originByFingerprint(const std::string& fingerprint) const override;
    Result<std::vector<Origin>> origins() const override;
    Result<void> invite(const crypto::Hash& codeHash, const std::string& name,
                        const std::string& place, const std::string& kind,
                        TimeMs expiresAt) override;
    Result<Origin> redeem(const crypto::Hash& codeHash, TimeMs now) override;

    Result<std::vector<PersonRow>> people(const PeopleQuery& query) const override;
    Result<PersonRow> person(const SubjectId& subject) const override;
    Result<std::vector<ProofRow>> proof(const SubjectId& subject) const override;
    Result<ProofRow> event(const EventId& id) const override;
    Result<InclusionRow> inclusion(const EventId& id) const override;
    Result<LogGrowth> growth(const LogSizes& from) const override;
    Result<SlipAct> actBySlip(const crypto::Handle& code) const override;
    Result<std::vector<SubjectId>> byExternalId(const std::string& system,
                                                const std::string& value) const override;
    Result<std::vector<SubjectId>> byContactKey(const std::string& key) const override;
    Result<bool> suppressed(const std::string& key) const override;
    Result<std::vector<EligibilityRow>> eligibility(const EligibilityQuery& query,
                                                    const consent::Policy& policy) const override;
    Result<bool> reachable(const SubjectId& person, const consent::Policy& policy,
                           TimeMs now) const override;
    Result<std::uint64_t> reachable(const consent::Policy& policy, TimeMs now) const override;
    Result<bool> saidNoAt(const std::string& contactKey, const consent::Key& key,
                          const SubjectId& except) const override;
    Result<bool> proposed(const SubjectId& subject) const override;
    Result<consent::StateView> state(const SubjectId& person,
                                     const consent::Key& key) const override;
    Result<Counts> counts(TimeMs now) const override;

    Result<void> putStaff(const StaffRow& row) override;
    Result<StaffRow> staff(const std::string& name) const override;
    Result<void> audit(const AuditRow& row) override;
    Result<std::vector<AuditRow>> auditTrail(std::size_t limit) const override;
    Result<AuditPage> auditPage(std::size_t limit, const std::string& without) const override;
    Result<void> putSetting(const std::string& name, const std::string& value) override;
    Result<std::string> setting(const std::string& name) const override;
    Result<void> useRules(const consent::StateRules& rules) override;
    Result<void> keepWordings(std::span<const consent::Notice> wordings) override;
    Result<consent::Notice> wording(const consent::NoticeRef& ref) const override;
    Result<TimeMs> newestPayload(const SubjectId& subject) const override;
    Result<std::size_t> findMails(const consent::Policy& policy, const MailRules& rules,
                                  TimeMs now) override;
    Result<std::optional<MailJob>> claimMail(const consent::Policy& policy, const MailRules& rules,
                                             const crypto::Hash& token, TimeMs now) override;
    Result<void> mailTried(const MailJob& job, const std::string& outcome, TimeMs again,
                           TimeMs now) override;
    Result<MailLink> mailLink(const crypto::Hash& token, TimeMs now) const override;
    Result<void> mailAnswered(const crypto::Hash& token, const std::string& outcome,
                              TimeMs now) override;
    Result<std::vector<MailRow>> mailsOf(const SubjectId& person) const override;
    Result<MailCounts> mailCounts(TimeMs since) const override;
    Result<bool> maintain() override;
    Result<crypto::Hash> verify() const override;

private:
    SqlStore(std::unique_ptr<Session> session, const StoreKeys& keys);
    /// What an older build could not read may be read by this one: nothing unknown is permanent.
    Result<void> rereadQuarantine();
    /// Once after an upgrade: reads again what an older build projected by other rules.
    Result<void> resettle();
    /// Takes into the trees what an older build placed.
    Result<void> growTrees();
    /// What the settings hold, from an earlier opening or from another process.
    void recall() const;
    /// Begins a line of the log: what positions are given from now on, only this store and its
    /// later copies know. Inside a transaction.
    void beginLine() const;
    [[nodiscard]] std::optional<wire::Card> cardOf(const SubjectId& subject) const;
    [[nodiscard]] PersonRow personRow(const SubjectId& person) const;
    [[nodiscard]] std::vector<SubjectId>
    candidatesAfter(const PeopleQuery& wanted, const SubjectId& after, std::size_t limit) const;
    [[nodiscard]] std::vector<std::string> nearTokens(const std::string& typed) const;
    [[nodiscard]] std::vector<SubjectId> candidatesNear(const PeopleQuery& wanted) const;
    [[nodiscard]] std::vector<SubjectId> candidatesByNumber(const PeopleQuery& wanted,
                                                            std::size_t limit) const;
    [[nodiscard]] bool matches(const PeopleQuery& wanted, const SubjectId& person) const;
    /// The smallest text that is greater than every text with this prefix.
    [[nodiscard]] static std::string prefixEnd(std::string prefix);
    /// The words of a search that a name must begin with as they stand: all but a Dutch particle.
    [[nodiscard]] static std::vector<std::string> telling(const std::vector<std::string>& words);
    [[nodiscard]] bool isNamed(const SubjectId& person,
                               const std::vector<std::string>& words) const;
    /// Inside a transaction that erased: the files must be cleaned, also after a crash.
    void noteErasure(const Projection& projection);
    /// After its commit. A reader in the way puts it off to maintain().
    void forget();
    Result<bool> maintainApart();
    /// An event in quarantine.
    struct Kept {
        OriginId origin;
        std::uint64_t seq = 0;
        Incoming event;
        TimeMs receivedAt = 0;
    };
    static std::vector<Kept> keptFrom(Query& row);
    struct Shown;
    [[nodiscard]] Shown shownTo(const OriginId& reader, const Cursor& from, const Cursor& to) const;
    [[nodiscard]] Result<bool> servesNothingNew(const OriginId& reader, const Cursor& from,
                                                const Cursor& to, TimeMs now) const;
    /// Takes out of quarantine what can be read by now and names nothing unshown.
    void placeAgain(const std::vector<Kept>& all);
    /// At the end of the device's chain.
    void placeAtEnd(Projection& projection, const Origin& device, std::span<const Incoming> events,
                    TimeMs now, Placed& placed);
    /// The noes that wait for acts with these slips, which were just placed. True: there was one.
    bool placeEarly(Projection& projection, const std::vector<std::string>& slips);
    /// An item of a kiosk that is to be placed.
    struct Sealing {
        SealedResult done;
        Origin kiosk;
        bool kept = false; ///< it came before, and could not be placed
    };
    [[nodiscard]] Result<Sealing> beginSealed(const SealedKey& item, SealedOf of) const;
    SealedResult endSealed(const SealedKey& item, Sealing sealing, std::span<const Incoming> events,
                           TimeMs now);
    /// The person behind the subject, with what decides; nothing if unknown.
    [[nodiscard]] std::unique_ptr<Judged> judged(Projection& projection,
                                                 const SubjectId& subject) const;
    [[nodiscard]] std::vector<EligibilityRow> verdicts(Projection& projection, const Judged& person,
                                                       const EligibilityQuery& asked,
                                                       const consent::Policy& policy) const;
    /// States of `key` of everybody else who holds the address.
    [[nodiscard]] std::vector<consent::State> othersAt(Projection& projection,
                                                       const crypto::Hash& address,
                                                       const consent::Key& key,
                                                       const std::set<SubjectId>& except) const;
    /// A row of mails.
    struct Mail;
    struct FoundAct;
    [[nodiscard]] static Mail mailFrom(Query& row);
    std::size_t lookOn(Cursor& cursor, TimeMs since, std::vector<FoundAct>& acts,
                       std::set<SubjectId>& again) const;
    [[nodiscard]] std::vector<FoundAct> actsOf(const SubjectId& subject) const;
    [[nodiscard]] std::vector<Mail> mailsOfSubject(const SubjectId& subject) const;
    void addToLink(MailLink& link, const Mail& one) const;
    void findMail(Projection& projection, const FoundAct& found, const consent::Policy& policy,
                  const MailRules& rules, TimeMs now);
    [[nodiscard]] std::string mailKeyFor(const FoundAct& found) const;
    [[nodiscard]] std::string mailRefusal(Projection& projection, const Judged& person,
                                          const Mail& mail, const consent::Policy& policy) const;
    [[nodiscard]] TimeMs mailWaits(const Judged& person, const Mail& mail, const MailRules& rules,
                                   TimeMs now) const;
    std::optional<MailJob> tryClaim(Projection& projection, const Mail& mail,
                                    const consent::Policy& policy, const MailRules& rules,
                                    const crypto::Hash& token, TimeMs now);
    [[nodiscard]] std::optional<ContactRow> mailAddress(const SubjectId& subject,
                                                        const std::string& keyBytes) const;
    [[nodiscard]] Cursor shardHeads() const;
    void addUrgent(PullPage& page, std::set<SubjectId>& subjects, std::size_t limit,
                   const OriginId& reader) const;
    Result<void> rebuildInto(Statements& statements, Projection& projection) const;
    Result<void>
    checkHeads(const std::map<OriginId, std::pair<std::uint64_t, crypto::Hash>>& chains) const;

    /// After begin(): what other processes changed meanwhile.
    void refresh(Session::Mode mode) const;
    /// Runs `work` under the mutex; a failing database becomes an error. It may run several times,
    /// each as if it were the first: what it changes outside the database, it must set anew.
    template <typename F>
    auto within(Session::Mode mode, F&& work) const -> decltype(work());
    template <typename F>
    auto guarded(F&& work) const -> decltype(work()) {
        return within(Session::Mode::loose, std::forward<F>(work));
    }
    /// The same, reading the files as they are at one moment.
    template <typename F>
    auto snapshot(F&& work) const -> decltype(work()) {
        return within(Session::Mode::snapshot, std::forward<F>(work));
    }
    /// The same as the one writer; an error value rolls back.
    template <typename F>
    auto transaction(F&& work) -> decltype(work()) {
        return within(Session::Mode::write, std::forward<F>(work));
    }
    [[nodiscard]] Query query(std::string_view name) const { return Query(_statements[name]); }

    mutable std::mutex _mutex;
    std::unique_ptr<Session> _session;
    Statements& _statements;
    StoreKeys _keys;
    mutable contact::Folder _folder;
    // What recall() reads.
    mutable consent::StateRules _rules;
    mutable std::string _forgetting; ///< marks the latest erasure; empty: nothing to forget
    mutable std::string _lineage;
    /// Where each line began, the present one last. Its heads bound what cursors of the line before
    /// may claim.
    mutable std::vector<Cursor> _lines;
    std::string _ownRules; ///< what this process last put in force, as text
    /// Where the retries of a device's waiting answers go on; none = from the first.
    std::map<OriginId, std::pair<std::int64_t, SubjectId>> _retryFrom;
};

/// The setting that says that erased bytes may still be in a file.
inline constexpr const char* kForget = "forget";
/// The setting that says that what an older build projected is still to be read again.
inline constexpr const char* kResettle = "resettle";

/// A row of the origin-… statements.
Origin readOrigin(Query& row);
template <typename F>
auto SqlStore::within(Session::Mode mode, F&& work) const -> decltype(work()) {
    const std::lock_guard lock(_mutex);
    for (int attempts = 1;; ++attempts) {
        try {
            _session->begin(mode);
            refresh(mode);
            auto result = work();
            if (result && mode == Session::Mode::write)
                _session->commit();
            else
                _session->rollback();
            return result;
        } catch (const DatabaseFailure& failure) {
            _session->rollback();
            if (!failure.again() || !_session->retry(attempts))
                return tl::make_unexpected(failure.error());
        } catch (...) {
            _session->rollback();
            throw;
        }
    }
}

} // namespace souffleur::store
