#include "sync/hub/MailOffice.h"

#include <cstdio>

#include "plugin/contact/Email.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/policy/PackLoader.h"
#include "sync/hub/HouseFile.h"
#include "sync/hub/HubOrigin.h"
#include "sync/hub/PublicServer.h"
#include "sync/mail/Courier.h"
#include "sync/mail/Message.h"

namespace souffleur::hub {
namespace {

constexpr std::uint16_t kPublicPort = 8445;
constexpr std::size_t kAddressMaxBytes = 1024;

void say(const std::string& line) {
    (void) std::fprintf(stderr, "souffleur-hub: %s\n", line.c_str());
}

} // namespace

struct MailOffice::Parts {
    mail::House house;
    std::unique_ptr<mail::Transport> transport;
    std::unique_ptr<mail::Courier> courier; // before what it borrows
    std::unique_ptr<PublicServer> door;
};

MailOffice::MailOffice(std::unique_ptr<Parts> parts) : _parts(std::move(parts)) {}

MailOffice::~MailOffice() {
    stop();
}

Result<std::unique_ptr<MailOffice>> MailOffice::open(Home& home, const consent::Policy& policy,
                                                     std::map<std::string, std::string> names,
                                                     const Context& context,
                                                     const ServeOptions& options) {
    std::unique_ptr<Parts> parts(
        new Parts{{home.store(), home.chain(), policy, std::move(names)}, {}, {}, {}});
    PublicConfig config;
    config.address = options.publicAddress;
    config.port = options.publicPort.value_or(kPublicPort);
    config.publicUrl = policy.controller.withdrawUrl;
    std::optional<mail::Settings> settings;
    if (!options.mail.empty()) {
        auto read = mail::readSettings(options.mail);
        if (!read) return passOn(read);
        settings = std::move(*read);
        config.publicUrl = settings->publicUrl;
        auto transport = mail::makeTransport(*settings);
        if (!transport) return passOn(transport);
        parts->transport = std::move(*transport);
    }
    if (settings || options.publicPort) {
        auto door = PublicServer::start(parts->house, context.clock, config);
        if (!door) return passOn(door);
        parts->door = std::move(*door);
        say("customers at http://" + config.address + ":" + std::to_string(parts->door->port()) +
            "/, for the house's web server" +
            (config.publicUrl.empty() ? "" : " (" + config.publicUrl + ")"));
    }
    if (settings) {
        // Port 0 is the door's own, whichever the system chose: to try the product on one machine.
        if (settings->publicUrl.ends_with(":0"))
            settings->publicUrl = "http://127.0.0.1:" + std::to_string(parts->door->port());
        parts->courier = std::make_unique<mail::Courier>(parts->house, *parts->transport, *settings,
                                                         context.clock, context.random, say);
        parts->courier->start();
    } else {
        say("without --mail no confirmation is sent: a yes that must be confirmed waits");
    }
    return std::unique_ptr<MailOffice>(new MailOffice(std::move(parts)));
}

std::uint16_t MailOffice::publicPort() const noexcept {
    return _parts->door ? _parts->door->port() : 0;
}

void MailOffice::stop() {
    if (_parts->courier) _parts->courier->stop();
    if (_parts->door) _parts->door->stop();
}

int testMail(const MailTestOptions& options, const Clock& clock, Random& random) {
    const auto failed = [](const Error& error) {
        say(error.text());
        return 1;
    };
    const auto settings = mail::readSettings(options.mail);
    if (!settings) return failed(settings.error());
    const auto text = crypto::readPrivateFile(options.to, kAddressMaxBytes);
    if (!text) return failed(text.error());
    const auto line = text->view().substr(0, text->view().find_first_of("\r\n"));
    const auto to = contact::Email::parse(line);
    if (!to) return failed({Code::invalid, "the first line must be an address", options.to});
    auto transport = mail::makeTransport(*settings);
    if (!transport) return failed(transport.error());
    mail::Message message;
    message.id = "test-" + Uuid::timed(clock.now().at, random).text();
    message.from = settings->from;
    message.fromName = "Souffleur";
    message.to = to->canonical;
    message.language = "en";
    message.subject = "Souffleur: a test";
    message.text = "Head office can send mail.\n";
    message.html = "<p>Head office can send mail.</p>\n";
    message.at = clock.now().at;
    const mail::Delivery done =
        (*transport)->send({message.from, message.to, message.id, mail::assemble(message)});
    if (done.outcome == mail::Delivery::Outcome::maybe)
        return failed({Code::unavailable, "the test may have been taken: " + done.why, ""});
    if (done.outcome != mail::Delivery::Outcome::accepted)
        return failed({Code::unavailable, "the test was not taken: " + done.why, ""});
    (void) std::printf("The mail server took the test.\n");
    return 0;
}

} // namespace souffleur::hub
