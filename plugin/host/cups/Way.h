// The two ways of a CUPS job to the printer: through the tap, and straight. Of the backend only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "drivers/transport/Transport.h"

namespace souffleur::cups {

/// What cupsd does with each: backend(7).
constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kHold =
    3; ///< may be half on paper: a person decides, it is never sent again by itself
constexpr int kStop = 4; ///< the queue is set up wrongly
constexpr int kRetry = 6;

/// Bytes of the printer, for whoever listens.
using Answers = std::function<void(std::span<const std::uint8_t>)>;

/// One thread.
class Way {
public:
    virtual ~Way() = default;
    /// False: it broke.
    [[nodiscard]] virtual bool send(std::span<const std::uint8_t> bytes) = 0;
    /// Passes on what the printer has said, a bounded part of it; never waits.
    virtual void listen() = 0;
    /// All was sent, or it broke. Waits until the printer has taken it; kOk only then.
    [[nodiscard]] virtual int finish(bool whole) = 0;
};

/// Null: nobody is there, or the terminal hangs; not a byte of a document went out then. `refused`:
/// kRetry when the tap is well and its printer is not.
[[nodiscard]] std::unique_ptr<Way> throughTap(const std::string& host, const std::string& port,
                                              Answers answers, int& refused);
/// Null: it cannot be opened.
[[nodiscard]] std::unique_ptr<Way> straight(std::unique_ptr<transport::Transport> line,
                                            Answers answers);

} // namespace souffleur::cups
