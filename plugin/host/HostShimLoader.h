// The one right way to hand libsouffleur_poco.so to a Poco::ClassLoader; for hosts, which have POCO
// anyway. Nothing else in this tree includes it.
#pragma once

#include <Poco/ClassLoader.h>
#include <Poco/Exception.h>
#include <Poco/SharedLibrary.h>
#include <string>

#include "plugin/host/HostShim.h"

namespace souffleur::host::v1 {

/// Loads the shim after checking that it was built for this very HostShim. Throws
/// Poco::LibraryLoadException when it cannot be loaded or is of another version: the host then
/// carries on without it. Any thread that may use `loader`.
inline void loadHostShim(Poco::ClassLoader<HostShim>& loader, const std::string& file) {
    {
        Poco::SharedLibrary library(file);
        if (!library.hasSymbol("souffleur_poco_abi") ||
            *static_cast<const int*>(library.getSymbol("souffleur_poco_abi")) != kHostShimAbi) {
            throw Poco::LibraryLoadException("not the Souffleur shim this host was built for; "
                                             "install the matching version",
                                             file);
        }
    } // ~SharedLibrary does not unload
    loader.loadLibrary(file);
}

} // namespace souffleur::host::v1
