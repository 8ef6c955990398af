// Which files make a TLS end. TLS 1.2 at least, session resumption on, peers verified strictly.
#pragma once

#include <filesystem>
#include <optional>

#include "plugin/crypto/Hash.h"

namespace souffleur::http {

struct ServerTls {
    std::filesystem::path certFile;
    std::filesystem::path keyFile; ///< must satisfy crypto::readPrivateFile()
    std::filesystem::path
        caFile; ///< whose client certificates are accepted; empty: none are asked for
    bool requireClient = true; ///< with caFile: no certificate, no connection
    /// A client certificate past its end is let in (Peer::notAfter says so): DESIGN 6, it may push
    /// and renew. So is one that has yet to begin (Peer::notBefore): our clock ran ahead when it
    /// was made, or runs behind now. Who the peer is, its key says.
    bool acceptExpired = false;
};

struct ClientTls {
    std::filesystem::path
        caFile; ///< whose server certificates are trusted; the host name is checked
    std::filesystem::path certFile; ///< our certificate; empty: none is shown
    std::filesystem::path keyFile;
    /// Instead of caFile: the SHA-256 of the server key (crypto::publicKeyFingerprint), as an
    /// enrolment code carries it. The name in the certificate must fit all the same.
    std::optional<crypto::Hash> pin;
};

} // namespace souffleur::http
