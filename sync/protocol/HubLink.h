// What every device asks of its hub over HTTPS with its certificate, whatever it is: the welcome,
// the next certificate. What a till asks beside it is agent::HttpHub's, what a kiosk sends is
// SealedLoop's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"
#include "plugin/http/Client.h"
#include "sync/protocol/Enrolment.h"

namespace souffleur::protocol {

/// Thread-safe: one call at a time, cancelCall() from any thread.
class HubLink {
public:
    /// `onTime` is told the hub's clock and the round trip, in ms, after each answered call.
    using OnTime = std::function<void(TimeMs hub, TimeMs roundTrip)>;

    /// `url`: "https://host:port". Files as http::ClientTls demands them. `onTime` may be empty.
    HubLink(std::string url, http::ClientTls tls, const Clock& clock, OnTime onTime);
    /// The same over somebody else's wire.
    HubLink(std::string url, std::unique_ptr<http::Carrier> carrier, const Clock& clock,
            OnTime onTime);

    /// To a path of the hub. Says what this device's clock shows, so that the hub can judge it. Any
    /// answer but 200, 204, 206 and 304 is the error that it says: refused, conflict, tooLarge,
    /// unsupported, else unavailable.
    Result<http::ClientResponse> send(http::ClientRequest request);
    Result<http::ClientResponse> get(const std::string& path);
    Result<http::ClientResponse> postJson(const std::string& path, std::string json);

    /// What an approved device gets. Errors: refused while nobody has approved it yet.
    Result<Welcome> welcome();
    /// The same; no value where it is still the one of this tag (welcomeTag).
    Result<std::optional<Welcome>> welcomeUnless(const std::string& tag);
    /// The next certificate for this device's key. Errors: conflict (too early), refused.
    Result<std::string> renew(const std::string& csrPem);
    /// The certificate's file holds another one now.
    void certificateChanged() { _carrier->readTlsAgain(); }
    /// Ends a running call from another thread.
    void cancelCall() { _carrier->cancel(); }
    /// So long the hub asked to be left alone when it last refused; 0 = it did not ask.
    [[nodiscard]] TimeMs askedToWaitMs() const noexcept { return _retryAfterMs; }
    /// Of the last answer; 0 = none came.
    [[nodiscard]] int lastStatus() const noexcept { return _status; }

private:
    std::string _url;
    const Clock& _clock;
    OnTime _onTime;
    std::unique_ptr<http::Carrier> _carrier;
    TimeMs _retryAfterMs = 0;
    int _status = 0;
};

/// Asks for enrolment at the hub that the invitation names and pins. Errors: refused (the code is
/// unknown, used or old), unavailable.
Result<EnrolAnswer> requestEnrolment(const Invitation& invitation, const EnrolRequest& request);

} // namespace souffleur::protocol
