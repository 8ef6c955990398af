// What devices may ask of the hub (DESIGN 6): enrol, welcome, push, urgent, pull. Every request but
// enrolment is judged by the client certificate's key: known, active, not revoked. The body is
// believed only after its signature.
#pragma once

#include <map>
#include <mutex>

#include "plugin/base/Clock.h"
#include "plugin/http/Router.h"
#include "sync/hub/Asking.h"
#include "sync/hub/Home.h"
#include "sync/protocol/Enrolment.h"
#include "sync/protocol/Lease.h"

namespace souffleur::hub {

class Snapshots;

class SyncRoutes {
public:
    /// Borrows both. `welcome` is what approved devices are told; `leaseMs`: how long they show
    /// whom they hold without hearing from here.
    SyncRoutes(Home& home, const Clock& clock, protocol::Welcome welcome,
               TimeMs leaseMs = protocol::kLeaseMs)
        : _home(home), _clock(clock), _welcome(std::move(welcome)), _leaseMs(leaseMs) {}
    void addTo(http::Router& router);
    /// Before addTo(); borrowed. Without it new tills pull the whole log.
    void serveSnapshots(Snapshots& snapshots) { _snapshots = &snapshots; }

private:
    Result<http::Response> enrol(const http::Request& request);
    Result<http::Response> welcome(const http::Request& request);
    /// The next certificate for the key that the device shows, near the end of the present one and
    /// after it.
    Result<http::Response> renew(const http::Request& request);
    Result<http::Response> push(const http::Request& request);
    Result<http::Response> urgent(const http::Request& request);
    Result<http::Response> pull(const http::Request& request);
    /// Head of the log, and that it begins with the one that the device kept.
    Result<http::Response> log(const http::Request& request);
    /// Until when a till may show whom it holds, and the key of what it sealed; one that may only
    /// send gets the key alone.
    Result<http::Response> lease(const http::Request& request);
    /// What the snapshot for a new till is, and a part of it (one range of bytes, RFC 9110 section
    /// 14; at most protocol::kSnapshotPartMaxBytes).
    Result<http::Response> snapshot(const http::Request& request);
    Result<http::Response> snapshotPart(const http::Request& request);
    /// A device's word that the log is not the one it saw.
    Result<http::Response> logAlarm(const http::Request& request);
    /// A batch that its device signed.
    struct Received {
        OriginId origin;
        std::uint64_t firstSeq = 0;
        crypto::Hash prev{};
        std::vector<store::Incoming> events;
        bool frozen = false; ///< it forked: what it sends is kept beside the log
    };
    /// Judges the device's clock and places the batch. What has no place in the chain is refused
    /// and leaves no judgement. Batches go one after the other, so that none is judged twice.
    Result<store::Placed> place(const http::Request& request, const Received& batch);
    Result<Received> receive(const http::Request& request);
    /// Alarms where the batch was refused for a fork.
    Result<void> alarm(const Error& refusal, const Received& batch);
    /// The device behind the certificate.
    Result<store::Origin> device(const http::Request& request, May may);
    /// The same, and no kiosk: what is behind most addresses is of people.
    Result<store::Origin> till(const http::Request& request, May may);

    Home& _home;
    const Clock& _clock;
    /// How often a device said something of the log today: what it may write to the audit trail
    /// has a bound.
    struct Said {
        TimeMs since = 0;
        int times = 0;
    };
    std::mutex _listening;
    std::map<OriginId, Said> _said;
    std::map<OriginId, TimeMs> _renewed; ///< when, since this process began; under Home::issuing()
    protocol::Welcome _welcome;
    TimeMs _leaseMs;
    Snapshots* _snapshots = nullptr;
    std::mutex _placing;
};

} // namespace souffleur::hub
