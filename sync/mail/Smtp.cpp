#include "sync/mail/Smtp.h"

#include <Poco/Exception.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <set>

#include "plugin/crypto/Encoding.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/http/TlsContext.h"

namespace souffleur::mail {
namespace {

using Outcome = Delivery::Outcome;
using Steady = std::chrono::steady_clock;
using Poco::Net::StreamSocket;
using std::chrono::milliseconds;

constexpr std::size_t kLineBytes = 2048;
constexpr std::size_t kReplyLines = 100;
constexpr std::size_t kBlockBytes = 16 * 1024;
constexpr int kReady = 220;
constexpr int kDone = 250;
constexpr int kLoggedIn = 235;
constexpr int kMore = 334;
constexpr int kGoOn = 354;

struct Reply {
    int code = 0;
    std::vector<std::string> lines; ///< without their codes
    [[nodiscard]] bool good() const { return code >= 200 && code < 400; }
    [[nodiscard]] std::string text() const {
        std::string all;
        for (const std::string& line : lines) all += line + " ";
        return all;
    }
};

/// The conversation broke: nothing was learned about the message.
struct Broken {
    std::string why;
};

/// Lines over a socket: each answer has its time, and what is done with it has an end.
class Dialogue {
public:
    Dialogue(const StreamSocket& socket, int answerMs)
        : _socket(socket), _answerMs(answerMs), _end(Steady::now() + milliseconds(2 * answerMs)) {
        allow(answerMs);
    }

    /// What comes next may take so long, whatever else was taken before.
    void part(int ms) {
        _end = Steady::now() + milliseconds(ms);
        _deadline = _end;
    }
    /// As part(), but within the end of that.
    void allow(int ms) { _deadline = std::min(Steady::now() + milliseconds(ms), _end); }

    void use(const StreamSocket& socket) { _socket = socket; }
    [[nodiscard]] StreamSocket& socket() { return _socket; }
    [[nodiscard]] bool idle() const { return _buffer.empty(); }

    Reply ask(std::string_view command) {
        allow(_answerMs);
        write(std::string(command) + "\r\n");
        return read();
    }
    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            _socket.setSendTimeout(left());
            const int sent = _socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
            if (sent <= 0) throw Broken{"the mail server closed the connection"};
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    Reply read() {
        Reply reply;
        for (std::size_t count = 0; count < kReplyLines; ++count) {
            const std::string line = readLine();
            const bool digits =
                line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3,
                                                [](char c) { return c >= '0' && c <= '9'; });
            if (!digits || (line.size() > 3 && line[3] != ' ' && line[3] != '-'))
                throw Broken{"what answers there is no mail server"};
            reply.code = std::stoi(line.substr(0, 3));
            reply.lines.push_back(line.size() > 4 ? line.substr(4) : "");
            if (line.size() == 3 || line[3] == ' ') return reply;
        }
        throw Broken{"the mail server's answer does not end"};
    }

private:
    Poco::Timespan left() const {
        const auto rest =
            std::chrono::duration_cast<std::chrono::microseconds>(_deadline - Steady::now());
        if (rest.count() <= 0) throw Broken{"the mail server took too long"};
        return {static_cast<Poco::Timespan::TimeDiff>(rest.count())};
    }
    std::string readLine() {
        for (;;) {
            const auto end = _buffer.find('\n');
            if (end != std::string::npos) {
                std::string line = _buffer.substr(0, end);
                _buffer.erase(0, end + 1);
                if (line.ends_with('\r')) line.pop_back();
                return line;
            }
            if (_buffer.size() > kLineBytes) throw Broken{"what answers there is no mail server"};
            std::array<char, 1024> bytes{};
            _socket.setReceiveTimeout(left());
            const int got = _socket.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
            if (got <= 0) throw Broken{"the mail server closed the connection"};
            _buffer.append(bytes.data(), static_cast<std::size_t>(got));
        }
    }

