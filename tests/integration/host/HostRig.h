// What the host tests share: a folder, the library as a vendor loads it, a terminal as a process,
// raw sockets.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "plugin/abi/frame.h"
#include "plugin/host/SelectionServer.h"

namespace souffleur::host::test {

/// Only a hang detector: everything here takes milliseconds.
inline constexpr int kDeadlineMs = 20000;

/// A private folder under /tmp, removed at the end.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string socket() const { return path + "/run/host.sock"; }
    std::string path;
};

/// Where the built library is.
const std::string& libraryFile();

/// The built library's table, through dlopen and its one symbol.
const souffleur_host_api_t& api();

/// A handle, and waits on its descriptor.
class Host {
public:
    explicit Host(const std::string& socket);
    ~Host() { api().close(_host); }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    souffleur_status_t select(const std::string& id);
    souffleur_status_t clear() { return api().customer_cleared(_host); }
    souffleur_status_t order(const std::string& id);
    souffleur_state_t state();
    /// Calls the library whenever it has something to read, until `done` or the deadline.
    bool until(const std::function<bool()>& done);
    bool untilLive();
    /// The next flag whose words are `words`.
    std::optional<souffleur_flag_t> flag(const std::string& words);
    souffleur_host_t* handle() { return _host; }

private:
    souffleur_host_t* _host = nullptr;
};

/// host-server as a process with its lines.
class Terminal {
public:
    explicit Terminal(const std::string& socket);
    ~Terminal(); ///< kill -9
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    void stop();   ///< SIGSTOP; returns when it is stopped
    void resume(); ///< SIGCONT
    void kill();   ///< SIGKILL; returns when it is gone
    [[nodiscard]] bool isStopped() const;
    /// Reads lines until this one; false at the end or the deadline.
    bool line(const std::string& wanted);
    std::vector<std::string> lines; ///< all read so far

private:
    pid_t _pid = -1;
    int _out = -1;
    int _in = -1;
    std::string _rest;
};

/// What a server in this process handed on.
class Recorder final : public HostEvents {
public:
    void selected(const Selection& selection) override;
    void passed(const Selection& selection) override;
    void cleared(const SelectionRef& ref) override;
    void completed(const Completed& order) override;
    void hinted(const Selection& selection) override;
    bool until(const std::function<bool(const Recorder&)>& done);

    std::vector<Selection> selections;
    std::vector<Selection> passers;
    std::vector<SelectionRef> clears;
    std::vector<Completed> orders;
    std::vector<Selection> hints;

private:
    template <typename Change>
    void note(Change change);
    std::mutex _mutex;
    std::condition_variable _changed;
};

/// A host that keeps to no rule.
class RawHost {
public:
    explicit RawHost(const std::string& socket);
    ~RawHost();
    RawHost(const RawHost&) = delete;
    RawHost& operator=(const RawHost&) = delete;

    bool send(const std::vector<std::uint8_t>& bytes) const;
    bool send(const souffleur_message_t& message);
    bool hello(std::uint64_t session);
    bool select(std::uint32_t selection, std::string_view id);
    /// The REFUSED reason, or 0 when the connection ended without; waits for the end.
    std::uint32_t refusal();
    /// The next frame; its texts live until the next call. none: the connection ended or the
    /// deadline passed.
    std::optional<souffleur_message_t> receive();
    /// Until everything sent so far is acknowledged.
    bool acknowledged();
    [[nodiscard]] int fd() const { return _fd; }

private:
    int _fd = -1;
    std::uint32_t _seq = 0;
    std::vector<std::uint8_t> _buffer;
};

} // namespace souffleur::host::test
