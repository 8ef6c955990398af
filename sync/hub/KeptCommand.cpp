// `souffleur-hub kept`: what kiosks sent and could not be placed.
#include <algorithm>
#include <cstdio>

#include "sync/hub/Commands.h"
#include "sync/hub/SealedRoutes.h"

namespace souffleur::hub {
namespace {

int failed(const Error& error) {
    (void) std::fprintf(stderr, "souffleur-hub: %s\n", error.text().c_str());
    return 1;
}

Result<store::Origin> kioskOf(const std::vector<store::Origin>& devices, const std::string& text) {
    const auto found = std::ranges::find_if(devices, [&](const store::Origin& one) {
        return one.kind == "kiosk" && (one.id.text() == text || one.fingerprint == text);
    });
    if (found == devices.end())
        return fail(Code::notFound, "no kiosk has this id or fingerprint: see `devices`");
    return *found;
}

Result<void> takeIn(const Context& context, Home& home, const store::Origin& kiosk) {
    IntakeKeys keys(home, context.clock, context.random);
    SealedRoutes sealed(home, keys, context.clock);
    if (auto told = home.store().audit(
            {context.clock.now().at, "system", "kiosk.decided", kiosk.id.text()});
        !told)
        return told;
    const auto tried = sealed.tryKept(kiosk.id);
    if (!tried) return passOn(tried);
    (void) std::printf("%llu taken in, %llu kept\n", static_cast<unsigned long long>(tried->placed),
                       static_cast<unsigned long long>(tried->kept));
    return {};
}

} // namespace

int keptSealed(const Context& context, const std::string& take) {
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return failed(home.error());
    const auto devices = (*home)->store().origins();
    if (!devices) return failed(devices.error());
    if (!take.empty()) {
        const auto kiosk = kioskOf(*devices, take);
        if (!kiosk) return failed(kiosk.error());
        if (auto taken = takeIn(context, **home, *kiosk); !taken) return failed(taken.error());
    }
    const auto kept = (*home)->store().keptCounts();
    if (!kept) return failed(kept.error());
    for (const store::KeptCount& one : *kept) {
        const auto device = std::ranges::find(*devices, one.origin, &store::Origin::id);
        (void) std::printf("%s  %-20s  %llu: %s\n", one.origin.text().c_str(),
                           device == devices->end() ? "" : device->name.c_str(),
                           static_cast<unsigned long long>(one.count), one.why.c_str());
    }
    if (kept->empty()) (void) std::printf("nothing is kept\n");
    return 0;
}

} // namespace souffleur::hub