    StreamSocket _socket;
    int _answerMs;
    Steady::time_point _end;
    Steady::time_point _deadline;
    std::string _buffer;
};

Poco::Timespan timespan(int ms) {
    return {Poco::Timespan::TimeDiff{ms} * Poco::Timespan::MILLISECONDS};
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

/// "550": the enhanced code says the same in more words (RFC 3463).
std::string said(const char* what, int code) {
    return std::string(what) + " (" + std::to_string(code) + ")";
}

/// A line that begins with a dot gets another (RFC 5321 4.5.2).
std::string stuffed(const std::string& text) {
    std::string out;
    bool begin = true;
    for (const char c : text) {
        if (begin && c == '.') out += '.';
        out += c;
        begin = c == '\n';
    }
    if (!out.ends_with("\r\n")) out += "\r\n";
    return out + ".";
}

/// TLS would wait for the other end's farewell as long as for any answer: nobody listens to it.
struct Unheard {
    StreamSocket& socket;
    ~Unheard() {
        try {
            socket.shutdownReceive();
        } catch (const Poco::Exception&) { // NOLINT(bugprone-empty-catch)
            // It is closed already.
        }
    }
};

bool ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

} // namespace

Delivery judgeRecipient(int code, const std::string& text) {
    if (code >= 200 && code < 300) return {Outcome::accepted, {}};
    const bool enhanced = text.size() > 4 && text[0] == '5' && text[1] == '.' && text[3] == '.';
    const char subject = enhanced ? text[2] : ' ';
    constexpr std::array kAddressCodes{550, 551, 553, 556};
    const bool address = std::ranges::find(kAddressCodes, code) != kAddressCodes.end();
    if (code >= 500 && (enhanced ? subject == '1' : address))
        return {Outcome::noSuchAddress, said("no such address", code)};
    // 5.2.1: disabled for good. A full mailbox, a policy, a relay that is denied is not the
    // address.
    if (code >= 500 && text.starts_with("5.2.1"))
        return {Outcome::noSuchAddress, said("the mailbox is disabled", code)};
    if (code == 421) return {Outcome::unreachable, said("the mail server is closing", code)};
    return {Outcome::later, said("the mail server does not take the recipient now", code)};
}

struct Smtp::State {
    Settings settings;
    crypto::Secret password;
    Poco::Net::Context::Ptr tls;
    std::atomic<bool> cancelled{false};
    std::mutex mutex;
    std::optional<StreamSocket> open; ///< the plain one below, for cancel()

