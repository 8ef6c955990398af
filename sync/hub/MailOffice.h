// What `serve` adds where it reaches customers: the courier that mails confirmations, and the
// public door.
#pragma once

#include <memory>

#include "sync/hub/Commands.h"
#include "sync/hub/Home.h"
#include "sync/mail/Answers.h"

namespace souffleur::hub {

/// Lives from open() to destruction.
class MailOffice {
public:
    /// Borrows all but `names`. Without a mail file and a public port it does nothing, and says
    /// once that confirmations wait. Errors: of the mail file, the transport and the port.
    static Result<std::unique_ptr<MailOffice>> open(Home& home, const consent::Policy& policy,
                                                    std::map<std::string, std::string> names,
                                                    const Context& context,
                                                    const ServeOptions& options);
    ~MailOffice();
    MailOffice(const MailOffice&) = delete;
    MailOffice& operator=(const MailOffice&) = delete;

    /// 0: there is no public door.
    [[nodiscard]] std::uint16_t publicPort() const noexcept;
    void stop();

private:
    struct Parts;
    explicit MailOffice(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> _parts;
};

} // namespace souffleur::hub
