// The hub over HTTPS with the device's certificate.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugin/http/Client.h"
#include "sync/agent/LeaseWatch.h"
#include "sync/agent/LogWatch.h"
#include "sync/agent/SnapshotFetch.h"
#include "sync/protocol/Enrolment.h"
#include "sync/protocol/SyncLoop.h"

namespace souffleur::agent {

/// Thread-safe: one call at a time, cancel() from any thread.
class HttpHub final : public protocol::Hub,
                      public LogSource,
                      public LeaseSource,
                      public SnapshotSource {
public:
    /// `url`: "https://host:port". Files as http::ClientTls demands them.
    /// `onTime` (may be empty) is told the hub's clock and the round trip, in ms, after each
    /// answered call.
    HttpHub(std::string url, http::ClientTls tls, const Clock& clock,
            std::function<void(TimeMs hub, TimeMs roundTrip)> onTime);
    /// The same over somebody else's wire.
    HttpHub(std::string url, std::unique_ptr<http::Carrier> carrier, const Clock& clock,
            std::function<void(TimeMs hub, TimeMs roundTrip)> onTime);

    Result<protocol::PushAnswer> push(const protocol::Batch& batch) override;
    Result<void> urgent(const protocol::Batch& batch) override;
    Result<protocol::PullPage> pull(const std::string& cursor, std::size_t limit) override;
    /// What an approved device gets. Errors: refused while nobody has approved it yet.
    Result<protocol::Welcome> welcome();
    /// The same; no value where it is still the one of this tag (protocol::welcomeTag).
    Result<std::optional<protocol::Welcome>> welcomeUnless(const std::string& tag);
    /// The next certificate for this device's key. Errors: conflict (too early), refused.
    Result<std::string> renew(const std::string& csrPem);
    /// The certificate's file holds another one now.
    void certificateChanged() { _carrier->readTlsAgain(); }
    Result<protocol::LogAnswer> log(const protocol::LogSizes& from) override;
    Result<void> logAlarm(protocol::LogFault fault) override;
    Result<protocol::Lease> lease(const std::string& vault) override;
    Result<protocol::SnapshotManifest> snapshot() override;
    Result<std::string> snapshotPart(const std::string& id, std::uint64_t from,
                                     std::size_t size) override;
    void cancel() override;
    [[nodiscard]] TimeMs retryAfterMs() const override { return _retryAfterMs; }

private:
    /// Says what this device's clock shows, so that the hub can judge it.
    Result<http::ClientResponse> send(http::ClientRequest request);
    /// As zstd, and plain where whoever answers does not take that.
    Result<http::ClientResponse> post(const std::string& path, const protocol::Batch& batch);

    std::string _url;
    const Clock& _clock;
    std::function<void(TimeMs, TimeMs)> _onTime;
    std::unique_ptr<http::Carrier> _carrier;
    TimeMs _retryAfterMs = 0;
    int _status = 0;     ///< of the last answer; 0 = none came
    bool _plain = false; ///< a box on the way takes no zstd
};

/// Asks for enrolment at the hub that the invitation names and pins. Errors: refused (the code is
/// unknown, used or old), unavailable.
Result<protocol::EnrolAnswer> requestEnrolment(const protocol::Invitation& invitation,
                                               const protocol::EnrolRequest& request);

} // namespace souffleur::agent
