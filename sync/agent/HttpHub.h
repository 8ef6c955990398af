// The hub over HTTPS with the device's certificate.
#pragma once

#include <string>

#include "sync/agent/LeaseWatch.h"
#include "sync/agent/LogWatch.h"
#include "sync/agent/SnapshotFetch.h"
#include "sync/protocol/HubLink.h"
#include "sync/protocol/SyncLoop.h"

namespace souffleur::agent {

/// Thread-safe: one call at a time, cancel() from any thread.
class HttpHub final : public protocol::HubLink,
                      public protocol::Hub,
                      public LogSource,
                      public LeaseSource,
                      public SnapshotSource {
public:
    using protocol::HubLink::HubLink;

    Result<protocol::PushAnswer> push(const protocol::Batch& batch) override;
    Result<void> urgent(const protocol::Batch& batch) override;
    Result<protocol::PullPage> pull(const std::string& cursor, std::size_t limit) override;
    Result<protocol::LogAnswer> log(const protocol::LogSizes& from) override;
    Result<void> logAlarm(protocol::LogFault fault) override;
    Result<protocol::Lease> lease(const std::string& vault) override;
    Result<protocol::SnapshotManifest> snapshot() override;
    Result<std::string> snapshotPart(const std::string& id, std::uint64_t from,
                                     std::size_t size) override;
    void cancel() override;
    [[nodiscard]] TimeMs retryAfterMs() const override { return askedToWaitMs(); }

private:
    /// As zstd, and plain where whoever answers does not take that.
    Result<http::ClientResponse> post(const std::string& path, const protocol::Batch& batch);

    bool _plain = false; ///< a box on the way takes no zstd
};

} // namespace souffleur::agent
