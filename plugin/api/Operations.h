// The operations of the contract, one function each. Only for this room.
#pragma once

#include <atomic>
#include <mutex>

#include "plugin/api/Api.h"
#include "plugin/api/Body.h"
#include "plugin/api/Feed.h"
#include "plugin/api/Voice.h"
#include "plugin/counter/Counter.h"

namespace souffleur::api {

using Reply = counter::Outcome<http::Response>;

/// One request with what every operation needs of it.
struct Call {
    const http::Request& request;
    Voice voice; ///< in the reader's language
};

class Operations final : public FeedPainter {
public:
    Operations(ApiParts parts, ApiSettings settings);

    using Function = Reply (Operations::*)(const Call&);
    /// Stage, query parameters, the operation, and every failure as a problem.
    http::Response answer(const http::Request& request, std::string_view stage,
                          const std::vector<std::string_view>& query, Function function);

    // --- session
    Reply startSession(const Call& call);
    Reply getSession(const Call& call);
    Reply signIn(const Call& call);
    Reply signOut(const Call& call);
    Reply lock(const Call& call);
    Reply goUnidentified(const Call& call);
    Reply listOperators(const Call& call);
    // --- desk
    Reply feed(const Call& call);
    Reply getDesk(const Call& call);
    Reply selectCustomer(const Call& call);
    Reply setSituation(const Call& call);
    Reply setRush(const Call& call);
    Reply setLanguage(const Call& call);
    Reply handOver(const Call& call);
    Reply takeBack(const Call& call);
    // --- acts
    Reply recordAct(const Call& call);
    Reply undoAct(const Call& call);
    Reply printSlip(const Call& call);
    Reply getReceipt(const Call& call);
    Reply listUnattributed(const Call& call);
    Reply attributeAct(const Call& call);
    // --- people
    Reply search(const Call& call);
    Reply createSubject(const Call& call);
    Reply listActs(const Call& call);
    Reply setPreferences(const Call& call);
    Reply addContact(const Call& call);
    // --- till
    Reply decideJob(const Call& call);
    Reply openDrawer(const Call& call);
    Reply getStatus(const Call& call);
    Reply getNotices(const Call& call);

    void setSync(SyncView sync);
    void setHost(HostView host);
    void onLaunched(std::function<void()> hook) { _launched = std::move(hook); }

    // --- FeedPainter
    DeskPicture deskPicture(const std::string& language) override;
    std::string sessionPicture(const std::string& language) override;
    std::string printerPicture(const counter::PrinterView& printer) override;
    std::string syncPicture() override;
    std::string rushPicture(const counter::Rush& rush) override;
    std::string jobPicture(const counter::PrintJob& job) override;
    bool mayListen(const http::Request& request) override;

private:
    [[nodiscard]] Voice voiceFor(std::string language) const;
    [[nodiscard]] std::string languageOf(const http::Request& request) const;
    [[nodiscard]] counter::Outcome<void> mayCall(std::string_view stage) const;
    [[nodiscard]] SyncView sync() const;
    [[nodiscard]] static Reply sessionReply(const Call& call, const counter::Session& session,
                                            int status = 200);
    [[nodiscard]] Reply deskReply(const Call& call, int status = 200) const;
    [[nodiscard]] counter::Outcome<std::string> deskJson(const Voice& voice) const;
    [[nodiscard]] Reply unattributedReply() const;

    ApiParts _parts;
    ApiSettings _settings;
    TimeMs _startedAt;
    std::function<void()> _launched;
    std::atomic<int> _signingIn{0};
    mutable std::mutex _mutex; ///< guards the two below
    SyncView _sync;
    HostView _host;
};

} // namespace souffleur::api
