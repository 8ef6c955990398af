#include "sync/protocol/CertificateWatch.h"

#include <cstdio>

#include "sync/protocol/HubLink.h"

namespace souffleur::protocol {
namespace {

constexpr TimeMs kLookMs = kHourMs;
/// Head office finds it too early: this device's clock runs ahead, or behind.
constexpr TimeMs kTooEarlyMs = kDayMs;

} // namespace

CertificateWatch::CertificateWatch(const Device& device, Parts parts)
    : _device(device), _parts(std::move(parts)) {}

void CertificateWatch::check(bool expired) {
    const TimeMs now = _parts.clock.monotonicMs();
    if (!expired && now < _nextAt) return;
    _nextAt = now + kLookMs;
    const auto ends = _device.certificateEnds();
    const TimeMs at = _parts.clock.now().at;
    const bool near = !ends || *ends - at <= protocol::kRenewBeforeMs;
    // Made while head office's clock ran ahead.
    const bool early = _device.certificateBegins().value_or(0) > at;
    if (!expired && !near && !early) return;
    const auto renewed = renew();
    if (renewed) {
        _told = false;
        _parts.note("certificate.renewed");
        return;
    }
    if (renewed.error().code == Code::conflict) {
        _nextAt = now + kTooEarlyMs;
        return;
    }
    if (renewed.error().code == Code::unavailable || _told) return; // away: the next look
    _told = true;
    _parts.note("certificate.not-renewed");
    (void) std::fprintf(stderr,
                        "souffleur: this device's certificate could not be renewed, it is tried "
                        "again: %s\n",
                        renewed.error().text().c_str());
}

Result<void> CertificateWatch::renew() {
    const auto csr = _device.renewalRequest();
    if (!csr) return passOn(csr);
    const auto certificate = _parts.hub.renew(*csr);
    if (!certificate) return passOn(certificate);
    if (auto kept = _device.keepCertificate(*certificate, _parts.clock.now().at); !kept)
        return kept;
    _parts.hub.certificateChanged();
    return {};
}

} // namespace souffleur::protocol
