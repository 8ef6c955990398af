// Builds POCO's TLS contexts. Only for .cpp files: it brings POCO with it.
#pragma once

#include <Poco/Net/Context.h>

#include "plugin/base/Result.h"
#include "plugin/http/Tls.h"

namespace souffleur::http {

/// TLS 1.2 at least, AEAD suites, session resumption on; with a caFile, client certificates as
/// `tls` says. Errors: notFound, refused (key file open to others), corrupt (not PEM, key and
/// certificate do not fit).
Result<Poco::Net::Context::Ptr> makeServerContext(const ServerTls& tls);
/// Peers verified strictly: chain (or pin), times and host name. Errors as above, and invalid
/// (neither caFile nor pin).
Result<Poco::Net::Context::Ptr> makeClientContext(const ClientTls& tls);

} // namespace souffleur::http
