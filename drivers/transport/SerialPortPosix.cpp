// termios(3), tty_ioctl(4). POSIX with Linux's CRTSCTS and TIOCEXCL; the Win32 twin will be a file
// of its own.
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/transport/PosixFile.h"
#include "drivers/transport/SerialPort.h"

namespace souffleur::transport {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPiece = 512;
constexpr Milliseconds kDrain{1000};

speed_t speedOf(int baud) {
    switch (baud) {
    case 1200:
        return B1200;
    case 2400:
        return B2400;
    case 4800:
        return B4800;
    case 19200:
        return B19200;
    case 38400:
        return B38400;
    case 57600:
        return B57600;
    case 115200:
        return B115200;
    case 230400:
        return B230400;
    default:
        return B9600;
    }
}

void apply(const SerialSettings& settings, termios& mode) {
    ::cfmakeraw(&mode);
    mode.c_iflag &= ~static_cast<tcflag_t>(IXON | IXOFF | IXANY | INPCK);
    // Without HUPCL a close does not drop DTR, which some printers take for a reset.
    mode.c_cflag &= ~static_cast<tcflag_t>(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS | HUPCL);
    mode.c_cflag |= CLOCAL | CREAD | (settings.dataBits == 7 ? CS7 : CS8);
    if (settings.stopBits == 2) mode.c_cflag |= CSTOPB;
    if (settings.parity != Parity::none) mode.c_cflag |= PARENB;
    if (settings.parity == Parity::odd) mode.c_cflag |= PARODD;
    if (settings.flow == Flow::rtsCts) mode.c_cflag |= CRTSCTS;
    if (settings.flow == Flow::xonXoff) mode.c_iflag |= IXON | IXOFF;
    mode.c_cc[VMIN] = 0;
    mode.c_cc[VTIME] = 0;
    (void) ::cfsetispeed(&mode, speedOf(settings.baud));
    (void) ::cfsetospeed(&mode, speedOf(settings.baud));
}

/// tcsetattr succeeds when any of the changes did: the line itself says what it took.
bool took(const termios& asked, const termios& has) {
    constexpr tcflag_t kLine = CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS;
    constexpr tcflag_t kInput = IXON | IXOFF;
    return (asked.c_cflag & kLine) == (has.c_cflag & kLine) &&
           (asked.c_iflag & kInput) == (has.c_iflag & kInput) &&
           ::cfgetospeed(&asked) == ::cfgetospeed(&has);
}

Error refusal(int code) {
    switch (code) {
    case EACCES:
    case EPERM:
        return {Fault::denied,
                "not permitted to open it; add this user to the device's group (usually dialout) "
                "and sign in again"};
    case EBUSY:
        return {Fault::busy, "another program holds it; stop that program"};
    case EISDIR:
    case ENOTDIR:
    case ENOTTY:
        return {Fault::invalid, "is not a serial line"};
    default:
        return {Fault::unreachable, "not found; is it plugged in?"};
    }
}

class PosixPort final : public SerialPort {
public:
    PosixPort(int fd, const termios& before) : _fd(fd), _before(before) {}

    ~PosixPort() override {
        // The kernel would wait half a minute in close for a printer that takes nothing.
        const auto end = Clock::now() + kDrain;
        int waiting = 0;
        while (!_gone && ::ioctl(_fd, TIOCOUTQ, &waiting) == 0 && waiting > 0 &&
               Clock::now() < end) {
            ::usleep(10'000);
        }
        if (waiting > 0) (void) ::tcflush(_fd, TCOFLUSH);
        (void) ::tcsetattr(_fd, TCSANOW, &_before);
        (void) ::ioctl(_fd, TIOCNXCL);
        (void) ::close(_fd);
    }

    Moved write(std::span<const std::uint8_t> bytes, Patience& patience) override {
        std::size_t count = 0;
        while (count < bytes.size()) {
            if (!patience.next()) return {count, patience.ended()};
            const auto piece = bytes.subspan(count, std::min(kPiece, bytes.size() - count));
            const long sent = writeQuietly(_fd, piece);
            if (sent > 0) {
                count += static_cast<std::size_t>(sent);
            } else if (sent == 0 || errno == EAGAIN) {
                waitFor(_fd, true, patience.slice());
            } else if (errno != EINTR) {
                _gone = true;
                return {count, Fault::gone};
            }
        }
        return {count, std::nullopt};
    }

    Moved read(std::span<std::uint8_t> into, Patience& patience) override {
        if (into.empty()) return {0, std::nullopt};
        while (patience.next()) {
            waitFor(_fd, false, patience.slice());
            const long got = ::read(_fd, into.data(), into.size());
            if (got > 0) return {static_cast<std::size_t>(got), std::nullopt};
            // With VMIN 0 a silent line reads as zero bytes, and so does one that hung up.
            if (got == 0 ? hungUp() : (errno != EAGAIN && errno != EINTR)) {
                _gone = true;
                return {0, Fault::gone};
            }
        }
        return {0, patience.ended()};
    }

    [[nodiscard]] bool drained() const noexcept override {
        int waiting = 0;
        return ::ioctl(_fd, TIOCOUTQ, &waiting) != 0 || waiting == 0;
    }

private:
    [[nodiscard]] bool hungUp() const {
        termios mode{};
        return ::tcgetattr(_fd, &mode) != 0;
    }

    int _fd;
    termios _before;
    bool _gone = false;
};

} // namespace

Result<std::unique_ptr<SerialPort>> SerialPort::open(const std::string& path,
                                                     const SerialSettings& settings) {
    const auto refuse = [](int code) { return tl::make_unexpected(refusal(code)); };
    const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return refuse(errno);
    termios before{};
    const int failed = ::tcgetattr(fd, &before) == 0 ? 0 : ENOTTY;
    // TIOCEXCL keeps others out from now on, the lock also those that run as root.
    if (failed != 0 || ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int code = failed != 0 ? failed : EBUSY;
        (void) ::close(fd);
        return refuse(code);
    }
    (void) ::ioctl(fd, TIOCEXCL);
    auto port = std::make_unique<PosixPort>(fd, before);
    termios asked = before;
    apply(settings, asked);
    termios has{};
    if (::tcsetattr(fd, TCSANOW, &asked) != 0 || ::tcgetattr(fd, &has) != 0 || !took(asked, has)) {
        return tl::make_unexpected(Error{
            Fault::invalid, "does not take these settings; check baud, bits, parity and flow"});
    }
    (void) ::tcflush(fd, TCIFLUSH); // what was said before we listened answers nobody
    return port;
}

} // namespace souffleur::transport
