// Who may sign in at this till. PINs come from 0600 files and badges from standard input, never
// from the command line, where every user of the machine could read them.
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "kiosk/cli/Commands.h"
#include "plugin/crypto/Hash.h"
#include "plugin/crypto/Pin.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/ledger/Ledger.h"
#include "plugin/ledger/Operators.h"

namespace souffleur::cli {
namespace {

constexpr std::size_t kPinDigits = 6;

/// The till's ledger and what hashes for it, while no terminal has the folder.
struct Till {
    crypto::PinHasher hasher;
    std::unique_ptr<ledger::Ledger> ledger;

    [[nodiscard]] ledger::Operators& staff() const { return ledger->operators(); }
};

Result<Till> openTill(const Context& context) {
    const auto device = terminal::Device::load(context.data);
    if (!device) return passOn(device);
    const auto welcome = terminal::awaitWelcome(*device, context.clock, context.random,
                                                [](TimeMs) { return false; });
    if (!welcome) return passOn(welcome);
    const auto policy = terminal::policyFrom(*welcome);
    if (!policy) return passOn(policy);
    auto opened = ledger::Ledger::open(terminal::ledgerOptions(*device, *welcome, **policy),
                                       context.clock, context.random);
    if (!opened) return passOn(opened);
    return Till{crypto::PinHasher(crypto::Secret(std::string(crypto::bytesOf(device->pepper)))),
                std::move(*opened)};
}

Result<crypto::Secret> readPin(const std::filesystem::path& file) {
    auto text = crypto::readPrivateFile(file);
    if (!text) return text;
    std::string pin(text->view());
    while (!pin.empty() && (pin.back() == '\n' || pin.back() == '\r')) pin.pop_back();
    const bool digits = pin.find_first_not_of("0123456789") == std::string::npos;
    if (pin.size() != kPinDigits || !digits)
        return fail(Code::invalid, "a PIN has six digits", file.filename());
    return crypto::Secret(std::move(pin));
}

/// A terminal on standard input shows nothing of what is typed while this lives.
class Unseen {
public:
    Unseen() : _terminal(::tcgetattr(STDIN_FILENO, &_before) == 0) {
        if (!_terminal) return;
        termios quiet = _before;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        (void) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
        (void) std::fputs("Hold the badge to the reader, or type its code and Enter: ", stderr);
    }
    ~Unseen() {
        if (!_terminal) return;
        (void) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &_before);
        (void) std::fputc('\n', stderr);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

private:
    termios _before{};
    bool _terminal;
};

/// One line of standard input: a reader types the code and Enter.
Result<crypto::Secret> readBadge() {
    std::array<char, crypto::kPinMaxBytes + 3> line{};
    const Unseen unseen;
    if (std::fgets(line.data(), static_cast<int>(line.size()), stdin) == nullptr) {
        return fail(Code::invalid, "no badge was read from standard input");
    }
    std::string code(line.data());
    std::fill(line.begin(), line.end(), '\0');
    return crypto::Secret(std::move(code));
}

Result<std::string> badgeHash(const Till& till) {
    const auto code = readBadge();
    if (!code) return passOn(code);
    return till.hasher.badge(code->view());
}

} // namespace

int addOperator(const Context& context, const NewOperator& wanted) {
    if (wanted.pinFile.empty() && !wanted.badge) {
        return failed({Code::invalid, "give a PIN (--pin-file), a badge (--badge) or both", {}});
    }
    ledger::Operator row;
    row.id = OperatorId::random(context.random);
    row.name = wanted.name;
    row.role = wanted.role;
    auto till = openTill(context);
    if (!till) return failed(till.error());
    if (!wanted.pinFile.empty()) {
        const auto pin = readPin(wanted.pinFile);
        if (!pin) return failed(pin.error());
        auto hash = till->hasher.hash(pin->view(), context.random);
        if (!hash) return failed(hash.error());
        row.pin = std::move(*hash);
    }
    if (wanted.badge) {
        auto hash = badgeHash(*till);
        if (!hash) return failed(hash.error());
        row.badge = std::move(*hash);
    }
    const auto put = till->staff().put(row);
    return put ? 0 : failed(put.error());
}

int setBadge(const Context& context, const std::string& name, bool remove) {
    const auto till = openTill(context);
    if (!till) return failed(till.error());
    auto row = till->staff().named(name);
    if (!row) return failed(row.error());
    row->badge.clear();
    if (!remove) {
        auto hash = badgeHash(*till);
        if (!hash) return failed(hash.error());
        row->badge = std::move(*hash);
    }
    const auto put = till->staff().put(*row);
    return put ? 0 : failed(put.error());
}

int unlockOperators(const Context& context) {
    const auto till = openTill(context);
    if (!till) return failed(till.error());
    const auto done = till->staff().unlockAll();
    return done ? 0 : failed(done.error());
}

} // namespace souffleur::cli
