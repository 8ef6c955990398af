// What staff may ask of the hub (openapi.yaml): sign-in, overview, people, proof, devices, audit.
// Roles are asked for at every request (ConsoleRoles.h); every view and change leaves an audit row
// with ids only. A page that refreshes the same view writes one row in kViewAuditMs, not one a
// second.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/base/Random.h"
#include "plugin/crypto/SigningKey.h"
#include "plugin/http/Router.h"
#include "plugin/http/Sessions.h"
#include "plugin/policy/Questionnaire.h"
#include "sync/hub/ConsoleRoles.h"
#include "sync/hub/ConsoleSignIn.h"
#include "sync/hub/LogViews.h"
#include "sync/people/EventSink.h"

namespace souffleur::wire {
class JsonWriter;
}

namespace souffleur::hub {

inline constexpr TimeMs kViewAuditMs = 10 * kMinuteMs;
inline constexpr TimeMs kConsoleInvitationMs = 10 * kMinuteMs;

struct StateDetail;

/// All borrowed; must outlive the routes.
struct ConsoleParts {
    store::Store& store;
    http::Sessions& sessions;
    ConsoleSignIn& signIn;
    const Clock& clock;
    Random& random;
    std::function<Result<crypto::Hash>()> pin; ///< of the hub's TLS key, for invitations
    std::string syncUrl;                       ///< "https://127.0.0.1:8443", what devices are told
    const consent::Policy* policy = nullptr;   ///< the pack in force, for eligibility
    const crypto::SigningKey* signing = nullptr; ///< the hub's own: signs what it hands out
    OriginId log = {};                           ///< the hub's own id: whose log it is
    people::EventSink* chain = nullptr;          ///< the hub's own: what staff say of a person
    std::span<const policy::Questionnaire> questionnaires = {}; ///< of that pack
};

/// Thread-safe after addTo().
class ConsoleRoutes {
public:
    explicit ConsoleRoutes(ConsoleParts parts) : _parts(std::move(parts)) {}
    void addTo(http::Router& router);

private:
    using Answer = Result<http::Response>;
    using Member = Answer (ConsoleRoutes::*)(const http::Request&);

    /// The handler behind the matrix: nobody signed in 401, wrong role 403, audited else.
    [[nodiscard]] http::Handler secured(Action action, Member member);
    Answer begin(const http::Request& request);
    Answer session(const http::Request& request);
    Answer end(const http::Request& request);
    Answer overview(const http::Request& request);
    Answer search(const http::Request& request);
    Answer slipFound(const store::SlipAct& found);
    Answer person(const http::Request& request);
    Answer events(const http::Request& request);
    Answer proof(const http::Request& request);
    Answer log(const http::Request& request);
    [[nodiscard]] LogVoice voice() const;
    Answer receipt(const http::Request& request);
    Answer addressWorks(const http::Request& request);
    Answer liftRestriction(const http::Request& request);
    /// Appends to the hub's chain and answers with the person as they are then.
    /// Writes the audit row first: what cannot be noted is not said.
    Answer say(const http::Request& request, Action action, const SubjectId& person,
               std::span<const people::NewEvent> events);
    Answer picture(const SubjectId& id);
    /// Their no to all purposes and channels, where one was ever said; nothing else.
    [[nodiscard]] Result<std::optional<store::StateRow>>
    everythingOf(const SubjectId& person) const;
    Result<void> writeRow(wire::JsonWriter& out, const store::PersonRow& person, TimeMs now) const;
    [[nodiscard]] Result<StateDetail> detailOf(const SubjectId& person, const store::StateRow& row,
                                               TimeMs now) const;
    Answer eligibility(const http::Request& request);
    Answer devices(const http::Request& request);
    Answer approve(const http::Request& request);
    Answer revoke(const http::Request& request);
    Answer invite(const http::Request& request);
    Answer auditTrail(const http::Request& request);
    Answer surveys(const http::Request& request);
    /// Writes the audit row first, as say() does.
    Answer changeDevice(const http::Request& request, Action action, store::OriginStatus from,
                        store::OriginStatus to);
    /// Writes the audit row of a view unless the same session saw the same not long ago.
    Result<void> noteView(const http::Request& request, const Permission& permission);

    ConsoleParts _parts;
    std::mutex _mutex;
    std::map<std::string, TimeMs> _noted; ///< "session action about" -> monotonic ms
};

} // namespace souffleur::hub
