// A maildir: one file a message, to look at or to hand to another program.
#pragma once

#include <filesystem>

#include "sync/mail/Transport.h"

namespace souffleur::mail {

/// Each message whole or not at all, 0600, in `new`; the same id again replaces it.
class Maildir final : public Transport {
public:
    /// Makes the folder. Errors: storage.
    static Result<std::unique_ptr<Transport>> open(const std::filesystem::path& folder);
    Delivery send(const Outgoing& message) override;

private:
    explicit Maildir(std::filesystem::path folder) : _folder(std::move(folder)) {}
    std::filesystem::path _folder;
};

} // namespace souffleur::mail
