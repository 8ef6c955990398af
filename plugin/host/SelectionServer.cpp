#include "plugin/host/SelectionServer.h"

#include "plugin/abi/frame.h"
#include "plugin/host/HostSocket.h"
#include "plugin/host/SelectionLoop.h"

namespace souffleur::host {

namespace {

/// The public face: a loop with its thread.
class RunningServer final : public SelectionServer {
public:
    RunningServer(HostSocket socket, HostEvents& events, const Clock& clock,
                  SelectionServerLimits limits)
        : _loop(std::move(socket), events, clock, limits) {}
    void publishFlag(const FlagView& view) override { _loop.publishFlag(view); }
    [[nodiscard]] SelectionServerStats stats() const override { return _loop.stats(); }

private:
    SelectionLoop _loop;
};

} // namespace

Result<std::unique_ptr<SelectionServer>> SelectionServer::start(const std::string& path,
                                                                HostEvents& events,
                                                                const Clock& clock,
                                                                SelectionServerLimits limits) {
    auto socket = HostSocket::listenAt(path);
    if (!socket) return passOn(socket);
    return std::make_unique<RunningServer>(std::move(*socket), events, clock, limits);
}

std::string SelectionServer::defaultPath() {
    char path[SOUFFLEUR_PATH_MAX + 1];
    return souffleur_default_socket_path(path) != 0 ? path : "";
}

} // namespace souffleur::host
