// Hands messages to a mail server (RFC 5321, 3207, 4954, 6409), one connection each.
#pragma once

#include "plugin/crypto/Secret.h"
#include "sync/mail/Settings.h"
#include "sync/mail/Transport.h"

namespace souffleur::mail {

/// POCO's sockets with a dialogue of our own: every line, every reply and the whole conversation
/// are bounded, which POCO's SMTP session does not do.
class Smtp final : public Transport {
public:
    /// Reads the password; connects to nothing. Errors: notFound, refused (the password's file),
    /// invalid (the certificates to trust cannot be read).
    static Result<std::unique_ptr<Transport>> make(const Settings& settings);
    ~Smtp() override;
    Delivery send(const Outgoing& message) override;
    void cancel() noexcept override;

private:
    struct State;
    explicit Smtp(std::unique_ptr<State> state);
    std::unique_ptr<State> _state;
};

/// What a reply to RCPT TO says of the address. `text`: the lines of the reply without their codes.
/// For tests as well.
Delivery judgeRecipient(int code, const std::string& text);

} // namespace souffleur::mail
