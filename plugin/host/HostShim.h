// For ticketing systems built on POCO: the host ABI as a class that Poco::ClassLoader makes. Thin:
// each call is one call of souffleur.h, where everything is documented (threads, blocking, bounds,
// results).
//
//     Poco::ClassLoader<souffleur::host::v1::HostShim> loader;
//     souffleur::host::v1::loadHostShim(loader, "libsouffleur_poco.so");     // HostShimLoader.h
//     std::unique_ptr<souffleur::host::v1::HostShim>
//     shim(loader.create(souffleur::host::v1::kHostShimClass)); shim->open({}, shim->text("Box
//     Office 7")); shim->customerSelected(customer);
//
// Three facts about ClassLoader that this header answers to:
//  - It accepts a library when the *name* of the base class matches, whatever its virtual
//  functions. A library with
//    one more would load and call the wrong one. So the version is part of the name (v1) and frozen
//    with it, and loadHostShim compares souffleur_poco_abi before the loader sees the library.
//  - It opens libraries RTLD_GLOBAL. So this one exports two symbols only, and no C++ name.
//  - Never unload: code of POCO's may outlive it. The library is linked nodelete; do not call
//  unloadLibrary either.
#pragma once

#include <string_view>

#include "plugin/abi/souffleur.h"

namespace souffleur::host::v1 {

/// Counts with every change to HostShim, the compiler's C++ ABI included.
inline constexpr int kHostShimAbi = 1;
/// What to ask the loader for.
inline constexpr const char* kHostShimClass = "souffleur::host::SharedHostShim";

/// One handle of the C ABI. One thread at a time, as there.
class HostShim {
public:
    HostShim() = default;
    /// Ends the handle.
    virtual ~HostShim() = default;
    HostShim(const HostShim&) = delete;
    HostShim& operator=(const HostShim&) = delete;

    /// Once, before anything else; the other calls return SOUFFLEUR_INVALID until it has succeeded.
    virtual souffleur_status_t open(souffleur_text_t socketPath, souffleur_text_t hostName) = 0;
    virtual souffleur_status_t customerSelected(const souffleur_customer_t& customer) = 0;
    virtual souffleur_status_t customerCleared() = 0;
    virtual souffleur_status_t orderCompleted(const souffleur_order_t& order) = 0;
    virtual souffleur_status_t customerNext(const souffleur_customer_t& customer) = 0;
    virtual souffleur_status_t pollFlag(souffleur_flag_t& flag) = 0;
    virtual int pollFd() = 0;
    virtual souffleur_status_t ping() = 0;
    virtual souffleur_status_t state(souffleur_state_t& state) = 0;

    /// Borrows a string for one call.
    static souffleur_text_t text(std::string_view text) { return {text.data(), text.size()}; }
};

} // namespace souffleur::host::v1
