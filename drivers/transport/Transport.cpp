#include "drivers/transport/Transport.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include "drivers/transport/FileTransport.h"
#include "drivers/transport/TcpTransport.h"

namespace souffleur::transport {

Result<std::unique_ptr<Transport>> fromAddress(const std::string& address) {
    constexpr std::uint16_t kRawPort = 9100;
    constexpr std::size_t kMaxAddress = 4096;
    const auto refuse = [] {
        return tl::make_unexpected(
            Error{Fault::invalid, "a printer's address is tcp://host:9100 or file:///path"});
    };
    if (address.size() > kMaxAddress) return refuse();
    try {
        const Poco::URI uri(address);
        if (uri.getScheme() == "tcp" && !uri.getHost().empty() && uri.getPath().empty()) {
            const std::uint16_t port = uri.getPort() == 0 ? kRawPort : uri.getPort();
            return std::make_unique<TcpTransport>(uri.getHost(), port);
        }
        if (uri.getScheme() == "file" && uri.getHost().empty() && uri.getPath().size() > 1) {
            return std::make_unique<FileTransport>(uri.getPath());
        }
    } catch (const Poco::Exception&) {
        return refuse();
    }
    return refuse();
}

} // namespace souffleur::transport
