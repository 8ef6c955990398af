#include "sync/mail/Settings.h"

#include <algorithm>
#include <optional>
#include <set>
#include <toml++/toml.h>

#include "plugin/contact/Email.h"
#include "plugin/crypto/PrivateFile.h"
#include "sync/mail/Transport.h"

namespace souffleur::mail {
namespace {

constexpr std::size_t kTextMaxChars = 255;
constexpr std::int64_t kPortMax = 65535;
constexpr const char* kSystemCa = "/etc/ssl/certs/ca-certificates.crt";

/// Reads keys one by one and keeps the first error.
class Reader {
public:
    Reader(const toml::table& table, std::string_view file) : _table(table), _file(file) {}

    void refuse(const std::string& key, const std::string& message) {
        if (_error) return;
        const toml::node* at = _table.get(key);
        const std::string line =
            at == nullptr ? std::string() : ":" + std::to_string(at->source().begin.line);
        _error = Error{Code::invalid, message, _file + line + ": " + key};
    }
    void only(const std::set<std::string_view>& keys) {
        for (const auto& [key, node] : _table) {
            if (!keys.contains(key.str()))
                refuse(std::string(key.str()), "there is no such setting for mail");
        }
    }
    std::string text(const std::string& key,
                     const std::optional<std::string>& fallback = std::nullopt) {
        const toml::node* node = _table.get(key);
        if (node == nullptr) {
            if (!fallback) refuse(key, "is missing");
            return fallback.value_or("");
        }
        const auto value = node->value_exact<std::string>();
        const bool plain =
            value && !value->empty() && value->size() <= kTextMaxChars &&
            std::ranges::none_of(*value, [](char c) { return c >= 0 && (c < ' ' || c == 0x7F); });
        if (!plain) refuse(key, "must be a short text in quotes");
        return plain ? *value : std::string();
    }
    std::int64_t number(const std::string& key, std::int64_t min, std::int64_t max,
                        std::int64_t fallback) {
        const toml::node* node = _table.get(key);
        if (node == nullptr) return fallback;
        const auto value = node->value_exact<std::int64_t>();
        if (!value || *value < min || *value > max) {
            refuse(key,
                   "must be a number from " + std::to_string(min) + " to " + std::to_string(max));
            return fallback;
        }
        return *value;
    }
    bool flag(const std::string& key) {
        const toml::node* node = _table.get(key);
        if (node == nullptr) return false;
        const auto value = node->value_exact<bool>();
        if (!value) refuse(key, "must be true or false");
        return value.value_or(false);
    }
    [[nodiscard]] Result<void> done() const {
        if (_error) return tl::make_unexpected(*_error);
        return {};
    }

private:
    const toml::table& _table;
    std::string _file;
    std::optional<Error> _error;
};

bool local(const std::string& host) {
    return host == "127.0.0.1" || host == "::1" || host == "localhost";
}

void readSmtp(Reader& in, Settings& out, const std::filesystem::path& folder) {
    out.host = in.text("host");
    const std::string security = in.text("security", "starttls");
    if (security == "tls")
        out.security = Security::tls;
    else if (security == "none")
        out.security = Security::none;
    else if (security != "starttls")
        in.refuse("security", "must be \"starttls\", \"tls\" or \"none\"");
    const bool allowed = in.flag("allow-unprotected");
    if (out.security == Security::none && !local(out.host) && !allowed)
        in.refuse("security", "addresses would cross the network unprotected: use starttls or "
                              "tls, or say allow-unprotected = true");
    out.port = static_cast<std::uint16_t>(
        in.number("port", 1, kPortMax, out.security == Security::tls ? 465 : 587));
    out.user = in.text("user", "");
    const std::string password = in.text("password-file", "");
    if (out.user.empty() != password.empty())
        in.refuse(out.user.empty() ? "password-file" : "user",
                  "user and password-file belong together");
    if (!out.user.empty() && out.security == Security::none && !local(out.host))
        in.refuse("user", "a password never crosses the network unprotected");
    if (!password.empty()) out.passwordFile = folder / password;
    out.caFile = folder / in.text("ca-file", kSystemCa);
    constexpr int kTimeoutMaxS = 300;
    out.timeoutMs =
        static_cast<int>(in.number("timeout-seconds", 1, kTimeoutMaxS, kTimeoutMaxS)) * 1000;
}

std::string publicUrl(Reader& in) {
    std::string url = in.text("public-url");
    const bool scheme = url.starts_with("https://") || url.starts_with("http://127.0.0.1") ||
                        url.starts_with("http://localhost");
    const bool plain = std::ranges::all_of(url, [](char c) {
        return c > ' ' && c < 0x7F && std::string_view("#?\"<>{}\\").find(c) == std::string::npos;
    });
    if (!url.empty() && (!scheme || !plain))
        in.refuse("public-url", "must be an address starting with https://, without ? and #");
    while (url.ends_with('/')) url.pop_back();
    return url;
}

} // namespace

TimeMs longestMs(const Settings& settings) {
    // Looking up the name, connecting and the farewell are bounded by one answer's time each.
    return 5 * TimeMs{settings.timeoutMs} + settings.dataMs + 2 * TimeMs{settings.endMs} +
           kMinuteMs;
}

Result<Settings> parseSettings(std::string_view toml, std::string_view fileName,
                               const std::filesystem::path& folder) {
    if (toml.size() > kSettingsMaxBytes)
        return fail(Code::tooLarge, "a mail file is 16 KiB at most", std::string(fileName));
    toml::table table;
    try {
        table = toml::parse(toml);
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid, "is not TOML: " + std::string(error.description()),
                    std::string(fileName) + ":" + std::to_string(error.source().begin.line));
    } catch (const std::exception&) {
        return fail(Code::invalid, "is not TOML", std::string(fileName));
    }
    Reader in(table, fileName);
    Settings out;
    const std::string way = in.text("transport");
    constexpr int kMaxSettleS = 3600;
    constexpr int kMaxMessages = 100'000;
    std::set<std::string_view> known{"transport",      "from",           "public-url",
                                     "settle-seconds", "kiosk-per-hour", "kiosk-per-day"};
    if (way == "maildir") {
        out.way = Settings::Way::maildir;
        out.folder = folder / in.text("folder");
        known.insert("folder");
    } else if (way == "smtp") {
        readSmtp(in, out, folder);
        known.insert({"host", "port", "security", "allow-unprotected", "user", "password-file",
                      "ca-file", "timeout-seconds"});
    } else {
        in.refuse("transport", "must be \"smtp\" or \"maildir\"");
    }
    in.only(known);
    const std::string from = in.text("from");
    const auto sender = contact::Email::parse(from);
    if (!from.empty() &&
        (!sender || !std::ranges::all_of(sender->canonical, [](char c) { return c > ' '; })))
        in.refuse("from", "must be an e-mail address in plain letters");
    if (sender) out.from = sender->canonical;
    out.publicUrl = publicUrl(in);
    out.settleMs =
        in.number("settle-seconds", 0, kMaxSettleS, out.settleMs / kSecondMs) * kSecondMs;
    out.kioskPerHour =
        static_cast<int>(in.number("kiosk-per-hour", 0, kMaxMessages, out.kioskPerHour));
    out.kioskPerDay =
        static_cast<int>(in.number("kiosk-per-day", 0, kMaxMessages, out.kioskPerDay));
    if (auto sound = in.done(); !sound) return passOn(sound);
    return out;
}

Result<Settings> readSettings(const std::filesystem::path& file) {
    const auto text = crypto::readPrivateFile(file, kSettingsMaxBytes);
    if (!text) return passOn(text);
    return parseSettings(text->view(), file.filename().string(),
                         std::filesystem::absolute(file).parent_path());
}

} // namespace souffleur::mail
