#include <toml++/toml.h>

#include <fstream>
#include <optional>
#include <sstream>

#include "plugin/base/TomlGuard.h"
#include "plugin/consent/Terms.h"
#include "plugin/crypto/PrivateFile.h"
#include "plugin/host/PretixFollower.h"

namespace souffleur::host {
namespace {

constexpr std::size_t kFileMaxBytes = 64 * 1024;
constexpr std::size_t kQuestionsMax = 64;
constexpr std::size_t kChannelsMax = 32;
constexpr std::size_t kTokenFileMaxBytes = 4096;

/// Walks the TOML once; the first thing wrong ends it with file, line and key.
class Reader {
public:
    Reader(std::string_view file, PretixSettings& out, std::string& tokenFile)
        : _file(file), _out(out), _tokenFile(tokenFile) {}

    Result<void> read(const toml::table& table) {
        if (table["format"].value_or(0) != 1) {
            return fail(Code::unsupported, "the file has to begin with format = 1",
                        std::string(_file));
        }
        for (const auto& [key, node] : table) top(key.str(), node);
        if (_out.access.url.empty()) wrong(table, "url", "is missing");
        if (_out.access.organizer.empty()) wrong(table, "organizer", "is missing");
        if (_tokenFile.empty()) wrong(table, "token_file", "is missing");
        if (_error) return tl::make_unexpected(*_error);
        return {};
    }

private:
    void top(std::string_view key, const toml::node& node) {
        if (key == "format") return;
        if (key == "url") {
            _out.access.url = text(key, node, 1024);
        } else if (key == "organizer") {
            _out.access.organizer = text(key, node, 64);
        } else if (key == "token_file") {
            _tokenFile = text(key, node, 1024);
        } else if (key == "ca_file") {
            _out.access.caFile = text(key, node, 1024);
        } else if (key == "since") {
            since(node);
        } else if (key == "poll_ms") {
            _out.pollMs = number(key, node, 250, kHourMs);
        } else if (key == "sweep_ms") {
            _out.sweepMs = number(key, node, 0, kDayMs);
        } else if (key == "test_orders") {
            if (const auto value = node.value_exact<bool>()) {
                _out.tests = *value;
            } else {
                wrong(node, key, "has to be true or false");
            }
        } else if (key == "announce_sales_channels") {
            channels(node);
        } else if (key == "question") {
            questions(node);
        } else {
            wrong(node, key, "is not a key of this file");
        }
    }

    void since(const toml::node& node) {
        const auto date = node.value_exact<toml::date>();
        if (!date) return wrong(node, "since", "has to be a date, as 2026-01-31");
        std::ostringstream out;
        out << *date;
        const auto at = parseTime(out.str());
        if (!at) return wrong(node, "since", "is no day of the calendar");
        _out.since = *at;
    }

    void channels(const toml::node& node) {
        const toml::array* array = node.as_array();
        if (array == nullptr || array->size() > kChannelsMax) {
            return wrong(node, "announce_sales_channels", "has to be a list of at most 32 texts");
        }
        for (const toml::node& item : *array) {
            _out.announceChannels.push_back(text("announce_sales_channels", item, 64));
        }
    }

    void questions(const toml::node& node) {
        const toml::array* array = node.as_array();
        if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
            return wrong(node, "question", "has to be written as [[question]]");
        }
        if (array->size() > kQuestionsMax) return wrong(node, "question", "is there too often");
        for (const toml::node& item : *array) question(*item.as_table());
    }

    void question(const toml::table& table) {
        intake::PretixQuestion out;
        for (const auto& [key, node] : table) {
            if (key.str() == "identifier") {
                out.identifier = text("question.identifier", node, 64);
            } else if (key.str() == "purpose") {
                out.purpose = text("question.purpose", node, 64);
            } else if (key.str() == "channel") {
                out.channel = text("question.channel", node, 64);
            } else {
                wrong(node, "question." + std::string(key.str()), "is not a key of this file");
            }
        }
        if (out.identifier.empty()) wrong(table, "question.identifier", "is missing");
        if (!consent::isToken(out.purpose) || !consent::isToken(out.channel)) {
            wrong(table, "question", "needs a purpose and a channel (lower-case words)");
        }
        for (const intake::PretixQuestion& other : _out.questions) {
            if (other.identifier == out.identifier && other.purpose == out.purpose &&
                other.channel == out.channel) {
                wrong(table, "question.identifier", "is mapped to this permission twice");
            }
        }
        _out.questions.push_back(std::move(out));
    }

    std::string text(std::string_view key, const toml::node& node, std::size_t maxBytes) {
        const auto value = node.value_exact<std::string>();
        if (!value || value->empty() || value->size() > maxBytes) {
            wrong(node, key, "has to be a text of at most " + std::to_string(maxBytes) + " bytes");
            return {};
        }
        return *value;
    }

    TimeMs number(std::string_view key, const toml::node& node, TimeMs min, TimeMs max) {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < min || *value > max) {
            wrong(node, key,
                  "has to be a number from " + std::to_string(min) + " to " + std::to_string(max));
            return min;
        }
        return *value;
    }

    void wrong(const toml::node& node, std::string_view key, std::string_view why) {
        if (_error) return;
        const auto line = node.source().begin.line;
        _error = Error{Code::invalid, std::string(key) + " " + std::string(why),
                       std::string(_file) + ":" + std::to_string(line)};
    }

    std::string_view _file;
    PretixSettings& _out;
    std::string& _tokenFile;
    std::optional<Error> _error;
};

} // namespace

Result<PretixSettings> PretixSettings::parse(std::string_view toml, std::string_view fileName,
                                             std::string& tokenFile) {
    if (toml.size() > kFileMaxBytes) {
        return fail(Code::tooLarge, "the file is larger than 64 KiB", std::string(fileName));
    }
    if (const auto safe = guardToml(toml, fileName); !safe) return passOn(safe);
    PretixSettings out;
    // toml++ throws; what it throws is an outcome here.
    try {
        const toml::table table = toml::parse(toml);
        if (const auto fine = Reader(fileName, out, tokenFile).read(table); !fine) {
            return passOn(fine);
        }
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid, "this is no TOML",
                    std::string(fileName) + ":" + std::to_string(error.source().begin.line));
    } catch (const std::runtime_error&) { // what toml++ met with an assertion
        return fail(Code::invalid, "this is no TOML", std::string(fileName));
    }
    return out;
}

Result<PretixSettings> PretixSettings::load(const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    std::error_code broken;
    if (!std::filesystem::is_regular_file(file, broken)) {
        return fail(Code::notFound, "the file is not there", name);
    }
    std::ifstream in(file, std::ios::binary);
    std::string text(kFileMaxBytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad() || (!in.eof() && in.fail())) {
        return fail(Code::storage, "the file cannot be read", name);
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    std::string tokenFile;
    auto out = parse(text, name, tokenFile);
    if (!out) return out;
    const auto token = crypto::readPrivateFile(file.parent_path() / tokenFile, kTokenFileMaxBytes);
    if (!token) {
        return fail(token.error().code,
                    "the token file: " + token.error().message + " (its mode has to be 0600)",
                    name + ": token_file");
    }
    std::string_view words = token->view();
    while (!words.empty() &&
           (words.back() == '\n' || words.back() == '\r' || words.back() == ' ')) {
        words.remove_suffix(1);
    }
    out->access.token = words;
    return out;
}

} // namespace souffleur::host
