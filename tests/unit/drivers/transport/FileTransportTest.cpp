#include "drivers/transport/FileTransport.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <poll.h>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "tests/support/Property.h"

using namespace souffleur;
using transport::Fault;
using transport::Milliseconds;

namespace {

constexpr Milliseconds kLong{10'000};

struct Folder {
    std::filesystem::path path = [] {
        std::string name =
            (std::filesystem::temp_directory_path() / "souffleur-file-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        return std::filesystem::path(name);
    }();
    ~Folder() { std::filesystem::remove_all(path); }
};

std::vector<std::uint8_t> bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

} // namespace

TEST_CASE("bytes are appended, readable by the owner only") {
    const Folder folder;
    const std::string path = (folder.path / "slips.bin").string();
    for (const char* text : {"one", "two"}) {
        transport::FileTransport file(path);
        REQUIRE(file.open(kLong).has_value());
        CHECK(file.write(bytes(text), kLong).count == 3);
    }
    std::stringstream read;
    read << std::ifstream(path).rdbuf();
    CHECK(read.str() == "onetwo");
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a folder, a missing folder and a FIFO without reader are refused at once") {
    const Folder folder;
    transport::FileTransport directory(folder.path.string());
    CHECK(directory.open(kLong).error().fault == Fault::invalid);
    transport::FileTransport missing((folder.path / "no" / "x").string());
    CHECK(missing.open(kLong).error().fault == Fault::unreachable);
    const std::string fifo = (folder.path / "fifo").string();
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    transport::FileTransport pipe(fifo);
    CHECK(pipe.open(kLong).error().fault == Fault::unreachable);
}

namespace {

/// A FIFO with somebody at its other end.
struct Fifo {
    Folder folder;
    std::string path = (folder.path / "fifo").string();
    int reader = [this] {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }();
    transport::FileTransport line{path};

    Fifo() { REQUIRE(line.open(kLong).has_value()); }
    ~Fifo() { leave(); }
    void leave() {
        if (reader >= 0) ::close(reader);
        reader = -1;
    }
    [[nodiscard]] std::vector<std::uint8_t> take(std::size_t count, std::size_t atOnce) const {
        std::vector<std::uint8_t> all;
        std::vector<std::uint8_t> buffer(atOnce);
        while (all.size() < count) {
            pollfd wait{reader, POLLIN, 0};
            if (::poll(&wait, 1, static_cast<int>(kLong.count())) <= 0) break;
            const auto got = ::read(reader, buffer.data(), std::min(atOnce, count - all.size()));
            if (got <= 0) break;
            all.insert(all.end(), buffer.begin(), buffer.begin() + got);
        }
        return all;
    }
};

} // namespace

TEST_CASE("a FIFO whose reader leaves in mid-job is gone, and the program lives") {
    Fifo fifo;
    std::thread reader([&] {
        CHECK(fifo.take(10'000, 1000).size() == 10'000);
        fifo.leave();
    });
    const auto written = fifo.line.write(std::vector<std::uint8_t>(1'000'000), kLong);
    reader.join();
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::gone);
    CHECK(written.error->message.find("nobody reads") != std::string::npos);
    CHECK(written.count >= 10'000);
    CHECK(written.count < 1'000'000);
    CHECK(fifo.line.write(bytes("x"), kLong).error->fault == Fault::closed);
}

TEST_CASE("a FIFO that nobody empties times out, one that drips gets all, and cancel ends a wait") {
    Fifo fifo;
    const auto held = fifo.line.write(std::vector<std::uint8_t>(1'000'000), Milliseconds{60});
    REQUIRE(held.error);
    CHECK(held.error->fault == Fault::timedOut);
    CHECK(fifo.take(held.count, 4096).size() == held.count);

    std::vector<std::uint8_t> slip(80'000);
    std::iota(slip.begin(), slip.end(), std::uint8_t{0});
    std::vector<std::uint8_t> taken;
    std::thread reader([&] { taken = fifo.take(slip.size(), 1); });
    CHECK(fifo.line.write(slip, kLong).count == slip.size());
    reader.join();
    CHECK(taken == slip);

    std::thread other([&] {
        CHECK(fifo.take(1, 1).size() == 1);
        fifo.line.cancel();
    });
    const auto cut = fifo.line.write(std::vector<std::uint8_t>(1'000'000), Milliseconds{3'600'000});
    other.join();
    REQUIRE(cut.error);
    CHECK(cut.error->fault == Fault::cancelled);
    CHECK(cut.count > 0);
}

TEST_CASE("a full disk is an error with a count") {
    transport::FileTransport full("/dev/full");
    REQUIRE(full.open(kLong).has_value());
    const auto written = full.write(bytes("x"), kLong);
    CHECK(written.count == 0);
    REQUIRE(written.error);
    CHECK(written.error->fault == Fault::gone);
    CHECK(written.error->message.find("disk is full") != std::string::npos);
}

TEST_CASE("a file never answers") {
    const Folder folder;
    transport::FileTransport file((folder.path / "x").string());
    CHECK_FALSE(file.canRead());
    std::array<std::uint8_t, 4> buffer{};
    CHECK(file.read(buffer, kLong).error().fault == Fault::closed);
    REQUIRE(file.open(kLong).has_value());
    CHECK(file.read(buffer, kLong) == 0U);
}

TEST_CASE("addresses make transports, and wrong ones say what is right") {
    CHECK(transport::fromAddress("tcp://printer.example.org").value()->describe() ==
          "tcp printer.example.org:9100");
    CHECK(transport::fromAddress("tcp://127.0.0.1:9101").value()->describe() ==
          "tcp 127.0.0.1:9101");
    CHECK(transport::fromAddress("file:///dev/usb/lp0").value()->describe() == "file /dev/usb/lp0");
    for (const std::string wrong :
         {"", "tcp://", "tcp:///x", "tcp://h:99999", "usb:/04b8", "file://h/x", "lp0",
          "tcp://h/path", "serial://h/dev/ttyS0", "serial:///", "http://h"}) {
        CAPTURE(wrong);
        const auto refused = transport::fromAddress(wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault == Fault::invalid);
        CHECK(refused.error().message.find("tcp://host:9100") != std::string::npos);
    }
    CHECK_FALSE(transport::fromAddress("tcp://" + std::string(10'000, 'h')).has_value());
}
