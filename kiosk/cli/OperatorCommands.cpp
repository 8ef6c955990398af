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
#include "sync/protocol/Approval.h"

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
    const auto device = protocol::Device::load(context.data);
    if (!device) return passOn(device);
    const auto welcome = protocol::awaitWelcome(*device, context.clock, context.random,
                                                [](TimeMs) { return false; });
    if (!welcome) return passOn(welcome);
    const auto policy = terminal::policyFrom(*welcome);
    if (!policy) return passOn(policy);
    auto opened = ledger::Ledger::open(
        terminal::ledgerOptions(*device, *welcome, **policy, context.clock.now().at), context.clock,
        context.random);
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
    if (trivialPin(pin)) {
        return fail(Code::invalid,
                    "this PIN is among the first that anybody tries: take another one",
                    file.filename());
    }
    return crypto::Secret(std::move(pin));
}

const char* waysIn(const ledger::Operator& row) {
    if (row.pin.empty()) return row.badge.empty() ? "no way to sign in" : "badge";
    return row.badge.empty() ? "PIN" : "PIN and badge";
}

/// Says what was done, never the secret.
int said(const Result<void>& done, const ledger::Operator& row, const char* what) {
    if (!done) return failed(done.error());
    (void) std::printf("%s: %s (%s, %s; pseudonym %s)\n", what, row.name.c_str(), row.role.c_str(),
                       waysIn(row), row.id.text().c_str());
    return 0;
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

bool trivialPin(std::string_view pin) {
    const auto steps = [&](int by) {
        for (std::size_t i = 1; i < pin.size(); ++i) {
            if ((pin[i] - pin[i - 1] + 20) % 10 != (by + 10) % 10) return false;
        }
        return true;
    };
    const auto repeats = [&](std::size_t length) {
        for (std::size_t i = length; i < pin.size(); ++i) {
            if (pin[i] != pin[i - length]) return false;
        }
        return true;
    };
    return steps(1) || steps(-1) || repeats(1) || repeats(2) || repeats(3);
}

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
    return said(till->staff().put(row), row, "added");
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
    return said(till->staff().put(*row), *row, remove ? "badge taken away" : "badge changed");
}

int setPin(const Context& context, const std::string& name, const std::filesystem::path& pinFile) {
    const auto till = openTill(context);
    if (!till) return failed(till.error());
    auto row = till->staff().named(name);
    if (!row) return failed(row.error());
    const auto pin = readPin(pinFile);
    if (!pin) return failed(pin.error());
    auto hash = till->hasher.hash(pin->view(), context.random);
    if (!hash) return failed(hash.error());
    row->pin = std::move(*hash);
    return said(till->staff().put(*row), *row, "PIN changed");
}

int removeOperator(const Context& context, const std::string& name) {
    const auto till = openTill(context);
    if (!till) return failed(till.error());
    auto row = till->staff().named(name);
    if (!row) return failed(row.error());
    row->pin.clear();
    row->badge.clear();
    row->active = false; // the row stays: its pseudonym stands in events
    return said(till->staff().put(*row), *row, "removed");
}

int listOperators(const Context& context) {
    const auto till = openTill(context);
    if (!till) return failed(till.error());
    const auto rows = till->staff().list();
    if (!rows) return failed(rows.error());
    const TimeMs now = context.clock.now().at;
    for (const ledger::Operator& row : *rows) {
        (void) std::printf("%s  %-10s  %-13s  %s%s\n", row.id.text().c_str(), row.role.c_str(),
                           waysIn(row), row.name.c_str(),
                           row.lockedUntil > now ? "  (locked out)" : "");
    }
    if (rows->empty()) (void) std::printf("nobody may sign in at this till yet\n");
    return 0;
}

int unlockOperators(const Context& context) {
    const auto till = openTill(context);
    if (!till) return failed(till.error());
    const auto done = till->staff().unlockAll();
    if (!done) return failed(done.error());
    (void) std::printf("every lock-out of this till has ended\n");
    return 0;
}

} // namespace souffleur::cli
