// A PostgreSQL of a test's own: a new cluster in a temporary folder, reached by a Unix socket
// alone, as durable as one in service, and ended by its process id. Header only; needs libpqxx.
#pragma once

#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/Eventually.h"
#include "tests/support/TemporaryFolder.h"

namespace souffleur::test {

class Postgres {
public:
    static constexpr const char* kUser = "hub"; ///< owns nothing but what it makes

    Postgres() {
        // The server refuses to be root's.
        const passwd* who = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
        if (::geteuid() == 0 && who == nullptr)
            throw std::runtime_error("no user postgres: install the Debian package postgresql");
        if (who != nullptr) {
            _uid = who->pw_uid;
            _gid = who->pw_gid;
            if (::chown(_folder.text().c_str(), _uid, _gid) != 0)
                throw std::runtime_error("the folder cannot be given to postgres");
        }
        const int made =
            wait(spawn({binary("initdb"), "--pgdata=" + data(), "--username=owner", "--auth=trust",
                        "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"}));
        if (made != 0) throw std::runtime_error("initdb failed: see " + log());
        start();
        as("owner", "postgres", std::string("CREATE ROLE ") + kUser + " LOGIN");
    }
    ~Postgres() { end(SIGQUIT); } // what it holds goes away with the folder
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    void start() {
        _pid = spawn({binary("postgres"), "-D", data(), "-c", "listen_addresses=", "-c",
                      "unix_socket_directories=" + _folder.text(), "-c", "shared_buffers=32MB",
                      "-c", "max_connections=40"});
        bool ended = false;
        const bool up = eventually([&] {
            ended = ::waitpid(_pid, nullptr, WNOHANG) != 0;
            return ended || answers();
        });
        if (ended || !up) throw std::runtime_error("PostgreSQL does not start: see " + log());
    }
    /// SIGINT: at once and clean; SIGQUIT: as if the machine had gone down.
    void end(int signal) {
        if (_pid <= 0) return;
        ::kill(_pid, signal);
        (void) wait(_pid);
        _pid = -1;
    }
    void restart(int signal) {
        end(signal);
        start();
    }

    /// A new database of the hub's; gives its address.
    std::string database(const std::string& name) {
        as("owner", "postgres",
           "CREATE DATABASE " + name + " OWNER " + kUser + " TEMPLATE template0 ENCODING 'UTF8'");
        return address(name);
    }
    [[nodiscard]] std::string address(const std::string& name,
                                      const std::string& user = kUser) const {
        return "host=" + _folder.text() + " user=" + user + " dbname=" + name;
    }
    /// Runs SQL; gives the first value of the last result.
    std::string as(const std::string& user, const std::string& name, const std::string& sql) {
        pqxx::connection connection(address(name, user));
        const pqxx::quiet_errorhandler quiet(connection);
        pqxx::nontransaction door(connection);
        const pqxx::result result = door.exec(sql);
        return result.empty() || result.columns() == 0 ? "" : result[0][0].c_str();
    }

private:
    [[nodiscard]] std::string data() const { return _folder.text() + "/data"; }
    [[nodiscard]] std::string log() const { return _folder.text() + "/log"; }
    static std::string binary(const std::string& name) {
        for (const char* version : {"15", "16", "17"}) {
            const std::string path = std::string("/usr/lib/postgresql/") + version + "/bin/" + name;
            if (std::filesystem::exists(path)) return path;
        }
        throw std::runtime_error("no PostgreSQL here: install the Debian package postgresql");
    }
    [[nodiscard]] bool answers() const {
        try {
            pqxx::connection connection(address("postgres", "owner"));
            return true;
        } catch (const pqxx::failure&) {
            return false;
        }
    }
    /// Only calls that are safe behind a fork stand in the child.
    pid_t spawn(const std::vector<std::string>& words) const {
        std::vector<char*> argv;
        for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
        argv.push_back(nullptr);
        const std::string file = log();
        const std::string folder = _folder.text();
        const pid_t pid = ::fork();
        if (pid < 0) throw std::runtime_error("no process for PostgreSQL");
        if (pid > 0) return pid;
        if (_uid != 0 && (::setgid(_gid) != 0 || ::setuid(_uid) != 0)) ::_exit(120);
        const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (out < 0 || ::chdir(folder.c_str()) != 0) ::_exit(121);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT); // a test that is killed leaves no server behind
        ::execv(argv[0], argv.data());
        ::_exit(122);
    }
    static int wait(pid_t pid) {
        int status = 0;
        while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    }

    TemporaryFolder _folder;
    uid_t _uid = 0;
    gid_t _gid = 0;
    pid_t _pid = -1;
};

} // namespace souffleur::test
