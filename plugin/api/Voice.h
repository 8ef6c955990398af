// The counter's values as the contract's JSON, in one reader's language. Only for this room.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/api/Views.h"
#include "plugin/consent/Policy.h"
#include "plugin/counter/Requests.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::api {

/// The languages that the contract knows.
bool isPageLanguage(std::string_view language) noexcept;
/// The first language of an Accept-Language header that the contract knows, by weight; else
/// `fallback`.
std::string pickLanguage(std::string_view acceptLanguage, std::string_view fallback);

/// Cheap to make, one per answer. Borrows settings; texts of strangers are cut to the contract's
/// lengths.
class Voice {
public:
    Voice(const ApiSettings& settings, std::string language, int offsetMin,
          std::shared_ptr<const consent::Policy> policy)
        : _settings(settings), _language(std::move(language)), _offsetMin(offsetMin),
          _policy(std::move(policy)) {}

    [[nodiscard]] const std::string& language() const noexcept { return _language; }

    void session(wire::JsonWriter& out, const counter::Session& session) const;
    void operators(wire::JsonWriter& out, const std::vector<counter::OperatorTile>& tiles,
                   bool badges) const;
    void desk(wire::JsonWriter& out, const counter::Desk& desk, const SyncView& sync) const;
    void act(wire::JsonWriter& out, const counter::ActSummary& act) const;
    void acts(wire::JsonWriter& out, const counter::ActPage& page) const;
    void found(wire::JsonWriter& out, const counter::FoundList& list) const;
    void job(wire::JsonWriter& out, const counter::PrintJob& job) const;
    void rush(wire::JsonWriter& out, const counter::Rush& rush) const;
    void sync(wire::JsonWriter& out, const SyncView& sync) const;
    static void printer(wire::JsonWriter& out, const counter::PrinterView& printer);
    void notice(wire::JsonWriter& out, const consent::Token& purpose,
                const consent::Notice& notice) const;
    void moment(wire::JsonWriter& out, TimeMs at) const { momentAt(out, at, _offsetMin); }

private:
    static void momentAt(wire::JsonWriter& out, TimeMs at, int offsetMin);
    void momentOrNull(wire::JsonWriter& out, std::string_view key, TimeMs at) const;
    void operatorTile(wire::JsonWriter& out, const counter::OperatorTile& tile) const;
    void customer(wire::JsonWriter& out, const counter::Customer& customer) const;
    void flag(wire::JsonWriter& out, const counter::DeskFlag& flag) const;
    void lastNo(wire::JsonWriter& out, const consent::LastNo& no) const;
    void question(wire::JsonWriter& out, const counter::DeskQuestion& question) const;
    void preferences(wire::JsonWriter& out, const counter::Preferences& preferences) const;
    [[nodiscard]] const counter::PreferenceOptions& offered() const;
    /// A purpose as the reader calls it.
    [[nodiscard]] std::string purposeLabel(const consent::Token& purpose,
                                           const consent::Token& channel) const;
    [[nodiscard]] std::string_view known(std::string_view language) const noexcept;

    const ApiSettings& _settings;
    std::string _language;
    int _offsetMin;
    std::shared_ptr<const consent::Policy> _policy;
};

} // namespace souffleur::api
