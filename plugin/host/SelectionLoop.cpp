#include "plugin/host/SelectionLoop.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace souffleur::host {

namespace {

constexpr int kFramesPerTurn = 64;     ///< of one host, before the others have their turn
constexpr TimeMs kAcceptPauseMs = 100; ///< after accept(2) ran out of descriptors

/// Signals are the main thread's affair.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &_before);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &_before, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t _before{};
};

souffleur_text_t textOf(const std::string& text) {
    return {text.data(), text.size()};
}

void countRefusal(SelectionServerStats& stats, std::uint32_t reason) {
    switch (reason) {
    case SOUFFLEUR_REFUSED_USER:
        ++stats.refusedUser;
        break;
    case SOUFFLEUR_REFUSED_FULL:
        ++stats.refusedFull;
        break;
    case SOUFFLEUR_REFUSED_VERSION:
        ++stats.refusedVersion;
        break;
    case SOUFFLEUR_REFUSED_SILENT:
        ++stats.refusedSilent;
        break;
    default:
        ++stats.refusedMalformed;
        break;
    }
}

/// Best effort: the reason helps the other end, but nobody waits for it to be read.
void sendRefusal(int fd, std::uint32_t reason) {
    const Frame frame = refusalFrame(reason);
    static_cast<void>(::send(fd, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

} // namespace

SelectionLoop::SelectionLoop(HostSocket socket, HostEvents& events, const Clock& clock,
                             SelectionServerLimits limits)
    : _socket(std::move(socket)), _events(events), _clock(clock), _limits(limits),
      _wakeup(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (_wakeup.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    const SignalsBlocked inherited;
    _thread = std::thread([this] { run(); });
}

SelectionLoop::~SelectionLoop() {
    _stopping = true;
    wake();
    _thread.join();
}

void SelectionLoop::wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(::write(_wakeup.get(), &one, sizeof one));
}

void SelectionLoop::publishFlag(const FlagView& view) {
    souffleur_message_t message{};
    message.type = SOUFFLEUR_FRAME_FLAG;
    message.selection = view.ref.selection;
    message.kind = textOf(view.kind);
    message.icon = textOf(view.icon);
    message.words = textOf(view.words);
    message.script = textOf(view.script);
    message.script_language = textOf(view.scriptLanguage);
    message.as_of_ms = view.asOf;
    Frame frame = encodeFrame(message);
    if (frame.empty()) return;
    {
        const std::scoped_lock lock(_mutex);
        const auto slot = _slots.find(view.ref.client);
        if (slot == _slots.end() || slot->second.selection != view.ref.selection) return;
        slot->second.flag = std::move(frame);
    }
    wake();
}

SelectionServerStats SelectionLoop::stats() const {
    const std::scoped_lock lock(_mutex);
    SelectionServerStats copy = _stats;
    copy.clients = _slots.size();
    for (const auto& [client, slot] : _slots) {
        if (!slot.hostName.empty()) copy.hostNames.push_back(slot.hostName);
    }
    return copy;
}

// The thread's main.
void SelectionLoop::run() {
    std::vector<pollfd> polls;
    while (!_stopping) {
        const int timeout = fillPolls(polls);
        static_cast<void>(::poll(polls.data(), polls.size(), timeout));
        if (_stopping) break;
        std::uint64_t wakes = 0;
        static_cast<void>(::read(_wakeup.get(), &wakes, sizeof wakes));
        for (std::size_t i = 0; i < _clients.size(); ++i) {
            HostClient& client = *_clients[i];
            try {
                if (polls[i + 2].revents != 0 || client.throttled) serve(client);
            } catch (const std::exception&) { // an event threw: a bug there must not end the thread
                client.gone = true;
            }
            if (!client.greeted && !client.gone &&
                _clock.monotonicMs() - client.connectedAt >= _limits.helloTimeoutMs) {
                refuse(client, SOUFFLEUR_REFUSED_SILENT);
            }
            fetchFlag(client);
            if (!client.gone) client.write();
        }
        if (polls[1].revents != 0) acceptGuests();
        removeGone();
    }
}

/// The order is: wakeup, listener, clients. Returns poll's timeout.
int SelectionLoop::fillPolls(std::vector<pollfd>& polls) {
    const TimeMs now = _clock.monotonicMs();
    TimeMs pause = std::numeric_limits<int>::max();
    const bool accepting = now >= _acceptAgainAt;
    if (!accepting) pause = std::min(pause, _acceptAgainAt - now);
    polls.assign({{_wakeup.get(), POLLIN, 0}, {accepting ? _socket.listener() : -1, POLLIN, 0}});
    for (const auto& client : _clients) {
        if (!client->greeted) {
            pause = std::min(pause, client->connectedAt + _limits.helloTimeoutMs - now);
        }
        const auto write = static_cast<short>(client->blocked ? POLLOUT : 0);
        if (client->throttled) {
            // Not even its hang-up is looked at, or poll would return at once, again and again.
            pause = std::min(pause, client->allowance.pauseMs());
            polls.push_back({-1, 0, 0});
        } else {
            polls.push_back({client->fd.get(), static_cast<short>(POLLIN | write), 0});
        }
    }
    return static_cast<int>(std::max<TimeMs>(pause, 0));
}

void SelectionLoop::acceptGuests() {
    for (int i = 0; i < kFramesPerTurn; ++i) {
        HostSocket::Guest guest = _socket.accept();
        if (guest.fd.get() < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
                _acceptAgainAt = _clock.monotonicMs() + kAcceptPauseMs;
            }
            return;
        }
        const auto full = static_cast<std::size_t>(std::count_if(
            _clients.begin(), _clients.end(), [](const auto& c) { return !c->gone; }));
        std::uint32_t reason = 0;
        if (full >= _limits.maxClients) reason = SOUFFLEUR_REFUSED_FULL;
        if (!guest.ours) reason = SOUFFLEUR_REFUSED_USER;
        if (reason != 0) {
            sendRefusal(guest.fd.get(), reason);
            count([&](auto& stats) { countRefusal(stats, reason); });
            continue;
        }
        _clients.push_back(std::make_unique<HostClient>(++_lastClient, std::move(guest.fd), _limits,
                                                        _clock.monotonicMs()));
        const std::scoped_lock lock(_mutex);
        _slots.emplace(_lastClient, Slot{});
        ++_stats.accepted;
    }
}

/// Reads what the host sent, as far as its allowance goes, then hands its latest selection on.
void SelectionLoop::serve(HostClient& client) {
    std::uint32_t allowed = client.allowance.left(_clock.monotonicMs());
    bool more = true;
    for (int i = 0; i < kFramesPerTurn && allowed > 0 && more; ++i, --allowed) {
        std::size_t size = 0;
        switch (client.read(_buffer, size)) {
        case HostClient::Read::nothing:
            more = false;
            break;
        case HostClient::Read::ended:
            client.gone = true;
            more = false;
            break;
        case HostClient::Read::frame:
            client.allowance.take();
            more = takeFrame(client, size);
            break;
        }
    }
    const bool throttled = more && allowed == 0;
    if (throttled && !client.throttled) count([](auto& stats) { ++stats.throttled; });
    client.throttled = throttled;
    handOn(client);
}

/// False when the connection is not to be read any further.
bool SelectionLoop::takeFrame(HostClient& client, std::size_t size) {
    souffleur_message_t message;
    const souffleur_decoded_t decoded =
        size > _buffer.size() ? SOUFFLEUR_DECODED_MALFORMED
                              : souffleur_frame_decode(_buffer.data(), size, &message);
    if (decoded == SOUFFLEUR_DECODED_VERSION) {
        refuse(client, SOUFFLEUR_REFUSED_VERSION);
        return false;
    }
    const bool known = decoded == SOUFFLEUR_DECODED;
    if (decoded == SOUFFLEUR_DECODED_MALFORMED || message.seq != client.lastSeq + 1 ||
        (known && !takeMessage(client, message))) {
        refuse(client, SOUFFLEUR_REFUSED_MALFORMED);
        return false;
    }
    client.lastSeq = message.seq;
    count([](auto& stats) { ++stats.frames; });
    return true;
}

/// False when the host may not say this, or not now.
bool SelectionLoop::takeMessage(HostClient& client, const souffleur_message_t& message) {
    if (!client.greeted || message.type == SOUFFLEUR_FRAME_HELLO) return greet(client, message);
    switch (message.type) {
    case SOUFFLEUR_FRAME_SELECTED:
        keepPending(client, selectionOf(message, client.id));
        return true;
    case SOUFFLEUR_FRAME_CLEARED:
        keepPending(client, Selection{});
        return true;
    case SOUFFLEUR_FRAME_COMPLETED:
        handOn(client); // the sale belongs to the customer selected before it
        if (_orders.isNew(client.session, message.serial)) _events.completed(completedOf(message));
        return true;
    case SOUFFLEUR_FRAME_NEXT: {
        Selection hint = selectionOf(message, client.id);
        hint.ref = {};
        _events.hinted(hint);
        return true;
    }
    case SOUFFLEUR_FRAME_PING:
        return true;
    default:
        return false;
    }
}

bool SelectionLoop::greet(HostClient& client, const souffleur_message_t& message) {
    if (client.greeted || message.type != SOUFFLEUR_FRAME_HELLO) return false;
    client.greeted = true;
    client.session = message.session;
    client.welcomeDue = true;
    const std::scoped_lock lock(_mutex);
    _slots[client.id].hostName.assign(message.host_name.bytes, message.host_name.size);
    return true;
}

/// A Selection without ref stands for "cleared".
void SelectionLoop::keepPending(HostClient& client, Selection selection) {
    if (client.pending && client.pending->ref != SelectionRef{}) {
        count([](auto& stats) { ++stats.superseded; });
        const Selection& before = *client.pending;
        if (before.system != selection.system || before.id != selection.id) _events.passed(before);
    }
    client.pending = std::move(selection);
}

void SelectionLoop::handOn(HostClient& client) {
    if (client.gone || !client.pending) return;
    const Selection selection = std::move(*client.pending);
    client.pending.reset();
    const SelectionRef before{client.id, client.selection};
    setSelection(client, selection.ref.selection);
    if (selection.ref.selection != 0) {
        _events.selected(selection);
    } else if (before.selection != 0) {
        _events.cleared(before);
    }
}

void SelectionLoop::setSelection(HostClient& client, std::uint32_t selection) {
    client.selection = selection;
    client.flag.clear();
    const std::scoped_lock lock(_mutex);
    Slot& slot = _slots[client.id];
    slot.selection = selection;
    slot.flag.clear();
}

void SelectionLoop::refuse(HostClient& client, std::uint32_t reason) {
    sendRefusal(client.fd.get(), reason);
    client.gone = true;
    count([&](auto& stats) { countRefusal(stats, reason); });
}

void SelectionLoop::fetchFlag(HostClient& client) {
    const std::scoped_lock lock(_mutex);
    Frame& flag = _slots[client.id].flag;
    if (!flag.empty()) client.flag = std::exchange(flag, {});
}

void SelectionLoop::removeGone() {
    for (auto& client : _clients) {
        if (!client->gone) continue;
        {
            const std::scoped_lock lock(_mutex);
            _slots.erase(client->id);
        }
        client->fd.close();
        if (client->selection == 0) continue;
        try {
            _events.cleared({client->id, std::exchange(client->selection, 0)});
        } catch (const std::exception&) { // as in run
            continue;
        }
    }
    std::erase_if(_clients, [](const auto& client) { return client->gone; });
}

} // namespace souffleur::host