    /// `begun`: set before the first byte of the message goes.
    Delivery converse(Dialogue& talk, const Outgoing& message, bool& begun);
    Reply hand(Dialogue& talk, std::string_view content) const;
    std::set<std::string> hello(Dialogue& talk) const;
    void secure(Dialogue& talk) const;
    void logIn(Dialogue& talk, const std::set<std::string>& offers) const;
};

Smtp::Smtp(std::unique_ptr<State> state) : _state(std::move(state)) {}
Smtp::~Smtp() = default;

Result<std::unique_ptr<Transport>> Smtp::make(const Settings& settings) {
    auto state = std::make_unique<State>();
    state->settings = settings;
    if (!settings.passwordFile.empty()) {
        const auto file = crypto::readPrivateFile(settings.passwordFile, 1024);
        if (!file) return passOn(file);
        const auto line = file->view().substr(0, file->view().find_first_of("\r\n"));
        state->password = crypto::Secret(std::string(line));
    }
    if (settings.security != Security::none) {
        http::ClientTls tls;
        tls.caFile = settings.caFile;
        auto context = http::makeClientContext(tls);
        if (!context) return passOn(context);
        state->tls = *context;
    }
    return std::unique_ptr<Transport>(new Smtp(std::move(state)));
}

void Smtp::cancel() noexcept {
    _state->cancelled = true;
    const std::lock_guard lock(_state->mutex);
    try {
        if (_state->open) _state->open->shutdown();
    } catch (const Poco::Exception&) { // NOLINT(bugprone-empty-catch)
        // It is closed already.
    }
}

/// EHLO; what the server offers, in capitals.
std::set<std::string> Smtp::State::hello(Dialogue& talk) const {
    const std::string name = settings.from.substr(settings.from.rfind('@') + 1);
    const Reply reply = talk.ask("EHLO " + name);
    if (reply.code != kDone) throw Broken{said("the mail server does not greet us", reply.code)};
    std::set<std::string> offers;
    for (const std::string& line : reply.lines) {
        const std::string word = upper(line);
        offers.insert(word.substr(0, word.find(' ')));
        if (!word.starts_with("AUTH")) continue;
        for (const char* each : {"PLAIN", "LOGIN"}) {
            if ((word + " ").find(std::string(" ") + each + " ") != std::string::npos)
                offers.insert(std::string("AUTH ") + each);
        }
    }
    return offers;
}

void Smtp::State::secure(Dialogue& talk) const {
    // What came before the handshake is nobody's word.
    if (!talk.idle()) throw Broken{"the mail server speaks out of turn"};
    talk.socket().setReceiveTimeout(timespan(settings.timeoutMs));
    talk.socket().setSendTimeout(timespan(settings.timeoutMs));
    talk.use(Poco::Net::SecureStreamSocket::attach(talk.socket(), settings.host, tls));
}

void Smtp::State::logIn(Dialogue& talk, const std::set<std::string>& offers) const {
    if (settings.user.empty()) return;
    Reply reply;
    if (offers.contains("AUTH PLAIN")) {
        const crypto::Secret both(std::string(1, '\0') + settings.user + '\0' +
                                  std::string(password.view()));
        reply = talk.ask("AUTH PLAIN " + crypto::toBase64(both.view()));
    } else if (offers.contains("AUTH LOGIN")) {
        reply = talk.ask("AUTH LOGIN");
        if (reply.code == kMore) reply = talk.ask(crypto::toBase64(settings.user));
        if (reply.code == kMore) reply = talk.ask(crypto::toBase64(password.view()));
    } else {
        throw Broken{"the mail server takes no login that we know (PLAIN, LOGIN)"};
    }
    if (reply.code != kLoggedIn)
        throw Broken{said("the mail server does not take the login", reply.code)};
}

/// The content, and what the server says to it.
Reply Smtp::State::hand(Dialogue& talk, std::string_view content) const {
    talk.part(settings.endMs);
    while (!content.empty()) {
        const std::string_view block = content.substr(0, kBlockBytes);
        talk.allow(settings.blockMs);
        talk.write(block);
        content.remove_prefix(block.size());
    }
    talk.part(settings.endMs);
    return talk.read();
}

Delivery Smtp::State::converse(Dialogue& talk, const Outgoing& message, bool& begun) {
    if (settings.security == Security::tls) secure(talk);
    if (const Reply hi = talk.read(); hi.code != kReady)
        throw Broken{said("the mail server does not greet us", hi.code)};
    std::set<std::string> offers = hello(talk);
    if (settings.security == Security::startTls) {
        if (!offers.contains("STARTTLS"))
            throw Broken{"the mail server does not offer STARTTLS: nothing is sent unprotected"};
        if (const Reply ready = talk.ask("STARTTLS"); ready.code != kReady)
            throw Broken{said("the mail server does not begin TLS", ready.code)};
        secure(talk);
        offers = hello(talk);
    }
    logIn(talk, offers);
    const bool letters = !ascii(message.to);
    if (letters && !offers.contains("SMTPUTF8"))
        return {Outcome::refused, "the mail server takes no address in other letters"};
    const Reply from = talk.ask("MAIL FROM:<" + message.from + ">" + (letters ? " SMTPUTF8" : ""));
    if (!from.good()) throw Broken{said("the mail server does not take the sender", from.code)};
    const Reply to = talk.ask("RCPT TO:<" + message.to + ">");
    if (auto verdict = judgeRecipient(to.code, to.lines.front());
        verdict.outcome != Outcome::accepted)
        return verdict;
    talk.part(settings.dataMs);
    talk.write("DATA\r\n");
    if (const Reply go = talk.read(); go.code != kGoOn)
        return {Outcome::later, said("the mail server does not take the message now", go.code)};
    const std::string content = stuffed(message.text) + "\r\n";
    begun = true;
    const Reply done = hand(talk, content);
    begun = false; // the server said what it made of it
    if (done.code >= 500) return {Outcome::refused, said("the message was refused", done.code)};
    if (!done.good()) return {Outcome::later, said("the message was refused for now", done.code)};
    try {
        talk.part(settings.timeoutMs);
        (void) talk.ask("QUIT");
    } catch (const Broken&) { // NOLINT(bugprone-empty-catch)
        // It has the message.
    } catch (const Poco::Exception&) { // NOLINT(bugprone-empty-catch)
    }
    return {Outcome::accepted, {}};
}

Delivery Smtp::send(const Outgoing& message) {
    State& state = *_state;
    Delivery out;
    bool begun = false;
    try {
        StreamSocket socket;
        {
            const Poco::Net::SocketAddress address(state.settings.host, state.settings.port);
            socket.connect(address, timespan(state.settings.timeoutMs));
        }
        {
            const std::lock_guard lock(state.mutex);
            if (state.cancelled) return {Outcome::unreachable, "stopped"};
            state.open = socket;
        }
        Dialogue talk(socket, state.settings.timeoutMs);
        const Unheard end{socket}; // before the dialogue goes, which would wait for a farewell
        out = state.converse(talk, message, begun);
    } catch (const Broken& broken) {
        out = {Outcome::unreachable, broken.why};
    } catch (const Poco::TimeoutException&) {
        out = {Outcome::unreachable, "the mail server took too long"};
    } catch (const Poco::Net::SSLException&) {
        out = {Outcome::unreachable, "the mail server's certificate is not trusted"};
    } catch (const Poco::Exception&) {
        out = {Outcome::unreachable, "the mail server cannot be reached"};
    }
    // RFC 5321 4.2.5: whoever sent the end of a message without an answer does not know.
    if (begun) out.outcome = Outcome::maybe;
    const std::lock_guard lock(state.mutex);
    state.open.reset();
    if (state.cancelled) out.why = "stopped";
    return out;
}

} // namespace souffleur::mail
