// What customers may say to head office (public.yaml): answer the link in a mail, take
// back what a slip says. GET never acts; a link or code travels in a body, never in an address; one
// that leads nowhere always gets the same answer.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "plugin/http/Router.h"
#include "plugin/http/Server.h"
#include "sync/mail/Answers.h"

namespace souffleur::hub {

/// How much one address may ask. Bounded memory. Thread-safe.
class Turnstile {
public:
    static constexpr int kWorthMax = 150;
    static constexpr TimeMs kWithinMs = 10 * kMinuteMs;
    static constexpr std::size_t kClientsMax = 1000;

    /// Counts a request; false: too many.
    bool pass(const std::string& client, TimeMs monotonicMs, int worth = 1);
    [[nodiscard]] std::size_t clients() const;

private:
    struct Seen {
        TimeMs since = 0;
        int worth = 0;
    };
    mutable std::mutex _mutex;
    std::map<std::string, Seen> _seen;
};

/// The rules for a page that anybody may open: its own names only, no other site's forms.
class PublicGate final : public http::Gate {
public:
    /// `publicUrl`: where customers reach it, empty: nowhere but on this machine.
    PublicGate(std::uint16_t port, const std::string& publicUrl);
    std::optional<http::Response> admit(http::Request& request) override;
    void dress(const http::Request& request, http::Response& response) override;

private:
    std::vector<std::string> _hosts;
    std::vector<std::string> _origins;
};

/// Thread-safe after addTo().
class PublicRoutes {
public:
    /// Borrows all.
    PublicRoutes(const mail::House& house, mail::Answers& answers, const Clock& clock)
        : _house(house), _answers(answers), _clock(clock) {}
    void addTo(http::Router& router);

private:
    using Answer = Result<http::Response>;
    using Member = Answer (PublicRoutes::*)(const http::Request&);
    http::Handler counted(Member member);
    Answer about(const http::Request& request);
    Answer look(const http::Request& request);
    Answer confirm(const http::Request& request);
    Answer notMe(const http::Request& request);
    Answer slip(const http::Request& request);

    const mail::House& _house;
    mail::Answers& _answers;
    const Clock& _clock;
    Turnstile _turnstile;
};

} // namespace souffleur::hub
