// A program of ours that runs as long as we do: it is told to stop, and it stops by itself when we
// are gone.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "plugin/base/Result.h"

namespace souffleur::cli {

/// Owns one child. Its standard input is a pipe that closes when we die, however we die: every
/// long-running command of ours ends at the end of its standard input when it is started with
/// --with-parent.
class ChildProcess {
public:
    /// Starts `program` with its output in `log` (0600). Errors: unavailable.
    static Result<std::unique_ptr<ChildProcess>> start(const std::filesystem::path& program,
                                                       const std::vector<std::string>& arguments,
                                                       const std::filesystem::path& log);
    /// Runs it to its end with empty input. Errors: unavailable; invalid when it fails (`where` =
    /// its name).
    static Result<void> run(const std::filesystem::path& program,
                            const std::vector<std::string>& arguments,
                            const std::filesystem::path& log);
    /// Asks it to end, waits 5 s, then ends it.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    [[nodiscard]] bool running() const;
    [[nodiscard]] const std::string& name() const noexcept { return _name; }
    [[nodiscard]] int pid() const noexcept;

private:
    struct Handle;
    ChildProcess(std::string name, std::unique_ptr<Handle> handle);
    std::string _name;
    std::unique_ptr<Handle> _handle;
};

/// Waits until `path` exists and is not empty, then gives its text. Errors: unavailable after
/// `timeoutMs`, or when the child has ended before.
Result<std::string> awaitFile(const std::filesystem::path& path, const ChildProcess& child,
                              TimeMs timeoutMs);

} // namespace souffleur::cli
